"""A line as it is written, sign behind sign, on one map of distances; a pen makes ink of it."""

from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np

from trainer.synthesis.glyphs import FAR, HIGH, INSIDE, STEPS, Glyph, as_bytes
from trainer.synthesis.hands import Hand, glyphs_of
from trainer.synthesis.scenes import Range
from trainer.synthesis.texts import Text
from trainer.synthesis.writing import POINT_BITS, bend

# Lengths are in heights of a digit; by looking at handwriting.
ROWS, FOOT = round(2.9 * HIGH), round(1.75 * HIGH)  # of a map, and where on it the baseline is
NOWHERE = -1e6  # columns, where a row has no ink
UNEVEN_FOOT = 0.035  # how much higher or lower than the others a sign stands, spread
UNEVEN_GAP = 0.06  # the same of what is between two digits
LEAST_GAP, LEAST_BESIDE_1 = -0.1, 0.03  # below 0 digits overlap; two strokes would be one
MARK_GAP: Range = (0.02, 0.3)  # before and after a mark
TUCKED = 0.4  # how far a sign may stand under what hangs over it
CLEAR = 4  # rows above and below which strokes have to pass each other
LEFT_OF_MIDDLE = 0.3  # of a digit in a box of its own
JOINED = 0.6  # of its digits a hand joins that joins any
LEVELS = ((0.02, 0.3), (0.3, 0.7), (0.7, 0.98))  # rows of ink, as parts of all, that strokes join
SAG = (0.08, 0.15)  # of such a stroke, mean and spread
PRESSED = 0.12  # how unevenly at most a pen is pressed, spread
STRETCH, BANDS = 30, 3  # pixels along a line from one pressure to the next, and how many down it


@dataclass
class Sheet:
    """A line while it is being written."""

    hand: Hand
    map: np.ndarray  # (rows, columns) bytes of distances
    pen_at: float  # columns from the left
    ends: np.ndarray  # (rows,) the rightmost ink of each row so far
    spans: list[tuple[str, np.ndarray, np.ndarray]] = field(default_factory=list)  # starts, ends


def write(text: Text, hand: Hand) -> Sheet:
    """A whole line, as one map."""
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
    """Write one sign behind what is there."""
    if sign == " ":
        advance(glyph.map.shape[1], sheet)
        return
    foot = UNEVEN_FOOT * HIGH * sheet.hand.random.standard_normal()
    map_, top = fitting(glyph.map, round(FOOT + glyph.top + foot))
    starts, ends = edges(map_, top, sheet.hand.pen)
    left = max(round(where(sign, before, starts, sheet)), 0)
    part = sheet.map[top : top + len(map_), left : left + map_.shape[1]]
    np.minimum(part, map_[:, : part.shape[1]], out=part)
    sheet.ends = np.maximum(sheet.ends, ends + left)
    sheet.spans.append((sign, starts + left, ends + left))
    sheet.pen_at = max(sheet.pen_at, float(sheet.ends.max()))


def advance(columns: float, sheet: Sheet) -> None:
    """Leave a gap, which nothing that follows is tucked into."""
    sheet.pen_at += columns
    sheet.ends[sheet.ends > NOWHERE] = sheet.pen_at


def fitting(map_: np.ndarray, top: int) -> tuple[np.ndarray, int]:
    """What of a map is on the sheet, and where that begins."""
    above = max(0, -top)
    return map_[above : above + ROWS - max(top, 0)], max(top, 0)


def edges(map_: np.ndarray, top: int, pen: float) -> tuple[np.ndarray, np.ndarray]:
    """For each row of the sheet the first and the last column of ink, if any."""
    ink = map_ < (pen / 2 + INSIDE) * STEPS
    some = ink.any(1)
    starts, ends = np.full(ROWS, -NOWHERE), np.full(ROWS, NOWHERE)
    rows = slice(top, top + len(map_))
    starts[rows][some] = ink.argmax(1)[some]
    ends[rows][some] = map_.shape[1] - 1 - ink[:, ::-1].argmax(1)[some]
    return starts, ends


def where(sign: str, before: str, starts: np.ndarray, sheet: Sheet) -> float:
    """The column for a map whose ink begins at these columns."""
    hand, first = sheet.hand, starts.min()
    if not before:
        return sheet.pen_at - first
    if hand.fixed and sign.isdigit() and before.isdigit():
        last = sheet.spans[-1]
        middle = (last[1].min() + last[2].max()) / 2
        return middle + HIGH * hand.fixed * hand.scale[1] - (first + LEFT_OF_MIDDLE * HIGH)
    gap = HIGH * gap_between(sign, before, hand)
    near = widened(sheet.ends)
    touching = (near - starts).max()
    box = sheet.pen_at - first
    return max(touching, box - TUCKED * HIGH) + gap


def widened(ends: np.ndarray) -> np.ndarray:
    """The rightmost ink of each row or of those near it."""
    column = ends[:, None].astype(np.float32)
    return cv2.dilate(column, np.ones((2 * CLEAR + 1, 1), np.uint8))[:, 0]


def gap_between(sign: str, before: str, hand: Hand) -> float:
    """In heights; below 0 two digits overlap."""
    if sign.isdigit() and before.isdigit():
        least = LEAST_BESIDE_1 if "1" in (sign, before) else LEAST_GAP
        return max(least, hand.gap + UNEVEN_GAP * hand.random.standard_normal())
    return hand.random.uniform(*MARK_GAP)


def join(sheet: Sheet) -> None:
    """Strokes from digit to digit, from where one has ink to where the next has."""
    free = np.ones(sheet.map.shape, np.uint8)
    for one, other in pairwise(sheet.spans):
        if one[0].isdigit() and other[0].isdigit() and sheet.hand.chance(JOINED):
            stroke = connection(one[2], other[1], sheet.hand.random)
            points = [(stroke * 2**POINT_BITS).round().astype(np.int32)]
            cv2.polylines(free, points, False, 0, 1, cv2.LINE_8, shift=POINT_BITS)
    if not free.all():
        distance = cv2.distanceTransform(free, cv2.DIST_L2, 3)
        np.minimum(sheet.map, as_bytes(distance), out=sheet.map)


def connection(ends: np.ndarray, starts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A curve from some ink of a digit to some of the next: along the top, the foot or between."""
    level = random.integers(len(LEVELS))
    rows = [some_row(side, int(level), random) for side in (ends, starts)]
    one, other = (ends[rows[0]], rows[0]), (starts[rows[1]], rows[1])
    sag = HIGH * random.normal(*SAG)
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2 + sag)
    return np.array(bend(one, middle, other))


def some_row(columns: np.ndarray, level: int, random: np.random.Generator) -> int:
    """A row with ink in the upper, middle or lower part of a digit."""
    rows = np.flatnonzero(np.abs(columns) < -NOWHERE / 2)
    return int(rows[int(random.uniform(*LEVELS[level]) * len(rows))]) if len(rows) else FOOT


def inked(sheet: Sheet) -> np.ndarray:
    """The cover of the sheet, (rows, columns) floats up to 1, by a pen that is pressed unevenly."""
    hand, shape = sheet.hand, sheet.map.shape
    pressed = hand.random.normal(
        0, PRESSED * hand.random.random(), (BANDS, max(2, shape[1] // STRETCH))
    )
    pen = cv2.resize((1 + pressed).astype(np.float32), shape[::-1]) * (hand.pen / 2)
    distance = sheet.map.astype(np.float32) * np.float32(1 / STEPS)
    cover = np.clip(pen + (INSIDE + 0.5) - distance, 0, 1)
    cover[sheet.map == FAR] = 0
    return cover
