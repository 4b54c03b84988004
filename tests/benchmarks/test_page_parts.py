"""Numbers on pages, boxes around them, and turned pages: what is said to be there is there."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.page_parts import BOX_INK, Box, WrittenSign, draw_box, number, turned
from helpers.data import Digits
from trainer.sets import bank_of
from trainer.synthesis.glyphs import Bank
from trainer.synthesis.hands import PLAIN, sample_hand
from trainer.synthesis.texts import Text

TWO = [WrittenSign("1", Box(40, 50, 10, 20)), WrittenSign("2", Box(60, 45, 14, 25))]


@pytest.fixture(scope="module")
def bank(digits: Digits) -> Bank:
    """Digits to write with."""
    return bank_of(digits.validation)


def test_number_has_its_digits_and_marks_and_nothing_that_stands_beside(bank: Bank):
    hand = sample_hand(bank, replace(PLAIN, coiling=0), np.random.default_rng(1))
    written = number(Text("12.5", before="EUR ", after=" kg"), hand, 50)
    assert "".join(sign.text for sign in written.signs) == "12.5"
    first, last = written.signs[0].box, written.signs[-1].box
    assert first.left > 50  # behind the word before it
    assert last.left + last.width < written.cover.shape[1] - 50
    for sign in written.signs:
        box = sign.box
        part = written.cover[box.top : box.top + box.height, box.left : box.left + box.width]
        assert part.shape == (box.height, box.width)
        assert part.max() > 0.9
    assert np.median([sign.box.height for sign in written.signs]) == pytest.approx(50, rel=0.3)
    assert first.top + first.height == pytest.approx(written.foot, abs=10)


def test_number_without_ink_is_none(bank: Bank):
    hand = sample_hand(bank, PLAIN, np.random.default_rng(0))
    assert number(Text(""), hand, 50) is None


def test_box_is_around_a_number_and_may_part_its_digits():
    for one_each, inside in ((False, 0), (True, 1)):
        cover = np.zeros((120, 120), np.float32)
        draw_box(cover, TWO, 20, one_each)
        assert cover.max() == pytest.approx(BOX_INK)
        row = cover[60] > 0
        edges = np.flatnonzero(np.diff(row.astype(int)) == 1)
        assert len(edges) == 2 + inside
        assert edges[0] < 40
        assert edges[-1] > 74
        for _, box in TWO:
            assert not cover[box.top : box.top + box.height, box.left : box.left + box.width].any()


@pytest.mark.parametrize("degrees", [90, 180, 270, -12, 20])
def test_boxes_are_turned_with_their_ink(degrees: float):
    cover = np.zeros((200, 120), np.float32)
    y, x = np.mgrid[:200, :120]
    cover[((x - 44.5) / 5) ** 2 + ((y - 59.5) / 10) ** 2 < 1] = 1
    page, ((sign,),) = turned(cover, [[WrittenSign("0", Box(40, 50, 10, 20))]], degrees)
    rows, columns = np.flatnonzero(page.max(1) > 0.5), np.flatnonzero(page.max(0) > 0.5)
    assert sign.box.top == pytest.approx(rows[0], abs=2)
    assert sign.box.left == pytest.approx(columns[0], abs=2)
    assert sign.box.height == pytest.approx(np.ptp(rows) + 1, abs=3)
    assert sign.box.width == pytest.approx(np.ptp(columns) + 1, abs=3)
    assert page.sum() == pytest.approx(cover.sum(), rel=0.02)


def test_page_on_its_side_is_as_large_as_it_was():
    page, _ = turned(np.zeros((200, 120), np.float32), [], 90)
    assert page.shape == (120, 200)
