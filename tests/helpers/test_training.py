"""Training: the loop is the one in the notebook, repeatable, and only looks when it looks."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import asdict

import pytest
import torch
from support import among_processes, weights
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.utils.data import DataLoader

from handreader.common.errors import UserError
from handreader.common.progress import progress_bar
from helpers.data import Digits, batches
from helpers.models import MLP
from helpers.training import (
    History,
    Learner,
    Loader,
    Score,
    default_device,
    evaluate,
    fit,
    pick_device,
    predict,
    train_epoch,
)
from helpers.transforms import Normalize
from trainer.line_set import evaluate_lines


def one_cycle(optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """A schedule that changes the learning rate at every step."""
    return OneCycleLR(optimizer, 1e-2, total_steps=steps)


def loaders(digits: Digits, batch_size: int = 256) -> tuple[DataLoader, DataLoader]:
    """Training and validation batches; the last of 4,000 and of 500 digits are smaller."""
    look = Normalize(digits.mean, digits.std)
    train = batches(digits.train.with_transform(look), batch_size, shuffle=True, seed=7)
    return train, batches(digits.validation.with_transform(look), 70)


def fresh(dropout: float = 0.0) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A network and its optimiser, always from the same seed."""
    torch.manual_seed(3)
    model = MLP((784, 16, 10), dropout)
    return model, torch.optim.AdamW(model.parameters(), lr=1e-2)


def train_by_hand(digits: Digits, epochs: int, scheduled: bool, dropout: float) -> nn.Module:
    """The loop of any PyTorch text, with nothing else in it."""
    model, optimizer = fresh(dropout)
    loader, _ = loaders(digits)
    scheduler = one_cycle(optimizer, epochs * len(loader)) if scheduled else None
    model.train()
    for _ in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
    return model


def train_with_fit(digits: Digits, epochs: int, dropout: float = 0.0) -> tuple[nn.Module, History]:
    """The same run through `fit`, which validates after every epoch."""
    model, optimizer = fresh(dropout)
    return model, fit(model, *loaders(digits), optimizer, epochs)


def train_epochs(learner: Learner, loader: Loader, validation: Loader, epochs: int = 1) -> History:
    """Some epochs, one by one, with what `fit` does not offer."""
    history = History()
    with progress_bar(epochs * len(loader), "train", "batch") as bar:
        for _ in range(epochs):
            train_epoch(learner, loader, validation, history, bar)
    return history


def still(model: nn.Module) -> torch.optim.Optimizer:
    """An optimiser that changes nothing."""
    return torch.optim.SGD(model.parameters(), lr=0.0)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_fit_gives_exactly_the_weights_of_a_loop_without_validation(digits: Digits, dropout: float):
    by_hand = train_by_hand(digits, 2, False, dropout)
    model, _ = train_with_fit(digits, 2, dropout)
    assert torch.equal(weights(model), weights(by_hand))


def test_schedule_is_stepped_after_each_batch_as_by_hand(digits: Digits):
    model, optimizer = fresh()
    train, validation = loaders(digits)
    schedule = one_cycle(optimizer, 2 * len(train))
    history = train_epochs(Learner(model, optimizer, schedule), train, validation, 2)
    assert torch.equal(weights(model), weights(train_by_hand(digits, 2, True, 0.0)))
    assert history.learning_rate[0] == pytest.approx(1e-2 / 25)
    assert history.learning_rate[1] > history.learning_rate[0]


@pytest.mark.parametrize("was_training", [True, False])
def test_evaluate_leaves_everything_as_it_was(digits: Digits, was_training: bool):
    model, _ = fresh(dropout=0.5)
    model.train(was_training)
    state, random_state = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    evaluate(model, loaders(digits)[1])
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(module.training == was_training for module in model.modules())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_evaluate_is_exact_with_dropout_and_an_uneven_last_batch(digits: Digits):
    model, _ = fresh(dropout=0.5)
    look = Normalize(digits.mean, digits.std)
    images, labels = digits.validation.with_transform(look)[torch.arange(500)]
    with torch.no_grad():
        first, second = model.layers[1], model.layers[-1]
        logits = second(first(images.flatten(1)).relu())
    right = sum(int(row.argmax()) == int(label) for row, label in zip(logits, labels, strict=True))
    chances = logits.double().softmax(1)[torch.arange(500), labels]
    score = evaluate(model, loaders(digits)[1])
    assert score.count == 500
    assert score.accuracy == pytest.approx(right / 500, abs=1e-12)
    assert score.loss == pytest.approx(-chances.log().mean().item(), rel=1e-5)


