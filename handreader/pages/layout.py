"""Find how a page lies: which way up, how far askew, and in how many columns."""

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from handreader.digits import DigitReader
from handreader.ink.pixels import Box, Edges, box_through
from handreader.ink.strokes import frame_strokes
from handreader.pages.pieces import LEAST_PIECE, Piece, is_speck, pieces_of
from handreader.pages.rows import Row, common_slope, rows_of, typical

# Which way up: chosen by reasoning, and tried on synthetic pages of validation digits.
DIGITS_ASKED = 60  # pieces of a page that are read in each position: these are enough
AS_DIGITS = 0.5, 2.0  # times the typical height: other pieces are marks, or several digits
SURELY_MORE, PART_MORE = 3, 1.2  # digits, and times: 0, 1, 6, 8 and 9 are read upside down, too

# How far askew.
LEAST_TILT = 4  # degrees: with less, digits are read as well, and rows follow the slope
STEEPEST_TILT = 30  # degrees: with more, it is no tilt, but chance
FEWEST_TILTED = 6  # pieces: enough pairs of neighbours to know a slope well

# Columns and tables; lengths in heights of the typical digit.
GUTTER = 1.2  # a gap so wide from top to bottom separates two columns, or cells of a table,
COLUMN_HIGH, COLUMN_PIECES = 3, 4  # if each is at least so high, of so many pieces: several lines
LEVEL, MOSTLY_LEVEL = 0.3, 0.1  # rows are level if all middles, and most, differ by less
MORE_ROWS = 0.15, 0.3  # of the fullest column: level columns, two or several, add no more rows
APART = 2.5  # a gap that is wider, and the only one, separates two numbers
NARROW = 0.8  # a gap that is narrower is one between digits of the same number


@dataclass(frozen=True)
class Sheet:
    """The ink of a page, turned so that it can be read."""

    cover: np.ndarray  # (H, W) floats
    back: np.ndarray  # (2, 3): the affine matrix from its points to those of the original page

    def box_before(self, edges: Edges, scale: float) -> Box:
        """Return the box around these edges on the original page, `scale` times larger."""
        return box_through(np.vstack([scale * self.back, [0, 0, 1]]), edges)


def upright(cover: np.ndarray, reader: DigitReader) -> Sheet:
    """Turn a page's ink (H, W) the right way up, and level."""
    sheet = quarter_turned(cover, quarters(cover, reader))
    angle = tilt_of(sheet.cover)
    return turned(sheet, angle) if LEAST_TILT <= abs(angle) <= STEEPEST_TILT else sheet


def quarters(cover: np.ndarray, reader: DigitReader) -> int:
    """Return how many quarter turns to the left make a page's digits stand upright.

    That is 0 unless clearly more digits are read surely in another position: so a 6 remains a 6.
    """
    pieces = [piece for piece in strokes_on(cover) if piece.high >= LEAST_PIECE]
    if len(pieces) < SURELY_MORE:
        return 0
    size = typical(pieces)
    low, high = (each * size for each in AS_DIGITS)
    likely = [piece.ink for piece in pieces if low < max(piece.ink.shape) < high]
    some = likely[:: 1 + len(likely) // DIGITS_ASKED]
    read = [surely_read([np.rot90(ink, turns) for ink in some], reader) for turns in range(4)]
    sure = [len(digits) for digits in read]
    best = int(np.argmax(sure))
    bars = read[best].count(1)  # which lie, perhaps, and only look like 1s when turned
    enough = sure[best] >= max(sure[0] + SURELY_MORE, PART_MORE * sure[0])
    return best if enough and sure[best] - bars >= SURELY_MORE else 0


def surely_read(inks: list[np.ndarray], reader: DigitReader) -> list[int]:
    """Return the digits that the network is sure of."""
    readings = reader.read([frame_strokes(np.ascontiguousarray(ink)) for ink in inks])
    return [reading.digit for reading in readings if not reading.unsure]


def strokes_on(cover: np.ndarray) -> list[Piece]:
    """Return the pieces of a page's ink, without mere specks."""
    return [piece for piece in pieces_of(cover) if not is_speck(piece)]


def quarter_turned(cover: np.ndarray, turns: int) -> Sheet:
    """Turn a page left by `turns` times 90 degrees."""
    high, wide = cover.shape
    back = ([[1, 0, 0], [0, 1, 0]], [[0, -1, wide], [1, 0, 0]])
    more = ([[-1, 0, wide], [0, -1, high]], [[0, 1, 0], [-1, 0, high]])
    matrix = np.array((*back, *more)[turns], float)
    return Sheet(np.ascontiguousarray(np.rot90(cover, turns)), matrix)


def tilt_of(cover: np.ndarray) -> float:
    """Return by how many degrees the lines of a page fall to the right."""
    pieces = strokes_on(cover)
    if len(pieces) < FEWEST_TILTED:
        return 0.0
    size = typical(pieces)
    return float(np.degrees(np.arctan(common_slope([p for p in pieces if p.high > size / 2]))))


def turned(sheet: Sheet, angle: float) -> Sheet:
    """Turn a sheet left by some degrees, and enlarge it so that nothing is lost."""
    high, wide = sheet.cover.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1)
    across, up = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(wide * across + high * up), round(wide * up + high * across)
    turn[:, 2] += (size[0] - wide) / 2, (size[1] - high) / 2
    back = cv2.invertAffineTransform(turn)
    both = sheet.back[:, :2] @ back
    both[:, 2] += sheet.back[:, 2]
    return Sheet(cv2.warpAffine(sheet.cover, turn, size), both)


