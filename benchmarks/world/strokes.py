"""Digits and signs as a few points, joined by splines, as several hands write them."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

# Points "x,y" of each stroke: a digit is 10 high; ";" parts strokes, a point twice is a corner.
FORMS = {
    "0": (
        "3,0 1,1.5 0,5 1,8.7 3,10 5,8.7 6,5 5,1.5 3,0",
        "4.6,.5 2,.5 .3,4 .8,8.5 3,10 5.3,8 5.7,3.5 4.3,.7 3,.9",
    ),
    "1": ("1,0 1,5 1,10", "0,2.6 2.5,0 2.5,0 2.4,10", ".3,2 2.5,0 2.5,0 2.5,10;.6,10 4.4,10"),
    "2": (
        ".3,2.2 1.2,.5 3,0 5,.8 5.5,2.7 4.2,5.2 0,10 0,10 6,9.8",
        ".5,2 2.5,0 5,1 5,3.5 2.5,7.5 .8,9.6 .2,8.6 1.5,8.4 3.5,9.8 6,9.3",
    ),
    "3": (
        ".5,1.2 2.6,0 5,1.2 4.9,3.3 2.2,4.7 2.2,4.7 5.2,5.6 5.6,8 3.2,10 .2,8.9",
        ".3,0 5.3,0 5.3,0 2.4,4 2.4,4 5.3,5.3 5.5,8.2 3,10 0,9",
    ),
    "4": (
        "1.5,0 .2,6.2 .2,6.2 6,6.2;4.6,2.5 4.3,10",
        "4.5,10 4.5,0 4.5,0 0,6.8 0,6.8 6.2,6.8",
    ),
    "5": (
        "1.2,0 .7,4.4 .7,4.4 3.3,3.7 5.5,5.6 5.2,8.7 2.8,10 .1,9;1.2,0 5.4,0",
        "5.4,.1 1.2,0 1.2,0 .8,4.3 .8,4.3 3.5,4 5.4,6.3 4.4,9.3 2,10 .2,9.2",
    ),
    "6": (
        "4.6,0 1.8,2.4 .2,6.6 1.2,9.4 3.2,10 5.3,8.6 5.2,6.3 3.3,5.2 1.2,6.3 .5,7.6",
        "3.8,0 .8,5.5 .5,8.5 2.6,10 5,8.8 5,6.4 3,5.5 1,6.8",
    ),
    "7": (
        "0,.2 5.8,0 5.8,0 2.3,10",
        "0,.2 5.8,0 5.8,0 2.3,10;1.8,5.2 5.5,5",
        "0,1.6 .2,0 .2,0 5.8,0 5.8,0 3.2,4.5 2.4,10",
    ),
    "8": (
        "5,1.6 3,0 .9,1.6 1.4,3.6 4.3,5.6 5.6,8 3,10 .4,8 1.6,5.6 4.6,3.5 5.1,1.7",
        "3,4.6 1,3.6 1,1.2 3,0 5,1.2 5,3.6 3,4.6;3,4.6 .4,6 .4,8.8 3,10 5.6,8.8 5.6,6 3,4.6",
    ),
    "9": (
        "5.2,1.8 3.2,0 .8,1.2 .5,3.8 2.5,5.2 4.8,4 5.3,1.4 5.3,1.4 5,6 4.2,10",
        "5,1.5 3,0 .6,1.6 .8,4 2.8,5 5,3.4 5.2,1 5.3,6 4.4,9.2 2.4,10 .6,9.2",
    ),
    "-": (".2,5.6 4,5.5",),
    "+": ("0,5.6 5,5.5;2.5,3 2.5,8.2",),
    "=": ("0,4.4 5,4.3;0,6.9 5,6.8",),
    ".": ("0,9.7 .3,10",),
    ",": (".7,9.4 .1,11.4",),
    ":": ("0,3.6 .3,3.9;0,8.6 .3,8.9",),
    "/": ("3.8,-.4 0,10.8",),
    "(": ("2,-1 .3,2.5 .3,7.5 2,11",),
    ")": ("0,-1 1.7,2.5 1.7,7.5 0,11",),
    "€": ("5.4,1.4 3.4,.1 1.4,2.2 1,7 2.8,9.9 5.3,8.8;0,4 3.9,3.9;0,6.1 3.6,6",),
    "A": ("0,10 3,0 3,0 6,10;1.2,6.4 4.9,6.3",),
    "B": ("0,0 0,10;0,0 4,.4 4.6,2.6 3.4,4.5 0,4.8 0,4.8 4.6,5.6 5.2,8 3.6,9.8 0,10",),
    "I": ("1,0 1,10",),
    "L": ("0,0 0,10 0,10 4.5,10",),
    "O": ("3.4,0 .8,1.4 0,5 1,8.8 3.6,10 6,8.6 6.8,5 5.8,1.3 3.4,0",),
    "S": ("5.2,1.4 3,0 .8,1.6 1.6,4.2 4.3,5.8 5.2,8.2 3,10 .4,8.8",),
    "V": ("0,0 2.8,10 2.8,10 5.6,0",),
    "X": ("0,0 5.6,10;5.4,0 .2,10",),
    "Z": ("0,.2 5.5,0 5.5,0 0,10 0,10 5.8,9.8",),
    "b": ("0,0 0,10 0,10 .2,7 2.6,5.2 4.6,7.4 3,9.9 .1,9",),
    "l": (".8,0 .8,8.6 1.6,10 2.6,9.6",),
    "q": ("4.4,3.6 2,3 .2,5 .8,7.4 2.6,7.8 4.4,5.6;4.5,3.2 4.4,11.5 5.6,10.8",),
    "一": ("0,5.4 9,5",),
    "二": ("1.6,2.4 7.2,2.1;0,8.6 9,8.3",),
    "三": ("1.2,1 7.8,.8;2,4.9 7,4.7;0,9.2 9,8.9",),
    "十": ("0,4.6 9,4.4;4.5,0 4.5,10",),
    "六": ("4,0 4.8,1.6;0,3.6 9,3.4;3,5.2 .4,9.8;5.6,5.2 8.6,9.8",),
    "七": ("0,4.8 9,3.6;4,0 4,8 5,9.6 8.4,9.4 8.8,7.8",),
    "八": ("3.4,1.6 2.6,5.6 0,10;5,1 6,5.4 9,9.8",),
}


class Hand(NamedTuple):
    """A person's habits: lengths are in heights of a digit."""

    forms: str  # which form of each of the digits 0 to 9
    slant: float  # to the right
    wide: float  # 1: as drawn above
    wobble: float  # of each point
    gap: float  # between two digits


