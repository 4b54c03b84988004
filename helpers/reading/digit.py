"""From a picture to a digit framed as MNIST frames its own: its ink, its strokes, its frame.

`ways_to_see` is the one door; what it yields shows every step on the way.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np

from helpers.reading.frame import BOX, frame
from helpers.reading.ink import Ink, NoInkError, find_ink
from helpers.reading.pixels import INKED, inked, inked_part, shrink, thickness
from helpers.reading.ruled_lines import without_lines
from helpers.reading.sheet import with_sheet

WORKING_SIDE = 640  # larger pictures are reduced to this before ink is looked for
FEW = 100  # pixels of a digit: if it has fewer, and the picture more, look closer
MOST_STROKES = 50  # pieces that a digit may be in
THINNEST = 1.8  # pixels in the frame; strokes that would be thinner are drawn stronger


@dataclass(frozen=True)
class Steps:
    """What became of a picture on its way to the network."""

    picture: np.ndarray  # (high, wide, 3) bytes, maybe only a part
    paper: np.ndarray  # the same without ink
    ink: np.ndarray  # (high, wide) floats, 1 where the ink is full
    digit: np.ndarray  # of the ink, what belongs to the digit, cut out
    framed: np.ndarray  # (28, 28) bytes, as in MNIST
    box: tuple[int, int, int, int]  # of the digit in it: left, top, width, height


def ways_to_see(picture: np.ndarray) -> Iterator[Steps]:
    """The steps for each way in which ink and paper can be told apart, the likeliest first.

    The first is worked out now, so that NoInkError comes here; the others when they are asked for.
    """
    ways = _views(picture)
    return chain([next(ways)], ways)


def _views(picture: np.ndarray) -> Iterator[Steps]:
    """One way after the other, so that the first can be had without the rest."""
    found = False
    for view in with_sheet(picture):
        small = shrink(view, WORKING_SIDE)
        scale = max(view.shape[:2]) / max(small.shape[:2])
        for ink in find_ink(small):
            with suppress(NoInkError):
                yield _steps(view, small, ink, scale)
                found = True
    if not found:
        raise NoInkError


def _steps(picture: np.ndarray, small: np.ndarray, ink: Ink, scale: float) -> Steps:
    """The steps once the ink is known."""
    cover = without_lines(ink.cover)
    digit, box = find_digit(cover)
    left, top, wide, high = (round(value * scale) for value in box)
    if scale > 1.2 and max(box[2:]) < FEW:
        margin = round(0.7 * max(wide, high))
        up, before = max(0, top - margin), max(0, left - margin)
        part = picture[up : top + high + margin, before : left + wide + margin]
        closer = next(ways_to_see(part))
        left, top, wide, high = closer.box
        box = (left + before, top + up, wide, high)
        return Steps(part, closer.paper, closer.ink, closer.digit, closer.framed, box)
    return Steps(small, ink.paper, ink.cover, digit, frame_strokes(digit), (left, top, wide, high))


def find_digit(ink: np.ndarray) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """The strokes that belong together around the largest one, cut out, and their box."""
    area = inked_part(ink > INKED, margin=1)
    offset = area[1].start, area[0].start
    parts, labels, boxes = strokes_of(ink[area], offset, ink.shape[::-1])
    chosen, box = [parts[0]], boxes[parts[0]]
    waiting = parts[1:]
    while True:
        size = max(box[2] - box[0], box[3] - box[1])
        near = [part for part in waiting if gap(box, boxes[part]) < 0.25 * size]
        if not near:
            break
        chosen += near
        waiting = [part for part in waiting if part not in near]
        low = np.min([boxes[part][:2] for part in chosen], 0)
        high = np.max([boxes[part][2:] for part in chosen], 0)
        box = (*low, *high)
    left, top, right, bottom = (int(value) for value in box)
    wanted = np.zeros(labels.max() + 1, np.float32)
    wanted[chosen] = 1
    digit = ink[area][top:bottom, left:right] * wanted[labels[top:bottom, left:right]]
    return digit, (left + offset[0], top + offset[1], right - left, bottom - top)


def strokes_of(ink: np.ndarray, offset: tuple, size: tuple) -> tuple[list, np.ndarray, dict]:
    """The connected parts of the ink worth keeping, the most important first, with their boxes.

    The ink is cut out of a picture of that size (width, height) at that offset from its corner.
    """
    mask = inked(ink)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        raise NoInkError
    ring = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    at_edge = np.bincount(ring, minlength=count)
    area, extent = stats[:, cv2.CC_STAT_AREA], np.maximum(1, stats[:, 2] + stats[:, 3])
    away = np.hypot(*((centres + offset) / size - 0.5).T)
    weights = area * (1 - 0.8 * away) * np.maximum(0.1, 1 - 1.2 * at_edge / extent)
    weights[0] = 0  # what is not inked
    first = int(weights.argmax())
    kept = area >= max(3, 0.01 * area[first])
    kept[first] = True  # even if it is but a dot
    if not at_edge[first]:
        kept &= at_edge == 0  # shadows and neighbours come in from outside
    order = [part for part in np.argsort(-weights)[:MOST_STROKES].tolist() if kept[part] and part]
    boxes = {part: (*stats[part, :2], *(stats[part, :2] + stats[part, 2:4])) for part in order}
    return order, labels, boxes


def gap(one: tuple, other: tuple) -> float:
    """How far apart two boxes (left, top, right, bottom) are."""
    right = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return float(np.hypot(max(right, 0), max(down, 0)))


def frame_strokes(ink: np.ndarray) -> np.ndarray:
    """Ink in MNIST's frame, 28 x 28 bytes, with strokes that would fade in it drawn wider."""
    return frame(strengthen(ink))


def strengthen(ink: np.ndarray) -> np.ndarray:
    """Strokes so thin that they would fade in the frame, drawn wider."""
    mask = (ink > 0.4).astype(np.uint8)
    if not mask.any():
        return ink
    more = round((THINNEST * max(ink.shape) / BOX - thickness(mask)) / 2)
    if more < 1:
        return ink
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * more + 1, 2 * more + 1))
    padded = cv2.copyMakeBorder(ink, more, more, more, more, cv2.BORDER_CONSTANT)
    return cv2.dilate(padded, brush)
