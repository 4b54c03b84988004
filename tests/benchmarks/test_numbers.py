"""Lines and pages are measured under many conditions, always the same pictures."""

import json

import numpy as np
import pytest
from support import ROOT

from benchmarks import lines, pages
from benchmarks.numbers import table
from benchmarks.scores import REAL, Score
from helpers.data import Digits
from trainer.sets import bank_of
from trainer.synthesis.glyphs import Bank

FOUND = json.loads((ROOT / "results" / "numbers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bank(digits: Digits) -> Bank:
    """Digits to write with."""
    return bank_of(digits.validation)


def test_recorded_conditions_are_those_that_are_measured():
    assert [name for name in FOUND["lines"] if name != REAL] == list(lines.CONDITIONS)
    assert list(FOUND["pages"]) == list(pages.CONDITIONS)
    assert len(lines.CONDITIONS) + len(pages.CONDITIONS) >= 20


@pytest.mark.parametrize("name", lines.CONDITIONS)
def test_every_condition_has_lines_that_are_always_the_same(name: str, bank: Bank):
    one, same = (next(lines.shown_under(name, bank)) for _ in range(2))
    assert np.array_equal(one.picture, same.picture)
    assert one.texts == same.texts
    assert one.picture.shape[2] == 3


@pytest.mark.parametrize("name", ["tilted by up to 20°", "words beside numbers", "one digit"])
def test_every_condition_has_pages_that_are_always_the_same(name: str, bank: Bank):
    one, same = (next(pages.shown_under(name, bank.source)) for _ in range(2))
    assert np.array_equal(one.picture, same.picture)
    assert one.signs == same.signs
    assert "".join(one.texts) == "".join(sign.text for sign in one.signs)


def test_table_has_a_row_for_each_condition_and_says_what_is_real():
    line = vars(Score(4, 4, 2, 3, 2, 1, 0, 0, 0.1))
    page = vars(Score(2, 10, 9, 9, 5, 4, 50, 45, 3.0))
    real = {"what": "real digits", "pictures": 8, "right": 0.75, "unsure": 0.5}
    found = {
        "data": "made up",
        "lines": {"plain": line},
        "pages": {"chalk": page},
        "real": [real],
    }
    text = table(found)
    assert "| plain | 4 | 50.0% | 75.0% | 50.0% | 50.0% |  | 0.03 |" in text
    assert "| chalk | 10 | 90.0% | 90.0% | 50.0% | 80.0% | 90.0% | 1.50 |" in text
    assert text[-1] == "\n8 real digits: 75.0% right, 50.0% unsure."
