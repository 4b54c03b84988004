"""Kinds with one digit or one number, or with two numbers far apart."""

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.world.objects import draw_coin, draw_cup_ring, draw_finger, draw_pen, ring
from benchmarks.world.registry import NUMBER, ONE, enlist
from benchmarks.world.studio import ANYWHERE, NEAR, SHADOW, Box, Drawn, Sheet, Studio, Writer

Digits = tuple[int, int]  # the least and the most digits


def sheet_with(
    studio: Studio, text: str, writer: Writer | None = None, rule: str | None = ""
) -> tuple[Sheet, Box]:
    """Return a sheet with a text in its middle, not larger than it needs, and the text's box."""
    height = studio.uniform(110, 190)
    mask = (writer or studio.hand())(text, height)
    wide = min(1900, round(mask.shape[1] * studio.uniform(1.35, 2.2) + 2 * height))
    high = round(mask.shape[0] * studio.uniform(1.35, 2.2) + studio.uniform(1, 3) * height)
    sheet = studio.sheet(wide, high, rule)
    return sheet, sheet.write(mask, studio.uniform(0.47, 0.53), studio.uniform(0.46, 0.54))


def number(
    studio: Studio, digits: Digits, place: str, rule: str | None = None, printed: bool = False
) -> Drawn:
    """Draw one number on a sheet; without a rule, the paper is ruled or not."""
    text, writer = studio.digits(*digits), studio.print() if printed else studio.hand()
    return Drawn(studio.show(sheet_with(studio, text, writer, rule)[0], place), [text])


def small(studio: Studio, digits: Digits) -> Drawn:
    """Draw a small number somewhere on a large sheet."""
    text, sheet = studio.digits(*digits), studio.sheet(1500, 1050)
    mask = studio.hand()(text, studio.uniform(55, 95))
    sheet.write(mask, studio.uniform(0.22, 0.78), studio.uniform(0.12, 0.88))
    return Drawn(studio.show(sheet, NEAR), [text])


def chalk(studio: Studio) -> Drawn:
    """Draw a digit in chalk on a board."""
    text, sheet = studio.digits(1), studio.sheet(1000, 750, "")
    sheet.picture *= np.array(studio.pick([(38, 62, 52), (44, 46, 50)])) / 240
    sheet.ink = (232, 232, 222)
    sheet.write(studio.hand()(text, studio.uniform(160, 260)))
    return Drawn(studio.show(sheet, NEAR), [text])


def two_corners(studio: Studio) -> Drawn:
    """Draw two numbers in opposite corners."""
    numbers, sheet, hand = studio.numbers(2, 2, 4), studio.sheet(1300, 900, ""), studio.hand()
    left, right = studio.pick([(0.22, 0.78), (0.78, 0.22)])
    for text, x, y in zip(numbers, (left, right), (0.15, 0.85), strict=True):
        sheet.write(hand(text, studio.uniform(70, 100)), x, y)
    return Drawn(studio.show(sheet), numbers)


def large_and_small(studio: Studio) -> Drawn:
    """Draw a large digit, and a small number beside it."""
    large, small = studio.digits(1), studio.digits(2, 4)
    sheet, hand = studio.sheet(1100, 850, ""), studio.hand()
    sheet.write(hand(large, studio.uniform(330, 420)), 0.3, 0.42)
    sheet.write(hand(small, studio.uniform(70, 100)), 0.76, studio.uniform(0.6, 0.85))
    return Drawn(studio.show(sheet, NEAR), [large, small])


def ringed(studio: Studio) -> Drawn:
    """Draw a number in a ring whose ends don't quite meet."""
    text = studio.digits(2, 4)
    sheet, (left, top, right, bottom) = sheet_with(studio, text)
    around = ring(0.72 * (right - left), 0.85 * (bottom - top), studio.uniform(0.98, 1.06))
    around *= 1 + 0.04 * np.sin(np.linspace(0, 6, len(around)))[:, None]
    sheet.stroke(around + np.array([left + right, top + bottom]) / 2, studio.uniform(6, 12))
    return Drawn(studio.show(sheet), [text])


def boxed(studio: Studio) -> Drawn:
    """Draw a number in a box whose corners are a little off."""
    text, space = studio.digits(2, 6), studio.uniform(25, 60)
    sheet, (left, top, right, bottom) = sheet_with(studio, text)
    x, y = [left, right, right, left, left], [top, top, bottom, bottom, top]
    away = space * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    corners = np.stack([x, y], 1) + away + studio.random.normal(0, 3, (5, 2))
    sheet.stroke(corners, studio.uniform(4, 10))
    return Drawn(studio.show(sheet), [text])


def underlined(studio: Studio) -> Drawn:
    """Draw a number that is underlined once or twice."""
    text = studio.digits(2, 6)
    sheet, (left, _, right, bottom) = sheet_with(studio, text)
    for line in range(studio.count(1, 2)):
        y = bottom + 26 + 24 * line + studio.random.normal(0, 4, 3)
        x = left - 15, (left + right) / 2, right + 15
        sheet.stroke(np.stack([x, y], 1), studio.uniform(5, 10))
    return Drawn(studio.show(sheet), [text])


