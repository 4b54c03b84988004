"""Sets of lines: the same everywhere, from digits that no other set is made of."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from handreader.lines import LINE_HEIGHT, LINE_STEP, SIGNS
from helpers.data import Digits
from trainer.line_sets import WIDEST, bank_of, line_chunk, line_set, with_lines
from trainer.sets import Workers
from trainer.synthesis.hands import PLAIN, USUAL_HABITS

THREADS = Workers(ThreadPoolExecutor, chunk=10)


@pytest.fixture(scope="module")
def small(digits: Digits) -> Digits:
    """Digits of which few are made into lines."""
    return replace(digits, train=digits.train)


def test_lines_are_32_pixels_high_and_have_room_for_their_text(small: Digits):
    for picture, text in line_chunk(bank_of(small.validation), (0,), 25):
        assert picture.shape[0] == LINE_HEIGHT
        assert len(text) * LINE_STEP <= picture.shape[1] <= WIDEST


def test_same_seed_gives_the_same_set_however_many_processes_make_it(small: Digits):
    one = line_set(small.validation, 16, (5, 1), THREADS)
    bank = bank_of(small.validation)
    chunks = [line_chunk(bank, (5, 1, part), count) for part, count in ((0, 10), (1, 6))]
    pictures = [picture for chunk in chunks for picture, _ in chunk]
    assert all(
        np.array_equal(picture.numpy(), again)
        for picture, again in zip(one.pictures, pictures, strict=True)
    )
    texts = ["".join(SIGNS[sign - 1] for sign in row if sign > 0) for row in one.labels.tolist()]
    assert texts == [text for chunk in chunks for _, text in chunk]


def test_lines_are_written_with_the_habits_that_are_asked_for(small: Digits):
    few = partial(line_set, small.validation, 4, (5, 1), THREADS)
    plain, usual = few(PLAIN), few(USUAL_HABITS)
    assert [len(set(each.ravel().tolist())) for each in plain.pictures] != [
        len(set(each.ravel().tolist())) for each in usual.pictures
    ]
    chunk = line_chunk(bank_of(small.validation), (5, 1, 0), 4, PLAIN)
    assert all(
        np.array_equal(one, other) for one, (other, _) in zip(plain.pictures, chunk, strict=True)
    )


def test_each_set_of_lines_has_digits_of_its_own(small: Digits, monkeypatch: pytest.MonkeyPatch):
    used = []

    def note(digits: object, *_: object, **__: object) -> object:
        used.append(digits)
        return digits

    monkeypatch.setattr("trainer.line_sets.line_set", note)
    lines = with_lines(small, 3, 0, THREADS)
    assert [id(each) for each in used] == [
        id(each) for each in (small.train, small.validation, small.test)
    ]
    assert (lines.mean, lines.std, lines.name) == (small.mean, small.std, small.name)
    assert lines.photographs == 3


def test_bytes_of_lines_are_kept_as_bytes(small: Digits):
    assert line_set(small.validation, 2, (0,), THREADS).pictures[0].dtype == torch.uint8
