"""What is on a practice picture: a digit of MNIST, one written by code, or none at all."""

import math

import cv2
import numpy as np

from helpers.practice import no_digits, redrawing, writing
from helpers.practice.scenes import Scene
from helpers.reading.pixels import cut_out

NOTHING = -1  # the label of what is no digit


def some_ink(
    digits: np.ndarray, labels: np.ndarray, scene: Scene, random: np.random.Generator
) -> tuple[np.ndarray, int]:
    """A digit of MNIST, one written or printed by code, or something else, and its label."""
    kind = random.random()
    if kind < 0.55:
        return any_of(digits, labels, scene, random)
    if kind < 0.59:
        pair = [any_of(digits, labels, scene, random) for _ in range(2)]
        return beside(*(ink for ink, _ in pair), random), NOTHING
    height = round(random.uniform(*scene.height))
    thickness = height * random.uniform(*scene.width)
    digit = int(random.integers(10))
    if kind < 0.8:
        return writing.draw(writing.write_digit(digit, random), height, thickness), digit
    if kind < 0.84:
        return writing.printed(str(digit), random, height, thickness), digit
    return no_digits.write_nothing(random, height, thickness), NOTHING


def any_of(
    digits: np.ndarray, labels: np.ndarray, scene: Scene, random: np.random.Generator
) -> tuple[np.ndarray, int]:
    """One of the digits, with the strokes that a scene wants."""
    which = random.integers(len(labels))
    label = int(labels[which])
    return ink_of(digits[which], label, scene, random), label


def ink_of(digit: np.ndarray, label: int, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """A 28 x 28 digit as ink of the size that a scene wants, with strokes as it wants them."""
    height = round(random.uniform(*scene.height))
    thickness = height * random.uniform(*scene.width)
    if random.random() < 0.5 and redrawing.has_strokes(digit, label):
        ink = redrawing.with_pen(digit, height, thickness)
    else:
        ink = redrawing.enlarge(digit, height, random.uniform(0.25, 0.65))
    if random.random() < scene.stretched and label != 1:
        ink = redrawing.stretched(ink, math.exp(random.uniform(-0.35, 0.35)))
    return ink


def beside(one: np.ndarray, other: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two digits of the same height, so close that their strokes touch."""
    one, other = cut_out(one), cut_out(other)
    high = one.shape[0]
    wide = max(1, round(other.shape[1] * high / other.shape[0]))
    other = cv2.resize(other, (wide, high), interpolation=cv2.INTER_AREA)
    ends = one.shape[1] - 1 - (one[:, ::-1] > 127).argmax(1)  # of each row
    starts = (other > 127).argmax(1)
    inked = (one > 127).any(1) & (other > 127).any(1)
    touching = int((ends - starts)[inked].max(initial=0))
    left = max(0, touching - round(high * random.uniform(0, 0.06)))
    ink = np.zeros((high, max(one.shape[1], left + wide)), np.uint8)
    ink[:, : one.shape[1]] = one
    np.maximum(ink[:, left : left + wide], other, out=ink[:, left : left + wide])
    return ink
