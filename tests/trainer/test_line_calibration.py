"""How far a network for lines may trust itself, from how often it is right."""

import numpy as np
import pytest
import torch
from support import SHORT_LINES, weights

from helpers.models import build
from trainer.line_calibration import (
    LineRead,
    best_sure_from,
    best_temperature,
    readings,
)
from trainer.line_network import NETWORKS, as_lines
from trainer.line_set import LineSet, labels_of


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
    assert best_temperature(boastful) > 1.8
    honest = [read_with(0.75, number % 4 != 0) for number in range(40)]
    assert best_temperature(honest) == pytest.approx(1, abs=0.1)


def test_nearly_all_that_is_sure_is_right():
    chances = np.linspace(0, 1, 1000)
    right = (chances > 0.4) | (np.arange(1000) % 3 == 0)
    sure_from = best_sure_from(chances, right)
    assert right[chances >= sure_from].mean() >= 0.98
    assert 0.3 < sure_from < 0.4


def test_where_nothing_is_right_nothing_is_sure():
    chances = np.linspace(0, 0.9, 50)
    assert best_sure_from(chances, np.zeros(50, bool)) > 0.99


def test_network_that_was_in_training_is_read_as_a_reader_does_and_not_changed():
    model = build(SHORT_LINES.architecture(), NETWORKS).train()
    picture = torch.arange(32 * 40).reshape(32, 40).remainder(251).to(torch.uint8)
    lines, before = LineSet([picture], labels_of(["7"])), weights(model)
    (one,), (other,) = readings(model, lines), readings(model.eval(), lines)
    assert all(map(np.array_equal, one.looks, other.looks))
    assert torch.equal(weights(model), before)


def test_neither_light_nor_contrast_changes_what_the_network_sees():
    picture = torch.randint(256, (32, 64), generator=torch.Generator().manual_seed(0)).byte()
    one, other = as_lines([picture]), as_lines([picture // 2 + 60])
    assert (one - other).abs().max() < 0.15