def with_object(studio: Studio, *objects: Callable[[Sheet, Studio], None]) -> Drawn:
    """Draw a number, and below it one of the objects on the sheet."""
    text, hand = studio.digits(2, 6), studio.hand()
    sheet, height = studio.sheet(1000, 750), studio.uniform(90, 150)
    sheet.write(hand(text, height), studio.uniform(0.45, 0.55), 0.28)
    studio.pick(objects)(sheet, studio)
    return Drawn(studio.show(sheet), [text])


def overlapping(studio: Studio) -> Drawn:
    """Draw digits that overlap a little."""
    text, height, hand = studio.digits(2, 4), studio.uniform(130, 190), studio.own_hand()
    sheet, masks = studio.sheet(1000, 600, ""), [hand(sign, height) for sign in text]
    left = (sheet.wide - sum(mask.shape[1] for mask in masks)) / 2
    for mask in masks:
        sheet.put(mask, (left + mask.shape[1] / 2) / sheet.wide, 0.5)
        left += mask.shape[1] - studio.uniform(0.05, 0.16) * height
    return Drawn(studio.show(sheet, NEAR), [text])


def crossed_out(studio: Studio) -> Drawn:
    """Draw a number that is crossed out: there is nothing to read."""
    sheet, box = sheet_with(studio, studio.digits(2, 5))
    cross_out(sheet, box, studio)
    return Drawn(studio.show(sheet))


def corrected(studio: Studio) -> Drawn:
    """Draw a number that is crossed out, and another one beside it."""
    (wrong, right), hand, height = studio.numbers(2, 2, 4), studio.hand(), studio.uniform(90, 130)
    sheet = studio.sheet(1200, 500, "")
    cross_out(sheet, sheet.write(hand(wrong, height), 0.28, 0.5), studio)
    sheet.write(hand(right, height), 0.72, 0.5)
    return Drawn(studio.show(sheet), [right])


def cross_out(sheet: Sheet, box: Box, studio: Studio) -> None:
    """Strike a number out, with two lines or with a zigzag."""
    left, top, right, bottom = box
    pen, height = studio.uniform(7, 13), bottom - top
    if studio.random.random() < 0.6:
        for part in (0.4, 0.62):
            y = top + part * height + studio.random.normal(0, 0.05 * height, 2)
            sheet.stroke(np.stack([[left - 20, right + 20], y], 1), pen)
        return
    x = np.linspace(left - 15, right + 15, 3 + 2 * round((right - left) / height * 2))
    y = np.where(np.arange(len(x)) % 2, top + 0.12 * height, bottom - 0.12 * height)
    sheet.stroke(np.stack([x, y + studio.random.normal(0, 6, len(x))], 1), pen)


DIGIT, SEVERAL, LONG = (1, 1), (2, 8), (16, 30)

enlist(
    ONE,
    "work",
    {
        "one digit, near": partial(number, digits=DIGIT, place=NEAR),
        "one printed digit": partial(number, digits=DIGIT, place=NEAR, rule="", printed=True),
        "one small digit on a large sheet": partial(small, digits=DIGIT),
    },
)
enlist(
    ONE,
    "held",
    {
        "one digit on a ground": partial(number, digits=DIGIT, place=ANYWHERE),
        "one digit, a hand's shadow": partial(number, digits=DIGIT, place=SHADOW),
        "one digit in chalk": chalk,
    },
)
enlist(
    NUMBER,
    "work",
    {
        "number, near": partial(number, digits=SEVERAL, place=NEAR, rule=""),
        "number on wood": partial(number, digits=SEVERAL, place="wood"),
        "number on black": partial(number, digits=SEVERAL, place="black"),
        "number, a hand's shadow": partial(number, digits=SEVERAL, place=SHADOW),
        "number of 16 to 30 digits": partial(number, digits=LONG, place=ANYWHERE, rule=""),
        "small number on a large sheet": partial(small, digits=(2, 5)),
        "number in a drawn ring": ringed,
        "number, underlined": underlined,
        "crossed-out number, alone": crossed_out,
        "number with a pen or a coin below": lambda s: with_object(s, draw_pen, draw_coin),
    },
)
enlist(
    NUMBER,
    "held",
    {
        "number on ruled paper, near": partial(number, digits=SEVERAL, place=NEAR, rule="squares"),
        "number on grey": partial(number, digits=SEVERAL, place="grey"),
        "number on blue cloth": partial(number, digits=SEVERAL, place="blue cloth"),
        "number on light": partial(number, digits=SEVERAL, place="light"),
        "printed number": partial(number, digits=SEVERAL, place=ANYWHERE, rule="", printed=True),
        "two numbers in opposite corners": two_corners,
        "a large digit and a small number": large_and_small,
        "number in a drawn box": boxed,
        "digits that overlap": overlapping,
        "crossed-out number beside its correction": corrected,
        "number with a cup's ring or a finger": lambda s: with_object(
            s, draw_cup_ring, draw_finger
        ),
    },
)
