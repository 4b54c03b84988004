"""Digits, marks and letters as distance maps: how far each pixel is from the middle of a stroke.

Any pen can ink such a map: pixels nearer than half its width are ink. Maps are merged by taking
the smaller distance, so that a whole line is written with one pen, at little cost.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from handreader.ink.pixels import thickness
from trainer.synthesis.redrawing import enlarge, is_shown_by
from trainer.synthesis.strokes import Stroke
from trainer.synthesis.subjects import Source
from trainer.synthesis.writing import POINT_BITS, by_hand, fixed_point, skeleton

HIGH = 40  # pixels of a digit: a little more than the network sees
ROOM = 8  # pixels around it, enough for the widest pen
SIDE = HIGH + 2 * ROOM  # of a digit's map
DRAWN = 64  # pixels of a digit when the centre lines of its strokes are found
STEPS = 8  # of a byte per pixel of distance
INSIDE = 8  # pixels: distances go down to minus this, inside the outlines of a wide stroke
FAR = 255  # from any stroke: the largest byte
PRINT_FOOT = 58  # the row of the baseline in a word's map
PRINT_SCALE = HIGH / 21.5  # OpenCV's fonts have capitals about 21.5 pixels high
STEEPEST = 0.6  # right per down: the most slant that is taken out of a digit


@dataclass(frozen=True)
class Glyph:
    """A written sign: its distance map, (H, W) bytes, and the map's place on the line."""

    map: np.ndarray
    left: float  # the map's first column, from where the pen begins
    top: float  # its first row, from the baseline down


class Maps(NamedTuple):
    """The distance maps of a digit, ready to be written with any pen."""

    strokes: np.ndarray  # (SIDE, SIDE) bytes: distances from the middle of the strokes
    outline: np.ndarray  # the same, but following the outlines of the writer's own pen
    slant: float  # right per down
    height: float  # pixels


class Bank:
    """The digits of a data set, made into distance maps when they are first written."""

    def __init__(self, source: Source):
        self.source = source
        self.of_digit = [np.flatnonzero(source.labels == digit) for digit in range(10)]
        self.made: dict[int, Maps] = {}

    def any_of(self, digit: int, random: Generator) -> Maps:
        """Draw a digit of that class, and return its maps."""
        those = self.of_digit[digit]
        which = int(those[random.integers(len(those))])
        if which not in self.made:
            self.made[which] = maps_of(self.source.images[which], digit)
        return self.made[which]


def maps_of(digit: np.ndarray, label: int) -> Maps:
    """Return the distance maps, slant and height of a 28 x 28 digit."""
    ink = enlarge(digit, DRAWN)
    solid, thin = (ink > 127).astype(np.uint8), skeleton(ink)
    middle = away_from(thin > 0)
    own = away_from(solid) - away_from(1 - solid) + thickness(solid) / 2
    outline = np.minimum(own, middle)  # or a thin pen would skip thinner parts
    middle = middle if is_shown_by(thin, ink, DRAWN, label) else outline
    high = float(cv2.boundingRect(solid)[3]) * HIGH / DRAWN
    return Maps(centred(middle, solid), centred(outline, solid), slant_of(solid), high)


def away_from(mask: np.ndarray) -> np.ndarray:
    """Return the distance of each pixel to the nearest pixel of a mask."""
    free = 1 - np.asarray(mask, np.uint8)
    return cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5)


