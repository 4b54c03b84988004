"""Lines of digits composed by code: by one hand, joined or overlapping, on any paper.

A line is put together as one map of distances (see `glyphs`), from which a pen makes ink.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

import cv2
import numpy as np

from helpers.practice import line_papers
from helpers.practice.glyphs import (
    FAR,
    HIGH,
    INSIDE,
    MARKS,
    STEPS,
    Bank,
    Glyph,
    by_this_hand,
    drawn,
    lettered,
    warped,
    way_to_write,
)
from helpers.practice.line_papers import ORDINARY, Papers
from helpers.practice.scenes import Range
from helpers.practice.texts import Text, some_text
from helpers.practice.writing import FONTS, arc, bend

# Lengths are in heights of a digit, as hands differ; by looking at handwriting.
SLANT = (0.15, 0.2)  # right per down, mean and spread of a normal distribution
PENS: Range = (0.05, 0.19)  # width of strokes
TALL: Range = (0.8, 1.15)  # of the digits, before the line is scaled
WIDE: Range = (-0.3, 0.3)  # log of how much wider
GAPS = (0.12, 0.17)  # between one digit's ink and the next's, mean and spread of the hands
UNEVEN_GAP = 0.06  # beside that, from digit to digit
UNEVEN_SIZE, UNEVEN_SLANT, UNEVEN_FOOT = 0.07, 0.06, 0.035
OTHER_SIZE = 0.06  # how often a digit is much smaller or larger than the rest
TILT = 1.8  # degrees, spread
BLANK: Range = (0.25, 0.9)  # how wide a gap in a text is
MARK_GAP: Range = (0.02, 0.3)  # before and after a mark
TUCKED = 0.4  # how far a sign may stand under what hangs over it
CLEAR = 4  # rows above and below which strokes have to pass each other

FROM_MNIST, BY_CODE, MIXED, PRINTED = range(4)  # whose digits a line is written with
HANDS = (FROM_MNIST, BY_CODE, MIXED, PRINTED)
FOREIGN_DIGITS = "17"
JOINED = 0.6  # of its digits a hand joins that joins any
FIXED_WIDE: Range = (0.95, 1.5)  # of such a box

CANVAS = 2.9  # heights that a line is drawn on,
FOOT = 1.75  # and where on it the baseline is
HEIGHTS: Range = (12, 80)  # pixels of a picture of a line
USUAL_HEIGHTS: Range = (28, 72)
USUAL = 0.7  # how often
MARGINS: Range = (-0.05, 0.3)  # above and below a line, of its height; below 0 it is cut
BESIDE: Range = (-0.06, 0.5)  # at its left and right
TIGHTEST = 0.08  # the most that is seen in a narrow crop


@dataclass(frozen=True)
class Habits:
    """How often what happens on a line."""

    kinds: tuple[float, ...] = (0.42, 0.22, 0.28, 0.08)  # of HANDS
    outlines: float = 0.35  # digits of MNIST keep their outlines
    foreign: float = 0.55  # a hand that writes like MNIST has other ways for 1 and 7
    joining: float = 0.25  # of all hands join digits
    coiling: float = 0.3  # of hands write zeros in one stroke
    fixed: float = 0.05  # of hands write into boxes, one for each digit
    alone: float = 0.0  # nothing stands beside the number, whatever `texts` says
    neighbours: float = 0.07  # the feet or heads of other lines are seen
    tight: float = 0.45  # margins are as small as can be
    cut: float = 0.12  # a margin may cut into the ink at all
    papers: Papers = ORDINARY


USUAL_HABITS = Habits()
PLAIN = Habits(  # digits of MNIST, not joined, on clean paper: nothing but the line is hard
    kinds=(1, 0, 0, 0),
    foreign=0,
    joining=0,
    alone=1,
    neighbours=0,
    cut=0,
    papers=Papers(0, 0, 0, 0, 0, 0, 0, 0, 0, clear=True),
)


@dataclass(frozen=True)
class Hand:
    """How one person writes one line."""

    random: np.random.Generator
    bank: Bank
    kind: int
    slant: float
    pen: float  # pixels
    scale: tuple[float, float]  # wide and high
    gap: float  # heights
    ways: np.ndarray  # for each digit and mark a number that says how it is written
    own_outlines: bool
    foreign: bool
    joining: bool
    coiling: bool
    fixed: float  # heights from digit to digit, or 0
    font: int

    def chance(self, often: float) -> bool:
        """Whether something happens that often does."""
        return bool(self.random.random() < often)


def some_hand(bank: Bank, habits: Habits, random: np.random.Generator) -> Hand:
    """Anybody's."""
    tall = random.uniform(*TALL)
    chances = random.random(6)
    return Hand(
        random=random,
        bank=bank,
        kind=int(random.choice(HANDS, p=habits.kinds)),
        slant=random.normal(*SLANT),
        pen=HIGH * PENS[0] * (PENS[1] / PENS[0]) ** random.random(),
        scale=(tall * math.exp(random.uniform(*WIDE)), tall),
        gap=random.normal(*GAPS),
        ways=random.integers(1 << 16, size=10 + len(MARKS)),
        own_outlines=chances[0] < habits.outlines,
        foreign=chances[1] < habits.foreign,
        joining=chances[2] < habits.joining,
        coiling=chances[3] < habits.coiling,
        fixed=random.uniform(*FIXED_WIDE) if chances[4] < habits.fixed else 0.0,
        font=FONTS[random.integers(len(FONTS))],
    )


