"""Reading a page: every digit on it, line by line, whether digits touch or are in pieces."""

from dataclasses import dataclass
from math import log

import numpy as np

from helpers.cuts import Part, parted
from helpers.images import frame
from helpers.ink import NoInkError, shrink
from helpers.page_ink import ways_to_ink
from helpers.reading import Reader, Reading
from helpers.rows import Row, rows_of, typical
from helpers.segments import LEAST, Piece, gap, is_speck, merged, overlap, pieces_of

WORKING_SIDE = 2000  # larger pictures are reduced to this
MOST_ATOMS = 7  # parts that may be one digit
TINY = 0.3  # of a page's digits: one or two that are lower are dirt


@dataclass(frozen=True)
class Digit:
    """What a digit of a page is, and where: left, top, width, height in pixels of the picture."""

    reading: Reading
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Line:
    """The digits of one line, from left to right."""

    digits: list[Digit]


@dataclass(frozen=True)
class Atom:
    """A piece of ink, or a part of one, that belongs to one digit."""

    part: Part
    whole: int  # the number of the piece that it was cut from

    @property
    def piece(self) -> Piece:
        """Its ink."""
        return self.part.piece


@dataclass(frozen=True)
class Choice:
    """Atoms of a row, from the first to before the last, that may be one digit."""

    first: int
    last: int
    piece: Piece
    cost: float  # of its shape


def read_page(picture: np.ndarray, reader: Reader) -> list[Line]:
    """The lines on a page; of several ways to find its ink, that in which most can be read."""
    small = shrink(picture, WORKING_SIDE)
    scale = max(picture.shape[:2]) / max(small.shape[:2])
    found = [read_ink(cover, reader) for cover in ways_to_ink(small)]
    best = max(found, key=worth, default=[])
    if not best:
        raise NoInkError
    return [
        Line([Digit(reading, scaled(piece, scale)) for piece, reading in line]) for line in best
    ]


def worth(lines: list[list[tuple[Piece, Reading]]]) -> float:
    """How much of what was found are surely digits, counted by their height."""
    return sum((reading.confidence - 0.5) * piece.high for line in lines for piece, reading in line)


def scaled(piece: Piece, scale: float) -> tuple[int, int, int, int]:
    """Its box in the picture that was given."""
    return tuple(round(value * scale) for value in (piece.left, piece.top, piece.wide, piece.high))


def read_ink(cover: np.ndarray, reader: Reader) -> list[list[tuple[Piece, Reading]]]:
    """The lines that some ink makes."""
    pieces = [piece for piece in pieces_of(cover) if not is_speck(piece)]
    if not any(piece.high >= LEAST for piece in pieces):
        return []
    rows = [row for row in rows_of(pieces) if row.height >= LEAST]
    atoms = atoms_of(rows, reader)
    choices = [choices_of(each, row.height) for each, row in zip(atoms, rows, strict=True)]
    readings = iter(reader.read([frame(each.piece.ink) for row in choices for each in row]))
    lines = []
    for row, atom, choice in zip(rows, atoms, choices, strict=True):
        lines.append(cheapest(atom, [(each, next(readings)) for each in choice], row.height))
    return without_dirt(lines)


def atoms_of(rows: list[Row], reader: Reader) -> list[list[Atom]]:
    """The pieces of each row, cut where they look like more than one digit."""
    readings = iter(reader.read([frame(piece.ink) for row in rows for piece in row.pieces]))
    found = []
    for row in rows:
        atoms = []
        for whole, piece in enumerate(row.pieces):
            parts = [Part(piece)]
            if may_be_several(piece, row.height, next(readings).confidence):
                parts = parted(piece, 2 + round(2.5 * piece.wide / row.height))
            atoms += [Atom(part, whole) for part in parts]
        found.append(sorted(atoms, key=lambda atom: atom.piece.middle[0]))
    return found


