"""Divide a row of ink into digits: choose the division that is the likeliest as a whole."""

from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np

from handreader.digits import DigitReader
from handreader.ink.strokes import frame_strokes
from handreader.pages.cuts import Cutting, cutting
from handreader.pages.pieces import Piece, TooMuchError, gap, merged, overlap
from handreader.pages.rows import Row
from handreader.results import Reading

# Found by trying on synthetic pages of validation digits, unless another reason is given.
# Lengths are in heights of the typical digit of a row, unless stated otherwise.

# Which pieces are cut.
CUTS = 3  # for each cost in `cuts.ASIDE`, in a piece as wide as a digit is high
CUT_HEIGHT = 0.5  # lower pieces are never cut
TOO_WIDE = 1.1  # for one digit: wider pieces are always cut
WIDE, DOUBTFUL = 0.45, 0.95  # so are these, if the network has less confidence in one digit

# How much is tried: over 1.5 times as much as for the fullest of the synthetic pages.
MOST_TRIED = 50_000_000  # pixels, in all segmentations of a page: seconds, not minutes
EACH_TRIAL = 8000  # pixels that could be handled in the time it takes to frame and read a digit

# Which parts may form one digit.
MOST_ATOMS = 14  # parts in one digit
WIDEST = 1.6  # several parts together aren't wider
SMALL_PART = 0.6  # a lower part may belong to a broken digit, wherever it stands
OVERLAPPING = (
    0.35  # of the narrower part: with more over the other, both may be parts of a broken digit
)
MOSTLY_OVER, REACH_OVER, REACH_BESIDE = (
    0.6,
    0.4,
    0.25,
)  # if one is over the other by this, the first distance is allowed, else the second

# The cost of each choice; costs add up along a row, and the lowest sum wins.
JOINED = 0.1  # for each piece that is joined to another
SHAPE_COST = 3  # for each height, or ratio, by which a shape exceeds these:
WIDEST_SHAPE, LOWEST_SHAPE, HIGHEST_SHAPE = 1.0, 0.75, 1.6
LEAST_HEIGHT = 0.6  # width is compared with a piece's own height, or at least this
SURER = 1000  # to 1: the odds at which doubt begins to count
DOUBT, NARROW, BY_WIDTH, WIDE_ENOUGH = 0.1, 0.2, 2, 1.5  # see `doubt`
DROP, BY_SIZE, LARGEST_DIRT = 0.3, 3, 0.5  # see `drop_cost`


@dataclass(frozen=True)
class Atom:
    """A piece of ink, or what is between two neighbouring cuts: a part of only one digit."""

    whole: Cutting
    number: int

    @cached_property
    def piece(self) -> Piece | None:
        """Return its ink, or None if there is none."""
        return self.whole.between(self.number, self.number + 1)


@dataclass
class Allowance:
    """A budget of trials, in pixels; a picture that spends all of it shows too much."""

    pixels: int = MOST_TRIED

    def spend(self, pixels: int) -> None:
        """Subtract the pixels and the fixed cost of a trial; TooMuchError if none are left."""
        self.pixels -= pixels + EACH_TRIAL
        if self.pixels < 0:
            raise TooMuchError


@dataclass(frozen=True)
class Choice:
    """The atoms of a row from `first` to before `last`, which may form one digit."""

    first: int
    last: int
    piece: Piece
    cost: float  # of its shape


def atoms_of(rows: list[Row], reader: DigitReader) -> list[list[Atom]]:
    """Cut the pieces of each row where they look like more than one digit."""
    readings = iter(reader.read([frame_strokes(piece.ink) for row in rows for piece in row.pieces]))
    found = []
    for row in rows:
        atoms = []
        for piece in row.pieces:
            several = may_be_several(piece, row.height, next(readings).confidence)
            most = 1 + round(CUTS * piece.wide / row.height) if several else 0
            whole = cutting(piece, most)
            atoms += [Atom(whole, number) for number in range(len(whole.seams) - 1)]
        found.append(sorted(atoms, key=lambda atom: atom.whole.column_of(atom.number)))
    return found


def may_be_several(piece: Piece, height: float, confidence: float) -> bool:
    """Tell whether a piece may be several digits, so that cuts are worth trying."""
    ratio = piece.wide / height
    doubtful = ratio > WIDE and confidence < DOUBTFUL
    return piece.high > CUT_HEIGHT * height and (ratio > TOO_WIDE or doubtful)


