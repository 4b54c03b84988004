"""The parts of pages besides plain digits: numbers as on lines, boxes of forms, and rotation.

A cover is an array (height, width) of floats, 1 where the ink is full.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from trainer.synthesis.glyphs import HIGH
from trainer.synthesis.hands import Hand
from trainer.synthesis.line_sheets import FOOT, inked, write
from trainer.synthesis.texts import Text

SEEN = 0.3  # of full ink: fainter edges don't count as part of a number
BOX_ROOM = 0.3  # between a number and its box, in heights of its digits
BOX_INK = 0.6  # of full ink: forms are printed lighter than people write
BOX_THICK = 2  # pixels


class Box(NamedTuple):
    """The place of a sign, in pixels of the page."""

    left: int
    top: int
    width: int
    height: int


class WrittenSign(NamedTuple):
    """A digit, or a mark within a number, and its place."""

    text: str
    box: Box

    def moved(self, right: int, down: int) -> "WrittenSign":
        """Return the sign, moved by so many pixels."""
        left, top, width, height = self.box
        return self._replace(box=Box(left + right, top + down, width, height))


class WrittenNumber(NamedTuple):
    """A number's cover with all that stands beside it, the row of its baseline, its signs."""

    cover: np.ndarray
    foot: int
    signs: list[WrittenSign]


def number(text: Text, hand: Hand, height: int) -> WrittenNumber | None:
    """Write a text in a hand, with digits about `height` pixels high.

    None is returned if there is no ink.
    """
    sheet, scale = write(text, hand), height / HIGH
    cover = inked(sheet)
    left, top, wide, high = cv2.boundingRect((cover > SEEN).astype(np.uint8))
    if not wide:
        return None
    size = math.ceil(wide * scale), math.ceil(high * scale)
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    ink = cv2.resize(cover[top : top + high, left : left + wide], size, interpolation=smooth)
    signs = [
        WrittenSign(sign, place_of(starts, ends, (left, top), scale))
        for sign, starts, ends in sheet.spans
    ]
    digits = [place for place, sign in enumerate(signs) if sign.text.isdigit()] or [0]
    return WrittenNumber(ink, round((FOOT - top) * scale), signs[digits[0] : digits[-1] + 1])


def place_of(starts: np.ndarray, ends: np.ndarray, corner: tuple[int, int], scale: float) -> Box:
    """Return the box of a sign, of which the first and the last column of each row are given.

    It is measured in a picture that shows the sheet from `corner` on, enlarged by `scale`.
    """
    rows = np.flatnonzero(starts <= ends)
    edges = int(starts.min()), int(rows[0]), int(ends.max()) + 1, int(rows[-1]) + 1
    left, top, right, bottom = (
        round((edge - start) * scale) for edge, start in zip(edges, (*corner, *corner), strict=True)
    )
    return Box(left, top, right - left, bottom - top)


def draw_box(cover: np.ndarray, line: list[WrittenSign], height: int, one_each: bool) -> None:
    """Draw the box of a form around a number, with rules between the digits if `one_each`."""
    room, boxes = round(BOX_ROOM * height), np.array([box for _, box in line])
    left, top = (boxes[:, :2].min(0) - room).tolist()
    right, bottom = ((boxes[:, :2] + boxes[:, 2:]).max(0) + room).tolist()
    printed = np.zeros_like(cover)
    cv2.rectangle(printed, (left, top), (right, bottom), BOX_INK, BOX_THICK)
    for (_, one), (_, other) in pairwise(line if one_each else []):
        middle = (one.left + one.width + other.left) // 2
        cv2.line(printed, (middle, top), (middle, bottom), BOX_INK, BOX_THICK)
    np.maximum(cover, printed, out=cover)


def turned(
    cover: np.ndarray, lines: list[list[WrittenSign]], degrees: float
) -> tuple[np.ndarray, list[list[WrittenSign]]]:
    """Rotate a page counter-clockwise; it becomes as large as it then has to be."""
    high, wide = cover.shape
    middle = (wide - 1) / 2, (high - 1) / 2
    matrix = np.array(cv2.getRotationMatrix2D(middle, degrees, 1))
    cos, sin = np.abs(matrix[0, :2])
    size = round(wide * cos + high * sin), round(wide * sin + high * cos)
    matrix[:, 2] += (np.array(size) - 1) / 2 - middle
    page = cv2.warpAffine(cover, matrix, size, flags=cv2.INTER_LINEAR)
    return page, [
        [sign._replace(box=turned_box(sign.box, matrix)) for sign in line] for line in lines
    ]


def turned_box(box: Box, matrix: np.ndarray) -> Box:
    """Return the box of a sign on a rotated page, as if the sign were an ellipse in its box."""
    left, top, wide, high = box
    x, y = matrix @ (left + (wide - 1) / 2, top + (high - 1) / 2, 1)
    cos, sin = np.abs(matrix[0, :2])
    across, down = math.hypot(wide * cos, high * sin), math.hypot(wide * sin, high * cos)
    corner = round(x - (across - 1) / 2), round(y - (down - 1) / 2)
    return Box(*corner, round(across), round(down))