def lines_on(pieces: list[Piece]) -> list[Row]:
    """Return the numbers on a page as rows of pieces, in reading order.

    That is row by row if rows go through all columns, as in a table, and else column by column.
    """
    rows = rows_of(pieces)
    columns = [rows_of(column) for column in in_columns(pieces)]
    if len(columns) > 1 and not are_level(columns, rows):
        rows = [row for column in columns for row in column]
    return with_cells(rows)


def with_cells(rows: list[Row]) -> list[Row]:
    """Divide rows at wide gaps, or note how wide these are if several rows of a table have them.

    Digits that are all spaced out widely are one number, or the row of a grid, all the same.
    """
    gaps = [gaps_of(row) for row in rows]
    wide = sum(bool(np.any(each > GUTTER)) for each in gaps)
    if not wide or not np.any(np.concatenate(gaps) < NARROW):
        return rows
    if wide > 1:
        return [replace(row, gutter=GUTTER * row.height) for row in rows]
    return [Row(row.slope, cell) for row in rows for cell in divided(row)]


def are_level(columns: list[list[Row]], rows: list[Row]) -> bool:
    """Tell whether each row of a column continues one of the page's rows."""
    level, high = np.array([(row.level, row.height) for row in rows]).T
    of_columns = [replace(row, slope=rows[0].slope).level for column in columns for row in column]
    away = np.array([np.min(np.abs(level - each) / high) for each in of_columns])
    near = away.max() < LEVEL and np.median(away) < MOSTLY_LEVEL
    more = 1 + MORE_ROWS[len(columns) > 2]
    return bool(near) and len(rows) <= more * max(map(len, columns))


def gaps_of(row: Row) -> np.ndarray:
    """Return the gaps between a row's pieces, in heights of its typical digit."""
    ends = np.maximum.accumulate([piece.right for piece in row.pieces])
    return (np.array([piece.left for piece in row.pieces[1:]]) - ends[:-1]) / row.height


def divided(row: Row) -> list[list[Piece]]:
    """Divide a row's pieces at wide gaps."""
    cuts = 1 + np.flatnonzero(gaps_of(row) > APART)
    return [row.pieces[start:end] for start, end in pairwise([0, *cuts.tolist(), len(row.pieces)])]


def in_columns(pieces: list[Piece]) -> list[list[Piece]]:
    """Divide the pieces of a page into columns, at gaps from top to bottom."""
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
    """Tell whether pieces are enough for several lines of digits of this height."""
    lowest, highest = max(p.bottom for p in pieces), min(p.top for p in pieces)
    return len(pieces) >= COLUMN_PIECES and lowest - highest >= COLUMN_HIGH * size
