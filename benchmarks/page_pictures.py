"""Photographed pages with lines of digits, and the places of all that is written on them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from benchmarks.page_parts import Box, WrittenSign, draw_box, number, turned
from handreader.ink.pixels import cut_out
from trainer.synthesis import redrawing
from trainer.synthesis.camera import photograph_page
from trainer.synthesis.glyphs import Bank
from trainer.synthesis.hands import Habits, Hand, sample_hand
from trainer.synthesis.scenes import Range, Scene
from trainer.synthesis.subjects import Source
from trainer.synthesis.texts import some_text

# How people write lines, estimated from a few; lengths are in heights of a digit.
PAPER = 0.72  # of the longer side is the shorter side: about as in A4
OUTLINE: Range = (0.3, 0.6)  # the weight of digits that are enlarged and not drawn
FOOT = 0.3  # left free at the bottom of a page
GUTTER = 1.5  # between columns, in heights of the largest digits
START: Range = (0.04, 0.12)  # of the page's width, where a line begins
END = 0.97  # of the page's width, where it has to end
FEWEST_TRIED = 3  # digits of a line at least, unless the layout allows fewer
WANDERING = 6  # digit heights along a line for each radian of its wave
UNEVEN_FOOT = 0.04  # by which each digit stands higher or lower, in addition
LEAST_DRAWN = 60  # pixels of height: a smaller digit has no room for a pen's stroke
AS_WRITTEN = 0.5  # how often a larger digit is left as its writer wrote it
DIGIT_INK = 60  # of 255: fainter edges don't count for a digit's box
SPECKS_PER_DIGIT = 14  # height of a digit in radii of the largest speck

# The gap where a pen skipped, in heights of its digit.
GAP_PLACE, GAP_THICK, GAP_TILT = (0.2, 0.8), (0.03, 0.07), 0.1
LEAST_LEFT = 0.6  # of the ink, or nobody could read what is left


Truth = list[list[WrittenSign]]  # the signs of each line, from left to right


@dataclass(frozen=True)
class Layout:
    """A way to put digits on a page; lengths are in heights of a digit."""

    scene: Scene
    side: tuple[int, int] = (1000, 1600)  # pixels of the longer side of the page
    height: tuple[int, int] = (40, 90)  # pixels of a line's typical digit
    within: float = 1.15  # by which digits of one line may be larger or smaller
    space: Range = (0.15, 0.6)  # between digits
    leading: Range = (1.5, 2.0)  # from line to line
    slant: float = 1.0  # degrees that the page is turned, to either side
    drift: float = 0.05  # by which a line wanders up or down
    specks: int = 0
    broken: float = 0.0  # how often a digit has a gap
    most_digits: int = 40  # of a line
    most_lines: int = 100
    columns: int = 1
    habits: Habits | None = None  # of a hand that writes numbers as on lines, with marks and words
    boxes: Literal["", "numbers", "digits"] = ""  # of a form, around each of these
    tilt: float = 0.0  # degrees to either side, by which all that is on the page is turned
    quarters: int = 0  # quarter turns counter-clockwise, in addition


@dataclass(frozen=True)
class Draft:
    """A page while it is being written."""

    layout: Layout
    source: Source
    random: np.random.Generator
    cover: np.ndarray  # (high, wide) floats, 1 where the ink is full
    thickness: float  # of its pen, in heights of a digit
    weight: float  # of the outlines of digits that are not drawn by this pen
    angle: float  # radians that the page is turned
    hand: Hand | None  # that writes numbers as on lines, if the layout wants that


def compose(
    layout: Layout, source: Source, random: np.random.Generator
) -> tuple[np.ndarray, Truth]:
    """Return a photographed page, (height, width, 3) bytes, and its signs with their places."""
    lines: list[tuple[int, list[WrittenSign]]] = []
    while not lines:  # the first line may have been too high for the page
        draft = draft_of(layout, source, random)
        lines = [line for column in range(layout.columns) for line in write_column(draft, column)]
    size = round(np.median([height for height, _ in lines]))
    scatter(draft, size)
    if layout.boxes:
        for height, line in lines:
            draw_box(draft.cover, line, height, layout.boxes == "digits")
    cover, truth = draft.cover, [line for _, line in lines]
    if layout.tilt or layout.quarters:
        degrees = 90 * layout.quarters + random.uniform(-1, 1) * layout.tilt
        cover, truth = turned(cover, truth, degrees)
    return photograph_page(cover, size, layout.scene, random), truth


def draft_of(layout: Layout, source: Source, random: np.random.Generator) -> Draft:
    """Return an empty page, upright or on its side, with a random pen."""
    long = int(random.integers(*layout.side))
    short = round(PAPER * long)
    shape = (long, short) if random.random() < 0.5 else (short, long)
    cover = np.zeros(shape, np.float32)
    thickness, weight = random.uniform(*layout.scene.width), random.uniform(*OUTLINE)
    angle = np.radians(random.uniform(-layout.slant, layout.slant))
    hand = None
    if layout.habits:  # no zeros in one stroke: each sign needs a place of its own
        hand = sample_hand(Bank(source), replace(layout.habits, coiling=0), random)
    return Draft(layout, source, random, cover, thickness, weight, angle, hand)


def write_column(draft: Draft, column: int) -> Iterator[tuple[int, list[WrittenSign]]]:
    """Write one of the page's columns; yield the height and the signs of each line."""
    count, wide = draft.layout.columns, draft.cover.shape[1]
    gutter = GUTTER * draft.layout.height[1] if count > 1 else 0
    each = (wide + gutter) / count
    left, right = round(column * each), round((column + 1) * each - gutter)
    for height, line in write_lines(replace(draft, cover=draft.cover[:, left:right])):
        yield height, [sign.moved(left, 0) for sign in line]


