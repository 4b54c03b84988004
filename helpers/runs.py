"""A training run by a recipe: started from a seed, stopped at any time, and continued exactly.

It keeps its state in memory; `trainer.command` writes it to a file and reports it.
"""

import copy
import json
import math
import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torchvision.transforms import v2

from handreader.common.errors import UserError
from handreader.common.progress import progress_bar
from helpers import parallel
from helpers.data import batches
from helpers.models import MODELS, build, count_parameters, is_small_mlp
from helpers.recipes import Recipe
from helpers.training import History, Learner, default_device, predict, train_epoch
from helpers.transforms import Augmentation, Normalize, Warper

LOOKED_AT = 1000  # digits in a batch of validation or test: without gradients, more fit
MOMENTUM = 0.9  # the usual value, for SGD and as AdamW's beta1; one-cycle varies it
RISE = 0.25  # share of a one-cycle run in which the rate rises; PyTorch's default is 0.3
SLOWER_RISE = 0.3  # for a run of 4 steps, of which a quarter makes PyTorch divide by zero


class Data(Protocol):
    """The data of a run, for training, validation and test: `Digits`, or something like it."""

    @property
    def name(self) -> str: ...
    @property
    def notice(self) -> str: ...
    @property
    def train(self) -> Any: ...
    @property
    def validation(self) -> Any: ...
    @property
    def test(self) -> Any: ...
    @property
    def mean(self) -> float: ...
    @property
    def std(self) -> float: ...


class Task:
    """The part of a run that depends on what is read: single digits here, more in `trainer`.

    A run asks its task for the networks it may build, for the preprocessing and augmentation of
    pictures, and for the counting of right answers.
    """

    unit = "digits"
    networks = MODELS

    def preprocessing(self, data: Data) -> Callable[[Tensor], Tensor]:
        """Return the transform that all pictures get, also in validation and test."""
        return Normalize(data.mean, data.std)

    def augmentations(self, recipe: Recipe) -> list[Augmentation]:
        """Return the random changes that make a training picture look different each time."""
        return [Warper(recipe.warps)] if recipe.warps else []

    def learner(self, recipe: Recipe, model: nn.Module, optimizer: Optimizer) -> Learner:
        """Return the network with its loss and with the way to count its answers."""
        loss = partial(F.cross_entropy, label_smoothing=recipe.label_smoothing)
        return Learner(model, optimizer, loss_of=loss, short=not is_small_mlp(model))

    def test(self, model: nn.Module, data: Data) -> dict:
        """Return the accuracy on the test set, and which digits the network misreads."""
        test = batches(data.test.with_transform(self.preprocessing(data)), LOOKED_AT)
        logits, labels = predict(model, test)
        wrong = misread(logits, labels)
        return {
            "test_accuracy": 1 - len(wrong) / len(labels),
            "test_images": len(labels),
            "misread": wrong,
        }


DIGITS = Task()


class Run:
    """A network and its training so far, which can be continued."""

    def __init__(
        self,
        recipe: Recipe,
        data: Data,
        seed: int = 0,
        device: torch.device | None = None,
        task: Task = DIGITS,
    ):
        self.recipe, self.seed, self.task, self.history = recipe, seed, task, History()
        self.device = device or default_device()
        torch.manual_seed(seed)
        self.model = build(recipe.architecture(), task.networks).to(self.device)
        self.changes, look = task.augmentations(recipe), task.preprocessing(data)
        train = data.train.with_transform(v2.Compose([*self.changes, look]))
        mine = (parallel.rank(), parallel.count())
        self.loader = batches(train, recipe.batch_size, shuffle=True, part=mine)
        self.validation = batches(data.validation.with_transform(look), LOOKED_AT)
        self.optimizer = make_optimizer(self.model, recipe)
        self.scheduler = make_scheduler(self.optimizer, recipe, len(self.loader))
        self.last_state = self.state()

    def train(self, after_epoch: Callable[[], object] = lambda: None) -> None:
        """Train to the end, calling `after_epoch` after each epoch.

        After an interruption, `last_state` is the state after the last whole epoch.
        """
        learner, done = self.learner(), len(self.history.seconds)
        steps = len(self.loader)
        with progress_bar(self.recipe.epochs * steps, "train", "batch") as bar:
            bar.update(done * steps)
            for epoch in range(done, self.recipe.epochs):
                self.reseed(epoch)
                train_epoch(learner, self.loader, self.validation, self.history, bar)
                if not math.isfinite(self.history.train_loss[-1]):
                    raise UserError("The loss became infinite: choose a lower learning rate.")
                self.last_state = self.state()
                after_epoch()

    def learner(self) -> Learner:
        """Return the network, shared with other processes if there are any, and how it learns."""
        learner = self.task.learner(self.recipe, self.model, self.optimizer)
        return replace(learner, model=parallel.share(self.model), scheduler=self.scheduler)

    def reseed(self, epoch: int) -> None:
        """Make an epoch's randomness independent of the epochs before, so that a run can resume."""
        mine = seed_of(self.seed, epoch, 1 + parallel.rank())
        self.loader.generator.manual_seed(seed_of(self.seed, epoch, 0))  # one order for all
        torch.manual_seed(mine)
        for change in self.changes:
            change.generator.manual_seed(mine)
            change.strength = strength_in(epoch, self.recipe)

    def state(self) -> dict:
        """Return a copy of all that `restore` needs, as plain values and tensors."""
        return copy.deepcopy(
            {
                "recipe": self.recipe.as_dict(),
                "seed": self.seed,
                "history": vars(self.history),
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scheduler": self.scheduler.state_dict() if self.scheduler else {},
            }
        )

    def restore(self, state: dict) -> None:
        """Continue from the state of another run of the same recipe and seed."""
        state = copy.deepcopy(state)  # or the optimiser would change the caller's tensors
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])
        self.history = History(**state["history"])
        self.last_state = self.state()


