"""Strokes of digits, marks and letters: the ways to write each of them, and curves to draw with.

`strokes.json` holds the ways, from looking at handwriting of several countries. A way is a list of
strokes from pen down to pen up; a stroke consists of points, and of curves that `arc` and `bend`
turn into points. The digits of a line reach from y = 0 down to 1, and marks stand beside them.
b D g G i I l O o q Q s S z Z B are missing: nobody can tell them from digits by shape alone.
"""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Point = tuple[float, float]  # x to the right, y down; a digit is about 1 high
Stroke = np.ndarray  # (points, 2) floats, in the same units

CURVE_POINTS = 16  # of an arc or a bend: more would make no visible difference


def arc(centre: Point, radii: Point, angles: tuple[float, float]) -> list[Point]:
    """Return points on an ellipse from one angle to another, in degrees: 0 is right, 90 is down."""
    around = np.radians(np.linspace(*angles, CURVE_POINTS))
    (x, y), (wide, high) = centre, radii
    return [(x + wide * math.cos(a), y + high * math.sin(a)) for a in around]


def bend(*corners: Point) -> list[Point]:
    """Return points on the Bezier curve with these control points (by de Casteljau's algorithm)."""
    steps = np.linspace(0, 1, CURVE_POINTS)[:, None]
    points = [np.array([corner]) for corner in corners]
    while len(points) > 1:
        points = [one * (1 - steps) + two * steps for one, two in pairwise(points)]
    return [(float(x), float(y)) for x, y in points[0]]


def stroke_of(pieces: list[Any]) -> Stroke:
    """Return the points of a stroke's pieces: [x, y], {"arc": arguments} or {"bend": corners}."""
    points: list[Point] = []
    for piece in pieces:
        if isinstance(piece, list):
            points.append((piece[0], piece[1]))
        else:
            points += arc(*piece["arc"]) if "arc" in piece else bend(*piece["bend"])
    return np.array(points, np.float64)


def ways_in(table: dict[str, list]) -> dict[str, list[list[Stroke]]]:
    """Return for each sign the strokes of all ways to write it."""
    return {
        sign: [[stroke_of(pieces) for pieces in way] for way in ways]
        for sign, ways in table.items()
    }


FILE = Path(__file__).with_suffix(".json")
USUAL_DIGITS, RARE_DIGITS, MARKS, LETTERS = map(ways_in, json.loads(FILE.read_bytes()).values())
DIGITS = {digit: ways + RARE_DIGITS[digit] for digit, ways in USUAL_DIGITS.items()}


def way_to_write(sign: str, which: int) -> list[Stroke]:
    """Return the strokes of a digit or mark in one of its ways; any `which` chooses one."""
    ways = DIGITS[sign] if sign.isdigit() else MARKS[sign]
    return ways[which % len(ways)]
