"""Letters written by code: none like a digit, each by many hands."""

import numpy as np
import pytest

from trainer.synthesis.strokes import LETTERS
from trainer.synthesis.writing import trace, write_letter

LIKE_DIGITS = "bDgGiIlOoqQsSzZB"


def test_no_letter_is_one_that_looks_like_a_digit():
    assert not set(LETTERS) & set(LIKE_DIGITS)


@pytest.mark.parametrize("letter", LETTERS)
def test_letter_is_written_in_all_its_ways_and_never_twice_alike(letter: str):
    random = np.random.default_rng(4)
    written = [write_letter(letter, random) for _ in range(20)]
    assert {len(strokes) for strokes in written} == {len(way) for way in LETTERS[letter]}
    drawn = [trace(strokes, 40, 4) for strokes in written]
    assert len({ink.tobytes() for ink in drawn}) == len(drawn)
    assert all(ink.max() == 255 and max(ink.shape) < 60 for ink in drawn)
