"""A training run by a recipe: made from a seed, stopped at any time, and continued exactly.

It keeps its state in memory; writing that to a file, and saying so, is up to `trainer.command`.
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

LOOKED_AT = 1000  # digits in a batch that is not learned from: there is room without gradients
MOMENTUM = 0.9  # of SGD, the usual value, and AdamW's, where one-cycle doesn't change it
RISE = 0.25  # of a one-cycle run: near the usual 0.3 of PyTorch, and easily said, a quarter
MOST_BYTES = 2**20  # far more than a record; a larger file is no such file
SLOWER_RISE = 0.3  # for 4 steps: after a quarter of them, PyTorch would divide by zero


class Data(Protocol):
    """What a run learns from, chooses by and is tested with: `Digits`, or like them."""

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
    """What a run does that depends on what is read: single digits here, other things in `trainer`.

    A run asks it how to build the network, prepare and change pictures, and count what is right.
    """

    unit = "digits"
    networks = MODELS

    def preprocessing(self, data: Data) -> Callable[[Tensor], Tensor]:
        """Return what is done to all pictures alike."""
        return Normalize(data.mean, data.std)

    def augmentations(self, recipe: Recipe) -> list[Augmentation]:
        """Return what makes each picture look different each time."""
        return [Warper(recipe.warps)] if recipe.warps else []

    def learner(self, recipe: Recipe, model: nn.Module, optimizer: Optimizer) -> Learner:
        """Return the network with the loss it is to make small, and how answers are counted."""
        loss = partial(F.cross_entropy, label_smoothing=recipe.label_smoothing)
        return Learner(model, optimizer, loss_of=loss, short=not is_small_mlp(model))

    def test(self, model: nn.Module, data: Data) -> dict:
        """Return how the network does on the test set, and which digits it misreads."""
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
    """A network, how it is being trained, and how far that has come."""

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
        """Train to the end; after an interruption, `last_state` is that of the last whole epoch."""
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
        """The network, shared with other processes if there are any, and how it learns."""
        learner = self.task.learner(self.recipe, self.model, self.optimizer)
        return replace(learner, model=parallel.share(self.model), scheduler=self.scheduler)

    def reseed(self, epoch: int) -> None:
        """Make an epoch's randomness depend on nothing before it, so that it can be taken up."""
        mine = seed_of(self.seed, epoch, 1 + parallel.rank())
        self.loader.generator.manual_seed(seed_of(self.seed, epoch, 0))  # one order for all
        torch.manual_seed(mine)
        for change in self.changes:
            change.generator.manual_seed(mine)
            change.strength = strength_in(epoch, self.recipe)

    def state(self) -> dict:
        """Plain values and tensors from which `restore` can go on; a copy, not a view."""
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
        """Go back to where another run was, of the same recipe and seed."""
        state = copy.deepcopy(state)  # the optimiser would go on with the very tensors
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])
        self.history = History(**state["history"])
        self.last_state = self.state()


def seed_of(*numbers: int) -> int:
    """One seed from several numbers, unlike that of any neighbours."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def strength_in(epoch: int, recipe: Recipe) -> float:
    """How far digits are changed: fully, but ever less over the last epochs, if they fade."""
    if not recipe.fade:
        return 1.0
    return min(1.0, (recipe.epochs - epoch - 0.5) / recipe.fade)


def make_optimizer(model: nn.Module, recipe: Recipe) -> Optimizer:
    """The optimiser that a recipe names."""
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
    """What changes the learning rate after each batch, if the recipe wants that.

    One-cycle is Smith and Topin's (2017): up, then down to nearly nothing.
    """
    if recipe.schedule == "constant":
        return None
    if recipe.schedule == "one-cycle":
        steps = recipe.epochs * batches_an_epoch
        rise = RISE if steps * RISE != 1 else SLOWER_RISE
        return OneCycleLR(optimizer, recipe.learning_rate, total_steps=steps, pct_start=rise)
    raise ValueError(f"There is no schedule '{recipe.schedule}': choose constant or one-cycle.")


def train_recipe(recipe: Recipe, digits: Data, seed: int = 0) -> tuple[nn.Module, History]:
    """Train a fresh network by a recipe; same seed and machine, same weights."""
    run = Run(recipe, digits, seed)
    run.train()
    return run.model, run.history


def describe(name: str, run: Run, data: Data) -> dict:
    """All that a table needs to know of a finished run, and how it came about."""
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
    """Tell whether a file holds, as JSON, what `describe` says of a run."""
    try:
        with path.open("rb") as file:
            record = json.loads(file.read(MOST_BYTES))
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and {"model", "recipe", "test_accuracy"} <= record.keys()


def misread(logits: Tensor, labels: Tensor) -> list[list[int]]:
    """Which pictures (by logits (n, 10) and labels (n)) are read wrongly, and as which digit."""
    digits = logits.argmax(1)
    rows = (digits != labels).nonzero().flatten()
    return torch.stack([rows, digits[rows]], 1).tolist()
