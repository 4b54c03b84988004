"""Combine two readings of each line of a page: from its pieces of ink, and as a whole line.

The pieces tell well what a digit is and where it is. The network for lines tells where one digit
ends, what is a mark, and what is no number at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from math import prod

import cv2
import numpy as np

from handreader.ink.pixels import Box, Edges, inked
from handreader.ink.ruled_lines import thickened
from handreader.lines import Line, LineReader, Sign
from handreader.pages.layout import Sheet
from handreader.pages.pieces import Piece, cropped
from handreader.pages.rows import Row
from handreader.pages.strips import Strip, strip_of
from handreader.results import Number, Placed, Reading

# Confidences are those of the network for lines, calibrated on validation lines.
LIKELY = 0.5  # confidence of a likely reading; if that is no number, the pieces don't count
SIMILAR = 0.5  # similarity that two readings need if they are not likely: on pages of validation
# digits it was at least 0.67, on a few pages of printed words hardly ever above 0.3
LONG = 12  # signs: longer than a number; the line may be several numbers, or prose in a plain font
OF_EACH = 0.7  # confidence: prose has less per sign (a geometric mean); on six kinds of pages of
# validation digits it was at least 0.87, in plain prose at most 0.64
BESIDE_NUMBER = 0.3  # of the line's height: a piece farther outside a number is a word or sign
BOWED = 0.04  # of its height: a bracket bows by more, and a 1 hardly at all
SEVERAL, STRUCK = 1.2, 0.6  # heights, and of its width: see `is_crossed_out`
LEAST = 1e-9  # instead of 0, to divide by, if both readings are certain but different
WHOLE = 0.75  # of a piece: if more is within a sign, all of it is that sign's


@dataclass(frozen=True)
class FoundLine:
    """A row of ink, and the digits it is divided into, from left to right."""

    row: Row
    digits: list[tuple[Piece, Reading]]


@dataclass(frozen=True)
class Place:
    """A page in grey, (H, W) bytes, how its ink was turned, and by how much it was reduced."""

    grey: np.ndarray
    sheet: Sheet
    scale: float


def number_on(found: FoundLine, place: Place, lines: LineReader) -> Number | None:
    """Combine both readings of a line into one number; return None if there is none."""
    strip = strip_of(found.row, place.grey, place.sheet)
    line = lines.read(strip.grey)
    if not line.digits and line.confidence >= LIKELY:
        return None
    if is_prose(line):
        return None
    found, line = without_brackets(found, line)
    by_line = of_line(line, found.row, strip, place)
    by_ink = without_marks(of_pieces(beside(found, line, strip), place), by_line)
    both = combined(by_ink, by_line)
    if both.confidence < LIKELY and similar(by_ink, by_line) < SIMILAR:
        return None
    if not both.signs:
        return None
    number = mark_unsure(both, np.inf if is_crossed_out(found.row) else lines.network.sure_from)
    return in_cells(number, found.row.gutter * place.scale)


def in_cells(number: Number, gutter: float) -> Number:
    """Put a tab where the gap between two signs is wider than the gutter of a table."""
    signs = list(number.signs[:1])
    for one, other in pairwise(number.signs):
        end = one.box[0] + one.box[2]
        if other.box[0] - end > gutter:
            signs.append(
                Placed("\t", 1.0, False, (end, one.box[1], other.box[0] - end, one.box[3]))
            )
        signs.append(other)
    return replace(number, signs=signs)


def without_brackets(found: FoundLine, line: Line) -> tuple[FoundLine, Line]:
    """Drop a pair of round brackets, which both networks take for 1s: they bow outwards."""
    if len(found.digits) < 3 or line.text[:1] + line.text[-1:] != "11":
        return found, line
    (first, _), *inside, (last, _) = found.digits
    if not (bow(first) < -BOWED and bow(last) > BOWED):
        return found, line
    return replace(found, digits=inside), replace(line, signs=line.signs[1:-1])


def bow(piece: Piece) -> float:
    """Return how far the middle of a stroke is right of its ends, in parts of its height."""
    columns = np.arange(piece.wide)
    quarters = np.array_split(piece.ink, 4)
    top, *middle, bottom = (float((part @ columns).sum() / max(part.sum(), 1)) for part in quarters)
    return (sum(middle) / len(middle) - (top + bottom) / 2) / piece.high


def is_crossed_out(row: Row) -> bool:
    """Tell whether a straight stroke goes through several digits of a row."""
    wide = [piece for piece in row.pieces if piece.wide > SEVERAL * row.height]
    return any(has_stroke_through(piece.ink) for piece in wide)


def has_stroke_through(ink: np.ndarray) -> bool:
    """Tell whether ink (H, W) has a straight stroke from side to side through its middle."""
    high, wide = ink.shape
    middle = inked(ink)[high // 4 : high - high // 4]
    length = round(STRUCK * wide)
    runs = cv2.morphologyEx(thickened(middle), cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    return bool(runs.any())


def is_prose(line: Line) -> bool:
    """Tell whether a line is long and its signs are doubtful: letters mistaken for digits."""
    return len(line.signs) > LONG and line.confidence < OF_EACH ** len(line.signs)


def similar(one: Number, other: Number) -> float:
    """Return how similar two readings are, from 0 to 1."""
    return SequenceMatcher(None, one.digits_only, other.digits_only, autojunk=False).ratio()


def beside(found: FoundLine, line: Line, strip: Strip) -> list[tuple[Piece, Reading]]:
    """Return the digits of a line's pieces that aren't clearly outside a sure number."""
    if line.unsure or not line.signs:
        return found.digits
    reach = BESIDE_NUMBER * found.row.height
    left, right = line.signs[0].left + strip.left - reach, line.signs[-1].right + strip.left + reach
    return [pair for pair in found.digits if left < pair[0].middle[0] < right]


def of_pieces(digits: Sequence[tuple[Piece, Reading]], place: Place) -> Number:
    """Return the number as read from the pieces."""
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


def without_marks(by_ink: Number, by_line: Number) -> Number:
    """Drop the digits where the line shows a mark; the pieces know no marks."""
    marks = [sign.box for sign in by_line.signs if not sign.is_digit]
    signs = [sign for sign in by_ink.signs if not any(covers(box, sign.box) for box in marks)]
    return Number(signs, prod(sign.confidence for sign in signs))


def covers(box: Box, other: Box) -> bool:
    """Tell whether the middle of another box is between the sides of a box."""
    return box[0] <= other[0] + other[2] / 2 < box[0] + box[2]


def of_line(line: Line, row: Row, strip: Strip, place: Place) -> Number:
    """Return the number as read from the line, with the box of each sign around its ink."""
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
    """Return the edges of a sign's ink on the sheet, or of its place if there is no ink."""
    left, right = round(sign.left) + strip.left, round(sign.right) + strip.left
    parts = [part for part in (between(piece, left, right) for piece in row.pieces) if part]
    if not parts:
        return left, strip.top_at(row, left), right, strip.top_at(row, left) + len(strip.grey)
    lefts, tops, rights, bottoms = zip(*(part.edges for part in parts), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def between(piece: Piece, left: int, right: int) -> Piece | None:
    """Return a piece if most of it is between two columns, else its part there; None if little."""
    first, last = max(left - piece.left, 0), max(right - piece.left, 0)
    share = (min(last, piece.wide) - first) / piece.wide
    if share > WHOLE:
        return piece
    return cropped(piece, piece.ink[:, first:last], first) if share > 1 - WHOLE else None


def combined(by_ink: Number, by_line: Number) -> Number:
    """Combine two readings digit by digit; if their lengths differ, return the surer as unsure.

    On some 270 lines of pages of validation digits, about 135 digits were wrong like this, 150 by
    ink alone, and 190 by the line alone: both are needed.
    """
    if len(by_ink.digits) != len(by_line.digits):
        both = [number for number in (by_line, by_ink) if number.signs]
        return mark_unsure(max(both, key=lambda number: number.confidence))
    digits = iter(by_ink.signs)
    signs = [surer(sign, next(digits)) if sign.is_digit else sign for sign in by_line.signs]
    number = Number(signs, prod(sign.confidence for sign in signs))
    if by_ink.digits_only != by_line.digits_only:
        return number
    signs = [
        sign if sign.is_digit else replace(sign, unsure=sign.confidence < LIKELY) for sign in signs
    ]
    return Number(signs, max(by_ink.confidence, by_line.confidence))


def surer(by_line: Placed, by_ink: Placed) -> Placed:
    """Return the likelier of two digits at one place, in its ink's box; unsure if they differ."""
    best, other = sorted((by_line, by_ink), key=lambda sign: -sign.confidence)
    if best.text == other.text:
        return replace(best, unsure=best.unsure and other.unsure, box=by_ink.box)
    confidence = posterior_on_conflict(best.confidence, other.confidence)
    return replace(best, confidence=confidence, unsure=True, box=by_ink.box)


def posterior_on_conflict(one: float, other: float) -> float:
    """Return how likely one reading is right if another, independent one disagrees."""
    right, wrong = one * (1 - other), other * (1 - one)
    return right / max(right + wrong, LEAST)


def mark_unsure(number: Number, sure_from: float = np.inf) -> Number:
    """Mark the least sure sign of a number that is not sure as a whole."""
    if number.unsure or number.confidence >= sure_from:
        return number
    least = min(sign.confidence for sign in number.signs)
    signs = [replace(each, unsure=each.confidence <= least) for each in number.signs]
    return replace(number, signs=signs)
