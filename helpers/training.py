"""The training loop of the notebook plus what it would clutter: validation, history, progress."""

import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm

from helpers import parallel
from helpers.common.files import write_text
from helpers.common.progress import progress_bar


@dataclass
class History:
    """What a run remembers: one number an epoch for each of these."""

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def save(self, path: str | Path) -> Path:
        """Write it as JSON, for a plot or a comparison later."""
        return write_text(path, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """Read back what `save` wrote."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is not a saved training history ({error}).") from error
        if not is_history(content):
            raise ValueError(f"{path} is not a saved training history (it holds something else).")
        return cls(**content)


def is_history(content: object) -> bool:
    """Whether a JSON file held what a plot relies on: as many numbers for one field as for all."""
    if not isinstance(content, dict) or content.keys() != {each.name for each in fields(History)}:
        return False
    columns = list(content.values())
    if not all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        return False
    return all(isinstance(number, (int, float)) for column in columns for number in column)


@dataclass(frozen=True)
class Score:
    """How a network did on `count` digits."""

    loss: float
    accuracy: float
    count: int

    @property
    def standard_error(self) -> float:
        """By how much the accuracy would typically differ on other digits of the same kind."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / self.count)


def pick_device() -> torch.device:
    """The fastest processor that this machine has for PyTorch."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def use_one_thread() -> None:
    """Compute on one core: networks this small are slower on two, and on a busy machine far slower.

    It also makes results independent of the number of cores.
    """
    torch.set_num_threads(1)


def device_of(model: nn.Module) -> torch.device:
    """Where the weights are, so that batches can follow them."""
    return next(model.parameters()).device


def train_epoch(
    model: nn.Module,
    loader: Iterable,
    validation: Iterable,
    optimizer: torch.optim.Optimizer,
    history: History,
    bar: tqdm,
    scheduler: LRScheduler | None = None,
    loss_of: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
) -> None:
    """Show the model every digit once, then see how it does on those held back.

    A label below zero is no digit: it counts for the loss and not for the accuracy.
    """
    device, started = device_of(model), time.perf_counter()
    history.learning_rate.append(optimizer.param_groups[0]["lr"])
    model.train()
    loss_sum, right, known, seen = torch.zeros((), device=device), 0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        loss = loss_of(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        loss_sum += loss.detach() * len(labels)
        right += (logits.argmax(1) == labels).sum()
        known += (labels >= 0).sum()
        seen += len(labels)
        bar.update()
    sums = torch.stack([loss_sum, right.float(), known.float(), torch.full_like(loss_sum, seen)])
    loss_sum, right, known, seen = parallel.total(sums).tolist()
    history.train_loss.append(loss_sum / seen)
    history.train_accuracy.append(right / max(known, 1))
    history.seconds.append(time.perf_counter() - started)
    score = evaluate(model, validation)
    history.validation_loss.append(score.loss)
    history.validation_accuracy.append(score.accuracy)
    bar.set_postfix_str(f"validation {score.accuracy:.2%}")


def fit(
    model: nn.Module,
    loader: Iterable,
    validation: Iterable,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    scheduler: LRScheduler | None = None,
) -> History:
    """Train a model where it lies; `scheduler` is stepped after every batch."""
    history = History()
    with progress_bar(epochs * len(loader), "train", "batch") as bar:
        for _ in range(epochs):
            train_epoch(model, loader, validation, optimizer, history, bar, scheduler)
    return history


@torch.no_grad()
def predict(model: nn.Module, loader: Iterable) -> tuple[Tensor, Tensor]:
    """Return the scores (logits) for every image of a loader, and the labels, on the CPU."""
    device = device_of(model)
    was_training = model.training
    model.eval()
    pairs = [(model(images.to(device)).cpu(), labels) for images, labels in loader]
    model.train(was_training)
    logits, labels = zip(*pairs, strict=True)
    return torch.cat(logits), torch.cat(labels)


def evaluate(model: nn.Module, loader: Iterable) -> Score:
    """Loss and accuracy over a whole loader."""
    logits, labels = predict(model, loader)
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    return Score(F.cross_entropy(logits, labels).item(), accuracy, len(labels))
