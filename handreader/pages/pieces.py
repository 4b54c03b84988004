"""Find the pieces of ink on a page: connected parts, their distances, and mere specks."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from handreader.common.errors import PictureError
from handreader.ink.pixels import INKED, inked, inked_part, thickness

# Found by trying on synthetic pages of validation digits, unless another reason is given.
LEAST_PIECE = 7  # pixels: nothing lower is read
LEAST_SIDE_OF_PIECE, LEAST_PIXELS = 3, 5  # pixels: nothing smaller is even a part of a digit
MOST_OF_PAGE = 0.9  # of its width or height: anything larger and at its edge is a table's edge
SPECK, SPECK_PIXELS = 1.8, 2  # times its thickness, plus pixels: anything shorter is a speck
OUTLINE_POINTS = 150  # of a piece, to measure distances from

# More than a page of digits: three times as much as the fullest of the synthetic pages shows.
MOST_PIECES = 1000
MOST_COVERED = 1.2  # of the page, the area of all boxes: those of digits hardly overlap


class TooMuchError(PictureError):
    """The error for a picture that shows more than a page of digits can."""

    def __init__(self) -> None:
        super().__init__("shows too much: crop it.")


@dataclass(frozen=True)
class Piece:
    """A connected part of a page's ink, cut out; all lengths are in pixels."""

    left: int
    top: int
    ink: np.ndarray  # (H, W) floats, 0 where the ink is not of this piece

    @property
    def high(self) -> int:
        """Return the height."""
        return self.ink.shape[0]

    @property
    def wide(self) -> int:
        """Return the width."""
        return self.ink.shape[1]

    @property
    def right(self) -> int:
        """Return the first column behind it."""
        return self.left + self.wide

    @property
    def bottom(self) -> int:
        """Return the first row below it."""
        return self.top + self.high

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom; the last two are exclusive."""
        return self.left, self.top, self.right, self.bottom

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Return the middle of its box: right, down."""
        return self.left + self.wide / 2, self.top + self.high / 2

    @cached_property
    def outline(self) -> np.ndarray:
        """Return points (N, 2) on its outline: right, down."""
        mask = inked(self.ink)
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        points = np.concatenate(found)[:, 0] if found else np.zeros((1, 2), np.int32)
        return points[:: 1 + len(points) // OUTLINE_POINTS] + np.array([self.left, self.top])


def pieces_of(cover: np.ndarray) -> list[Piece]:
    """Return the connected parts of a page's ink that may be parts of digits."""
    mask = inked(cover)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    rim = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
    pieces = []
    for part in worth_cutting_out(stats, cover.shape):
        left, top, wide, high, _ = stats[part].tolist()
        up, before = max(0, top - 1), max(0, left - 1)
        window = np.s_[up : top + high + 1, before : left + wide + 1]
        ink = (
            cover[window] * (rim[window] == part) * ((labels[window] == part) | (mask[window] == 0))
        )
        pieces.append(Piece(before, up, ink))
    return pieces


def worth_cutting_out(stats: np.ndarray, size: tuple[int, ...]) -> list[int]:
    """Return which connected parts of a page (H, W) may be parts of digits.

    Their stats (parts, 5), as OpenCV gives them, decide that before any work is done. TooMuchError
    is raised if there are too many.
    """
    left, top, wide, high, area = stats.T
    large = (np.maximum(wide, high) >= LEAST_SIDE_OF_PIECE) & (area >= LEAST_PIXELS)
    across = np.maximum(wide / size[1], high / size[0]) > MOST_OF_PAGE
    large &= ~(across & ((left == 0) | (top == 0)))  # the edge of a table
    large[0] = False  # the background
    covered = (wide[large].astype(np.int64) * high[large]).sum()
    if np.count_nonzero(large) > MOST_PIECES or covered > MOST_COVERED * size[0] * size[1]:
        raise TooMuchError
    return np.flatnonzero(large).tolist()


def is_speck(piece: Piece) -> bool:
    """Tell whether a piece is a speck, not a stroke: about as wide as it is long."""
    mask = inked(piece.ink)
    return max(piece.ink.shape) < SPECK * thickness(mask) + SPECK_PIXELS


def merged(pieces: list[Piece]) -> Piece:
    """Merge several pieces into one."""
    if len(pieces) == 1:
        return pieces[0]
    left, top = min(each.left for each in pieces), min(each.top for each in pieces)
    right, bottom = max(each.right for each in pieces), max(each.bottom for each in pieces)
    ink = np.zeros((bottom - top, right - left), np.float32)
    for each in pieces:
        part = ink[each.top - top : each.bottom - top, each.left - left : each.right - left]
        np.maximum(part, each.ink, out=part)
    return Piece(left, top, ink)


def gap(one: Piece, other: Piece) -> float:
    """Return the distance between the ink of two pieces, in pixels."""
    difference = one.outline[:, None] - other.outline
    return float(np.sqrt(np.square(difference).sum(2).min()))


def overlap(one: Piece, other: Piece, axis: int) -> float:
    """Return how much of the smaller one lies beside (axis 1), or over (axis 0), the other."""
    if axis:
        shared = min(one.bottom, other.bottom) - max(one.top, other.top)
        return shared / min(one.high, other.high)
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared / min(one.wide, other.wide)


def cropped(piece: Piece, ink: np.ndarray, start: int = 0) -> Piece | None:
    """Crop `ink`, part of a piece from column `start` on, to what is inked; None if nothing is."""
    rows, columns = inked_part(ink > INKED)
    part = ink[rows, columns]
    left, top = piece.left + start + columns.start, piece.top + rows.start
    return Piece(left, top, part) if part.size else None
