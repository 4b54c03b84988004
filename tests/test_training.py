"""Training: the loop is the one in the notebook, repeatable, and only looks when it looks."""

import copy
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.utils.data import DataLoader

from helpers import training
from helpers.data import Digits, batches, to_network_input
from helpers.models import MLP
from helpers.recipes import PLAIN_MLP, Recipe
from helpers.training import (
    History,
    Score,
    evaluate,
    fit,
    make_optimizer,
    predict,
    train_recipe,
)

SMALL = Recipe(sizes=(784, 16, 10), learning_rate=3e-3, epochs=2)
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Steps this small would wait for each other's threads for seconds on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def one_cycle(optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """A schedule that changes the learning rate at every step."""
    return OneCycleLR(optimizer, 1e-2, total_steps=steps)


def loaders(digits: Digits, batch_size: int = 256) -> tuple[DataLoader, DataLoader]:
    """Training and validation batches; the last of 1,412 and of 128 digits are smaller."""
    look = to_network_input(digits.mean, digits.std)
    train = batches(digits.train.with_transform(look), batch_size, shuffle=True, seed=7)
    return train, batches(digits.validation.with_transform(look), 50)


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


def train_with_fit(
    digits: Digits, epochs: int, scheduled: bool = False, dropout: float = 0.0
) -> tuple[nn.Module, History]:
    """The same run through `fit`, which validates after every epoch."""
    model, optimizer = fresh(dropout)
    loader, validation = loaders(digits)
    scheduler = one_cycle(optimizer, epochs * len(loader)) if scheduled else None
    return model, fit(model, loader, validation, optimizer, epochs, scheduler)


def weights(model: nn.Module) -> Tensor:
    """All weights in one row, on the CPU."""
    return torch.cat([p.detach().flatten().cpu() for p in model.parameters()])


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("scheduled", [False, True])
def test_fit_gives_exactly_the_weights_of_a_loop_without_validation(
    digits: Digits, scheduled: bool, dropout: float
):
    by_hand = train_by_hand(digits, 2, scheduled, dropout)
    model, _ = train_with_fit(digits, 2, scheduled, dropout)
    assert torch.equal(weights(model), weights(by_hand))


def test_what_is_validated_on_does_not_change_the_weights(digits: Digits):
    model, optimizer = fresh(dropout=0.3)
    others = [(torch.ones(3, 1, 28, 28), torch.tensor([1, 2, 3]))]
    fit(model, loaders(digits)[0], others, optimizer, 2)
    assert torch.equal(weights(model), weights(train_with_fit(digits, 2, dropout=0.3)[0]))


def test_same_seed_gives_the_same_weights_and_another_seed_others(digits: Digits):
    (first, one), (again, two) = (train_recipe(SMALL, digits, seed=5) for _ in range(2))
    assert torch.equal(weights(first), weights(again))
    assert one.train_loss == two.train_loss
    other, _ = train_recipe(SMALL, digits, seed=6)
    assert not torch.equal(weights(first), weights(other))


def test_seed_decides_both_the_first_weights_and_the_order_of_the_digits(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
):
    starts, orders = [], []

    def remember(model: nn.Module, loader: DataLoader, *_rest: object) -> History:
        starts.append(weights(model))
        orders.append(next(iter(loader))[1])
        return History()

    monkeypatch.setattr(training, "fit", remember)
    for seed in (1, 1, 2):
        train_recipe(SMALL, digits, seed)
    for seen in (starts, orders):
        assert torch.equal(seen[0], seen[1])
        assert not torch.equal(seen[0], seen[2])


def test_fit_trains_in_training_mode_whatever_mode_it_finds(digits: Digits):
    model, optimizer = fresh(dropout=0.3)
    loader, validation = loaders(digits)
    fit(model.eval(), loader, validation, optimizer, 2)
    assert torch.equal(weights(model), weights(train_by_hand(digits, 2, False, dropout=0.3)))


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
    look = to_network_input(digits.mean, digits.std)
    images, labels = digits.validation.with_transform(look)[torch.arange(128)]
    with torch.no_grad():
        first, second = model.layers[1], model.layers[-1]
        logits = second(first(images.flatten(1)).relu())
    right = sum(int(row.argmax()) == int(label) for row, label in zip(logits, labels, strict=True))
    chances = logits.double().softmax(1)[torch.arange(128), labels]
    score = evaluate(model, loaders(digits)[1])
    assert score.count == 128
    assert score.accuracy == pytest.approx(right / 128, abs=1e-12)
    assert score.loss == pytest.approx(-chances.log().mean().item(), rel=1e-5)


def test_predict_keeps_the_order_and_remembers_no_gradients(digits: Digits):
    model, _ = fresh()
    logits, labels = predict(model, loaders(digits)[1])
    assert logits.shape == (128, 10)
    assert torch.equal(labels, digits.validation.labels)
    assert not logits.requires_grad


def test_history_has_one_number_an_epoch_for_every_field(digits: Digits):
    _, history = train_with_fit(digits, 3, scheduled=True)
    for name, column in asdict(history).items():
        assert len(column) == 3, name
        assert all(isinstance(number, float) and math.isfinite(number) for number in column), name


def test_history_averages_over_digits_and_not_over_batches(digits: Digits):
    model, optimizer = fresh()
    still = copy.deepcopy(model)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    loader, validation = loaders(digits, batch_size=1000)
    history = fit(model, loader, validation, optimizer, 1)
    for part, seen in ((loader, "train"), (validation, "validation")):
        score = evaluate(still, part)
        assert getattr(history, f"{seen}_loss")[0] == pytest.approx(score.loss, rel=1e-5)
        assert getattr(history, f"{seen}_accuracy")[0] == pytest.approx(score.accuracy, abs=1e-12)
    assert history.learning_rate == [0.0]