@pytest.mark.parametrize("read", [predict, evaluate, evaluate_lines])
def test_nothing_to_read_is_one_sentence(read: Callable):
    model = MLP([784, 4, 10])
    with pytest.raises(ValueError, match="The loader is empty: give it"):
        read(model, [])


def test_history_has_one_number_an_epoch_for_every_field(digits: Digits):
    started = time.perf_counter()
    _, history = train_with_fit(digits, 3)
    for name, column in asdict(history).items():
        assert len(column) == 3, name
        assert all(isinstance(number, float) and math.isfinite(number) for number in column), name
    assert min(history.seconds) > 0
    assert sum(history.seconds) < time.perf_counter() - started


def test_history_averages_over_digits_and_not_over_batches(digits: Digits):
    model, _ = fresh()
    loader, validation = loaders(digits, batch_size=1500)
    history = fit(model, loader, validation, still(model), 1)
    for part, seen in ((loader, "train"), (validation, "validation")):
        score = evaluate(model, part)
        assert getattr(history, f"{seen}_loss")[0] == pytest.approx(score.loss, rel=1e-5)
        assert getattr(history, f"{seen}_accuracy")[0] == pytest.approx(score.accuracy, abs=1e-12)
    assert history.learning_rate == [0.0]


def test_standard_error_is_that_of_a_share():
    assert Score(0.1, 0.98, 10_000).standard_error == pytest.approx(0.0014)
    assert Score(0.0, 1.0, 257).standard_error == 0


def test_history_counts_the_digits_of_all_processes(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
):
    _, own = train_with_fit(digits, 1)
    others = torch.tensor([100.0, 40.0, 45.0, 50.0])  # another's loss, right ones, digits, pictures
    among_processes(monkeypatch, 0, 2, others)
    _, shared = train_with_fit(digits, 1)
    assert shared.train_loss == [pytest.approx((own.train_loss[0] * 4000 + 100) / 4050, rel=1e-5)]
    assert shared.train_accuracy == [pytest.approx((own.train_accuracy[0] * 4000 + 40) / 4045)]
    assert shared.validation_accuracy == own.validation_accuracy


def test_what_is_no_digit_counts_for_the_loss_and_not_for_the_accuracy(digits: Digits):
    model, _ = fresh()
    look = Normalize(digits.mean, digits.std)
    images, labels = digits.train.with_transform(look)[torch.arange(40)]
    mixed = [(images, torch.where(torch.arange(40) < 30, labels, -1)), (images, labels * 0 - 1)]

    def loss_of(_logits: Tensor, labels: Tensor) -> Tensor:
        return torch.where(labels < 0, 1.0, 2.0).mean().requires_grad_()

    learner = Learner(model, still(model), loss_of=loss_of)
    history = train_epochs(learner, mixed, loaders(digits)[1])
    with torch.no_grad():
        right = (model(images).argmax(1) == labels)[:30].double().mean().item()
    assert history.train_accuracy == [pytest.approx(right)]
    assert history.train_loss == [pytest.approx((30 * 2 + 50 * 1) / 80)]


def test_a_piped_run_prints_nothing(
    digits: Digits, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    train_with_fit(digits, 1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("cuda", "mps", "kind"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_fastest_processor_that_is_there_is_chosen(
    cuda: bool, mps: bool, kind: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device() == torch.device(kind)


def test_processor_computes_unless_another_device_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.delenv("DEVICE", raising=False)
    assert default_device() == torch.device("cpu")
    monkeypatch.setenv("DEVICE", "cuda")
    assert default_device() == torch.device("cuda")
    monkeypatch.setenv("DEVICE", "gpu")
    with pytest.raises(UserError, match="no device 'gpu': choose one of auto, cpu, cuda, mps"):
        default_device()


@pytest.mark.parametrize(
    ("used", "has", "quick"),
    [
        ("AVX512", "avx512_bf16", True),
        ("AVX512", "avx512_f", False),
        ("AVX2", "avx512_bf16", False),  # which PyTorch was told not to use
        ("DEFAULT", "bf16", True),  # on Arm
    ],
)
def test_short_floats_are_for_learning_where_they_are_wanted_and_quick(
    digits: Digits, monkeypatch: pytest.MonkeyPatch, used: str, has: str, quick: bool
):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: used)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {has: True})
    for wanted in (True, False):
        model, optimizer = fresh()
        seen: list[tuple[bool, torch.dtype]] = []
        model.register_forward_hook(
            lambda m, _, scores, seen=seen: seen.append((m.training, scores.dtype))
        )
        learner = Learner(model, optimizer, short=wanted)
        train_epochs(learner, *loaders(digits))
        short = torch.bfloat16 if wanted and quick else torch.float32
        assert set(seen) == {(True, short), (False, torch.float32)}
