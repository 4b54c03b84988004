"""What is on a practice picture: a digit of MNIST, one written by code, or none at all."""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import cv2
import numpy as np

from handreader.ink.pixels import cut_out
from trainer.synthesis import no_digits, redrawing, writing
from trainer.synthesis.scenes import Range, Scene
from trainer.synthesis.ways import DIGIT_WAYS, way_to_write

NOTHING = -1  # the label of what is no digit

# How digits of MNIST are written again; found by trying, as the mixture at the end.
WITH_PEN = 0.5  # how often with another pen, if the middle of its strokes is known
WEIGHT: Range = (0.25, 0.65)  # else: from fat outlines to thin ones
STRETCH: Range = (-0.35, 0.35)  # log of how much wider: from 0.7 to 1.4 times
TOUCH_OVERLAP: Range = (0, 0.06)  # of digits that touch, in heights


class Source(NamedTuple):
    """Digits to make pictures from."""

    images: np.ndarray  # (count, 28, 28) bytes
    labels: np.ndarray  # (count,) integers


@dataclass(frozen=True)
class Order:
    """What a picture is wanted of, from what, and by which chance."""

    source: Source
    scene: Scene
    random: np.random.Generator

    def brush(self) -> no_digits.Brush:
        """A brush as the scene wants it."""
        height = round(self.random.uniform(*self.scene.height))
        return no_digits.Brush(self.random, height, height * self.random.uniform(*self.scene.width))


Subject = tuple[np.ndarray, int]  # (high, wide) bytes of ink, and a digit or NOTHING


def some_ink(source: Source, scene: Scene, random: np.random.Generator) -> Subject:
    """A digit of MNIST, one written or printed by code, or something else, and its label."""
    kind = bisect_right(UP_TO, random.random())
    return MIXTURE[kind][1](Order(source, scene, random))


def of_source(order: Order) -> Subject:
    """One of the digits, with the strokes that a scene wants."""
    which = order.random.integers(len(order.source.labels))
    label = int(order.source.labels[which])
    return ink_of(order.source.images[which], label, order.scene, order.random), label


def touching_pair(order: Order) -> Subject:
    """Two of the digits that touch: together they are none."""
    (one, _), (other, _) = of_source(order), of_source(order)
    return side_by_side(one, other, order.random), NOTHING


def written_by_code(order: Order) -> Subject:
    """A digit written by code."""
    brush, digit = order.brush(), int(order.random.integers(10))
    which = int(brush.random.integers(len(DIGIT_WAYS[digit])))
    strokes = writing.by_hand(way_to_write(str(digit), which), brush.random)
    return writing.trace(strokes, brush.height, brush.thickness), digit


def printed_digit(order: Order) -> Subject:
    """A digit of a font."""
    brush, digit = order.brush(), int(order.random.integers(10))
    return writing.printed(str(digit), brush.random, brush.height, brush.thickness), digit


def no_digit(order: Order) -> Subject:
    """Something else."""
    brush = order.brush()
    order.random.integers(10)  # not needed, but what is drawn here on is known by its bytes
    return no_digits.write_nothing(brush.random, brush.height, brush.thickness), NOTHING


def ink_of(digit: np.ndarray, label: int, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """A 28 x 28 digit as ink of the size that a scene wants, with strokes as it wants them."""
    height = round(random.uniform(*scene.height))
    thickness = height * random.uniform(*scene.width)
    if random.random() < WITH_PEN and redrawing.has_strokes(digit, label):
        ink = redrawing.with_pen(digit, height, thickness)
    else:
        ink = redrawing.enlarge(digit, height, random.uniform(*WEIGHT))
    if random.random() < scene.stretched and label != 1:  # a 1 is as narrow as its stroke
        ink = redrawing.stretched(ink, math.exp(random.uniform(*STRETCH)))
    return ink


def side_by_side(one: np.ndarray, other: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two digits of the same height, so close that their strokes touch."""
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
    """The leftmost column for the second of two equally high inks where none covers the first."""
    ends = one.shape[1] - 1 - (one[:, ::-1] > 127).argmax(1)  # of each row
    starts = (other > 127).argmax(1)
    inked = (one > 127).any(1) & (other > 127).any(1)
    return int((ends - starts)[inked].max(initial=0))


# So many of 100 practice pictures show this. By trying, on synthetic photographs of validation
# digits: most are of MNIST's own, some of digits as nobody in MNIST writes them, and enough of
# what is no digit for networks to doubt it.
MIXTURE: tuple[tuple[int, Callable[[Order], Subject]], ...] = (
    (52, of_source),
    (4, touching_pair),
    (21, written_by_code),
    (4, printed_digit),
    (19, no_digit),
)
UP_TO = [total / 100 for total in accumulate(share for share, _ in MIXTURE)]