def may_be_several(piece: Piece, height: float, confidence: float) -> bool:
    """Whether it is worth while to look for cuts."""
    ratio = piece.wide / height
    return piece.high > 0.5 * height and (ratio > 1.1 or (ratio > 0.45 and confidence < 0.95))


def choices_of(atoms: list[Atom], height: float) -> list[Choice]:
    """Everything in a row that may be one digit."""
    found = []
    for first in range(len(atoms)):
        for last in range(first + 1, min(first + MOST_ATOMS, len(atoms)) + 1):
            group = atoms[first:last]
            if last - first > 1 and not together(group, height):
                continue
            piece = merged([atom.piece for atom in group])
            if last - first > 1 and piece.wide > 1.6 * height:
                break
            found.append(Choice(first, last, piece, shape_cost(group, piece, height)))
    return found


def together(group: list[Atom], height: float) -> bool:
    """Whether the last of some atoms may belong to those before it."""
    *before, last = group
    if any(atom.whole == last.whole for atom in before):
        return True
    for atom in before:
        small = min(atom.piece.high, last.piece.high) < 0.6 * height
        over = overlap(atom.piece, last.piece, 0)
        reach = 0.4 if over > 0.6 else 0.25
        if (small or over > 0.35) and gap(atom.piece, last.piece) < reach * height:
            return True
    return False


def shape_cost(group: list[Atom], piece: Piece, height: float) -> float:
    """How unlikely the size of a digit is, and that it was broken or has to be cut."""
    wholes = {atom.whole for atom in group}
    cost = 0.1 * (len(wholes) - 1)
    for whole in wholes:
        mine = [atom for atom in group if atom.whole == whole]
        cost += (mine[0].part.left + mine[-1].part.right) / 2
    cost += 2 * max(0.0, piece.wide / max(piece.high, 0.6 * height) - 1.15)
    cost += 3 * max(0.0, 0.75 - piece.high / height) + 3 * max(0.0, piece.high / height - 1.6)
    return cost


def cheapest(
    atoms: list[Atom], choices: list[tuple[Choice, Reading]], height: float
) -> list[tuple[Piece, Reading]]:
    """The division of a row into digits, and dirt, that is the likeliest as a whole."""
    best: list[tuple[float, list]] = [(0.0, [])] + [(np.inf, [])] * len(atoms)
    for last in range(1, len(atoms) + 1):
        options = [
            (
                best[choice.first][0] + choice.cost + doubt(choice.piece, reading, height),
                choice,
                reading,
            )
            for choice, reading in choices
            if choice.last == last
        ]
        piece = atoms[last - 1].piece
        dropped = best[last - 1][0] + drop_cost(piece, height)
        cost, choice, reading = min(options, key=lambda option: option[0])
        if dropped < cost:
            best[last] = dropped, best[last - 1][1]
        else:
            best[last] = cost, [*best[choice.first][1], (choice.piece, reading)]
    return best[-1][1]


def doubt(piece: Piece, reading: Reading, height: float) -> float:
    """How unsure the network is; of a wide piece it counts more, as of several narrow ones."""
    return -log(reading.confidence) * (0.2 + 2 * min(1.5, piece.wide / height))


def drop_cost(piece: Piece, height: float) -> float:
    """How unlikely it is that a piece is dirt."""
    size = max(piece.high, piece.wide) / height
    return 0.3 + 3 * size if size < 0.5 else np.inf


def without_dirt(lines: list[list[tuple[Piece, Reading]]]) -> list[list[tuple[Piece, Reading]]]:
    """Without lines that are nothing but small and unsure, or so small that they must be dirt."""
    pieces = [piece for line in lines for piece, _ in line]
    if not pieces:
        return []
    size = typical(pieces)
    least = [TINY if len(line) < 3 else 0.0 for line in lines]
    return [
        line
        for line, limit in zip(lines, least, strict=True)
        if any(
            piece.high > limit * size and (not reading.unsure or piece.high > 0.5 * size)
            for piece, reading in line
        )
    ]
