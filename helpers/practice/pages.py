"""Photographed pages with lines of digits, and what is written on them where."""

from dataclasses import dataclass

import cv2
import numpy as np

from helpers.practice import redrawing
from helpers.practice.camera import captured, ink_and_paper, light, photograph, sheet
from helpers.practice.scenes import PAGE, Scene
from helpers.reading.pixels import cut_out

Box = tuple[int, int, int, int]  # left, top, width, height
Source = tuple[np.ndarray, np.ndarray]  # digits and what they are
Truth = list[list[tuple[int, Box]]]  # for each line its digits and their boxes


@dataclass(frozen=True)
class Layout:
    """How digits are put on a page; lengths are in heights of a digit."""

    scene: Scene
    side: tuple[int, int] = (1000, 1600)  # pixels of the longer side of the page
    height: tuple[int, int] = (40, 90)  # pixels of a line's typical digit
    within: float = 1.15  # by which digits of one line may be larger or smaller
    space: tuple[float, float] = (0.15, 0.6)  # between digits
    leading: tuple[float, float] = (1.5, 2.0)  # from line to line
    slant: float = 1.0  # degrees that the page is turned, to either side
    drift: float = 0.05  # by which a line wanders up or down
    specks: int = 0
    broken: float = 0.0  # how often a digit has a gap
    most_digits: int = 40  # of a line
    most_lines: int = 100


def page_of(inks: list[np.ndarray], per_line: int, random: np.random.Generator) -> np.ndarray:
    """A photographed page with lines of digits, about as tidy as people write."""
    side = max(max(ink.shape) for ink in inks)
    across, down = round(1.15 * side), round(1.6 * side)
    page = np.zeros((-(-len(inks) // per_line) * down, per_line * across), np.uint8)
    for number, ink in enumerate(inks):
        top, left = number // per_line * down, number % per_line * across
        top += random.integers(0, down - side + 1) // 2
        left += random.integers(0, across - ink.shape[1] + 1)
        page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return photograph(page, PAGE, random)


def compose(layout: Layout, source: Source, random: np.random.Generator) -> tuple:
    """A photographed page, and what is written on it where."""
    long = random.integers(*layout.side)
    sides = sorted((long, round(0.72 * long)), reverse=random.random() < 0.5)
    cover = np.zeros(sides, np.float32)
    pen = random.uniform(*layout.scene.width), random.uniform(0.3, 0.6)
    angle = np.radians(random.uniform(-layout.slant, layout.slant))
    lean = abs(np.tan(angle)) * sides[1] / 2
    lines, sizes, top = [], [], lean
    while len(lines) < layout.most_lines:
        height = round(np.exp(random.uniform(*np.log(layout.height))))
        highest = height * layout.within
        top += (random.uniform(*layout.leading) - 1) * height
        if top + highest + lean > sides[0] - 0.3 * height:
            break
        line = write_line(layout, cover, (top + highest, height, angle), source, pen, random)
        if line:
            lines.append(line)
            sizes.append(height)
        top += highest
    if not lines:
        return compose(layout, source, random)
    size = round(np.median(sizes))
    for _ in range(layout.specks):
        at = tuple(int(random.integers(side)) for side in sides[::-1])
        cv2.circle(cover, at, int(random.integers(1, max(2, size // 14))), 1, -1, cv2.LINE_AA)
    return develop(layout.scene, cover, size, random), lines


def write_line(
    layout: Layout,
    cover: np.ndarray,
    place: tuple[float, int, float],
    source: Source,
    pen: tuple[float, float],
    random: np.random.Generator,
) -> list[tuple[int, Box]]:
    """Write digits from left to right until chance or the page ends the line."""
    (base, height, angle), (digits, labels) = place, source
    high, wide = cover.shape
    right, phase = wide * random.uniform(0.04, 0.12), random.uniform(0, 6)
    line: list[tuple[int, Box]] = []
    for _ in range(random.integers(min(3, layout.most_digits), layout.most_digits + 1)):
        which = random.integers(len(labels))
        size = round(height * layout.within ** random.uniform(-1, 1))
        ink = written(digits[which], int(labels[which]), size, pen, random)
        if random.random() < layout.broken:
            ink = with_gap(ink, random)
        left, drift = round(right), layout.drift * np.sin(phase + right / height / 6)
        drift += random.normal(0, 0.04)
        bottom = round(base + drift * height + (left - wide / 2) * np.tan(angle))
        top, right = bottom - ink.shape[0], left + ink.shape[1]
        if right > wide * 0.97 or top < 0 or bottom > high:
            break
        part = cover[top:bottom, left:right]
        np.maximum(part, ink.astype(np.float32) / 255, out=part)
        line.append((int(labels[which]), (left, top, ink.shape[1], ink.shape[0])))
        right += height * random.uniform(*layout.space)
    return line


def written(
    digit: np.ndarray,
    label: int,
    size: int,
    pen: tuple[float, float],
    random: np.random.Generator,
) -> np.ndarray:
    """A digit as ink, cut out: as its writer wrote it, or, if there is room, with this pen."""
    thickness, weight = pen
    if size < 60 or random.random() < 0.5 or not redrawing.has_strokes(digit, label):
        ink = redrawing.enlarge(digit, size, weight)
    else:
        ink = redrawing.with_pen(digit, size, size * thickness)
    return cut_out(ink, above=60)


def with_gap(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A digit whose pen skipped somewhere: a straight gap through part of it."""
    high, wide = ink.shape
    broken = ink.copy()
    y = round(high * random.uniform(0.2, 0.8))
    start = random.integers(0, max(1, wide // 2))
    thick = max(2, round(high * random.uniform(0.03, 0.07)))
    tilt = round(high * random.normal(0, 0.1))
    cv2.line(broken, (int(start), y), (int(start) + wide // 2, y + tilt), 0, thick)
    return broken if broken.sum() > 0.6 * ink.sum() else ink


def develop(scene: Scene, cover: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """The page as photographed."""
    paper, colour = ink_and_paper(scene, random)
    picture = sheet(paper, list(cover.shape), size, scene, random)
    cover = cover[..., None] * random.uniform(*scene.contrast)
    picture = picture * (1 - cover) + colour * cover
    picture *= light(list(cover.shape[:2]), size, scene, random)
    return captured(picture, size, scene, random)
