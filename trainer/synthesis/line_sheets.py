"""A line written sign after sign on one distance map, which a pen then inks."""

from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator

from trainer.synthesis.glyphs import FAR, HIGH, INSIDE, STEPS, Glyph, map_of
from trainer.synthesis.hands import Hand, glyphs_of
from trainer.synthesis.scenes import Range
from trainer.synthesis.strokes import bend
from trainer.synthesis.texts import Text

# Found by looking at handwriting. Lengths are in heights of a digit.
ROWS, FOOT = round(2.9 * HIGH), round(1.75 * HIGH)  # of a map, and the row of its baseline
NOWHERE = -1e6  # stands for the column of ink in a row that has none
UNEVEN_FOOT = 0.035  # how much higher or lower a sign stands, standard deviation
UNEVEN_GAP = 0.06  # of the gap between two digits, standard deviation
LEAST_GAP, LEAST_BESIDE_1 = -0.1, 0.03  # below 0 digits overlap; beside a 1, strokes would merge
MARK_GAP: Range = (0.02, 0.3)  # before and after a mark
TUCKED = 0.4  # how far a sign may move under an overhang of the last one
CLEAR = 4  # rows above and below that have to stay free as well
LEFT_OF_MIDDLE = 0.3  # from where a digit's ink begins to the middle of its box
JOINED = 0.6  # share of its digits that a joining hand joins
LEVELS = ((0.02, 0.3), (0.3, 0.7), (0.7, 0.98))  # rows that strokes join, in parts of all
SAG = (0.08, 0.15)  # of such a stroke, mean and standard deviation
PRESSED = 0.12  # the most uneven pressure of a pen, as a standard deviation
STRETCH, BANDS = 30, 3  # pixels along a line between two pressures, and how many down it


@dataclass
class Sheet:
    """A line while it is being written: its distance map, and where its ink is so far."""

    hand: Hand
    map: np.ndarray  # (rows, columns) bytes: a distance map
    pen_at: float  # columns from the left
    ends: np.ndarray  # (rows,): the rightmost ink of each row so far
    spans: list[tuple[str, np.ndarray, np.ndarray]] = field(default_factory=list)  # starts, ends


def write(text: Text, hand: Hand) -> Sheet:
    """Write a whole text on a new sheet."""
    whole = text.before + text.number + text.after
    written = list(glyphs_of(whole, hand))
    wide = sum(glyph.map.shape[1] for _, glyph in written) + HIGH * (3 + len(written))
    free = np.full((ROWS, int(wide)), FAR, np.uint8)
    sheet = Sheet(hand, free, float(HIGH), np.full(ROWS, NOWHERE))
    before = ""
    for sign, glyph in written:
        put(sign, before, glyph, sheet)
        before = sign
    if hand.joining:
        join(sheet)
    return sheet


def put(sign: str, before: str, glyph: Glyph, sheet: Sheet) -> None:
    """Write one sign after those on the sheet."""
    if sign == " ":  # a gap, into which no later sign is tucked
        sheet.pen_at += glyph.map.shape[1]
        sheet.ends[sheet.ends > NOWHERE] = sheet.pen_at
        return
    foot = UNEVEN_FOOT * HIGH * sheet.hand.random.standard_normal()
    row = round(FOOT + glyph.top + foot)
    top, above = max(row, 0), max(-row, 0)  # what lies outside the sheet is cut off
    map_ = glyph.map[above : above + ROWS - top]
    starts, ends = edges(map_, top, sheet.hand.pen)
    left = max(round(where(sign, before, starts, sheet)), 0)
    part = sheet.map[top : top + len(map_), left : left + map_.shape[1]]
    np.minimum(part, map_[:, : part.shape[1]], out=part)
    sheet.ends = np.maximum(sheet.ends, ends + left)
    sheet.spans.append((sign, starts + left, ends + left))
    sheet.pen_at = max(sheet.pen_at, float(sheet.ends.max()))


