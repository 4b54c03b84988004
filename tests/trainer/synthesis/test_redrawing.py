"""MNIST's digits written again: as high, as thick and as wide as was wished."""

import cv2
import numpy as np
import pytest
from support import assert_as_recorded, extent

from helpers.data import Digits
from trainer.synthesis.redrawing import enlarge, has_strokes, stretched, with_pen


def test_lower_weight_makes_thicker_strokes(digits: Digits):
    image = digits.train.images[0, 0].numpy()
    masses = [enlarge(image, 80, weight).sum(dtype=float) for weight in (0.3, 0.5, 0.65)]
    assert masses[0] > 1.1 * masses[1] > 1.2 * masses[2]


def test_empty_picture_has_no_ink_to_enlarge():
    assert not enlarge(np.zeros((28, 28), np.uint8), 40).any()


@pytest.mark.parametrize("thickness", [1, 3, 8])
def test_pen_has_the_width_that_was_wished(digits: Digits, thickness: int):
    ink = with_pen(digits.train.images[2, 0].numpy(), 100, thickness) > 0
    padded = cv2.copyMakeBorder(ink.astype(np.uint8), 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    away = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    assert np.quantile(away[away > 0], 0.98) * 2 == pytest.approx(thickness + 1, abs=2.5)


@pytest.mark.parametrize("height", [8, 30, 150])
def test_digit_written_again_has_about_the_height_that_was_wished(digits: Digits, height: int):
    for image in digits.train.images[:6, 0].numpy():
        ink = with_pen(image, height, height * 0.08)
        assert 0.65 * height < extent(ink) < 1.15 * height  # the middle of fat strokes is shorter
        assert ink.max() > 100


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.4])
def test_stretched_ink_keeps_its_longer_side(factor: float):
    for shape in ((60, 40), (40, 60)):
        high, wide = stretched(np.full(shape, 255, np.uint8), factor).shape
        assert max(high, wide) == 60
        assert wide / high == pytest.approx(shape[1] / shape[0] * factor, rel=0.05)


def test_digits_are_written_again_as_networks_have_practised_on_them(digits: Digits):
    drawn = []
    for number, image in enumerate(digits.train.images[:6, 0].numpy()):
        drawn += [enlarge(image, height, 0.4) for height in (12, 50, 110)]
        drawn += [with_pen(image, height, height / 12) for height in (20, 110)]
        drawn.append(stretched(drawn[-1], 0.8 + 0.1 * number))
    assert_as_recorded("written again", drawn)


def test_loops_that_each_digit_needs():
    one, two = (np.zeros((28, 28), np.uint8) for _ in range(2))
    cv2.circle(one, (14, 14), 6, 255, 1)
    for row in (8, 19):
        cv2.circle(two, (14, row), 5, 255, 1)
    line = np.zeros((28, 28), np.uint8)
    cv2.line(line, (14, 4), (12, 24), 255, 1)
    assert [label for label in range(10) if has_strokes(line, label)] == [1, 2, 3, 4, 5, 7]
    assert [label for label in range(10) if not has_strokes(one, label)] == [8]
    assert all(has_strokes(two, label) for label in range(10))
