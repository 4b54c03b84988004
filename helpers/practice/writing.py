"""Digits written by code, as strokes of a pen, by hands that all differ."""

import math
from itertools import pairwise

import cv2
import numpy as np

Stroke = np.ndarray  # (points, 2): right and down, the digit being about 1 high


def arc(
    x: float, y: float, wide: float, high: float, start: float, end: float
) -> list[tuple[float, float]]:
    """Points on an ellipse, from one angle to another; 0 is right, 90 is down."""
    angles = np.radians(np.linspace(start, end, 16))
    return [(x + wide * math.cos(a), y + high * math.sin(a)) for a in angles]


def bend(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    """A smooth curve with three or four corners that pull at it (Bezier's)."""
    steps = np.linspace(0, 1, 16)[:, None]
    points = [np.array([corner]) for corner in corners]
    while len(points) > 1:
        points = [one * (1 - steps) + two * steps for one, two in pairwise(points)]
    return [tuple(point) for point in points[0]]


# How people write: for each digit some ways, each a list of strokes without lifting the pen.
WAYS = {
    0: [
        [arc(0.42, 0.5, 0.38, 0.5, -80, 285)],
        [arc(0.42, 0.5, 0.36, 0.5, -70, 300), [(0.65, 0.15), (0.2, 0.85)]],
        [arc(0.35, 0.5, 0.28, 0.5, -110, 250)],
        [arc(0.45, 0.5, 0.45, 0.48, -60, 320)],
    ],
    1: [
        [[(0.3, 0.0), (0.3, 1.0)]],
        [[(0.05, 0.3), (0.35, 0.0), (0.35, 1.0)]],
        [[(0.0, 0.45), (0.45, 0.0), (0.45, 1.0)]],
        [[(0.05, 0.25), (0.35, 0.0), (0.35, 1.0)], [(0.05, 1.0), (0.65, 1.0)]],
        [[(0.3, 0.0), (0.3, 1.0)], [(0.0, 1.0), (0.6, 1.0)]],
    ],
    2: [
        [[(0.05, 0.08), (0.75, 0.03), (0.05, 0.97), (0.85, 1.0)]],
        [[*arc(0.42, 0.3, 0.37, 0.3, -170, 30), (0.05, 1.0), (0.85, 0.98)]],
        [
            [
                *arc(0.4, 0.28, 0.36, 0.28, -160, 40),
                *bend((0.5, 0.65), (0.2, 1.0), (-0.05, 0.98), (0.12, 0.78)),
                *bend((0.15, 0.78), (0.3, 0.8), (0.5, 1.05), (0.9, 0.9)),
            ]
        ],
    ],
    3: [
        [[*arc(0.35, 0.25, 0.32, 0.25, -150, 80), *arc(0.35, 0.73, 0.4, 0.27, -80, 150)]],
        [[(0.05, 0.02), (0.75, 0.0), (0.35, 0.4), *arc(0.35, 0.7, 0.42, 0.3, -80, 150)]],
    ],
    4: [
        [[(0.25, 0.0), (0.05, 0.6), (0.85, 0.58)], [(0.62, 0.3), (0.6, 1.0)]],
        [[(0.6, 1.0), (0.6, 0.0), (0.02, 0.65), (0.85, 0.65)]],
        [
            [(0.08, 0.0), *bend((0.05, 0.25), (0.0, 0.65), (0.4, 0.55), (0.7, 0.5))],
            [(0.72, 0.0), (0.65, 1.0)],
        ],
        [[(0.45, 0.0), (0.02, 0.62), (0.8, 0.6)], [(0.5, 0.4), (0.42, 1.0)]],
        [[(0.5, 0.0), (0.02, 0.6), (0.85, 0.62)], [(0.75, 0.3), (0.35, 1.0)]],
    ],
    5: [
        [
            [(0.15, 0.0), (0.12, 0.42), *arc(0.33, 0.68, 0.38, 0.32, -130, 140)],
            [(0.15, 0.02), (0.78, 0.0)],
        ],
        [[(0.75, 0.0), (0.2, 0.0), (0.13, 0.42), *arc(0.33, 0.68, 0.38, 0.32, -120, 140)]],
        [
            [
                (0.7, 0.03),
                *bend((0.3, 0.0), (0.05, 0.1), (0.1, 0.4), (0.3, 0.45)),
                *bend((0.4, 0.46), (0.85, 0.55), (0.7, 1.0), (0.05, 0.97)),
            ]
        ],
    ],
    6: [
        [
            [
                *bend((0.75, 0.05), (0.1, 0.0), (0.0, 0.5), (0.05, 0.75)),
                *arc(0.4, 0.73, 0.35, 0.27, 180, -150),
            ]
        ],
        [
            [
                *bend((0.62, 0.0), (0.2, 0.15), (0.05, 0.5), (0.05, 0.7)),
                *arc(0.38, 0.72, 0.33, 0.28, 180, -190),
            ]
        ],
        [
            [
                *bend((0.4, 0.0), (0.1, 0.3), (0.05, 0.6), (0.05, 0.75)),
                *arc(0.32, 0.75, 0.27, 0.25, 180, -200),
            ]
        ],
    ],
    7: [
        [[(0.03, 0.03), (0.78, 0.0), (0.3, 1.0)]],
        [[(0.03, 0.03), (0.78, 0.0), (0.3, 1.0)], [(0.22, 0.5), (0.75, 0.48)]],
        [[(0.02, 0.2), (0.05, 0.02), (0.75, 0.03), *bend((0.75, 0.05), (0.45, 0.45), (0.4, 1.0))]],
        [
            [(0.02, 0.2), (0.05, 0.02), (0.75, 0.03), (0.35, 1.0)],
            [(0.25, 0.55), (0.7, 0.5)],
        ],
    ],
    8: [
        [
            [
                *bend((0.7, 0.12), (0.4, -0.15), (-0.15, 0.15), (0.2, 0.4)),
                *bend((0.25, 0.42), (0.75, 0.55), (0.95, 0.9), (0.4, 1.0)),
                *bend((0.35, 1.0), (-0.1, 0.95), (0.0, 0.65), (0.35, 0.48)),
                *bend((0.4, 0.45), (0.7, 0.3), (0.8, 0.2), (0.68, 0.1)),
            ]
        ],
        [arc(0.4, 0.24, 0.27, 0.24, 90, 455), arc(0.4, 0.74, 0.34, 0.26, -90, 275)],
    ],
    9: [
        [
            [
                *arc(0.38, 0.26, 0.3, 0.26, -40, -320),
                *bend((0.64, 0.3), (0.75, 0.9), (0.5, 1.05), (0.0, 0.85)),
            ]
        ],
        [[*arc(0.34, 0.24, 0.3, 0.24, 20, -340), (0.62, 0.05), (0.55, 1.0)]],
        [[*arc(0.36, 0.28, 0.31, 0.28, -20, -350), (0.62, 1.0)]],
        [
            [
                *arc(0.36, 0.28, 0.31, 0.28, -20, -350),
                *bend((0.68, 0.4), (0.72, 1.0), (0.5, 1.05), (0.1, 0.92)),
            ]
        ],
        [[*arc(0.36, 0.28, 0.31, 0.28, -30, -370), *bend((0.62, 0.3), (0.6, 0.7), (0.35, 1.0))]],
        [
            [
                *arc(0.36, 0.27, 0.31, 0.27, -10, -360),
                *bend((0.67, 0.4), (0.75, 1.15), (0.15, 1.1), (0.0, 0.8)),
            ]
        ],
        [
            [
                *arc(0.36, 0.27, 0.31, 0.27, -10, -360),
                *bend((0.67, 0.4), (0.68, 0.75), (0.66, 0.95), (0.5, 0.97)),
                (0.02, 0.97),
            ]
        ],
    ],
}
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
SMALL = 48  # pixels: lower digits are drawn larger and reduced
AROUND = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))  # from the top