def centred(distance: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """Reduce distances of a digit to a map, with the box around its ink in the middle."""
    left, top, wide, high = cv2.boundingRect(solid)
    scale = HIGH / DRAWN
    right = SIDE / 2 - scale * (left + wide / 2)
    down = SIDE / 2 - scale * (top + high / 2)
    matrix = np.array([[scale, 0, right], [0, scale, down]])
    small = cv2.warpAffine(
        distance * scale, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderValue=FAR
    )
    return as_bytes(small)


def as_bytes(distance: np.ndarray) -> np.ndarray:
    """Encode distances in pixels as bytes of a map."""
    return np.clip((distance + INSIDE) * STEPS, 0, FAR).astype(np.uint8)


def slant_of(solid: np.ndarray) -> float:
    """Return how far a digit slants to the right, in columns per row, from its moments."""
    moments = cv2.moments(solid, True)
    leaning = -moments["mu11"] / max(moments["mu02"], 1e-6)
    return float(np.clip(leaning, -STEEPEST, STEEPEST))


def warped(map_: np.ndarray, high: float, slant: float, scale: tuple[float, float]) -> Glyph:
    """Return a digit's map as a glyph, slanted to the right and scaled (width, height)."""
    wide = math.ceil(SIDE * scale[0] + abs(slant) * SIDE)
    tall = math.ceil(SIDE * scale[1])
    middle = (SIDE - 1) / 2
    matrix = np.array([[scale[0], -slant, 0], [0, scale[1], 0]])
    matrix[:, 2] = np.array([wide - 1, tall - 1]) / 2 - matrix[:, :2] @ (middle, middle)
    turned = cv2.warpAffine(map_, matrix, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=FAR)
    return Glyph(turned, -ROOM, -(tall / 2 + scale[1] * high / 2))


def drawn(strokes: list[Stroke], scale: tuple[float, float], slant: float) -> Glyph:
    """Return strokes of a digit or mark as a glyph; y is 0 at a digit's top, 1 at its foot."""
    lines = [place(stroke, scale, slant) for stroke in strokes]
    points = np.concatenate(lines)
    low = np.floor(points.min(0)) - ROOM
    wide, high = (np.ceil(points.max(0)) + ROOM + 1 - low).astype(int)
    return Glyph(map_of([line - low for line in lines], (high, wide)), low[0], low[1])


def map_of(lines: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Return the distance map, of this shape, of lines through points in pixels."""
    free = np.ones(shape, np.uint8)
    points = [fixed_point(line) for line in lines]
    cv2.polylines(free, points, False, 0, 1, cv2.LINE_8, shift=POINT_BITS)
    return as_bytes(cv2.distanceTransform(free, cv2.DIST_L2, 3))


def place(stroke: Stroke, scale: tuple[float, float], slant: float) -> np.ndarray:
    """Return the points of a stroke in pixels, with y = 0 at the baseline."""
    x, y = stroke[:, 0], stroke[:, 1] - 1
    return np.stack([(x * scale[0] - y * slant) * HIGH, y * scale[1] * HIGH], 1)


def lettered(text: str, font: int, scale: tuple[float, float], slant: float) -> Glyph:
    """Return a word, or a digit, of one of OpenCV's fonts as a glyph."""
    free = text_mask(text, font)
    distance = away_from(free)
    matrix = np.array([[scale[0], -slant, slant * PRINT_FOOT], [0, scale[1], 0]], np.float64)
    high = math.ceil(free.shape[0] * scale[1])
    wide = math.ceil(free.shape[1] * scale[0] + abs(slant) * free.shape[0])
    matrix[0, 2] += max(0.0, -slant * PRINT_FOOT)
    bytes_ = as_bytes(distance)
    turned = cv2.warpAffine(bytes_, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderValue=FAR)
    return Glyph(turned, -ROOM, -PRINT_FOOT * scale[1])


@lru_cache(4096)
def text_mask(text: str, font: int) -> np.ndarray:
    """Return a mask of a text in one of OpenCV's fonts: 1 where there is ink."""
    (wide, _), below = cv2.getTextSize(text, font, PRINT_SCALE, 1)
    mask = np.zeros((PRINT_FOOT + below + ROOM, wide + 2 * ROOM), np.uint8)
    cv2.putText(mask, text, (ROOM, PRINT_FOOT), font, PRINT_SCALE, 1, 1)
    return mask


def by_this_hand(strokes: list[Stroke], seed: int) -> list[Stroke]:
    """Vary strokes as one hand does: with the same seed, always in the same way."""
    left = min(float(stroke[:, 0].min()) for stroke in strokes)  # `by_hand` clips what is below 0
    return by_hand([stroke - (left, 0) for stroke in strokes], np.random.default_rng(seed))
