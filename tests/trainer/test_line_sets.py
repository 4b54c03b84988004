"""Sets of lines: the same everywhere, from digits that no other set is made of."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from handreader.lines import LINE_HEIGHT, LINE_STEP, SIGNS
from helpers.data import Digits
from trainer.line_sets import WIDEST, bank_of, line_chunk, line_set, with_lines
from trainer.sets import Workers
from trainer.synthesis.hands import PLAIN, USUAL_HABITS, Habits

THREADS = Workers(ThreadPoolExecutor, chunk=10)


def test_lines_are_32_pixels_high_and_have_room_for_their_text(digits: Digits):
    for picture, text in line_chunk(bank_of(digits.validation), (0,), USUAL_HABITS, 0, 25):
        assert picture.shape[0] == LINE_HEIGHT
        assert len(text) * LINE_STEP <= picture.shape[1] <= WIDEST


@pytest.mark.parametrize("habits", [USUAL_HABITS, PLAIN])
def test_same_seed_gives_the_same_set_however_many_processes_make_it(
    digits: Digits, habits: Habits
):
    one, bank = line_set(digits.validation, 16, (5, 1), THREADS, habits), bank_of(digits.validation)
    parts = [line_chunk(bank, (5, 1), habits, *part) for part in ((0, 10), (1, 6))]
    lines = [line for part in parts for line in part]
    for picture, (again, _) in zip(one.pictures, lines, strict=True):
        assert picture.dtype == torch.uint8
        assert np.array_equal(picture.numpy(), again)
    texts = ["".join(SIGNS[sign - 1] for sign in row if sign > 0) for row in one.labels.tolist()]
    assert texts == [text for _, text in lines]


def test_each_set_of_lines_has_digits_of_its_own(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trainer.line_sets.line_set", lambda part, *_, **__: part)
    lines = with_lines(digits, 3, 0, THREADS)
    assert (lines.train, lines.validation, lines.test) == (
        digits.train,
        digits.validation,
        digits.test,
    )
    assert (lines.mean, lines.std, lines.name) == (digits.mean, digits.std, digits.name)