def write_lines(draft: Draft) -> Iterator[tuple[int, list[WrittenSign]]]:
    """Write lines from top to bottom until the page is full; yield their heights and signs."""
    layout, random, (high, wide) = draft.layout, draft.random, draft.cover.shape
    write = write_number if draft.hand else write_line
    lean = abs(np.tan(draft.angle)) * wide / 2
    top, written = lean, 0
    while written < layout.most_lines:
        height = round(np.exp(random.uniform(*np.log(layout.height))))
        highest = height * layout.within
        top += (random.uniform(*layout.leading) - 1) * height
        if top + highest + lean > high - FOOT * height:
            return
        if line := write(draft, top + highest, height):
            yield height, line
            written += 1
        top += highest


def write_line(draft: Draft, foot: float, height: int) -> list[WrittenSign]:
    """Write digits from left to right until chance or the page ends the line."""
    layout, random = draft.layout, draft.random
    right = draft.cover.shape[1] * random.uniform(*START)
    phase = random.uniform(0, 6)  # of the line's wandering
    line: list[WrittenSign] = []
    fewest = min(FEWEST_TRIED, layout.most_digits)
    for _ in range(random.integers(fewest, layout.most_digits + 1)):
        label, ink = next_digit(draft, height)
        high, wide = ink.shape
        drift = layout.drift * np.sin(phase + right / height / WANDERING)
        drift += random.normal(0, UNEVEN_FOOT)
        left = round(right)
        leaning = (left - draft.cover.shape[1] / 2) * np.tan(draft.angle)
        top = round(foot + drift * height + leaning) - high
        if not put(ink.astype(np.float32) / 255, left, top, draft.cover):
            break
        line.append(WrittenSign(str(label), Box(left, top, wide, high)))
        right = left + wide + height * random.uniform(*layout.space)
    return line


def write_number(draft: Draft, foot: float, height: int) -> list[WrittenSign]:
    """Write a number, and what stands beside it, if there is room."""
    hand, habits = draft.hand, draft.layout.habits
    assert hand
    assert habits
    left = round(draft.cover.shape[1] * draft.random.uniform(*START))
    text = some_text(draft.random, draft.random.random() < habits.alone)
    written = number(text, hand, height)
    if written is None:
        return []
    top = round(foot) - written.foot
    has_room = put(written.cover, left, top, draft.cover)
    return [sign.moved(left, top) for sign in written.signs] if has_room else []


def put(ink: np.ndarray, left: int, top: int, cover: np.ndarray) -> bool:
    """Put ink on a page, both from 0 to 1, unless there is no room; tell whether there was."""
    high, wide = ink.shape
    if left + wide > cover.shape[1] * END or top < 0 or top + high > len(cover):
        return False
    part = cover[top : top + high, left : left + wide]
    np.maximum(part, ink, out=part)
    return True


def next_digit(draft: Draft, height: int) -> tuple[int, np.ndarray]:
    """Return a random digit's label and its ink, cut out, perhaps with a gap.

    It is as its writer wrote it or, if there is room for a stroke, drawn again with the page's pen.
    """
    source, layout, random = draft.source, draft.layout, draft.random
    which = random.integers(len(source.labels))
    digit, label = source.images[which], int(source.labels[which])
    size = round(height * layout.within ** random.uniform(-1, 1))
    again = size >= LEAST_DRAWN and random.random() >= AS_WRITTEN
    if again and redrawing.has_strokes(digit, label):
        ink = redrawing.with_pen(digit, size, size * draft.thickness)
    else:
        ink = redrawing.enlarge(digit, size, draft.weight)
    ink = cut_out(ink, above=DIGIT_INK)
    return label, with_gap(ink, random) if random.random() < layout.broken else ink


def with_gap(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a digit with a straight gap through part of it, as if the pen had skipped."""
    high, wide = ink.shape
    broken = ink.copy()
    y = round(high * random.uniform(*GAP_PLACE))
    start = int(random.integers(0, max(1, wide // 2)))
    thick = max(2, round(high * random.uniform(*GAP_THICK)))
    tilt = round(high * random.normal(0, GAP_TILT))
    cv2.line(broken, (start, y), (start + wide // 2, y + tilt), 0, thick)
    return broken if broken.sum() > LEAST_LEFT * ink.sum() else ink


def scatter(draft: Draft, size: int) -> None:
    """Scatter specks of dirt over a page whose digits are `size` pixels high."""
    high, wide = draft.cover.shape
    for _ in range(draft.layout.specks):
        at = int(draft.random.integers(wide)), int(draft.random.integers(high))
        radius = int(draft.random.integers(1, max(2, size // SPECKS_PER_DIGIT)))
        cv2.circle(draft.cover, at, radius, 1, -1, cv2.LINE_AA)