HANDS = {
    "work": (
        Hand("0100000000", 0.05, 1.0, 0.012, 0.22),
        Hand("1211111101", 0.22, 0.85, 0.016, 0.18),
        Hand("0101010010", -0.06, 1.1, 0.020, 0.26),
    ),
    "held": (
        Hand("1000101211", 0.12, 0.95, 0.014, 0.24),
        Hand("0210010101", 0.28, 0.9, 0.018, 0.16),
        Hand("1111001000", -0.02, 1.15, 0.022, 0.20),
    ),
}

Stroke = np.ndarray  # points (n, 2): x and y
Mask = np.ndarray  # how much ink is where: float32 (height, width), from 0 to 1


def strokes_of(form: str) -> list[Stroke]:
    """Return the points of a form's strokes."""
    return [
        np.array([[float(each) for each in point.split(",")] for point in stroke.split()])
        for stroke in form.split(";")
    ]


def spline(points: Stroke, steps: int = 10) -> Stroke:
    """Join points by a Catmull-Rom spline."""
    padded = np.vstack([points[:1], points, points[-1:]])
    a, b, c, d = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = b + (c - a) * t / 2 + (a - 2.5 * b + 2 * c - d / 2) * t**2
    curve = curve + (1.5 * (b - c) + (d - a) / 2) * t**3
    return np.vstack([curve.reshape(-1, 2), points[-1:]])


def trace(strokes: Sequence[Stroke], pen: float) -> Mask:
    """Draw strokes, in pixels, with a round pen; return the mask just around them."""
    every = np.vstack(strokes)
    low = np.floor(every.min(axis=0) - pen)
    wide, high = np.ceil(every.max(axis=0) + pen - low).astype(int) + 1
    mask = np.zeros((high, wide), np.uint8)
    for stroke in strokes:
        points = np.round((stroke - low) * 16).astype(np.int32)
        cv2.polylines(mask, [points], False, 255, max(1, round(pen)), cv2.LINE_AA, shift=4)
    return mask.astype(np.float32) / 255


def write(text: str, height: float, hand: Hand, pen: float, random: np.random.Generator) -> Mask:
    """Write a text by hand: digits are `height` pixels high, the pen is `pen` pixels wide."""
    left, strokes = 0.0, []
    for sign in text:
        if sign == " ":
            left += 5
            continue
        forms = FORMS[sign]
        number = int(hand.forms[int(sign)]) if sign.isdigit() else 0
        points = strokes_of(forms[number % len(forms)])
        size, lift = random.normal(1, 0.04), random.normal(0, 0.25)
        wide = hand.wide * size
        shift = np.array([left, 10 * (1 - size) + lift])
        for each in points:
            wobbly = each + random.normal(0, 10 * hand.wobble, each.shape)
            strokes.append(spline(wobbly * [wide, size] + shift))
        widest = max(each[:, 0].max() for each in points)
        left += max(1.2, widest) * wide + 10 * hand.gap * random.uniform(0.7, 1.4)
    shear = np.array([[1, 0], [-hand.slant, 1]])
    return trace([each @ shear * height / 10 for each in strokes], pen)