def write_digit(digit: int, random: np.random.Generator) -> list[Stroke]:
    """One of the ways to write a digit, by a hand of its own."""
    ways = WAYS[digit]
    return by_hand([np.array(stroke) for stroke in ways[random.integers(len(ways))]], random)


def by_hand(strokes: list[Stroke], random: np.random.Generator) -> list[Stroke]:
    """Slant, stretch and bend strokes, each also put a little beside its place."""
    slant, turn = random.normal(0.1, 0.15), random.normal(0, 0.08)
    wide, uneven = random.uniform(0.65, 1.25), np.exp(random.normal(0, 0.2, 2))
    waves = random.normal(0, 0.035, (2, 2, 2))
    phases = random.uniform(0, 2 * math.pi, (2, 2, 2))
    done = []
    for stroke in strokes:
        points = np.maximum(stroke, 0) ** uneven  # a small head and a large belly, or so
        points += random.normal(0, 0.025, 2)
        for axis in range(2):  # a smooth wandering of right and down with each of both
            for along in range(2):
                wave = np.sin(points[:, along] * 5 + phases[axis, along, 0])
                points[:, axis] += waves[axis, along, 0] * wave
        x, y = points[:, 0] * wide - slant * (points[:, 1] - 0.5), points[:, 1]
        cos, sin = math.cos(turn), math.sin(turn)
        done.append(np.stack([x * cos - y * sin, x * sin + y * cos], 1))
    return done


