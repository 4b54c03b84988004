"""Digits, marks and letters as maps of how far each pixel is from the middle of a stroke.

From such a map any pen writes: what is nearer than half its width is ink. Maps are put together
by taking the smaller distance, so that a whole line is written with one pen, at little cost.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from handreader.ink.pixels import thickness
from trainer.synthesis.redrawing import enlarge, is_shown_by
from trainer.synthesis.subjects import Source
from trainer.synthesis.writing import POINT_BITS, Stroke, by_hand, skeleton

HIGH = 40  # pixels of a digit: a little more than the network sees
ROOM = 8  # pixels around it, enough for the widest pen
SIDE = HIGH + 2 * ROOM  # of a digit's map
DRAWN = 64  # pixels of a digit where the middle of its strokes is found
STEPS = 8  # in a byte for each pixel of distance
INSIDE = 8  # pixels that a distance may be below 0, within the outlines of a wide stroke
FAR = 255  # from any stroke
PRINT_FOOT = 58  # rows of a word's map down to its baseline
PRINT_SCALE = HIGH / 21.5  # OpenCV's fonts have capitals about 21.5 pixels high
STEEPEST = 0.6  # right per down: of a digit's own slant, which is taken out


@dataclass(frozen=True)
class Glyph:
    """Something written: its map (high, wide) of bytes, and where that is on the line."""

    map: np.ndarray
    left: float  # of the map's first column, from where the pen begins
    top: float  # of its first row, from the baseline down


class Maps(NamedTuple):
    """A digit ready to be written with any pen."""

    strokes: np.ndarray  # (SIDE, SIDE) bytes: from the middle of the strokes
    outline: np.ndarray  # the same, from the outlines that the writer's own pen left
    slant: float  # right per down
    height: float  # pixels


class Bank:
    """Digits of a data set, made into maps when they are first written."""

    def __init__(self, source: Source):
        self.source = source
        self.of_digit = [np.flatnonzero(source.labels == digit) for digit in range(10)]
        self.made: dict[int, Maps] = {}

    def any_of(self, digit: int, random: np.random.Generator) -> Maps:
        """Some digit of that class."""
        those = self.of_digit[digit]
        which = int(those[random.integers(len(those))])
        if which not in self.made:
            self.made[which] = maps_of(self.source.images[which], digit)
        return self.made[which]


def maps_of(digit: np.ndarray, label: int) -> Maps:
    """What is to be known of a 28 x 28 digit."""
    ink = enlarge(digit, DRAWN)
    solid, thin = (ink > 127).astype(np.uint8), skeleton(ink)
    middle = away_from(thin > 0)
    own = away_from(solid) - away_from(1 - solid) + thickness(solid) / 2
    outline = np.minimum(own, middle)  # or a thin pen would leave out what is thinner than the rest
    middle = middle if is_shown_by(thin, ink, DRAWN, label) else outline
    high = float(cv2.boundingRect(solid)[3]) * HIGH / DRAWN
    return Maps(centred(middle, solid), centred(outline, solid), slant_of(solid), high)


def away_from(mask: np.ndarray) -> np.ndarray:
    """For each pixel the distance to the nearest of a mask."""
    free = 1 - np.asarray(mask, np.uint8)
    return cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5)


def centred(distance: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """A map of a sketch reduced, with the middle of its ink's box in the middle."""
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
    """Distances in pixels as a map stores them."""
    return np.clip((distance + INSIDE) * STEPS, 0, FAR).astype(np.uint8)


def slant_of(solid: np.ndarray) -> float:
    """How far a digit leans to the right, from its moments."""
    moments = cv2.moments(solid, True)
    leaning = -moments["mu11"] / max(moments["mu02"], 1e-6)
    return float(np.clip(leaning, -STEEPEST, STEEPEST))


def warped(map_: np.ndarray, high: float, slant: float, scale: tuple[float, float]) -> Glyph:
    """A digit's map leant to the right by so much and scaled, wide and high."""
    wide = math.ceil(SIDE * scale[0] + abs(slant) * SIDE)
    tall = math.ceil(SIDE * scale[1])
    middle = (SIDE - 1) / 2
    matrix = np.array([[scale[0], -slant, 0], [0, scale[1], 0]])
    matrix[:, 2] = np.array([wide - 1, tall - 1]) / 2 - matrix[:, :2] @ (middle, middle)
    turned = cv2.warpAffine(map_, matrix, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=FAR)
    return Glyph(turned, -ROOM, -(tall / 2 + scale[1] * high / 2))


def drawn(strokes: list[Stroke], scale: tuple[float, float], slant: float) -> Glyph:
    """Strokes of a digit or mark (0 at the top of a line, 1 at its foot) as a map."""
    lines = [place(stroke, scale, slant) for stroke in strokes]
    points = np.concatenate(lines)
    low = np.floor(points.min(0)) - ROOM
    wide, high = (np.ceil(points.max(0)) + ROOM + 1 - low).astype(int)
    free = np.ones((high, wide), np.uint8)
    rounded = [((line - low) * 2**POINT_BITS).round().astype(np.int32) for line in lines]
    cv2.polylines(free, rounded, False, 0, 1, cv2.LINE_8, shift=POINT_BITS)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, 3)
    return Glyph(as_bytes(distance), low[0], low[1])


def place(stroke: Stroke, scale: tuple[float, float], slant: float) -> np.ndarray:
    """Points of a stroke in pixels, the baseline being 0."""
    x, y = stroke[:, 0], stroke[:, 1] - 1
    return np.stack([(x * scale[0] - y * slant) * HIGH, y * scale[1] * HIGH], 1)


def lettered(text: str, font: int, scale: tuple[float, float], slant: float) -> Glyph:
    """A word, or digits of a font, as a map."""
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
    """A word written in one of OpenCV's fonts, 1 where there is ink."""
    (wide, _), below = cv2.getTextSize(text, font, PRINT_SCALE, 1)
    mask = np.zeros((PRINT_FOOT + below + ROOM, wide + 2 * ROOM), np.uint8)
    cv2.putText(mask, text, (ROOM, PRINT_FOOT), font, PRINT_SCALE, 1, 1)
    return mask


def by_this_hand(strokes: list[Stroke], seed: int) -> list[Stroke]:
    """Strokes bent as one hand, known by a number, bends all of its own."""
    left = min(float(stroke[:, 0].min()) for stroke in strokes)  # `by_hand` knows nothing below 0
    return by_hand([stroke - (left, 0) for stroke in strokes], np.random.default_rng(seed))
