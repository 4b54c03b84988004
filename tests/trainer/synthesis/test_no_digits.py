"""Things that are no digits: in every size, by chance alone, and doubted by a reader."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from support import assert_as_recorded, first_way

from handreader.digits import WEIGHTS, DigitReader
from trainer.synthesis import no_digits, writing
from trainer.synthesis.no_digits import Brush

KINDS = (
    no_digits.letter,
    no_digits.scribble,
    no_digits.face,
    no_digits.figure,
    no_digits.hatching,
    no_digits.blobs,
)
REAL = WEIGHTS / "cnn.pt"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("height", "thickness"), [(7, 0.6), (30, 2), (140, 20)])
def test_what_is_no_digit_is_drawn_in_every_size(kind: Callable, height: int, thickness: float):
    random = np.random.default_rng(1)
    inked = 0
    for _ in range(10):
        ink = kind(Brush(random, height, thickness))
        assert ink.dtype == np.uint8
        assert ink.ndim == 2
        assert min(ink.shape) >= 1
        assert max(ink.shape) < 6 * height + 60
        inked += bool(ink.max() > 100)
    assert inked >= 7


@pytest.mark.skipif(not REAL.exists(), reason="there are no trained weights here")
def test_trained_network_reads_digits_written_by_code_and_doubts_all_else():
    random, reader = np.random.default_rng(9), DigitReader(REAL)

    def seen(ink: np.ndarray) -> np.ndarray:
        page = cv2.copyMakeBorder(ink, 25, 25, 25, 25, cv2.BORDER_CONSTANT)
        return first_way(np.repeat(255 - page[..., None], 3, 2)).framed

    wanted = [digit for digit in range(10) for _ in range(8)]
    drawn = [writing.trace(writing.write_digit(digit, random), 90, 8) for digit in wanted]
    readings = reader.read([seen(ink) for ink in drawn])
    right = [each.digit == digit for each, digit in zip(readings, wanted, strict=True)]
    assert np.mean(right) > 0.9
    kinds = (no_digits.letter, no_digits.face, no_digits.scribble)
    others = [kinds[n % 3](Brush(random, 90, 8)) for n in range(45)]
    assert np.mean([each.unsure for each in reader.read([seen(ink) for ink in others])]) > 0.6


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_no_digit_is_what_networks_have_practised_on(kind: Callable):
    random = np.random.default_rng(3)
    drawn = [kind(Brush(random, height, height / 12)) for height in (20, 90) for _ in range(12)]
    assert_as_recorded(kind.__name__, drawn)


def test_blank_is_blank_and_one_of_ten():
    drawn = [no_digits.write_nothing(np.random.default_rng(seed), 30, 3) for seed in range(200)]
    blank = [ink for ink in drawn if not ink.any()]
    assert {ink.shape for ink in blank} == {(30, 30)}
    assert len(blank) == pytest.approx(200 / 10, rel=0.4)
