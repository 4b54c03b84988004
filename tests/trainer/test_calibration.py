"""How far a network may trust itself: its confidence made right, and a limit for "not sure"."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from support import SHORT_LINES, chances, weights

from handreader.digits import DigitReader
from helpers import checkpoints
from helpers.checkpoints import as_reader_network
from helpers.data import Digits
from helpers.models import build
from trainer import WEIGHTS, calibration
from trainer.calibration import (
    LineRead,
    best_line_sure_from,
    best_line_temperature,
    best_sure_from,
    best_temperature,
    calibrate,
    calibration_error,
    readings,
)
from trainer.line_network import NETWORKS
from trainer.line_set import LineSet, labels_of
from trainer.sets import Workers, practice_set


def doubtful(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores, and answers that come just as often as the scores say."""
    generator = torch.Generator().manual_seed(seed)
    logits = 1.5 * torch.randn(count, 10, generator=generator)
    return logits, torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0, 1000])
def test_factor_by_which_scores_are_too_large_is_found(factor: float):
    logits, labels = doubtful(4_000)
    assert best_temperature(factor * logits, labels) == pytest.approx(min(factor, 10), rel=0.06)


def test_right_confidence_has_no_error_and_wrong_confidence_has_all_of_it():
    rows = torch.tensor([chances(d2=0.8)] * 100 + [chances(d5=0.3)] * 100).log()
    as_often_as_said = torch.tensor([2] * 80 + [0] * 20 + [5] * 30 + [6] * 70)
    assert calibration_error(rows, as_often_as_said) == 0
    always = torch.tensor([2] * 100 + [5] * 100)
    assert calibration_error(rows, always) == pytest.approx((0.2 + 0.7) / 2)
    never = torch.zeros(200, dtype=torch.int64)
    assert calibration_error(rows, never) == pytest.approx((0.8 + 0.3) / 2)


def test_limit_catches_what_is_no_digit_and_hardly_any_digit():
    spread = torch.linspace(0, 1, 2001)
    digits, others = 0.7 + 0.3 * spread, 0.1 + 0.5 * spread
    found = best_sure_from(digits, others)
    assert (digits < found).double().mean() == 0
    assert (others < found).double().mean() == pytest.approx(calibration.CAUGHT, abs=0.01)


def test_limit_spares_digits_even_where_others_look_like_them():
    spread = torch.linspace(0, 1, 2001)
    digits, others = 0.5 + 0.5 * spread, 0.2 + 0.8 * spread
    found = best_sure_from(digits, others)
    assert (digits < found).double().mean() == pytest.approx(calibration.REFUSED, abs=0.001)
    assert (others < found).double().mean() < calibration.CAUGHT


def test_what_calibration_promises_is_what_a_reader_then_does(digits: Digits):
    file = checkpoints.load(WEIGHTS / "cnn.pt")
    digits = replace(digits, mean=file.mean, std=file.std)  # as the network is used to
    threads, clean = Workers(ThreadPoolExecutor), digits.validation
    reading, found = calibrate(file.model, digits, 4, 80, threads)
    reader = DigitReader(as_reader_network(replace(file, **reading), "a network"))
    pictures, shown = practice_set(clean.images[:, 0], clean.labels, 80, 5, threads)
    readings, is_digit = reader.read(list(pictures.numpy())), (shown >= 0).numpy()
    unsure = np.array([each.unsure for each in readings])
    right = np.array([each.digit for each in readings]) == shown.numpy()
    assert found["photo_accuracy"] == pytest.approx(right[is_digit].mean(), abs=1e-4)
    assert found["refused_digits"] == pytest.approx(unsure[is_digit].mean(), abs=1e-4)
    assert found["refused_others"] == pytest.approx(unsure[~is_digit].mean(), abs=1e-4)
    assert found["photo_accuracy"] > 0.75
    assert found["refused_others"] > 0.5
    on_digits = torch.from_numpy(reader.probabilities(clean.images[:, 0].numpy())).log()
    error = calibration_error(on_digits, clean.labels)
    assert found["calibration_error"] == pytest.approx(error, abs=2e-4)


def read_with(chance: float, is_right: bool) -> LineRead:
    """A line of one column, of whose sign a network is so sure."""
    scores = np.log(np.array([[(1 - chance) / 2, chance, (1 - chance) / 2]]))
    return LineRead([scores], (1,), is_right)


def test_chance_is_that_of_the_text_and_falls_with_the_temperature():
    line = read_with(0.9, True)
    assert line.chance(1) == pytest.approx(0.9)
    assert 1 / 3 < line.chance(4) < line.chance(2) < 0.9


def test_network_that_is_too_sure_is_cooled_and_one_that_is_honest_is_not():
    boastful = [read_with(0.98, number % 4 != 0) for number in range(40)]
    assert best_line_temperature(boastful) > 1.8
    honest = [read_with(0.75, number % 4 != 0) for number in range(40)]
    assert best_line_temperature(honest) == pytest.approx(1, abs=0.1)


def test_nearly_all_that_is_sure_is_right():
    chances = np.linspace(0, 1, 1000)
    right = (chances > 0.4) | (np.arange(1000) % 3 == 0)
    sure_from = best_line_sure_from(chances, right)
    assert right[chances >= sure_from].mean() >= 0.98
    assert 0.3 < sure_from < 0.4
    assert best_line_sure_from(chances, np.zeros(1000, bool)) > 0.99  # nothing is right


def test_network_that_was_in_training_is_read_as_a_reader_does_and_not_changed():
    model = build(SHORT_LINES.architecture(), NETWORKS).train()
    picture = torch.arange(32 * 40).reshape(32, 40).remainder(251).to(torch.uint8)
    lines, before = LineSet([picture], labels_of(["7"])), weights(model)
    (one,), (other,) = readings(model, lines), readings(model.eval(), lines)
    assert all(map(np.array_equal, one.looks, other.looks))
    assert torch.equal(weights(model), before)