def seed_of(*numbers: int) -> int:
    """Return one seed made from several numbers; similar numbers give unrelated seeds."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def strength_in(epoch: int, recipe: Recipe) -> float:
    """Return how strongly digits are changed in an epoch, from 0 to 1.

    It is 1, except that a recipe with `fade` lowers it step by step over that many last epochs.
    """
    if not recipe.fade:
        return 1.0
    return min(1.0, (recipe.epochs - epoch - 0.5) / recipe.fade)


def make_optimizer(model: nn.Module, recipe: Recipe) -> Optimizer:
    """Return the optimiser that a recipe names."""
    weights, rate, decay = model.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(weights, rate, momentum=MOMENTUM, weight_decay=decay)
    if recipe.optimizer == "adamw":
        betas, fused = (MOMENTUM, recipe.beta2), not is_small_mlp(model)
        return torch.optim.AdamW(weights, rate, betas, weight_decay=decay, fused=fused)
    raise ValueError(f"There is no optimizer '{recipe.optimizer}': choose sgd or adamw.")


def make_scheduler(
    optimizer: Optimizer, recipe: Recipe, batches_an_epoch: int
) -> LRScheduler | None:
    """Return the scheduler that changes the learning rate after each batch; None keeps it constant.

    One-cycle (Smith and Topin 2017) raises the rate, then lowers it to nearly nothing.
    """
    if recipe.schedule == "constant":
        return None
    if recipe.schedule == "one-cycle":
        steps = recipe.epochs * batches_an_epoch
        rise = RISE if steps * RISE != 1 else SLOWER_RISE
        return OneCycleLR(optimizer, recipe.learning_rate, total_steps=steps, pct_start=rise)
    raise ValueError(f"There is no schedule '{recipe.schedule}': choose constant or one-cycle.")


def train_recipe(recipe: Recipe, digits: Data, seed: int = 0) -> tuple[nn.Module, History]:
    """Train a fresh network by a recipe; the same seed and machine give the same weights."""
    run = Run(recipe, digits, seed)
    run.train()
    return run.model, run.history


def describe(name: str, run: Run, data: Data) -> dict:
    """Return the record of a finished run: its results and how it came about."""
    seconds = run.history.seconds
    return {
        "model": name,
        "parameters": count_parameters(run.model),
        "dataset": data.name,
        "seed": run.seed,
        "epochs": run.recipe.epochs,
        "threads": torch.get_num_threads(),
        "train_seconds": round(sum(seconds), 2),
        "seconds_per_epoch": round(statistics.median(seconds), 3),
        "validation_accuracy": run.history.validation_accuracy[-1],
        **run.task.test(run.model, data),
        "recipe": run.recipe.as_dict(),
    }


def is_record(path: Path) -> bool:
    """Tell whether a file holds, as JSON, a record that `describe` made."""
    try:
        record = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and {"model", "recipe", "test_accuracy"} <= record.keys()


def misread(logits: Tensor, labels: Tensor) -> list[list[int]]:
    """Return [row, answer] of each picture that logits (n, 10) and labels (n,) show as misread."""
    digits = logits.argmax(1)
    rows = (digits != labels).nonzero().flatten()
    return torch.stack([rows, digits[rows]], 1).tolist()
