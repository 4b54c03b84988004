"""Find the digit on a picture, and frame it as MNIST does.

`ways_to_see` does all of it; its results keep each step on the way.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np

from handreader.framing import BOX, frame
from handreader.ink.crops import Tone, tones_of
from handreader.ink.pixels import (
    INKED,
    Box,
    Edges,
    along_edges,
    inked,
    inked_part,
    shrink,
    shrink_factor,
    thickness,
)
from handreader.ink.ruled_lines import without_lines
from handreader.ink.segmentation import Ink, NoInkError, find_ink
from handreader.ink.sheet import Ground, grounds
from handreader.ink.surroundings import without_frames, without_shadows

# Found by trying on synthetic photographs of validation digits, unless another reason is given.
WORKING_SIDE = 640  # larger pictures, and digits of pages, are reduced to this
FEW = 100  # pixels: a smaller digit on a reduced picture is looked at more closely,
WORTH_IT = 1.2  # if that makes it more than so many times larger,
AROUND_DIGIT = 0.7  # with this much of its size around it
ABOVE, BESIDE = 0.15, 0.4  # of its height: what a digit is surrounded by, as lines of a page are

# Which strokes belong to the digit.
TOGETHER = 0.25  # of a digit's longer side: strokes nearer than this belong to it
MOST_STROKES = 50  # pieces that a digit may be in
LEAST_STROKE, LEAST_AREA = 3, 0.01  # pixels, and of the main stroke: smaller ones are dirt
OFF_MIDDLE = 0.8  # of its weight: what a stroke loses if it is a whole picture off the middle
CUT_OFF = 1.2  # of it, times the share of its width plus height that is at the picture's edge,
LEAST_WEIGHT = 0.1  # but this much weight is left

# How strokes are kept from fading.
STROKE = 0.4  # of full ink: more is part of a stroke when thickness is measured
THINNEST = 1.8  # pixels in the frame; strokes that would be thinner are thickened


@dataclass(frozen=True)
class Steps:
    """A picture's intermediate results on its way to the network."""

    picture: np.ndarray  # (H, W, 3) bytes, maybe only a part
    paper: np.ndarray  # the same without ink
    ink: np.ndarray  # (H, W) floats, 1 where the ink is full
    digit: np.ndarray  # the ink of the digit, cut out
    framed: np.ndarray  # (28, 28) bytes, as in MNIST
    box: Box  # of the digit, on the whole picture
    where: Box  # of the digit, on `picture`

    @property
    def surrounded(self) -> np.ndarray:
        """Return the digit in grey, (H, W) bytes, with some of what is around it."""
        left, top, wide, high = self.where
        across, down = round(BESIDE * high), round(ABOVE * high)
        rows = slice(max(0, top - down), top + high + down)
        columns = slice(max(0, left - across), left + wide + across)
        return cv2.cvtColor(self.picture[rows, columns], cv2.COLOR_RGB2GRAY)


@dataclass(frozen=True)
class Strokes:
    """The connected parts of some ink."""

    labels: np.ndarray  # (H, W): the part that a pixel belongs to, 0 for none
    edges: dict[int, Edges]  # of the parts worth keeping, the most important first


def ways_to_see(picture: np.ndarray) -> Iterator[Steps]:
    """Return the steps for each segmentation into ink and paper, the likeliest first.

    The first is computed at once, so that NoInkError is raised here; the others when they are asked
    for. A sheet of paper on the picture is tried after the whole of it.

    >>> picture = np.full((80, 60, 3), 250, np.uint8)
    >>> picture[15:65, 28:33] = 20
    >>> next(ways_to_see(picture)).box
    (28, 15, 5, 50)
    """
    return first_at_once(way for ground in grounds(picture) for way in ways_on(ground))


def first_at_once(ways: Iterator[Steps]) -> Iterator[Steps]:
    """Compute the first of some ways now; NoInkError is raised if there is none."""
    first = next(ways, None)
    if first is None:
        raise NoInkError
    return chain([first], ways)


def ways_on(ground: Ground) -> Iterator[Steps]:
    """Yield one segmentation at a time, so that the first doesn't wait for the rest."""
    tones = tones_of(ground.picture)
    narrow, careful = (steps_of_crop(tone, ground) for tone in tones), careful_ways(ground)
    plain = bool(tones) and tones[0].is_plain
    yield from chain(narrow, careful) if plain else chain(careful, narrow)


def steps_of_crop(tone: Tone, ground: Ground) -> Steps:
    """Return the steps of a crop in which one tone is ink: all of it is the digit."""
    rows, columns = tone.where
    digit = tone.ink.cover[tone.where]
    where = columns.start, rows.start, digit.shape[1], digit.shape[0]
    framed, box = frame_strokes(digit), ground.box_before(where)
    return Steps(ground.picture, tone.ink.paper, tone.ink.cover, digit, framed, box, where)


def careful_ways(ground: Ground) -> Iterator[Steps]:
    """Yield steps for paper in any light, plain or ruled."""
    small = shrink(ground.picture, WORKING_SIDE)
    for ink in find_ink(small):
        with suppress(NoInkError):
            yield steps_with(ink, small, ground)


