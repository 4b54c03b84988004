"""Hands: whose digits they write, and how slanted, wide, thick, far apart and joined."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from trainer.synthesis.glyphs import FAR, HIGH, Bank, Glyph, by_this_hand, drawn, lettered, warped
from trainer.synthesis.line_papers import ORDINARY, Papers
from trainer.synthesis.scenes import Range
from trainer.synthesis.strokes import MARKS, arc, way_to_write
from trainer.synthesis.writing import FONTS

# How hands differ, from looking at handwriting. Lengths are in heights of a digit.
SLANT = (0.15, 0.2)  # right per down: mean and standard deviation of a normal distribution
PENS: Range = (0.05, 0.19)  # width of strokes, with a uniform logarithm
TALL: Range = (0.8, 1.15)  # of the digits, before the line is scaled
WIDE: Range = (-0.32, 0.42)  # log of how much wider
GAPS = (0.12, 0.17)  # from one digit's ink to the next's: mean and standard deviation of hands
WIDE_GAPS: Range = (0.3, 0.9)  # the same for hands that write digits far apart
BLANK: Range = (0.25, 0.9)  # width of a space in a text
UNEVEN_SIZE, UNEVEN_SLANT = 0.07, 0.06  # standard deviations from digit to digit
OTHER_SIZE, OTHER_SIZES = 0.06, (0.6, 1.3)  # how often a digit has quite another size; which
LARGE_FIRST: Range = (1.15, 1.7)  # sizes of a first digit that is larger than the others
CELL: Range = (0.95, 1.5)  # from one box to the next, where each digit has a box
WORD_SIZE: Range = (0.5, 1.0)  # of letters beside digits
PARTLY = 0.5  # share of a hand's slant that is added to signs with a slant of their own

FROM_MNIST, BY_CODE, MIXED, PRINTED = range(4)  # whose digits a line is written with
HANDS = (FROM_MNIST, BY_CODE, MIXED, PRINTED)
FOREIGN_DIGITS = "17"  # MNIST's writers, from one country, write these unlike most others
MANY_WAYS = 1 << 16  # far more than there are: a number below this picks one, by its remainder
IN_MIXED = 2 / 3  # share of the ten digits that a mixed hand takes from MNIST
NEVER_PRINTED = "~*$€"  # as OpenCV's fonts lack them, or have them for something else

# Zeros in one stroke.
COIL_APART, COIL_UNEVEN = 0.75, 0.1  # from middle to middle, and its standard deviation
COIL_GAP = 0.8  # share of a hand's gap that is added to that
COIL_START: Range = (-110, -20)  # degrees, at the top
COIL_TURN: Range = (350, 460)  # degrees: one round and a little more
COIL_WIDE: Range = (0.26, 0.4)  # from the middle to a side
COIL_TAIL, COIL_TAILS = 0.3, (0.1, 0.6)  # how often a stroke leads out of the last one, and how far


@dataclass(frozen=True)
class Habits:
    """Probabilities of what a hand does on a line, and of how its picture is cropped."""

    kinds: tuple[float, ...] = (0.38, 0.26, 0.29, 0.07)  # of HANDS
    outlines: float = 0.35  # digits of MNIST keep the outlines of their own pens
    foreign: float = 0.55  # a hand with MNIST's digits writes 1 and 7 in other ways
    joining: float = 0.25  # a hand joins digits
    coiling: float = 0.3  # a hand writes zeros in one stroke
    fixed: float = 0.05  # a hand writes into boxes, one for each digit
    gaps: tuple[float, float] = GAPS  # mean and standard deviation, as above
    spread: float = 0.12  # a hand writes digits far apart
    large_first: float = 0.15  # a hand begins with a larger digit
    alone: float = 0.0  # nothing stands beside the number, whatever `texts` says
    neighbours: float = 0.07  # the feet or heads of other lines are seen
    tight: float = 0.45  # a margin is as small as in a tight crop
    cut: float = 0.12  # a margin may cut into the ink at all
    papers: Papers = ORDINARY


USUAL_HABITS = Habits()
PLAIN = Habits(  # MNIST's digits (zeros may be coiled), hardly touching, on clean paper
    kinds=(1, 0, 0, 0),
    foreign=0,
    joining=0,
    fixed=0,
    gaps=(0.3, 0.08),
    spread=0,
    large_first=0,
    alone=1,
    neighbours=0,
    cut=0,
    papers=Papers(0, 0, 0, 0, 0, 0, 0, 0, 0, clear=True),
)
JOINED = replace(PLAIN, joining=1, gaps=(-0.02, 0.05))  # the same with joined digits, for a figure


@dataclass(frozen=True)
class Hand:
    """The handwriting of one person on one line."""

    random: Generator
    bank: Bank
    kind: int
    slant: float
    pen: float  # pixels
    scale: tuple[float, float]  # width and height
    gap: float  # heights
    ways: np.ndarray  # a number for each digit and mark, which chooses its way
    own_outlines: bool
    foreign: bool
    joining: bool
    coiling: bool
    fixed: float  # heights from digit to digit, or 0
    first: float  # size of the first digit
    font: int

    def chance(self, often: float) -> bool:
        """Return True with this probability."""
        return bool(self.random.random() < often)


def sample_hand(bank: Bank, habits: Habits, random: Generator) -> Hand:
    """Draw a random hand with such habits."""
    tall = random.uniform(*TALL)
    chances = random.random(7)
    return Hand(
        random=random,
        bank=bank,
        kind=int(random.choice(HANDS, p=habits.kinds)),
        slant=random.normal(*SLANT),
        pen=HIGH * PENS[0] * (PENS[1] / PENS[0]) ** random.random(),
        scale=(tall * math.exp(random.uniform(*WIDE)), tall),
        gap=random.uniform(*WIDE_GAPS)
        if chances[6] < habits.spread
        else random.normal(*habits.gaps),
        ways=random.integers(MANY_WAYS, size=10 + len(MARKS)),
        own_outlines=chances[0] < habits.outlines,
        foreign=chances[1] < habits.foreign,
        joining=chances[2] < habits.joining,
        coiling=chances[3] < habits.coiling,
        fixed=random.uniform(*CELL) if chances[4] < habits.fixed else 0.0,
        first=random.uniform(*LARGE_FIRST) if chances[5] < habits.large_first else 1.0,
        font=FONTS[random.integers(len(FONTS))],
    )


def glyphs_of(text: str, hand: Hand) -> Iterator[tuple[str, Glyph]]:
    """Yield each sign of a text with its glyph, in this hand.

    A word comes as one glyph, named "a", and so do zeros in one stroke, named "0".
    """
    coils = hand.coiling and hand.kind != PRINTED
    first = hand.first
    for part in re.findall("[A-Za-z]+|0{2,}|." if coils else "[A-Za-z]+|.", text):
        if part.isalpha():
            yield "a", word(part, hand)
        elif len(part) > 1:
            yield "0", coil(len(part), hand)
        elif part == " ":
            yield " ", blank(hand)
        else:
            yield part, sign_of(part, hand, first if part.isdigit() else 1.0)
        first = 1.0 if part.isdigit() else first


def blank(hand: Hand) -> Glyph:
    """Return an empty glyph, as wide as a gap in a text."""
    wide = HIGH * hand.random.uniform(*BLANK)
    return Glyph(np.full((1, max(1, round(wide))), FAR, np.uint8), 0, 0)


def sign_of(sign: str, hand: Hand, larger: float) -> Glyph:
    """Return a digit or mark as this hand writes it.

    Its size is `larger` times the usual one and varies a little; print doesn't vary.
    """
    if hand.kind == PRINTED and sign not in NEVER_PRINTED:
        return lettered(sign, hand.font, hand.scale, hand.slant * PARTLY)
    size = larger * (1 + UNEVEN_SIZE * hand.random.standard_normal())
    if hand.chance(OTHER_SIZE):
        size *= hand.random.uniform(*OTHER_SIZES)
    scale = (hand.scale[0] * size, hand.scale[1] * size)
    slant = hand.slant + UNEVEN_SLANT * hand.random.standard_normal()
    if not is_mnist(sign, hand):
        return by_code(sign, hand, scale, slant)
    digit = hand.bank.any_of(int(sign), hand.random)
    map_ = digit.outline if hand.own_outlines else digit.strokes
    return warped(map_, digit.height, slant - digit.slant, scale)


def is_mnist(sign: str, hand: Hand) -> bool:
    """Tell whether this hand takes a sign from MNIST's digits."""
    if not sign.isdigit() or hand.kind == BY_CODE:
        return False
    if hand.foreign and sign in FOREIGN_DIGITS:
        return False
    return hand.kind == FROM_MNIST or hand.ways[int(sign)] < IN_MIXED * MANY_WAYS