# --- one sign ---


def glyphs_of(text: str, hand: Hand) -> Iterator[tuple[str, Glyph]]:
    """Each sign of a text as this hand writes it; zeros in one stroke come as one, and words."""
    for kind, group in groupby(text, kind_of):
        signs = "".join(group)
        if kind == "word":
            yield "a", word(signs, hand)
        elif kind == "0" and len(signs) > 1 and hand.coiling and hand.kind != PRINTED:
            yield "0", coil(len(signs), hand)
        else:
            for sign in signs:
                yield sign, blank(hand) if sign == " " else sign_of(sign, hand)


def kind_of(sign: str) -> str:
    """What stands together: zeros, which may be one stroke, and the letters of a word."""
    return "0" if sign == "0" else "word" if is_letter(sign) else "sign"


def is_letter(sign: str) -> bool:
    """Whether a sign is written as part of a word."""
    return sign.isalpha() and sign not in MARKS


def blank(hand: Hand) -> Glyph:
    """Nothing, for a while."""
    wide = HIGH * hand.random.uniform(*BLANK)
    return Glyph(np.full((1, max(1, round(wide))), FAR, np.uint8), 0, 0)


def sign_of(sign: str, hand: Hand) -> Glyph:
    """A digit or a mark, of about the hand's size and slant."""
    if hand.kind == PRINTED and sign not in "~*$€":
        return lettered(sign, hand.font, hand.scale, hand.slant / 2)
    size = 1 + UNEVEN_SIZE * hand.random.standard_normal()
    if hand.chance(OTHER_SIZE):
        size *= hand.random.uniform(0.6, 1.3)
    scale = (hand.scale[0] * size, hand.scale[1] * size)
    slant = hand.slant + UNEVEN_SLANT * hand.random.standard_normal()
    return (
        from_bank(sign, hand, scale, slant)
        if is_mnist(sign, hand)
        else by_code(sign, hand, scale, slant)
    )


def is_mnist(sign: str, hand: Hand) -> bool:
    """Whether a sign is one of MNIST's digits, in this hand."""
    if not sign.isdigit() or hand.kind == BY_CODE:
        return False
    if hand.foreign and sign in FOREIGN_DIGITS:
        return False
    return hand.kind == FROM_MNIST or hand.ways[int(sign)] % 3 > 0


def from_bank(sign: str, hand: Hand, scale: tuple[float, float], slant: float) -> Glyph:
    """One of MNIST's digits, its own slant replaced by the hand's."""
    digit = hand.bank.any_of(int(sign), hand.random)
    map_ = digit.outline if hand.own_outlines else digit.strokes
    return warped(map_, digit.height, slant - digit.slant, scale)


def by_code(sign: str, hand: Hand, scale: tuple[float, float], slant: float) -> Glyph:
    """A sign made of strokes, as this hand always makes it, but for its size."""
    number = int(sign) if sign.isdigit() else 10 + list(MARKS).index(sign)
    way = int(hand.ways[number])
    strokes = by_this_hand(way_to_write(sign, way), way)
    return drawn(strokes, scale, slant / 2)


def coil(count: int, hand: Hand) -> Glyph:
    """Zeros without lifting the pen: rounds that end where the next begins."""
    random = hand.random
    apart = 0.75 + hand.gap * 0.8 + 0.1 * random.standard_normal()
    start, turn = random.uniform(-110, -20), random.uniform(350, 460)
    flat = random.uniform(0.26, 0.4)
    points = []
    for number in range(count):
        tall = 0.5 * (1 + UNEVEN_SIZE * random.standard_normal())
        centre = (0.45 + number * apart, 1 - tall)
        points += arc(centre, (flat, tall), (start, start - turn))
    if random.random() < 0.3:
        points += [(points[-1][0] + random.uniform(0.1, 0.6), points[-1][1] + 0.05)]
    smooth = smoothed(np.array(points))
    return drawn([smooth], hand.scale, hand.slant)