def steps_with(ink: Ink, small: np.ndarray, ground: Ground) -> Steps:
    """Return the steps for known ink on `small`, a reduced copy of a ground's picture."""
    cover = without_frames(without_lines(without_shadows(ink.cover, small)), small)
    digit, found = find_digit(cover)
    scale = shrink_factor(ground.picture, small)
    left, top, wide, high = (round(value * scale) for value in found)
    if scale > WORTH_IT and max(found[2:]) < FEW:
        return look_closer(ground, (left, top, wide, high))
    box = ground.box_before((left, top, wide, high))
    return Steps(small, ink.paper, ink.cover, digit, frame_strokes(digit), box, found)


def look_closer(ground: Ground, box: Box) -> Steps:
    """Return the steps for the part of a ground around a small digit."""
    left, top, wide, high = box
    margin = round(AROUND_DIGIT * max(wide, high))
    part = ground.part(left - margin, top - margin, left + wide + margin, top + high + margin)
    return next(first_at_once(careful_ways(part)))


def find_digit(ink: np.ndarray) -> tuple[np.ndarray, Box]:
    """Return the strokes (H, W) of one digit, cut out, and their box."""
    area = inked_part(ink > INKED, margin=1)
    up, before = area[0].start, area[1].start
    strokes = strokes_of(ink[area], (before, up), ink.shape[::-1])
    chosen, (left, top, right, bottom) = gathered(strokes.edges)
    wanted = np.zeros(strokes.labels.max() + 1, np.float32)
    wanted[chosen] = 1
    window = np.s_[top:bottom, left:right]
    digit = ink[area][window] * wanted[strokes.labels[window]]
    return digit, (left + before, top + up, right - left, bottom - top)


def gathered(edges: dict[int, Edges]) -> tuple[list[int], Edges]:
    """Return the first stroke with all strokes near to it or to these, and their edges."""
    first, *waiting = edges
    chosen, around = [first], edges[first]
    while near := [part for part in waiting if are_together(around, edges[part])]:
        chosen += near
        waiting = [part for part in waiting if part not in near]
        lefts, tops, rights, bottoms = zip(*(edges[part] for part in chosen), strict=True)
        around = (min(lefts), min(tops), max(rights), max(bottoms))
    return chosen, around


def are_together(digit: Edges, stroke: Edges) -> bool:
    """Tell whether a stroke is so near to the known part of a digit that it belongs to it."""
    size = max(digit[2] - digit[0], digit[3] - digit[1])
    return apart(digit, stroke) < TOGETHER * size


def apart(one: Edges, other: Edges) -> float:
    """Return the distance between two strokes' edges, in pixels."""
    right = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return float(np.hypot(max(right, 0), max(down, 0)))


def strokes_of(ink: np.ndarray, offset: tuple[int, int], size: tuple[int, ...]) -> Strokes:
    """Return the connected parts of ink (H, W), and the edges of those worth keeping.

    The ink is cut out of a picture of that size (width, height), at that offset (x, y).
    """
    count, labels, stats, centres = cv2.connectedComponentsWithStats(inked(ink), connectivity=8)
    if count == 1:
        raise NoInkError
    at_edge = np.bincount(along_edges(labels), minlength=count)
    weights = importance(stats, at_edge, (centres + offset) / size - 0.5)
    weights[0] = 0  # the background
    first, area = int(weights.argmax()), stats[:, cv2.CC_STAT_AREA]
    kept = area >= max(LEAST_STROKE, LEAST_AREA * area[first])
    kept[first] = True  # even if it is only a dot
    if not at_edge[first]:
        kept &= at_edge == 0  # shadows and neighbours come in from outside
    order = [part for part in np.argsort(-weights)[:MOST_STROKES].tolist() if kept[part] and part]
    return Strokes(labels, {part: edges_of(stats[part]) for part in order})


def importance(stats: np.ndarray, at_edge: np.ndarray, off_middle: np.ndarray) -> np.ndarray:
    """Return how likely each part (parts,) is the digit: large, near the middle, not cut off.

    `stats` (parts, 5) are OpenCV's, `at_edge` (parts,) counts the pixels at the picture's edge, and
    `off_middle` (parts, 2) is the distance from the middle, in parts of the picture's size.
    """
    inside = 1 - OFF_MIDDLE * np.hypot(*off_middle.T)
    extent = np.maximum(1, stats[:, cv2.CC_STAT_WIDTH] + stats[:, cv2.CC_STAT_HEIGHT])
    whole = np.maximum(LEAST_WEIGHT, 1 - CUT_OFF * at_edge / extent)
    return stats[:, cv2.CC_STAT_AREA] * inside * whole


def edges_of(stats: np.ndarray) -> Edges:
    """Return the edges of a part, given its stats from OpenCV."""
    left, top, wide, high = stats[:4].tolist()
    return (left, top, left + wide, top + high)


def frame_strokes(ink: np.ndarray) -> np.ndarray:
    """Frame ink (H, W) as MNIST does, in 28 x 28 bytes, with strokes kept from fading."""
    return frame(strengthen(shrink(ink, WORKING_SIDE)))


def strengthen(ink: np.ndarray) -> np.ndarray:
    """Thicken the strokes of ink (H, W) if they are so thin that they would fade in the frame."""
    mask = (ink > STROKE).astype(np.uint8)
    if not mask.any():
        return ink
    more = round((THINNEST * max(ink.shape) / BOX - thickness(mask)) / 2)
    if more < 1:
        return ink
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * more + 1, 2 * more + 1))
    padded = cv2.copyMakeBorder(ink, more, more, more, more, cv2.BORDER_CONSTANT)
    return cv2.dilate(padded, brush)
