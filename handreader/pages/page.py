"""Read a page: every number on it, line by line, whether digits touch or are broken."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from handreader.common.errors import PictureError
from handreader.digits import DigitReader
from handreader.ink.pixels import shrink, shrink_factor
from handreader.ink.segmentation import NoInkError
from handreader.ink.strokes import frame_strokes
from handreader.lines import LineReader
from handreader.pages.agreement import FoundLine, Place, mark_unsure, number_on
from handreader.pages.division import Allowance, atoms_of, cheapest, choices_of
from handreader.pages.layout import Sheet, lines_on, strokes_on, upright
from handreader.pages.page_ink import ways_to_ink
from handreader.pages.pieces import LEAST_PIECE, TooMuchError
from handreader.pages.rows import Row, typical
from handreader.results import Number, Page

# Found by trying on synthetic pages of validation digits, unless another reason is given.
# Lengths are in heights of the typical digit of a row, unless stated otherwise.
PAGE_SIDE = 2000  # pixels: larger pictures are reduced to this
EXPLAINED = 0.4  # of a page's ink: if less is in sure numbers, it shows something else
EVEN = 0.5  # confidence: a digit read with less speaks against a segmentation

# Dirt; in heights of a page's typical digit.
FEW_DIGITS, DIRT_HEIGHT = 3, 0.3  # in a line of fewer digits, anything lower is dirt
UNSURE_HEIGHT = 0.5  # anything lower and unsure is dirt, if its whole line is


class NoNumberError(PictureError):
    """The error for a picture that shows writing, or something like it, but no number."""

    def __init__(self) -> None:
        super().__init__("shows writing, but no number that can be read.")


@dataclass(frozen=True)
class FoundPage:
    """The page in one segmentation: the sheet it was read on, and its lines from the top."""

    sheet: Sheet
    lines: list[FoundLine]

    @property
    def worth(self) -> float:
        """Return the sum of the digits' confidences, each less 0.5 and weighted by its height."""
        pairs = [pair for line in self.lines for pair in line.digits]
        return sum((reading.confidence - EVEN) * piece.high for piece, reading in pairs)


def read_page(picture: np.ndarray, reader: DigitReader, lines: LineReader) -> Page:
    """Return the numbers on a page; each is read from its pieces of ink and as a whole line.

    Of several segmentations of the page, it takes the one in which most can be read.
    """
    small = shrink(picture, PAGE_SIDE)
    found = most_read(ways_to_ink(small), reader)
    grey, scale = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), shrink_factor(picture, small)
    place = Place(grey, found.sheet, scale)
    read = [(line.row, number_on(line, place, lines)) for line in found.lines]
    numbers = [number for _, number in read if number]
    mostly_words = len(numbers) < len(read) / 2
    if not numbers or (mostly_words and all(number.unsure for number in numbers)):
        raise NoNumberError
    few = explained(read) < EXPLAINED
    return Page([mark_unsure(number) for number in numbers] if few else numbers)


def explained(read: list[tuple[Row, Number | None]]) -> float:
    """Return which part of a page's pieces, by height, is in numbers, as far as these are sure."""
    heights = [(sum(piece.high for piece in row.pieces), number) for row, number in read]
    sure = sum(high * sure_part(number) for high, number in heights if number)
    return sure / max(1, sum(high for high, _ in heights))


def sure_part(number: Number) -> float:
    """Return which part of a number's digits is sure."""
    return sum(not digit.unsure for digit in number.digits) / max(1, len(number.digits))


def most_read(ways: Iterator[np.ndarray], reader: DigitReader) -> FoundPage:
    """Return the page in the segmentation in which most can be read."""
    found: list[FoundPage] = []
    refusal: PictureError = NoInkError()
    allowed = Allowance()
    for cover in ways:
        try:
            sheet = upright(cover, reader)
            found.append(FoundPage(sheet, read_ink(sheet.cover, reader, allowed)))
        except TooMuchError as error:
            refusal = error
    best = max(found, key=lambda page: page.worth, default=None)
    if best is None or not best.lines:
        raise refusal
    return best


def read_ink(cover: np.ndarray, reader: DigitReader, allowed: Allowance) -> list[FoundLine]:
    """Divide ink (H, W) into lines and digits, and read them."""
    pieces = strokes_on(cover)
    if not any(piece.high >= LEAST_PIECE for piece in pieces):
        return []
    rows = [row for row in lines_on(pieces) if row.height >= LEAST_PIECE]
    atoms = atoms_of(rows, reader)
    choices = [choices_of(each, row.height, allowed) for each, row in zip(atoms, rows, strict=True)]
    readings = iter(reader.read([frame_strokes(each.piece.ink) for row in choices for each in row]))
    lines = []
    for row, atom, choice in zip(rows, atoms, choices, strict=True):
        digits = cheapest(atom, [(each, next(readings)) for each in choice], row.height)
        lines.append(FoundLine(row, digits))
    return without_dirt(lines)


def without_dirt(lines: list[FoundLine]) -> list[FoundLine]:
    """Drop lines that are only small and unsure, or so small that they must be dirt."""
    pieces = [piece for line in lines for piece, _ in line.digits]
    if not pieces:
        return []
    size = typical(pieces)
    least = [DIRT_HEIGHT if len(line.digits) < FEW_DIGITS else 0.0 for line in lines]
    return [
        line
        for line, limit in zip(lines, least, strict=True)
        if any(
            piece.high > limit * size and (not reading.unsure or piece.high > UNSURE_HEIGHT * size)
            for piece, reading in line.digits
        )
    ]