def choices_of(atoms: list[Atom], height: float, allowed: Allowance) -> list[Choice]:
    """Return all groups of a row's atoms that may form one digit."""
    found = []
    for first in range(len(atoms)):
        for last in range(first + 1, min(first + MOST_ATOMS, len(atoms)) + 1):
            group = atoms[first:last]
            if last - first > 1 and not may_be_joined(group, height):
                continue
            choice = choice_of(group, first, height, allowed)
            if choice is None:
                continue
            if last - first > 1 and choice.piece.wide > WIDEST * height:
                break
            found.append(choice)
    return found


def choice_of(group: list[Atom], first: int, height: float, allowed: Allowance) -> Choice | None:
    """Merge neighbouring atoms into one digit; return None if one of them has no ink."""
    wholes = {id(atom.whole): atom.whole for atom in group}
    allowed.spend(sum(whole.piece.ink.size for whole in wholes.values()))
    pieces, cost = [], JOINED * (len(wholes) - 1)
    for whole in wholes.values():
        numbers = [atom.number for atom in group if atom.whole is whole]
        part = whole.between(numbers[0], numbers[-1] + 1)
        if part is None:
            return None
        pieces.append(part)
        cost += whole.cost(numbers[0], numbers[-1] + 1)
    piece = merged(pieces)
    return Choice(first, first + len(group), piece, cost + shape_cost(piece, height))


def may_be_joined(group: list[Atom], height: float) -> bool:
    """Tell whether the last of some atoms may be part of the same digit as the others."""
    *before, last = group
    if any(atom.whole is last.whole for atom in before):
        return True
    if last.piece is None:
        return False
    for piece in [atom.piece for atom in before if atom.piece is not None]:
        small = min(piece.high, last.piece.high) < SMALL_PART * height
        over = overlap(piece, last.piece, 0)
        reach = (REACH_OVER if over > MOSTLY_OVER else REACH_BESIDE) * height
        if not (small or over > OVERLAPPING) or last.piece.left - piece.right > reach:
            continue
        if gap(piece, last.piece) < reach:
            return True
    return False


def shape_cost(piece: Piece, height: float) -> float:
    """Return how unlikely a piece's size is for a digit."""
    ratio, high = piece.wide / max(piece.high, LEAST_HEIGHT * height), piece.high / height
    cost = SHAPE_COST * max(0.0, ratio - WIDEST_SHAPE)
    return cost + SHAPE_COST * max(0.0, LOWEST_SHAPE - high, high - HIGHEST_SHAPE)


def cheapest(
    atoms: list[Atom], choices: list[tuple[Choice, Reading]], height: float
) -> list[tuple[Piece, Reading]]:
    """Return the digits in the cheapest division of a row, which may drop atoms as dirt."""
    ending: list[list] = [[] for _ in range(len(atoms) + 1)]
    for choice, reading in choices:
        ending[choice.last].append((choice, reading))
    best: list[tuple[float, list]] = [(0.0, [])] + [(np.inf, [])] * len(atoms)
    for last in range(1, len(atoms) + 1):
        dropped = best[last - 1][0] + drop_cost(atoms[last - 1].piece, height)
        best[last] = dropped, best[last - 1][1]
        for choice, reading in ending[last]:
            cost = best[choice.first][0] + choice.cost + doubt(choice.piece, reading, height)
            if cost < best[last][0]:
                best[last] = cost, [*best[choice.first][1], (choice.piece, reading)]
    return best[-1][1]


def doubt(piece: Piece, reading: Reading, height: float) -> float:
    """Return the cost of the network's doubt; it is higher for a wide piece.

    The network may be 99 % sure of two digits that it reads as one, but rarely as sure as of one
    digit.
    """
    unlikely = log(1 + SURER * (1 / reading.confidence - 1))
    return DOUBT * unlikely * (NARROW + BY_WIDTH * min(WIDE_ENOUGH, piece.wide / height))


def drop_cost(piece: Piece | None, height: float) -> float:
    """Return how unlikely it is that a piece is dirt."""
    size = max(piece.high, piece.wide) / height if piece else 0.0
    return DROP + BY_SIZE * size if size < LARGEST_DIRT else np.inf
