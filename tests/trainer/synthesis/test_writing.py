"""Digits written by code: all differ, have the size that was wished, and a middle line."""

import numpy as np
import pytest
from support import assert_as_recorded, extent, parts

from helpers.data import Digits
from trainer.synthesis import writing
from trainer.synthesis.redrawing import bordered, enlarge
from trainer.synthesis.strokes import LETTERS, USUAL_DIGITS


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_can_be_written_and_never_the_same_twice(digit: int):
    random = np.random.default_rng(digit)
    drawn = [writing.trace(writing.write_digit(digit, random), 60, 5) for _ in range(8)]
    assert len({ink.tobytes() for ink in drawn}) == 8
    for ink in drawn:
        assert ink.dtype == np.uint8
        assert ink.max() == 255
        assert max(ink.shape) == pytest.approx(60, abs=10)
        assert parts(ink > 127) <= 2
    again = np.random.default_rng(digit)
    assert np.array_equal(writing.trace(writing.write_digit(digit, again), 60, 5), drawn[0])


def test_text_is_printed_in_the_size_that_was_wished():
    for height in (8, 40, 140):
        ink = writing.printed("4", np.random.default_rng(0), height, height * 0.1)
        assert extent(ink) == pytest.approx(height, rel=0.35)


def test_skeleton_is_one_pixel_wide_and_leaves_the_shape_in_one_piece(digits: Digits):
    for image in digits.train.images[:12, 0].numpy():
        ink = bordered(enlarge(image, 70), 3)
        thin = writing.skeleton(ink) > 0
        assert not (thin & (ink <= 127)).any()
        blocks = thin[1:, 1:] & thin[1:, :-1] & thin[:-1, 1:] & thin[:-1, :-1]
        assert blocks.sum() <= 0.02 * thin.sum()
        assert parts(thin) == parts(ink > 127)


def test_skeleton_of_a_bar_is_its_middle_line():
    ink = np.zeros((21, 60), np.uint8)
    ink[7:14, 10:50] = 255
    thin = writing.skeleton(ink) > 0
    assert (thin[:, 16:44].sum(0) == 1).all()
    assert np.flatnonzero(thin[:, 30]).tolist() == [10]


def test_all_ways_to_write_are_those_that_networks_have_practised_on():
    ways = [way for ways in USUAL_DIGITS.values() for way in ways]
    assert_as_recorded("ways", [writing.trace(each, 200, 9) for each in ways])


def test_hands_and_print_are_those_that_networks_have_practised_on():
    drawn = []
    for digit in range(10):
        random = np.random.default_rng(digit)
        for height in (15, 60):
            drawn.append(writing.trace(writing.write_digit(digit, random), height, height / 9))
            drawn.append(writing.printed(f"{digit}A", random, height, height / 9))
    assert_as_recorded("hands and print", drawn)


def test_letters_are_written_in_all_their_ways_and_none_looks_like_a_digit():
    assert not set(LETTERS) & set("bDgGiIlOoqQsSzZB")
    for ways in LETTERS.values():
        random = np.random.default_rng(4)
        written = [writing.write_any(ways, random) for _ in range(20)]
        assert {len(strokes) for strokes in written} == {len(way) for way in ways}
        inks = [writing.trace(strokes, 40, 4) for strokes in written]
        assert len({ink.tobytes() for ink in inks}) == len(inks)
        assert all(ink.max() == 255 and max(ink.shape) < 60 for ink in inks)
