"""How photographs are measured: always the same ones, read in every way, refused or not."""

import json

import numpy as np
import pytest
from support import ROOT, chances

from benchmarks.photographs import (
    CONDITIONS,
    framed,
    no_digits,
    part_right,
    part_unsure,
    photographs,
    squashed,
    table,
    ways,
)
from handreader.digits import Reading
from helpers.data import Digits
from trainer.synthesis.no_digits import face

FOUND = json.loads((ROOT / "results" / "photos.json").read_text(encoding="utf-8"))
WHITE = np.full((80, 60, 3), 250, np.uint8)


def test_recorded_conditions_are_those_that_are_measured():
    assert list(FOUND["conditions"]) == list(CONDITIONS)


def test_photographs_of_a_condition_are_always_the_same(digits: Digits):
    one, same, other = (
        next(photographs(CONDITIONS["photo"], digits.validation, number)) for number in (3, 3, 4)
    )
    assert one.label == same.label
    assert np.array_equal(one.picture, same.picture)
    assert one.picture.shape != other.picture.shape or (one.picture != other.picture).any()


def test_what_is_no_digit_is_always_the_same():
    one, same = list(no_digits(face, 3)), list(no_digits(face, 3))
    assert len(one) == 3
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))


def test_picture_without_ink_is_an_empty_frame_and_seen_in_no_way():
    assert not framed(WHITE).any()
    assert ways(WHITE) == []


def test_squashed_picture_is_the_whole_of_it_with_light_ink():
    picture = WHITE.copy()
    picture[:40] = 20
    small = squashed(picture)
    assert small.shape == (28, 28)
    assert small[:14].min() == 235
    assert small[14:].max() == 5


def test_no_reading_is_neither_right_nor_sure():
    readings = [Reading(chances(d3=0.9), False), Reading(chances(d3=0.4), True), None, None]
    assert part_right(readings, [3, 3, 3, 8]) == 0.5
    assert part_unsure(readings) == 0.75


def test_table_shows_every_condition_and_everything_that_is_refused():
    text = "\n".join(table(FOUND))
    for name in (*CONDITIONS, *FOUND["refused_kinds"]["CNN"], "**all**", "**all of these**"):
        assert f"| {name} | " in text
    scan = FOUND["conditions"]["scan"]
    assert f"| scan | {scan['naive MLP']:.1%} | {scan['framed MLP']:.1%} |" in text


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_can_be_photographed(name: str, digits: Digits):
    picture, label = next(photographs(CONDITIONS[name], digits.validation, 0))
    assert picture.ndim == 3
    assert label in range(10)