def draw(strokes: list[Stroke], height: int, thickness: float) -> np.ndarray:
    """Strokes as ink, 255 where there is most, in a picture that just holds them."""
    if height < SMALL:
        return quarter(draw(strokes, 4 * height, 4 * thickness))
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = height / max(extent.max(), 1e-6)
    border = math.ceil(thickness / 2) + 1
    wide, high = np.ceil(extent * scale).astype(int) + 2 * border + 1
    ink = np.zeros((high, wide), np.uint8)
    lines = [((stroke - low) * scale + border) * 16 for stroke in strokes]
    lines = [line.round().astype(np.int32) for line in lines]
    cv2.polylines(ink, lines, False, 255, max(1, round(thickness)), cv2.LINE_AA, shift=4)
    return ink


def quarter(ink: np.ndarray) -> np.ndarray:
    """Ink a quarter as large, as soft as a camera sees what is small."""
    size = [max(1, round(side / 4)) for side in ink.shape[::-1]]
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)


def printed(text: str, random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """Letters or digits of one of OpenCV's stroke fonts, bent."""
    if height < SMALL:
        return quarter(printed(text, random, 4 * height, 4 * thickness))
    ink = np.zeros((80, 60 + 40 * len(text)), np.uint8)
    line = max(1, round(thickness * 50 / height))
    font = FONTS[random.integers(len(FONTS))]
    cv2.putText(ink, text, (20, 60), font, 2, 255, line, cv2.LINE_AA)
    high, wide = ink.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), random.normal(0, 8), height / 50)
    turn[0, 1] += random.normal(0, 0.15)
    turn[:, 2] += (height / 50 - 1) * np.array([wide, high]) / 2
    size = (math.ceil(wide * height / 50), math.ceil(high * height / 50))
    return cv2.warpAffine(ink, turn, size, flags=cv2.INTER_AREA)


def skeleton(ink: np.ndarray) -> np.ndarray:
    """The middle of the strokes, one pixel wide (thinning by Zhang and Suen, 1984)."""
    thin, turns = np.pad(ink > 127, 1), 0
    while turns < 2:  # until neither side has anything to take away
        for side in range(2):
            ring = [np.roll(thin, shift, (0, 1)) for shift in AROUND]
            up, right, down, left = ring[::2]
            count = np.sum(ring, 0, dtype=np.int8)
            rises = sum(
                (~a & b).astype(np.int8) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
            )
            kept = right & down & (up | left) if side == 0 else up & left & (right | down)
            gone = thin & (count >= 2) & (count <= 6) & (rises == 1) & ~kept
            thin &= ~gone
            turns = 0 if gone.any() else turns + 1
    return 255 * thin[1:-1, 1:-1].astype(np.uint8)
