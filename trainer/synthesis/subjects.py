"""Subjects of synthetic photographs: a digit of MNIST, one drawn by code, or no digit."""

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from handreader.ink.pixels import cut_out
from trainer.synthesis import no_digits, redrawing, writing
from trainer.synthesis.scenes import Range, Scene
from trainer.synthesis.strokes import DIGITS

NOTHING = -1  # the label of what is not one digit

# How digits of MNIST are redrawn; found by trying, like MIXTURE at the end.
WITH_PEN = 0.5  # how often with another pen, if the skeleton shows the digit
WEIGHT: Range = (0.25, 0.65)  # otherwise: from fat outlines to thin ones
STRETCH: Range = (-0.35, 0.35)  # log of how much wider: from 0.7 to 1.4 times
TOUCH_OVERLAP: Range = (0, 0.06)  # of digits that touch, in heights


class Source(NamedTuple):
    """The digits that pictures are made from."""

    images: np.ndarray  # (count, 28, 28) bytes
    labels: np.ndarray  # (count,) integers


Subject = tuple[np.ndarray, int]  # (H, W) bytes of ink, and a digit or NOTHING


def some_ink(source: Source, scene: Scene, random: Generator) -> Subject:
    """Draw any kind of subject, as often as MIXTURE says, with its label."""
    kind = bisect_right(UP_TO, random.random())
    return MIXTURE[kind][1](source, scene, random)


def of_source(source: Source, scene: Scene, random: Generator) -> Subject:
    """Draw one of the source's digits, with a size and strokes that suit the scene."""
    which = random.integers(len(source.labels))
    label = int(source.labels[which])
    return ink_of(source.images[which], label, scene, random), label


def touching_pair(source: Source, scene: Scene, random: Generator) -> Subject:
    """Draw two of the source's digits that touch: together they are no digit."""
    (one, _), (other, _) = (of_source(source, scene, random) for _ in range(2))
    return side_by_side(one, other, random), NOTHING


def written_by_code(_: Source, scene: Scene, random: Generator) -> Subject:
    """Draw a digit as handwritten by code."""
    size, digit = size_in(scene, random), int(random.integers(10))
    return writing.trace(writing.write_any(DIGITS[str(digit)], random), *size), digit


def printed_digit(_: Source, scene: Scene, random: Generator) -> Subject:
    """Draw a digit in one of OpenCV's fonts."""
    size, digit = size_in(scene, random), int(random.integers(10))
    return writing.printed(str(digit), random, *size), digit


def no_digit(_: Source, scene: Scene, random: Generator) -> Subject:
    """Draw something that is no digit."""
    size = size_in(scene, random)
    random.integers(10)  # unused, but without it later random numbers would change
    return no_digits.write_nothing(random, *size), NOTHING


def size_in(scene: Scene, random: Generator) -> tuple[int, float]:
    """Draw the height of a digit and the thickness of its strokes, in pixels, for a scene."""
    height = round(random.uniform(*scene.height))
    return height, height * random.uniform(*scene.width)


def ink_of(digit: np.ndarray, label: int, scene: Scene, random: Generator) -> np.ndarray:
    """Return a 28 x 28 digit as ink, (H, W) bytes, with a size and strokes that suit the scene."""
    height, thickness = size_in(scene, random)
    if random.random() < WITH_PEN and redrawing.has_strokes(digit, label):
        ink = redrawing.with_pen(digit, height, thickness)
    else:
        ink = redrawing.enlarge(digit, height, random.uniform(*WEIGHT))
    if random.random() < scene.stretched and label != 1:  # a 1 is as narrow as its stroke
        ink = redrawing.stretched(ink, math.exp(random.uniform(*STRETCH)))
    return ink


def side_by_side(one: np.ndarray, other: np.ndarray, random: Generator) -> np.ndarray:
    """Join two digits, scaled to the same height, so closely that their strokes touch."""
    one, other = cut_out(one), cut_out(other)
    high = one.shape[0]
    wide = max(1, round(other.shape[1] * high / other.shape[0]))
    other = cv2.resize(other, (wide, high), interpolation=cv2.INTER_AREA)
    left = max(0, where_they_touch(one, other) - round(high * random.uniform(*TOUCH_OVERLAP)))
    ink = np.zeros((high, max(one.shape[1], left + wide)), np.uint8)
    ink[:, : one.shape[1]] = one
    np.maximum(ink[:, left : left + wide], other, out=ink[:, left : left + wide])
    return ink


def where_they_touch(one: np.ndarray, other: np.ndarray) -> int:
    """Return the leftmost column for the second of two equally high inks without overlap."""
    ends = one.shape[1] - 1 - (one[:, ::-1] > 127).argmax(1)  # of each row
    starts = (other > 127).argmax(1)
    inked = (one > 127).any(1) & (other > 127).any(1)
    return int((ends - starts)[inked].max(initial=0))


# How many of 100 pictures show each kind. Found by trying, on synthetic photographs of validation
# digits: most are MNIST's own digits, some are written as nobody in MNIST does, and enough are no
# digit for networks to learn to doubt them.
MIXTURE: tuple[tuple[int, Callable[..., Subject]], ...] = (
    (52, of_source),
    (4, touching_pair),
    (21, written_by_code),
    (4, printed_digit),
    (19, no_digit),
)
UP_TO = [total / 100 for total in accumulate(share for share, _ in MIXTURE)]