def by_code(sign: str, hand: Hand, scale: tuple[float, float], slant: float) -> Glyph:
    """Return a sign made of strokes, in the shape that this hand always gives it."""
    number = int(sign) if sign.isdigit() else 10 + list(MARKS).index(sign)
    way = int(hand.ways[number])
    strokes = by_this_hand(way_to_write(sign, way), way)
    return drawn(strokes, scale, slant * PARTLY)


def coil(count: int, hand: Hand) -> Glyph:
    """Return zeros written without lifting the pen: each loop ends where the next begins."""
    random = hand.random
    apart = COIL_APART + COIL_GAP * hand.gap + COIL_UNEVEN * random.standard_normal()
    start, turn = random.uniform(*COIL_START), random.uniform(*COIL_TURN)
    wide = random.uniform(*COIL_WIDE)
    points: list[tuple[float, float]] = []
    for number in range(count):
        tall = 0.5 * (1 + UNEVEN_SIZE * random.standard_normal())
        points += arc((wide + number * apart, 1 - tall), (wide, tall), (start, start - turn))
    if hand.chance(COIL_TAIL):
        points.append((points[-1][0] + random.uniform(*COIL_TAILS), points[-1][1]))
    padded = np.array([points[0], *points, points[-1]])
    rounded = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4  # at the corners
    return drawn([rounded], hand.scale, hand.slant)


def word(letters: str, hand: Hand) -> Glyph:
    """Return letters of a font, as large as digits or smaller."""
    size = hand.random.uniform(*WORD_SIZE)
    scale = (hand.scale[0] * size, hand.scale[1] * size)
    return lettered(letters, hand.font, scale, hand.slant)