def test_history_survives_saving_and_loading(digits: Digits, tmp_path: Path):
    _, history = train_with_fit(digits, 2)
    assert History.load(history.save(tmp_path / "deep" / "history.json")) == history
    assert History.load(str(History().save(tmp_path / "empty.json"))) == History()


def columns(**changes: object) -> str:
    """A history as JSON, with something changed."""
    return json.dumps({each.name: [0.5] for each in fields(History)} | changes)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"train_loss: 0.5",
        b"\x89PNG\r\n\x1a\n\xff\x00",
        b"[" * 200_000,
        b"[]",
        b"null",
        b"3",
        b"{}",
        b'{"accuracy": 0.9}',
        b'{"a\\nb": [1]}',
        columns(more=[0.5]).encode(),
        columns(train_loss=0.5).encode(),
        columns(train_loss="0.5").encode(),
        columns(train_loss=["0.5"]).encode(),
        columns(train_loss=[0.5, 0.6]).encode(),
    ],
    ids=lambda content: repr(content[:24]),
)
def test_a_file_that_is_no_history_is_named_in_one_line(content: bytes, tmp_path: Path):
    path = tmp_path / "foreign.json"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=r"foreign\.json is not a saved training history"
    ) as caught:
        History.load(path)
    assert len(str(caught.value).splitlines()) == 1


def test_standard_error_is_that_of_a_share():
    assert Score(0.1, 0.98, 10_000).standard_error == pytest.approx(0.0014)
    assert Score(0.0, 1.0, 257).standard_error == 0


def test_the_recipe_of_the_story_learns_the_embedded_digits(digits: Digits):
    recipe = PLAIN_MLP.but(epochs=30)  # ten, on so few digits, pass by two digits only
    model, history = train_recipe(recipe, digits, seed=0)
    look = to_network_input(digits.mean, digits.std)
    score = evaluate(model, batches(digits.test.with_transform(look), 1000))
    assert score.count == 257
    assert score.accuracy > 0.95
    assert history.train_loss[-1] < history.train_loss[0] / 5
    assert len(history.seconds) == 30


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_recipe_decides_about_the_optimizer(name: str):
    kinds = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}
    recipe = Recipe(optimizer=name, learning_rate=0.3, weight_decay=0.01)
    optimizer = make_optimizer(MLP((784, 10)), recipe)
    group = optimizer.param_groups[0]
    assert type(optimizer) is kinds[name]
    assert (group["lr"], group["weight_decay"]) == (0.3, 0.01)
    assert name != "sgd" or group["momentum"] == 0.9


def test_recipe_decides_about_the_network(digits: Digits):
    model, _ = train_recipe(SMALL.but(dropout=0.2, epochs=1), digits, seed=0)
    assert model.architecture() == {"model": "mlp", "sizes": [784, 16, 10], "dropout": 0.2}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "magic"}, "no optimizer 'magic': choose sgd or adamw"),
        ({"schedule": "magic"}, "no schedule 'magic': choose constant or one-cycle"),
    ],
)
def test_unknown_choice_is_a_value_error_that_names_the_others(
    digits: Digits, changes: dict, message: str
):
    with pytest.raises(ValueError, match=message):
        train_recipe(SMALL.but(**changes), digits, seed=0)


def rates_of_every_step(
    recipe: Recipe, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    """Train by a recipe and write down the learning rate that each step really used."""
    rates: list[float] = []
    make = training.make_optimizer

    def watched(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
        optimizer = make(model, recipe)
        optimizer.register_step_pre_hook(lambda used, *_: rates.append(used.param_groups[0]["lr"]))
        return optimizer

    monkeypatch.setattr(training, "make_optimizer", watched)
    train_recipe(recipe, digits, seed=0)
    return rates


def test_one_cycle_rises_for_a_quarter_and_falls_to_nearly_zero(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
):
    recipe = SMALL.but(schedule="one-cycle", epochs=8)
    rates = rates_of_every_step(recipe, digits, monkeypatch)
    top = rates.index(max(rates))
    assert len(rates) == 8 * 6
    assert abs(top - len(rates) / 4) <= 1
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[top] == pytest.approx(recipe.learning_rate)
    assert rates[0] < recipe.learning_rate / 10
    assert 0 <= rates[-1] < recipe.learning_rate / 1000


def test_constant_schedule_keeps_the_learning_rate(digits: Digits):
    _, history = train_recipe(SMALL, digits, seed=0)
    assert history.learning_rate == [SMALL.learning_rate] * SMALL.epochs


QUIET_RUN = """
from helpers.data import load_digits
from helpers.recipes import Recipe
from helpers.training import train_recipe
train_recipe(Recipe(sizes=(784, 16, 10), epochs=1), load_digits("embedded"), seed=0)
"""


def test_a_piped_run_prints_nothing():
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment.pop("TQDM_DISABLE", None)
    run = subprocess.run(
        [sys.executable, "-c", QUIET_RUN], capture_output=True, env=environment, check=True
    )
    assert (run.stdout, run.stderr) == (b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")
def test_a_terminal_shows_progress(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    import pty
    import termios

    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    screen, keyboard = pty.openpty()
    termios.tcsetwinsize(screen, (24, 80))
    os.set_blocking(screen, False)  # an empty screen must fail here, not wait for ever
    with open(keyboard, "w", encoding="utf-8") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        train_with_fit(digits, 1)
        terminal.flush()
        shown = os.read(screen, 4096).decode()
    os.close(screen)
    assert "train" in shown
    assert "0/6" in shown
