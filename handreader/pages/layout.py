"""How a page lies: which way up, how far askew, and in how many columns."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from handreader.digits import DigitReader
from handreader.ink.pixels import Box, Edges
from handreader.ink.strokes import frame_strokes
from handreader.pages.pieces import LEAST_PIECE, Piece, is_speck, pieces_of
from handreader.pages.rows import common_slope, typical

# Which way up; by thinking, and tried on synthetic pages of validation digits.
DIGITS_ASKED = 60  # pieces of a page that are read in each way: it is soon clear
AS_DIGITS = 0.5, 2.0  # times as high as the typical piece: others are marks, or several digits
SURELY_MORE, PART_MORE = 3, 1.2  # digits, and times: 0, 1, 6, 8 and 9 read well upside down, too

# How far askew.
LEAST_TILT = 4  # degrees: with less, digits are read as well, and lines followed as they are
STEEPEST_TILT = 30  # degrees: more is no tilt, but a chance arrangement
FEWEST_TILTED = 6  # pieces, from whose neighbours a slope is known well

# Columns; lengths in heights of the typical digit.
GUTTER = 1.2  # so wide a space from top to bottom parts two columns,
COLUMN_HIGH, COLUMN_PIECES = 3, 4  # if at least so much is on either side: several lines


@dataclass(frozen=True)
class Sheet:
    """The ink of a page, turned as it is to be read."""

    cover: np.ndarray  # (high, wide) floats
    back: np.ndarray  # (2, 3): from its points to those of the page that was given

    def box_before(self, edges: Edges, scale: float) -> Box:
        """Left, top, width, height on the page as it was, so many times larger."""
        left, top, right, bottom = edges
        corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
        points = corners @ self.back.T * scale
        (x, y), (wide, high) = points.min(0), np.ptp(points, 0)
        return round(x), round(y), round(wide), round(high)


def upright(cover: np.ndarray, reader: DigitReader) -> Sheet:
    """The ink of a page (high, wide) the right way up, and level."""
    sheet = quarter_turned(cover, quarters(cover, reader))
    angle = tilt_of(sheet.cover)
    return turned(sheet, angle) if LEAST_TILT <= abs(angle) <= STEEPEST_TILT else sheet


def quarters(cover: np.ndarray, reader: DigitReader) -> int:
    """How many times a page has to be turned left by 90 degrees for its digits to stand upright.

    It stays as it is, unless clearly more digits are surely read otherwise: so a 6 remains a 6.
    """
    pieces = [piece for piece in strokes_on(cover) if piece.high >= LEAST_PIECE]
    if len(pieces) < SURELY_MORE:
        return 0
    size = typical(pieces)
    low, high = (each * size for each in AS_DIGITS)
    likely = [piece.ink for piece in pieces if low < max(piece.ink.shape) < high]
    some = likely[:: 1 + len(likely) // DIGITS_ASKED]
    sure = [surely_read([np.rot90(ink, turns) for ink in some], reader) for turns in range(4)]
    best = int(np.argmax(sure))
    return best if sure[best] >= max(sure[0] + SURELY_MORE, PART_MORE * sure[0]) else 0


def surely_read(inks: list[np.ndarray], reader: DigitReader) -> int:
    """How many of these the network is sure of."""
    readings = reader.read([frame_strokes(np.ascontiguousarray(ink)) for ink in inks])
    return sum(not reading.unsure for reading in readings)


def strokes_on(cover: np.ndarray) -> list[Piece]:
    """The pieces of a page without mere spots."""
    return [piece for piece in pieces_of(cover) if not is_speck(piece)]


def quarter_turned(cover: np.ndarray, turns: int) -> Sheet:
    """A page turned left by so many times 90 degrees."""
    high, wide = cover.shape
    back = ([[1, 0, 0], [0, 1, 0]], [[0, -1, wide], [1, 0, 0]])
    more = ([[-1, 0, wide], [0, -1, high]], [[0, 1, 0], [-1, 0, high]])
    matrix = np.array((*back, *more)[turns], float)
    return Sheet(np.ascontiguousarray(np.rot90(cover, turns)), matrix)


def tilt_of(cover: np.ndarray) -> float:
    """By how many degrees the lines of a page fall to the right."""
    pieces = strokes_on(cover)
    if len(pieces) < FEWEST_TILTED:
        return 0.0
    size = typical(pieces)
    return float(np.degrees(np.arctan(common_slope([p for p in pieces if p.high > size / 2]))))


def turned(sheet: Sheet, angle: float) -> Sheet:
    """A sheet turned left by some degrees, made larger so that nothing is lost."""
    high, wide = sheet.cover.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1)
    across, up = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(wide * across + high * up), round(wide * up + high * across)
    turn[:, 2] += (size[0] - wide) / 2, (size[1] - high) / 2
    back = cv2.invertAffineTransform(turn)
    both = sheet.back[:, :2] @ back
    both[:, 2] += sheet.back[:, 2]
    return Sheet(cv2.warpAffine(sheet.cover, turn, size), both)


def in_columns(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of a page parted where there is a space from the top to the bottom."""
    size, order = typical(pieces), sorted(pieces, key=lambda piece: piece.left)
    ends = np.maximum.accumulate([piece.right for piece in order])
    starts = np.array([piece.left for piece in order])
    gaps = 1 + np.flatnonzero(starts[1:] - ends[:-1] > GUTTER * size)
    cuts = [0]
    for gap in gaps.tolist():
        if is_column(order[cuts[-1] : gap], size) and is_column(order[gap:], size):
            cuts.append(gap)
    return [order[start:end] for start, end in pairwise([*cuts, len(order)])]


def is_column(pieces: list[Piece], size: float) -> bool:
    """Whether there are several lines of digits so high."""
    lowest, highest = max(p.bottom for p in pieces), min(p.top for p in pieces)
    return len(pieces) >= COLUMN_PIECES and lowest - highest >= COLUMN_HIGH * size