def smoothed(points: np.ndarray) -> np.ndarray:
    """Corners of a stroke rounded."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def word(letters: str, hand: Hand) -> Glyph:
    """Letters of a font, smaller or as large as digits."""
    size = hand.random.uniform(0.5, 1.0)
    scale = (hand.scale[0] * size, hand.scale[1] * size)
    return lettered(letters, hand.font, scale, hand.slant)


# --- a line of them ---


@dataclass
class Sheet:
    """A line while it is being written."""

    hand: Hand
    map: np.ndarray  # (rows, columns) bytes of distances
    pen_at: float  # columns from the left
    ends: np.ndarray  # (rows,) the rightmost ink of each row so far
    spans: list[tuple[str, np.ndarray, np.ndarray]] = field(default_factory=list)  # starts, ends


NOWHERE = -1e6  # where a row has no ink
LINE_ROWS = round(CANVAS * HIGH)
LINE_FOOT = round(FOOT * HIGH)


def write(text: Text, hand: Hand) -> Sheet:
    """A whole line, as one map."""
    whole = text.before + text.number + text.after
    written = list(glyphs_of(whole, hand))
    wide = sum(glyph.map.shape[1] for _, glyph in written) + HIGH * (3 + len(written))
    free = np.full((LINE_ROWS, int(wide)), FAR, np.uint8)
    sheet = Sheet(hand, free, float(HIGH), np.full(LINE_ROWS, NOWHERE))
    before = ""
    for sign, glyph in written:
        put(sign, before, glyph, sheet)
        before = sign
    if hand.joining:
        join(sheet)
    return sheet


def put(sign: str, before: str, glyph: Glyph, sheet: Sheet) -> None:
    """Write one sign behind what is there."""
    hand = sheet.hand
    if sign == " ":
        sheet.pen_at += glyph.map.shape[1]
        sheet.ends[sheet.ends > NOWHERE] = sheet.pen_at
        return
    foot = UNEVEN_FOOT * HIGH * hand.random.standard_normal()
    top = round(LINE_FOOT + glyph.top + foot)
    map_, top = fitting(glyph.map, top)
    starts, ends = edges(map_, top, hand.pen)
    left = max(round(where(sign, before, starts, sheet)), 0)
    part = sheet.map[top : top + len(map_), left : left + map_.shape[1]]
    np.minimum(part, map_[:, : part.shape[1]], out=part)
    sheet.ends = np.maximum(sheet.ends, ends + left)
    sheet.spans.append((sign, starts + left, ends + left))
    inked = ends > NOWHERE
    if inked.any():
        sheet.pen_at = float(ends[inked].max() + left)


def fitting(map_: np.ndarray, top: int) -> tuple[np.ndarray, int]:
    """What of a map is on the sheet, and where that begins."""
    above = max(0, -top)
    return map_[above : above + LINE_ROWS - max(top, 0)], max(top, 0)


def edges(map_: np.ndarray, top: int, pen: float) -> tuple[np.ndarray, np.ndarray]:
    """For each row of the sheet the first and the last column of ink, if any."""
    ink = map_ < (pen / 2 + INSIDE) * STEPS
    some = ink.any(1)
    starts, ends = np.full(LINE_ROWS, -NOWHERE), np.full(LINE_ROWS, NOWHERE)
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
        return middle + HIGH * hand.fixed * hand.scale[1] - (first + 0.3 * HIGH)
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
        least = 0.03 if "1" in (sign, before) else -0.1
        return max(least, hand.gap + UNEVEN_GAP * hand.random.standard_normal())
    return hand.random.uniform(*MARK_GAP)


def join(sheet: Sheet) -> None:
    """Strokes from digit to digit, from where one has ink to where the next has."""
    free = np.ones(sheet.map.shape, np.uint8)
    for one, other in pairwise(sheet.spans):
        if one[0].isdigit() and other[0].isdigit() and sheet.hand.chance(JOINED):
            stroke = connection(one[2], other[1], sheet.hand.random)
            points = [(stroke * 16).round().astype(np.int32)]
            cv2.polylines(free, points, False, 0, 1, cv2.LINE_8, shift=4)
    if not free.all():
        distance = cv2.distanceTransform(free, cv2.DIST_L2, 3)
        near = np.clip((distance + INSIDE) * STEPS, 0, FAR).astype(np.uint8)
        np.minimum(sheet.map, near, out=sheet.map)


def connection(ends: np.ndarray, starts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A curve from some ink of a digit to some of the next: along the top, the foot or between."""
    level = random.integers(3)
    rows = [some_row(side, int(level), random) for side in (ends, starts)]
    one, other = (ends[rows[0]], rows[0]), (starts[rows[1]], rows[1])
    sag = HIGH * random.normal(0.08, 0.15)
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2 + sag)
    return np.array(bend(one, middle, other))


