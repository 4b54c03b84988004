"""What practice makes of a run: its loss, and what is done to its batches."""

import math

import pytest
import torch

from helpers.practice.subjects import NOTHING
from helpers.recipes import Pens, Recipe, Warps
from helpers.runs import cautious_loss, make_changes, make_loss


def test_loss_of_digits_is_cross_entropy():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(50, 10, generator=generator)
    labels = torch.randint(0, 10, (50,), generator=generator)
    expected = torch.nn.functional.cross_entropy(logits, labels)
    torch.testing.assert_close(cautious_loss(logits, labels), expected)


def test_loss_of_what_is_no_digit_is_smallest_when_all_ten_are_as_likely():
    nothing = torch.full((4,), NOTHING)
    equal = torch.full((4, 10), 2.5, requires_grad=True)
    least = cautious_loss(equal, nothing)
    assert least.item() == pytest.approx(math.log(10), rel=1e-6)
    least.backward()
    assert equal.grad.abs().max() < 1e-7
    for seed in range(5):
        other = torch.randn(4, 10, generator=torch.Generator().manual_seed(seed))
        assert cautious_loss(other, nothing) > least


def test_loss_of_both_is_their_mean_over_all_pictures():
    logits = torch.randn(6, 10, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([3, NOTHING, 5, 0, NOTHING, 9])
    alone = [cautious_loss(logits[n : n + 1], labels[n : n + 1]) for n in range(6)]
    torch.testing.assert_close(cautious_loss(logits, labels), torch.stack(alone).mean())


def test_recipe_decides_what_is_learned_from_and_with_which_loss():
    assert make_changes(Recipe()) == []
    both = make_changes(Recipe(warps=Warps(shift=1), pens=Pens(fade=0.5)))
    assert [type(change).__name__ for change in both] == ["Warper", "Pen"]
    assert make_loss(Recipe(photos=5)) is cautious_loss
    assert make_loss(Recipe(label_smoothing=0.1)).keywords == {"label_smoothing": 0.1}
