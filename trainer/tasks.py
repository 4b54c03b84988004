"""Tasks of training runs besides single digits: digits in photographs, and whole lines."""

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from helpers.data import batches
from helpers.recipes import Recipe
from helpers.runs import DIGITS, LOOKED_AT, Data, Task
from helpers.training import Learner
from helpers.transforms import Augmentation
from trainer.augmentations import LineWarper, Pen
from trainer.line_network import NETWORKS, LineNetwork
from trainer.line_set import count_lines, ctc_loss, evaluate_lines
from trainer.recipes import ReaderRecipe


class Photographs(Task):
    """The task of reading digits and synthetic photographs, some of which show no digit."""

    def augmentations(self, recipe: Recipe) -> list[Augmentation]:
        """Return the warps and the random pen that the recipe asks for."""
        assert isinstance(recipe, ReaderRecipe)
        pens = [Pen(recipe.pens)] if recipe.pens else []
        return [*super().augmentations(recipe), *pens]

    def learner(self, recipe: Recipe, model: nn.Module, optimizer: Optimizer) -> Learner:
        """Return a learner of digits that also learns to be unsure of everything else."""
        return replace(super().learner(recipe, model, optimizer), loss_of=outlier_exposure_loss)


class WholeLines(Task):
    """The task of reading lines of digits, column by column."""

    unit = "lines"
    networks = NETWORKS

    def preprocessing(self, _data: Data) -> nn.Identity:
        """Return the identity: lines are already normalised, each by itself."""
        return nn.Identity()

    def augmentations(self, recipe: Recipe) -> list[Augmentation]:
        """Return the warps for lines if the recipe asks for them."""
        return [LineWarper(recipe.warps)] if recipe.warps else []

    def learner(self, _recipe: Recipe, model: nn.Module, optimizer: Optimizer) -> Learner:
        """Return a learner of lines, with the CTC loss."""
        return Learner(model, optimizer, None, ctc_loss, count_lines, evaluate_lines, short=True)

    def test(self, model: nn.Module, data: Data) -> dict:
        """Return the share of test lines read right, and their number."""
        score = evaluate_lines(model, batches(data.test, LOOKED_AT))
        return {"test_accuracy": score.accuracy, "test_images": score.count, "misread": []}


PHOTOGRAPHS, LINES = Photographs(), WholeLines()


def task_of(recipe: Recipe) -> Task:
    """Return the task that a recipe trains for."""
    if recipe.model == LineNetwork.name:
        return LINES
    return PHOTOGRAPHS if isinstance(recipe, ReaderRecipe) else DIGITS


def outlier_exposure_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits (N, 10) and labels (N,), -1 being a non-digit.

    For a non-digit, the target is that all ten digits be equally likely. This is outlier exposure
    (Hendrycks et al. 2019).
    """
    digits = F.cross_entropy(logits, labels.clamp(min=0), reduction="none")
    nothing = -F.log_softmax(logits, 1).mean(1)
    return torch.where(labels < 0, nothing, digits).mean()
