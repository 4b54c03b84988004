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

from helpers.practice.redrawing import enlarge, is_shown_by
from helpers.practice.subjects import Source
from helpers.practice.writing import WAYS, Point, Stroke, arc, bend, by_hand, skeleton
from helpers.reading.pixels import thickness

HIGH = 40  # pixels of a digit: a little more than the network sees
ROOM = 8  # pixels around it, enough for the widest pen
SIDE = HIGH + 2 * ROOM  # of a digit's map
DRAWN = 64  # pixels of a digit where the middle of its strokes is found
STEPS = 8  # in a byte for each pixel of distance
INSIDE = 8  # pixels that a distance may be below 0, within the outlines of a wide stroke
FAR = 255  # from any stroke
STEEPEST = 0.6  # right per down: of a digit's own slant, which is taken out

Ways = list[list[Point]]  # strokes of one way to write something

# Ways to write digits that MNIST hardly knows, by looking at handwriting from other countries.
MORE_WAYS: dict[int, list[Ways]] = {
    0: [
        [[*arc((0.42, 0.52), (0.36, 0.48), (-60, -400)), (0.75, 0.1)]],
        [
            [
                *arc((0.42, 0.52), (0.38, 0.48), (-30, -330)),
                *arc((0.5, 0.2), (0.2, 0.17), (30, -200)),
            ]
        ],
        [[*arc((0.42, 0.5), (0.38, 0.5), (-100, -440)), (0.85, -0.02)]],
    ],
    1: [
        [[(-0.3, 0.75), (0.35, 0.0), (0.35, 1.0)]],
        [[(-0.15, 0.55), (0.4, 0.0), (0.38, 1.0)]],
        [[(-0.3, 0.6), (0.3, 0.02), (0.3, 1.0)], [(0.0, 1.0), (0.6, 0.98)]],
        [[(-0.1, 0.95), (0.45, 0.0), (0.42, 1.0)]],
        [[*bend((-0.35, 0.5), (-0.1, 0.5), (0.35, 0.0)), (0.35, 1.0)]],
    ],
    2: [
        [
            [
                *arc((0.4, 0.28), (0.38, 0.28), (170, 400)),
                *bend((0.6, 0.6), (0.3, 0.95), (-0.1, 1.05), (0.02, 0.85)),
                *bend((0.1, 0.75), (0.35, 0.85), (0.6, 1.15), (1.05, 0.92)),
            ]
        ],
        [[*bend((0.0, 0.25), (0.3, -0.2), (1.0, 0.0), (0.6, 0.55)), (0.0, 1.0), (1.1, 0.98)]],
    ],
    4: [
        [[(0.1, 0.1), (0.05, 0.6), (0.75, 0.55)], [(0.75, 0.0), (0.7, 1.0)]],
        [[*bend((0.15, 0.0), (-0.1, 0.55), (0.1, 0.65), (0.9, 0.45))], [(0.8, 0.1), (0.55, 1.05)]],
    ],
    5: [
        [
            [(0.15, 0.05), (0.1, 0.45), *arc((0.3, 0.7), (0.33, 0.3), (-120, 130))],
            [(0.15, 0.05), (1.05, -0.1)],
        ],
        [
            [(0.05, 0.2), (0.12, 0.55), *bend((0.15, 0.55), (0.7, 0.45), (0.7, 1.0), (0.1, 1.0))],
            [(0.05, 0.1), (0.9, 0.05)],
        ],
        [[(0.0, 0.3), (0.2, 0.9), (0.5, 0.05), (1.0, 0.0)]],
        [
            [
                *bend((0.8, 0.0), (0.0, -0.1), (0.05, 0.45), (0.35, 0.47)),
                *bend((0.4, 0.48), (0.95, 0.7), (0.4, 1.1), (-0.1, 0.9)),
            ]
        ],
    ],
    7: [
        [
            [*bend((0.0, 0.12), (0.3, -0.08), (0.4, 0.2), (0.85, 0.02)), (0.35, 1.0)],
            [(0.15, 0.52), (0.85, 0.47)],
        ],
        [[(0.0, 0.15), (0.1, 0.02), (0.8, 0.0), (0.5, 1.0)], [(0.3, 0.5), (0.9, 0.5)]],
        [[(0.02, 0.02), (0.7, 0.0), (0.65, 1.0)], [(0.35, 0.5), (0.95, 0.48)]],
    ],
    8: [
        [
            [
                *bend((0.85, 0.0), (0.1, -0.1), (0.0, 0.4), (0.4, 0.5)),
                *bend((0.45, 0.52), (0.9, 0.75), (0.6, 1.0), (0.35, 1.0)),
                *bend((0.3, 1.0), (-0.1, 0.9), (0.2, 0.65), (0.9, 0.05)),
            ]
        ]
    ],
    9: [
        [
            [
                *arc((0.36, 0.28), (0.31, 0.28), (-30, -360)),
                *bend((0.68, 0.3), (0.65, 0.9), (0.45, 1.2), (0.15, 1.1)),
                *bend((0.1, 1.05), (0.05, 0.85), (0.4, 0.8), (0.9, 0.55)),
            ]
        ],
        [
            [
                *arc((0.4, 0.25), (0.34, 0.25), (-60, -300)),
                *bend((0.7, 0.1), (0.7, 0.5), (0.6, 0.8), (0.55, 1.15)),
            ]
        ],
    ],
}
DIGIT_WAYS = {digit: [*WAYS[digit], *MORE_WAYS.get(digit, [])] for digit in WAYS}

