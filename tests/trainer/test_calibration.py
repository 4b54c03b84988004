"""How far a network may trust itself: its confidence made right, and a limit for "not sure"."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from support import chances

from handreader.digits import DigitReader
from helpers import checkpoints
from helpers.checkpoints import as_reader_network
from helpers.data import Digits
from trainer import WEIGHTS, calibration
from trainer.calibration import (
    best_sure_from,
    best_temperature,
    calibrate,
    calibration_error,
    likeliest,
)
from trainer.sets import Workers, practice_set


def doubtful(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores, and answers that come just as often as the scores say."""
    generator = torch.Generator().manual_seed(seed)
    logits = 1.5 * torch.randn(count, 10, generator=generator)
    return logits, torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_factor_by_which_scores_are_too_large_is_found(factor: float):
    logits, labels = doubtful(4_000)
    assert best_temperature(factor * logits, labels) == pytest.approx(factor, rel=0.06)


def test_right_confidence_has_no_error_and_wrong_confidence_has_all_of_it():
    rows = torch.tensor([chances(d2=0.8)] * 100 + [chances(d5=0.3)] * 100).log()
    as_often_as_said = torch.tensor([2] * 80 + [0] * 20 + [5] * 30 + [6] * 70)
    assert calibration_error(rows, as_often_as_said) == 0
    always = torch.tensor([2] * 100 + [5] * 100)
    assert calibration_error(rows, always) == pytest.approx((0.2 + 0.7) / 2)
    never = torch.zeros(200, dtype=torch.int64)
    assert calibration_error(rows, never) == pytest.approx((0.8 + 0.3) / 2)


def test_calibrated_scores_have_hardly_any_error():
    logits, labels = doubtful(20_000, seed=1)
    assert calibration_error(logits, labels) < 0.01
    assert calibration_error(4 * logits, labels) > 0.1


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


def test_confidence_is_the_probability_of_the_likeliest():
    logits = torch.tensor([chances(d1=0.8)]).log()
    assert likeliest(logits, 1.0).item() == pytest.approx(0.8)
    assert likeliest(logits, 1e6).item() == pytest.approx(0.1, abs=1e-4)


@pytest.mark.parametrize("factor", [0.1, 10])
def test_best_temperature_is_within_bounds(factor: float):
    logits, labels = doubtful(500)
    assert best_temperature(factor**3 * logits, labels) == pytest.approx(factor, rel=1e-4)


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