def edges(map_: np.ndarray, top: int, pen: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last column of ink in each row of the sheet: (ROWS,) each.

    Rows without ink have -NOWHERE as the first column and NOWHERE as the last.
    """
    ink = map_ < (pen / 2 + INSIDE) * STEPS
    some = ink.any(1)
    starts, ends = np.full(ROWS, -NOWHERE), np.full(ROWS, NOWHERE)
    rows = slice(top, top + len(map_))
    starts[rows][some] = ink.argmax(1)[some]
    ends[rows][some] = map_.shape[1] - 1 - ink[:, ::-1].argmax(1)[some]
    return starts, ends


def where(sign: str, before: str, starts: np.ndarray, sheet: Sheet) -> float:
    """Return the sheet's column for a map whose ink begins at these columns, one for each row."""
    hand, first = sheet.hand, starts.min()
    if not before:
        return sheet.pen_at - first
    if hand.fixed and sign.isdigit() and before.isdigit():
        last = sheet.spans[-1]
        middle = (last[1].min() + last[2].max()) / 2
        return middle + HIGH * hand.fixed * hand.scale[1] - (first + LEFT_OF_MIDDLE * HIGH)
    gap = HIGH * gap_between(sign, before, hand)
    ends = sheet.ends[:, None].astype(np.float32)
    near = cv2.dilate(ends, np.ones((2 * CLEAR + 1, 1), np.uint8))[:, 0]
    touching = (near - starts).max()
    box = sheet.pen_at - first
    return max(touching, box - TUCKED * HIGH) + gap


def gap_between(sign: str, before: str, hand: Hand) -> float:
    """Draw the gap between two signs, in heights of a digit; below 0 two digits overlap."""
    if sign.isdigit() and before.isdigit():
        least = LEAST_BESIDE_1 if "1" in (sign, before) else LEAST_GAP
        return max(least, hand.gap + UNEVEN_GAP * hand.random.standard_normal())
    return hand.random.uniform(*MARK_GAP)


def join(sheet: Sheet) -> None:
    """Draw strokes that join some digits to the next, from the ink of one to that of the other."""
    strokes = [
        connection(one[2], other[1], sheet.hand.random)
        for one, other in pairwise(sheet.spans)
        if one[0].isdigit() and other[0].isdigit() and sheet.hand.chance(JOINED)
    ]
    if strokes:
        np.minimum(sheet.map, map_of(strokes, sheet.map.shape), out=sheet.map)


def connection(ends: np.ndarray, starts: np.ndarray, random: Generator) -> np.ndarray:
    """Draw a curve from one digit's ink to the next's, high, in the middle, or low on both."""
    level = random.integers(len(LEVELS))
    rows = [some_row(side, int(level), random) for side in (ends, starts)]
    one, other = (ends[rows[0]], rows[0]), (starts[rows[1]], rows[1])
    sag = HIGH * random.normal(*SAG)
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2 + sag)
    return np.array(bend(one, middle, other))


def some_row(columns: np.ndarray, level: int, random: Generator) -> int:
    """Draw a row with ink in the upper, middle or lower part of a digit."""
    rows = np.flatnonzero(np.abs(columns) < -NOWHERE / 2)
    return int(rows[int(random.uniform(*LEVELS[level]) * len(rows))]) if len(rows) else FOOT


def inked(sheet: Sheet) -> np.ndarray:
    """Ink the sheet with a pen that is pressed unevenly: (rows, columns) floats up to 1."""
    hand, shape = sheet.hand, sheet.map.shape
    pressed = hand.random.normal(
        0, PRESSED * hand.random.random(), (BANDS, max(2, shape[1] // STRETCH))
    )
    pen = cv2.resize((1 + pressed).astype(np.float32), shape[::-1]) * (hand.pen / 2)
    distance = sheet.map.astype(np.float32) * np.float32(1 / STEPS)
    cover = np.clip(pen + (INSIDE + 0.5) - distance, 0, 1)
    cover[sheet.map == FAR] = 0
    return cover
