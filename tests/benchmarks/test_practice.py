"""Parts of the practice are left out one by one, and what that costs is told with its chance."""

from dataclasses import replace

import pytest
import torch
from support import SHORT_LINES

from benchmarks import lines, practice
from benchmarks.practice import ALL_KINDS, NOTHING, PARTS, standard_error, table
from benchmarks.scores import REAL
from helpers.data import Digits
from trainer.line_set import Lines, LineSet, labels_of
from trainer.synthesis.hands import USUAL_HABITS


def found(*losses: float) -> dict:
    """What was measured where every part that is left out loses so much, by seed."""
    shown = dict.fromkeys((REAL, *(shown for _, shown in PARTS.values())), 0.5)
    rows = [
        {"left_out": part, "seed": seed, "right": shown | {ALL_KINDS: 0.5 - (part in PARTS) * loss}}
        for seed, loss in enumerate(losses)
        for part in (NOTHING, *PARTS)
    ]
    return {"data": "made up", "lines": 10, "networks": rows}


def test_each_part_changes_the_practice_and_has_lines_that_show_it():
    habits = [left for left, _ in PARTS.values()]
    assert len(set(map(repr, [USUAL_HABITS, *habits]))) == 1 + len(PARTS)
    assert {shown for _, shown in PARTS.values()} <= lines.CONDITIONS.keys()


def test_table_compares_with_practice_from_which_nothing_is_left_out():
    text = table(found(0.1, 0.2))
    assert text[2] == "| nothing | 50.0% | 50.0% |  |"
    assert text[3] == "| strokes that join digits | 35.0% | 50.0% | 50.0% → 50.0% |"
    assert len(text) == 2 + 1 + len(PARTS) + 1


def test_standard_error_is_that_of_a_mean_over_seeds():
    assert standard_error(found(0.1, 0.2)) == pytest.approx(0.05)
    assert standard_error(found(0.1, 0.1)) == pytest.approx(0)


def test_networks_begin_where_the_plain_one_stands(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(practice, "SMALL", SHORT_LINES.but(photos=8, epochs=1, learning_rate=0.0))
    few = LineSet([torch.zeros(32, 40, dtype=torch.uint8)] * 8, labels_of(["7"] * 8))
    learned = Lines("some", "", few, few, few, digits.mean, digits.std, 8)
    begun = practice.network(learned, 0)
    torch.nn.init.ones_(next(begun.model.parameters()))
    later = practice.network(replace(learned), 0, begun)
    assert torch.equal(next(later.model.parameters()), next(begun.model.parameters()))
    assert not later.model.training
