"""Pages made by code: what is said to stand on them stands there, and they are as laid out."""

from dataclasses import replace

import numpy as np
import pytest
from support import assert_as_recorded

from benchmarks.page_pictures import Layout, compose, with_gap
from helpers.data import Digits
from trainer.synthesis import scenes
from trainer.synthesis.hands import PLAIN
from trainer.synthesis.redrawing import enlarge
from trainer.synthesis.subjects import Source

BLACK_ON_WHITE = replace(
    scenes.CLEAN,
    papers=((255, 255, 255),),
    inks=((0, 0, 0),),
    contrast=(1, 1),
    blur=(0, 0),
    noise=(0, 0),
    quality=(100, 100),
)
SMALL = Layout(BLACK_ON_WHITE, side=(300, 400), height=(20, 40))
LAYOUTS = {
    "usual page": replace(SMALL, scene=replace(scenes.ANY, pencil=0)),
    "slanted page": replace(SMALL, slant=8, drift=0.15),
    "broken page": replace(SMALL, broken=0.5, specks=30),
    "large digits": replace(SMALL, height=(60, 90), side=(500, 600), most_digits=3, specks=40),
}


@pytest.fixture(scope="module")
def source(digits: Digits) -> Source:
    """Digits to write pages with."""
    return Source(digits.train.images[:, 0].numpy(), digits.train.labels.numpy())


@pytest.mark.parametrize("layout", [SMALL, LAYOUTS["slanted page"]], ids=["straight", "slanted"])
def test_ink_is_in_the_boxes_and_nowhere_else(layout: Layout, source: Source):
    for seed in range(4):
        picture, truth = compose(layout, source, np.random.default_rng(seed))
        inked = picture.mean(2) < 0.5 * np.median(picture)
        for box in [digit.box for line in truth for digit in line]:
            part = inked[box.top : box.top + box.height, box.left : box.left + box.width]
            assert part.shape == (box.height, box.width)
            assert 0.03 < part.mean() < 1
            part[:] = False
        assert not inked.any()


def test_lines_follow_each_other_down_the_page_and_digits_along_a_line(source: Source):
    _, truth = compose(SMALL, source, np.random.default_rng(0))
    assert len(truth) >= 2
    feet = [np.mean([digit.box.top + digit.box.height for digit in line]) for line in truth]
    assert feet == sorted(feet)
    for line in truth:
        lefts = [digit.box.left for digit in line]
        assert lefts == sorted(lefts)


def test_layout_limits_lines_and_digits(source: Source):
    few = replace(SMALL, most_lines=2, most_digits=3)
    for seed in range(5):
        _, truth = compose(few, source, np.random.default_rng(seed))
        assert 1 <= len(truth) <= 2
        assert all(1 <= len(line) <= 3 for line in truth)


def test_page_that_is_nearly_too_small_still_gets_a_digit(source: Source):
    narrow = replace(SMALL, side=(60, 90), height=(30, 60), most_digits=1, most_lines=1)
    for seed in range(10):
        _, truth = compose(narrow, source, np.random.default_rng(seed))
        assert [len(line) for line in truth] == [1]


def test_pages_are_upright_or_on_their_side(source: Source):
    random = np.random.default_rng(0)
    shapes = [compose(SMALL, source, random)[0].shape[:2] for _ in range(12)]
    assert {high > wide for high, wide in shapes} == {True, False}
    for shape in shapes:
        assert min(shape) / max(shape) == pytest.approx(0.72, abs=0.01)
        assert 300 <= max(shape) < 400


def test_columns_stand_side_by_side_and_each_is_read_from_its_top(source: Source):
    two = replace(SMALL, columns=2, most_digits=3, side=(500, 600))
    picture, truth = compose(two, source, np.random.default_rng(0))
    middle = picture.shape[1] / 2
    sides = [{sign.box.left > middle for sign in line} for line in truth]
    assert sides == sorted(sides, key=max)
    assert sides[0] == {False}
    assert sides[-1] == {True}


def test_numbers_have_marks_and_words_beside_them_that_are_not_to_be_read(source: Source):
    numbers = replace(SMALL, side=(900, 1000), habits=replace(PLAIN, alone=0, coiling=1))
    picture, truth = compose(numbers, source, np.random.default_rng(4))
    texts = ["".join(sign.text for sign in line) for line in truth]
    assert any(not text.isdigit() for text in texts)
    assert all(text[0].isdigit() and text[-1].isdigit() for text in texts)
    for box in [sign.box for line in truth for sign in line]:
        picture[box.top : box.top + box.height, box.left : box.left + box.width] = 255
    assert (picture.mean(2) < 0.5 * np.median(picture)).sum() > 60


@pytest.mark.parametrize("layout", [replace(SMALL, quarters=1), replace(SMALL, tilt=20)])
def test_turned_page_has_its_ink_in_its_boxes(layout: Layout, source: Source):
    picture, truth = compose(layout, source, np.random.default_rng(2))
    dark = picture.mean(2) < 0.5 * np.median(picture)
    for box in [sign.box for line in truth for sign in line]:
        dark[box.top - 2 : box.top + box.height + 2, box.left - 2 : box.left + box.width + 2] = 0
    assert dark.sum() < 20


def test_boxes_of_a_form_are_drawn_around_numbers(source: Source):
    plain, boxed = (
        compose(replace(SMALL, boxes=boxes), source, np.random.default_rng(0))[0]
        for boxes in ("", "numbers")
    )
    inked = [(each.mean(2) < 0.9 * np.median(each)).sum() for each in (plain, boxed)]
    assert inked[1] > inked[0] + 500


def test_specks_are_ink_outside_of_all_boxes(source: Source):
    dirty = replace(SMALL, specks=60, most_lines=1)
    picture, truth = compose(dirty, source, np.random.default_rng(0))
    for digit in truth[0]:
        left, top, width, height = digit.box
        picture[top : top + height, left : left + width] = 255
    assert (picture.mean(2) < 0.5 * np.median(picture)).sum() > 60


def test_gap_takes_some_ink_and_leaves_most(digits: Digits):
    ink, random = enlarge(digits.train.images[0, 0].numpy(), 80), np.random.default_rng(0)
    left = [with_gap(ink, random).sum() / ink.sum() for _ in range(60)]
    assert min(left) > 0.6
    assert np.mean(left) < 0.97
    assert (with_gap(ink, random) <= ink).all()


def test_gap_that_would_leave_too_little_is_left_out():
    line = np.full((3, 60), 255, np.uint8)
    left = [with_gap(line, np.random.default_rng(seed)).sum() / line.sum() for seed in range(20)]
    assert 1 in left
    assert min(left) > 0.6


@pytest.mark.parametrize("name", LAYOUTS)
def test_pages_are_always_the_same(name: str, source: Source):
    made = [compose(LAYOUTS[name], source, np.random.default_rng(seed)) for seed in range(4)]
    assert_as_recorded(name, [picture for picture, _ in made])
