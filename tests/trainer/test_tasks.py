"""Tasks beside single digits: their loss, and their augmentations."""

import math
from collections.abc import Callable

import pytest
import torch

from helpers.models import MLP
from helpers.recipes import Recipe, Warps
from helpers.runs import DIGITS
from trainer.recipes import LINE, Pens, ReaderRecipe
from trainer.synthesis.subjects import NOTHING
from trainer.tasks import LINES, PHOTOGRAPHS, outlier_exposure_loss, task_of


def test_loss_of_what_is_no_digit_is_smallest_when_all_ten_are_as_likely():
    nothing = torch.full((4,), NOTHING)
    equal = torch.full((4, 10), 2.5, requires_grad=True)
    least = outlier_exposure_loss(equal, nothing)
    assert least.item() == pytest.approx(math.log(10), rel=1e-6)
    least.backward()
    assert equal.grad.abs().max() < 1e-7
    for seed in range(5):
        other = torch.randn(4, 10, generator=torch.Generator().manual_seed(seed))
        assert outlier_exposure_loss(other, nothing) > least


def test_loss_of_both_is_their_mean_over_all_pictures():
    logits = torch.randn(6, 10, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([3, NOTHING, 5, 0, NOTHING, 9])
    alone = [outlier_exposure_loss(logits[n : n + 1], labels[n : n + 1]) for n in range(6)]
    torch.testing.assert_close(outlier_exposure_loss(logits, labels), torch.stack(alone).mean())


def learned_with(recipe: Recipe) -> Callable:
    """The loss of a run by a recipe."""
    model = MLP((784, 10))
    return task_of(recipe).learner(recipe, model, torch.optim.SGD(model.parameters())).loss_of


def test_recipe_decides_what_is_learned_from_and_with_which_loss():
    assert [task_of(each) for each in (Recipe(), ReaderRecipe(), LINE)] == [
        DIGITS,
        PHOTOGRAPHS,
        LINES,
    ]
    assert DIGITS.augmentations(Recipe()) == []
    recipe = ReaderRecipe(warps=Warps(shift=1), pens=Pens(fade=0.5), photos=5)
    both = task_of(recipe).augmentations(recipe)
    assert [type(change).__name__ for change in both] == ["Warper", "Pen"]
    assert [type(change).__name__ for change in LINES.augmentations(LINE)] == ["LineWarper"]
    assert learned_with(recipe) is outlier_exposure_loss
    assert learned_with(Recipe(label_smoothing=0.1)).keywords == {"label_smoothing": 0.1}