def some_row(columns: np.ndarray, level: int, random: np.random.Generator) -> int:
    """A row with ink in the upper, middle or lower part of a digit."""
    rows = np.flatnonzero(np.abs(columns) < -NOWHERE / 2)
    part = ((0.02, 0.3), (0.3, 0.7), (0.7, 0.98))[level]
    return int(rows[int(random.uniform(*part) * len(rows))]) if len(rows) else LINE_FOOT


# --- ink and picture ---


def inked(sheet: Sheet) -> np.ndarray:
    """The cover of the sheet, (rows, columns) floats up to 1, by a pen that is pressed unevenly."""
    hand, shape = sheet.hand, sheet.map.shape
    pressed = hand.random.normal(0, 0.12 * hand.random.random(), (3, max(2, shape[1] // 30)))
    pen = cv2.resize((1 + pressed).astype(np.float32), shape[::-1]) * (hand.pen / 2)
    distance = sheet.map.astype(np.float32) * np.float32(1 / STEPS)
    cover = np.clip(pen + (INSIDE + 0.5) - distance, 0, 1)
    cover[sheet.map == FAR] = 0
    return cover


def tilted(cover: np.ndarray, degrees: float) -> np.ndarray:
    """The line not quite level."""
    high, wide = cover.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, LINE_FOOT - HIGH / 2), degrees, 1)
    return cv2.warpAffine(cover, matrix, (wide, high), flags=cv2.INTER_LINEAR)


def cropped(cover: np.ndarray, habits: Habits, random: np.random.Generator) -> np.ndarray:
    """The part of the sheet that a picture of the line shows."""
    left, top, wide, high = cv2.boundingRect((cover > 0.3).astype(np.uint8))
    if not wide:
        left, top, wide, high = HIGH, LINE_FOOT - HIGH, 4 * HIGH, HIGH
    high = max(high, round(0.5 * HIGH))
    above, below = (margin(MARGINS, habits, random) * high for _ in range(2))
    before, behind = (margin(BESIDE, habits, random) * HIGH for _ in range(2))
    rows = (round(top - above), round(top + high + below))
    columns = (round(left - before), round(left + wide + behind))
    if random.random() < habits.neighbours:
        cover = with_neighbours(cover, random)
    return window(cover, rows, columns)


def margin(limits: Range, habits: Habits, random: np.random.Generator) -> float:
    """How much is seen beside the ink: often hardly anything."""
    least = limits[0] if random.random() < habits.cut else 0.0
    most = TIGHTEST if random.random() < habits.tight else limits[1]
    return float(random.uniform(least, most))


def window(cover: np.ndarray, rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    """A part of a cover that may lie partly outside it."""
    high, wide = cover.shape
    inside = cover[max(0, rows[0]) : rows[1], max(0, columns[0]) : columns[1]]
    above, below = max(0, -rows[0]), max(0, rows[1] - high)
    before, behind = max(0, -columns[0]), max(0, columns[1] - wide)
    return cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_CONSTANT)


def with_neighbours(cover: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The line with others above and below it, of which the picture may show some."""
    down = round(HIGH * random.uniform(1.15, 1.6)) * (1 if random.random() < 0.5 else -1)
    other = np.roll(cover, (down, int(random.integers(HIGH, 4 * HIGH))), (0, 1))
    if down > 0:
        other[:down] = 0
    else:
        other[down:] = 0
    return np.maximum(cover, other)


def compose(
    bank: Bank, random: np.random.Generator, habits: Habits = USUAL_HABITS
) -> tuple[np.ndarray, str]:
    """A grey picture of a line, (high, wide) bytes, and what is to be read on it."""
    text = some_text(random, random.random() < habits.alone)
    hand = some_hand(bank, habits, random)
    cover = tilted(inked(write(text, hand)), random.normal(0, TILT))
    seen = cropped(cover, habits, random)
    high = random.uniform(*(USUAL_HEIGHTS if hand.chance(USUAL) else HEIGHTS))
    wide = max(8, round(seen.shape[1] * high / seen.shape[0]))
    seen = cv2.resize(seen, (wide, round(high)), interpolation=cv2.INTER_AREA)
    return line_papers.photographed(seen, habits.papers, random), text.label