# Marks and signs, as strokes on a line whose digits reach from 0 down to 1.
MARKS: dict[str, list[Ways]] = {
    ".": [[[(0.0, 0.97), (0.03, 1.0)]], [[(0.0, 0.95), (0.08, 0.97)]], [[(0, 0.7), (0.03, 0.74)]]],
    ",": [
        [[(0.12, 0.9), (0.1, 1.05), (0.0, 1.25)]],
        [[(0.1, 0.92), (0.0, 1.2)]],
        [bend((0.05, 0.9), (0.2, 1.0), (0.15, 1.2), (-0.1, 1.3))],
    ],
    "-": [[[(0.0, 0.55), (0.4, 0.53)]], [[(0.0, 0.5), (0.7, 0.48)]], [[(0.0, 0.6), (0.25, 0.6)]]],
    "/": [[[(0.5, -0.1), (0.0, 1.1)]], [[(0.75, -0.05), (0.0, 1.2)]], [[(0.3, 0.0), (0.0, 1.0)]]],
    ":": [[[(0.0, 0.95), (0.03, 0.98)], [(0.02, 0.4), (0.05, 0.43)]]],
    "=": [[[(0.0, 0.4), (0.6, 0.38)], [(0.0, 0.65), (0.6, 0.63)]]],
    "~": [
        [bend((0.0, 0.6), (0.3, 0.2), (0.7, 0.9), (1.2, 0.5))],
        [[(0.0, 0.6), (1.5, 0.5)]],
        [[(0.0, 0.5), (1.2, 0.45), (0.1, 0.7), (1.3, 0.7)]],
    ],
    "#": [
        [
            [(0.3, 0.1), (0.1, 0.95)],
            [(0.6, 0.1), (0.4, 0.95)],
            [(0.0, 0.4), (0.7, 0.38)],
            [(0.0, 0.7), (0.7, 0.68)],
        ]
    ],
    "*": [[[(0.25, 0.2), (0.25, 0.7)], [(0.0, 0.3), (0.5, 0.6)], [(0.5, 0.3), (0.0, 0.6)]]],
    "$": [
        [
            [
                *bend((0.6, 0.2), (0.2, -0.1), (-0.1, 0.4), (0.3, 0.5)),
                *bend((0.3, 0.5), (0.8, 0.6), (0.5, 1.1), (0.0, 0.8)),
            ],
            [(0.35, -0.1), (0.28, 1.1)],
        ]
    ],
    "%": [
        [
            arc((0.15, 0.25), (0.13, 0.18), (0, 360)),
            arc((0.6, 0.75), (0.13, 0.18), (0, 360)),
            [(0.65, 0.05), (0.1, 0.95)],
        ]
    ],
    "€": [
        [
            arc((0.45, 0.5), (0.4, 0.45), (-40, -320)),
            [(-0.05, 0.42), (0.5, 0.4)],
            [(-0.05, 0.6), (0.45, 0.58)],
        ]
    ],
}


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
    outline = away_from(solid) - away_from(1 - solid) + thickness(solid) / 2
    middle = away_from(thin > 0) if is_shown_by(thin, ink, DRAWN, label) else outline
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
    rounded = [((line - low) * 16).round().astype(np.int32) for line in lines]
    cv2.polylines(free, rounded, False, 0, 1, cv2.LINE_8, shift=4)
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


PRINT_FOOT = 58  # rows of a word's map down to its baseline
PRINT_SCALE = HIGH / 21.5  # OpenCV's fonts have capitals about 21.5 pixels high


@lru_cache(4096)
def text_mask(text: str, font: int) -> np.ndarray:
    """A word written in one of OpenCV's fonts, 1 where there is ink."""
    (wide, _), below = cv2.getTextSize(text, font, PRINT_SCALE, 1)
    mask = np.zeros((PRINT_FOOT + below + ROOM, wide + 2 * ROOM), np.uint8)
    cv2.putText(mask, text, (ROOM, PRINT_FOOT), font, PRINT_SCALE, 1, 1)
    return mask


def way_to_write(sign: str, which: int) -> list[Stroke]:
    """The strokes of a digit or mark, in one of its ways."""
    ways = DIGIT_WAYS[int(sign)] if sign.isdigit() else MARKS[sign]
    return [np.array(stroke, np.float64) for stroke in ways[which % len(ways)]]


def by_this_hand(strokes: list[Stroke], seed: int) -> list[Stroke]:
    """Strokes bent as one hand, known by a number, bends all of its own."""
    left = min(float(stroke[:, 0].min()) for stroke in strokes)  # `by_hand` knows nothing below 0
    return by_hand([stroke - (left, 0) for stroke in strokes], np.random.default_rng(seed))
