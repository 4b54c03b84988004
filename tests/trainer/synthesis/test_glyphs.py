"""Maps of distances: from the middle of a stroke, or from the outlines of ink."""

import numpy as np
import pytest

from helpers.data import Digits
from trainer.synthesis.glyphs import (
    FAR,
    HIGH,
    INSIDE,
    SIDE,
    STEPS,
    Bank,
    as_bytes,
    drawn,
    lettered,
    slant_of,
    warped,
)
from trainer.synthesis.strokes import MARKS, way_to_write
from trainer.synthesis.subjects import Source
from trainer.synthesis.writing import FONTS


@pytest.mark.parametrize("sign", [*"0123456789", *MARKS])
def test_every_way_to_write_is_a_map_with_a_stroke(sign: str):
    for way in range(12):
        glyph = drawn(way_to_write(sign, way), (1, 1), 0)
        assert glyph.map.min() < FAR / 2
        assert glyph.map[0].min() > glyph.map.min()
        assert glyph.map.shape[0] < 2.2 * HIGH


def ink_of(map_: np.ndarray, pen: float) -> np.ndarray:
    """What a pen of that width leaves, in booleans."""
    return map_ < (pen / 2 + INSIDE) * STEPS


@pytest.fixture(scope="module")
def bank(digits: Digits) -> Bank:
    """Some digits."""
    return Bank(Source(digits.train.images[:40, 0].numpy(), digits.train.labels[:40].numpy()))


def test_digit_becomes_as_high_as_all_others_and_its_maps_are_made_once(bank: Bank):
    random = np.random.default_rng(0)
    maps = [bank.any_of(digit, random) for digit in range(10)]
    for each in maps:
        assert each.strokes.shape == each.outline.shape == (SIDE, SIDE)
        for map_ in (each.strokes, each.outline):
            rows = np.flatnonzero(ink_of(map_, 4).any(1))
            assert abs(np.ptp(rows) + 1 - each.height) < 16  # without half the first pen's width
    made = dict(bank.made)
    bank.any_of(3, np.random.default_rng(0))
    assert all(bank.made[which] is made[which] for which in made)


def test_slant_is_taken_from_the_ink_and_given_to_it():
    upright = np.tile(np.abs(np.arange(SIDE) - SIDE // 2), (SIDE, 1)).astype(float)
    upright[:10], upright[46:] = FAR, FAR
    map_ = as_bytes(upright)
    for slant in (-0.4, 0.0, 0.4):
        glyph = warped(map_, HIGH, slant, (1, 1))
        assert slant_of(ink_of(glyph.map, 3).astype(np.uint8)) == pytest.approx(slant, abs=0.08)


def test_strokes_stand_on_the_baseline():
    glyph = drawn([np.array([[0.0, 0.0], [0.0, 1.0]])], (1, 1), 0)
    rows = np.flatnonzero((glyph.map == INSIDE * STEPS).any(1)) + glyph.top
    assert (rows.min(), rows.max()) == (-HIGH, 0)


@pytest.mark.parametrize("font", FONTS)
def test_letters_stand_on_the_baseline_and_lean(font: int):
    for slant in (-0.3, 0, 0.3):
        glyph = lettered("EH", font, (1, 1), slant)
        ink = ink_of(glyph.map, 2)
        rows = np.flatnonzero(ink.any(1)) + glyph.top
        assert abs(rows.max()) < 6
        assert abs(rows.min() + HIGH) < 8
        assert not ink[:, -1].any()
