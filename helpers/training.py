"""The notebook's training loop, with what would clutter it there: validation, history, progress."""

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm

from handreader.common.errors import UserError
from handreader.common.progress import progress_bar
from helpers import parallel

DEVICES = ("auto", "cpu", "cuda", "mps")
SHORT = {"AVX512": ("avx512_bf16", "amx_bf16")}  # PyTorch's names of bfloat16 instructions
SHORT_ELSEWHERE = ("bf16",)  # on Arm


@dataclass
class History:
    """The measurements of a training run: in each list, one number for each epoch."""

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def is_history(content: object) -> bool:
    """Tell whether a JSON file's content has all fields, with equally many numbers in each."""
    if not isinstance(content, dict) or content.keys() != {each.name for each in fields(History)}:
        return False
    columns = list(content.values())
    if not all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        return False
    return all(isinstance(number, (int, float)) for column in columns for number in column)


@dataclass(frozen=True)
class Score:
    """The result of a network on `count` digits."""

    loss: float
    accuracy: float
    count: int

    @property
    def standard_error(self) -> float:
        """Return how much the accuracy typically differs on other digits of the same kind."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / self.count)


def pick_device(name: str = "auto") -> torch.device:
    """Return the device of that name if this machine has it; "auto" picks the fastest."""
    if name not in DEVICES:
        raise UserError(f"There is no device '{name}': choose one of {', '.join(DEVICES)}.")
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((each for each in here if here[each]), "cpu"))
    if not here.get(name, True):
        kind = {"cuda": "CUDA device", "mps": "Apple GPU"}[name]
        raise UserError(
            f"There is no {kind} that PyTorch can use: choose --device cpu, or DEVICE=cpu."
        )
    return torch.device(name)


def default_device() -> torch.device:
    """Return the CPU, even if there is a GPU, or the device that the variable DEVICE names.

    Networks this small gain nothing from a GPU, and on Apple's, no two runs give the same result.
    """
    return pick_device(os.environ.get("DEVICE") or "cpu")


def use_one_thread() -> None:
    """Compute on one core: networks this small are slower on two, and on a busy machine far slower.

    It also makes results independent of the number of cores.
    """
    torch.set_num_threads(1)


def device_of(model: nn.Module) -> torch.device:
    """Return the device that holds the model's weights, where batches have to go."""
    return next(model.parameters()).device


class Loader(Protocol):
    """Batches of images (n, 1, 28, 28) and labels (n,): a DataLoader, or a list of such pairs.

    In `trainer`, also batches of lines (n, 1, 32, width) and the signs on them (n, longest).
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...


def check_filled(loader: Loader) -> None:
    """Raise a ValueError if the loader is empty, as it would have no mean."""
    if not len(loader):
        raise ValueError("The loader is empty: give it at least one batch.")


@torch.no_grad()
def predict(model: nn.Module, loader: Loader) -> tuple[Tensor, Tensor]:
    """Return scores (logits, (n, 10)) for a loader's images, and their labels (n,), on the CPU."""
    check_filled(loader)
    device = device_of(model)
    was_training = model.training
    model.eval()
    pairs = [(model(images.to(device)).cpu(), labels) for images, labels in loader]
    model.train(was_training)
    logits, labels = zip(*pairs, strict=True)
    return torch.cat(logits), torch.cat(labels)


def evaluate(model: nn.Module, loader: Loader) -> Score:
    """Return the loss and the accuracy over a whole loader."""
    logits, labels = predict(model, loader)
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    return Score(F.cross_entropy(logits, labels).item(), accuracy, len(labels))


def batch_totals(logits: Tensor, labels: Tensor, loss: Tensor) -> Tensor:
    """Return four sums over a batch: losses, right answers, digits, and pictures.

    A label below zero marks a picture of no digit: it counts for the loss, not for the accuracy.
    """
    right, known = (logits.argmax(1) == labels).sum(), (labels >= 0).sum()
    seen = torch.full_like(known, len(labels))
    return torch.stack([loss.detach() * seen, right.float(), known.float(), seen.float()])


@dataclass(frozen=True)
class Learner:
    """A network, its optimiser, and how it learns from a batch and is evaluated."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: LRScheduler | None = None  # stepped after every batch
    loss_of: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy
    batch_totals: Callable[[Tensor, Tensor, Tensor], Tensor] = batch_totals
    evaluate: Callable[[nn.Module, Loader], Score] = evaluate
    short: bool = False  # compute in bfloat16 where that is fast


def train_epoch(
    learner: Learner, loader: Loader, validation: Loader, history: History, bar: tqdm
) -> None:
    """Train the network on every digit once, then evaluate it on the validation digits."""
    started = time.perf_counter()
    history.learning_rate.append(learner.optimizer.param_groups[0]["lr"])
    sums = parallel.total(learn(learner, loader, bar))
    loss_sum, right, known, seen = sums.tolist()
    history.train_loss.append(loss_sum / seen)
    history.train_accuracy.append(right / max(known, 1))
    history.seconds.append(time.perf_counter() - started)
    score = learner.evaluate(learner.model, validation)
    history.validation_loss.append(score.loss)
    history.validation_accuracy.append(score.accuracy)
    bar.set_postfix_str(f"validation {score.accuracy:.2%}")


def bfloat16_autocast(device: str, wanted: bool) -> torch.autocast:
    """Return a context for computing in bfloat16, if wanted and the CPU has instructions for it.

    That is up to twice as fast. PyTorch can be told to use fewer instructions than the CPU has;
    bfloat16 would be slow then, so it isn't used.
    """
    names = SHORT.get(torch.backends.cpu.get_cpu_capability(), SHORT_ELSEWHERE)
    has_them = device == "cpu" and any(torch.cpu.get_capabilities().get(each) for each in names)
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and has_them)


def learn(learner: Learner, loader: Loader, bar: tqdm) -> Tensor:
    """Run the notebook's training loop over all batches once; return the sums of `batch_totals`."""
    check_filled(loader)
    model, optimizer, device = learner.model, learner.optimizer, device_of(learner.model)
    sums = torch.zeros(4, device=device)
    floats = bfloat16_autocast(device.type, learner.short)
    model.train()
    for batch in loader:
        images, labels = (part.to(device) for part in batch)
        with floats:
            logits = model(images).float()
        loss = learner.loss_of(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if learner.scheduler is not None:
            learner.scheduler.step()
        sums += learner.batch_totals(logits, labels, loss)
        bar.update()
    return sums


def fit(
    model: nn.Module,
    loader: Loader,
    validation: Loader,
    optimizer: torch.optim.Optimizer,
    epochs: int,
) -> History:
    """Train a model on the device where it is, at the learning rate of the optimiser."""
    history, learner = History(), Learner(model, optimizer)
    with progress_bar(epochs * len(loader), "train", "batch") as bar:
        for _ in range(epochs):
            train_epoch(learner, loader, validation, history, bar)
    return history
