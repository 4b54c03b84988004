"""Two witnesses for each line of a page: its pieces of ink, and the network that reads it whole.

Pieces know well what a digit is and where; the whole line knows where one digit ends, what is a
mark, and what is no number at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from helpers.reading.line import Line, LineReader, Sign
from helpers.reading.numbers import Number, Placed
from helpers.reading.pages.layout import Sheet
from helpers.reading.pages.pieces import Piece
from helpers.reading.pages.rows import Row
from helpers.reading.pages.strips import Strip, strip_of
from helpers.reading.pixels import Edges
from helpers.reading.reader import Reading

# By thinking; chances are the line network's, calibrated on validation lines.
LIKELY = 0.5  # that there is no number: then there is none, whatever the pieces resemble
BESIDE_NUMBER = 0.3  # of the line's height: a piece farther outside a number is a word or sign


@dataclass(frozen=True)
class FoundLine:
    """A row of ink, and the digits that it parts into, from left to right."""

    row: Row
    digits: list[tuple[Piece, Reading]]


@dataclass(frozen=True)
class Place:
    """A page in grey, (high, wide) bytes, how it is turned, and how much smaller it was made."""

    grey: np.ndarray
    sheet: Sheet
    scale: float


def number_on(found: FoundLine, place: Place, lines: LineReader) -> Number | None:
    """The number that both witnesses together see on a line, if there is any."""
    strip = strip_of(found.row, place.grey, place.sheet)
    line = lines.read(strip.grey)
    if not line.digits and line.confidence >= LIKELY:
        return None
    by_ink = of_pieces(beside(found, line, strip), place)
    by_line = of_line(line, found.row, strip, place)
    both = combined(by_ink, by_line)
    return doubted(both, lines.sure_from) if both.signs else None


def beside(found: FoundLine, line: Line, strip: Strip) -> list[tuple[Piece, Reading]]:
    """The digits of a line's pieces without those that stand clearly outside a sure number."""
    if line.unsure or not line.signs:
        return found.digits
    reach = BESIDE_NUMBER * found.row.height
    left, right = line.signs[0].left + strip.left - reach, line.signs[-1].right + strip.left + reach
    return [pair for pair in found.digits if left < pair[0].middle[0] < right]


def of_pieces(digits: Sequence[tuple[Piece, Reading]], place: Place) -> Number:
    """What the pieces say."""
    signs = [
        Placed(
            str(reading.digit),
            reading.confidence,
            reading.unsure,
            place.sheet.box_before(piece.edges, place.scale),
        )
        for piece, reading in digits
    ]
    return Number(signs, prod(sign.confidence for sign in signs))


def of_line(line: Line, row: Row, strip: Strip, place: Place) -> Number:
    """What the line says, each sign in a box about the ink that is there."""
    signs = [
        Placed(
            sign.text,
            sign.confidence,
            sign.unsure,
            place.sheet.box_before(edges_of(sign, row, strip), place.scale),
        )
        for sign in line.signs
    ]
    return Number(signs, line.confidence)


def edges_of(sign: Sign, row: Row, strip: Strip) -> Edges:
    """Where the ink of a sign is on the sheet; all of its strip, if there is none."""
    left, right = round(sign.left) + strip.left, round(sign.right) + strip.left
    inside = [
        each for each in row.pieces if min(each.right, right) - max(each.left, left) > each.wide / 2
    ]
    if not inside:
        return left, strip.top_at(row, left), right, strip.top_at(row, left) + len(strip.grey)
    lefts, tops, rights, bottoms = zip(*(each.edges for each in inside), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def combined(by_ink: Number, by_line: Number) -> Number:
    """The surer of both as a whole, or digit by digit if they have equally many."""
    if len(by_ink.digits) != len(by_line.digits):
        return max(by_line, by_ink, key=lambda number: number.confidence if number.signs else -1)
    digits = iter(by_ink.signs)
    signs = [surer(sign, next(digits)) if sign.is_digit else sign for sign in by_line.signs]
    number = Number(signs, prod(sign.confidence for sign in signs))
    agreeing = [
        each.confidence for each in (by_ink, by_line) if each.digits_only == number.digits_only
    ]
    return replace(number, confidence=max(agreeing, default=number.confidence))


def surer(by_line: Placed, by_ink: Placed) -> Placed:
    """The likelier of two digits at one place, where its ink is; unsure if they differ."""
    best = max(by_ink, by_line, key=lambda sign: sign.confidence)
    if by_line.text == by_ink.text:
        return replace(best, unsure=by_line.unsure and by_ink.unsure, box=by_ink.box)
    return replace(best, unsure=True, box=by_ink.box)


def doubted(number: Number, sure_from: float) -> Number:
    """A number that is likely to be wrong somewhere, its least sure sign marked."""
    if number.unsure or number.confidence >= sure_from:
        return number
    least = min(sign.confidence for sign in number.signs)
    signs = [replace(each, unsure=each.confidence <= least) for each in number.signs]
    return replace(number, signs=signs)
