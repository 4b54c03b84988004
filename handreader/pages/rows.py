"""Group the pieces of ink on a page into lines, although lines slant and wander."""

from dataclasses import dataclass, field

import numpy as np

from handreader.pages.pieces import Piece, gap, merged, overlap

# Found by trying on synthetic pages of validation digits, unless another reason is given.
# Lengths are parts of a digit's, or a piece's, height, unless stated otherwise.
MINOR = 0.5  # of a neighbour's height: a lower piece near to it belongs to it
SMALL_PIECE = 0.35  # of a page's digits: lower pieces start no row before these have theirs
NEAR = 0.2  # of a digit's height: the distance of pieces that belong to it
ENOUGH = 2  # neighbours of the same height: with these, a small piece is in a line of small digits
FIT = 0.35  # a piece joins a row that it fits at least so well, see `Row.fits`
LAST = 4  # pieces of a row that tell where it runs on
TOUCHING = 0.5  # a small piece nearer than this to a row may belong to it

# Two pieces are one broken digit if they are over each other, not beside each other,
OVER, BESIDE = 0.5, 0.3  # as parts of the smaller one,
BROKEN_GAP, HIGHER = 0.12, 1.2  # and near, and together not this much higher than their neighbours,
AROUND_BOTH, AT_SIDE = 2, 0.8  # which are within this reach, with so much of them beside both

# Neighbours of a small piece are
ALIKE_HEIGHT, SAME_LEVEL, CLOSE = 0.6, 0.5, 2.5  # as high, at its height and near enough
LONGEST = 3  # times as wide as high: a longer piece, such as a bar, owns nothing

# Neighbours in a line, whose places tell its slope, are
FAR, STEP_DOWN, TIMES_HIGHER = 4, 0.7, 2  # no farther, no lower and not so much higher


@dataclass
class Row:
    """Pieces that stand beside each other in one line."""

    slope: float  # how far the page's lines fall per pixel to the right
    pieces: list[Piece] = field(default_factory=list)
    gutter: float = np.inf  # pixels: a wider gap separates two cells of a table

    @property
    def height(self) -> float:
        """Return the height of its typical digit, in pixels."""
        return typical(self.pieces)

    @property
    def level(self) -> float:
        """Return how far down the row is, in pixels, if the page is held level."""
        return float(np.mean([self.level_of(piece) for piece in self.pieces]))

    def level_of(self, piece: Piece) -> float:
        """Return how far down a piece is, in pixels, if the page is held level."""
        return piece.middle[1] - self.slope * piece.middle[0]

    def fits(self, piece: Piece) -> float:
        """Return 1 for a piece level with the last ones of this row, less the farther it is off."""
        last = self.pieces[-LAST:]
        total = sum(each.high for each in last)
        middle = sum(each.high * self.level_of(each) for each in last) / total
        away, high = abs(middle - self.level_of(piece)), max(each.high for each in last)
        shared = min(high, piece.high, (high + piece.high) / 2 - away)
        return shared / min(high, piece.high) - away / (2 * high)

    def touches(self, piece: Piece) -> bool:
        """Tell whether a piece is near to one of this row's."""
        return any(gap(piece, each) < TOUCHING * self.height for each in self.pieces)


def rows_of(pieces: list[Piece]) -> list[Row]:
    """Group all pieces into rows, from top to bottom, each from left to right."""
    pieces = stacked(pieces, typical(pieces))
    owners = owners_of(pieces)
    major = [piece for n, piece in enumerate(pieces) if owners[n] is None]
    size = typical(major)
    slope = common_slope([piece for piece in major if piece.high > SMALL_PIECE * size])
    rows: list[Row] = []
    for small in (False, True):
        some = [piece for piece in major if (piece.high <= SMALL_PIECE * size) is small]
        for piece in sorted(some, key=lambda each: each.middle[0]):
            add(piece, rows, slope, small)
        for row in rows:
            row.pieces.sort(key=lambda each: each.middle[0])
    place = {id(piece): row for row in rows for piece in row.pieces}
    for n, piece in enumerate(pieces):
        if owners[n] is not None:
            place[id(last_owner(n, owners, pieces))].pieces.append(piece)
    for row in rows:
        row.pieces.sort(key=lambda each: each.middle[0])
    return sorted(rows, key=lambda row: row.level)


def add(piece: Piece, rows: list[Row], slope: float, small: bool) -> None:
    """Put a piece into the row that it fits best, or into a new one."""
    fitting = [
        row
        for row in rows
        if not small or row.height < piece.high / SMALL_PIECE or row.touches(piece)
    ]
    best = max(fitting, key=lambda row: row.fits(piece), default=None)
    if best is None or best.fits(piece) < FIT:
        best = Row(slope)
        rows.append(best)
    best.pieces.append(piece)


def typical(pieces: list[Piece]) -> float:
    """Return the median height, weighted by height, because there may be much small dirt."""
    order = np.sort(np.array([piece.high for piece in pieces], float))
    weight = np.cumsum(order)
    return float(order[np.searchsorted(weight, weight[-1] / 2)])


def stacked(pieces: list[Piece], size: float) -> list[Piece]:
    """Merge the upper and lower parts of digits whose strokes are broken."""
    pieces = sorted(pieces, key=lambda piece: piece.high, reverse=True)
    done: list[Piece] = []
    for piece in pieces:
        for n, other in enumerate(done):
            high = max(piece.bottom, other.bottom) - min(piece.top, other.top)
            if (
                overlap(piece, other, 0) > OVER
                and overlap(piece, other, 1) < BESIDE
                and gap(piece, other) < BROKEN_GAP * high
                and high < HIGHER * max(size, tallest_beside(piece, other, pieces))
            ):
                done[n] = merged([other, piece])
                break
        else:
            done.append(piece)
    return done


def tallest_beside(one: Piece, other: Piece, pieces: list[Piece]) -> float:
    """Return the height of the highest piece that stands beside two others, or 0."""
    both = merged([one, other])
    reach = AROUND_BOTH * both.high
    return max(
        (
            each.high
            for each in pieces
            if abs(each.middle[0] - both.middle[0]) < reach
            and overlap(each, both, 1) > AT_SIDE
            and each is not one
            and overlap(each, other, 0) < OVER
        ),
        default=0.0,
    )


def owners_of(pieces: list[Piece]) -> list[int | None]:
    """Return for each piece the index of a much higher one close to it, or None."""
    left, top, right, bottom = np.array([p.edges for p in pieces]).T
    high, wide = bottom - top, right - left
    x, y = np.array([piece.middle for piece in pieces]).T
    found: list[int | None] = []
    for n, piece in enumerate(pieces):
        alike = (high > ALIKE_HEIGHT * high[n]) & (ALIKE_HEIGHT * high < high[n])
        alike &= abs(y - y[n]) < SAME_LEVEL * high[n]
        if np.sum(alike & (abs(x - x[n]) < CLOSE * high[n])) > ENOUGH:
            found.append(None)
            continue
        reach = NEAR * high
        near = (piece.high < MINOR * high) & (piece.wide < high) & (wide < LONGEST * high)
        near &= np.maximum(left, left[n]) - np.minimum(right, right[n]) < reach
        near &= np.maximum(top, top[n]) - np.minimum(bottom, bottom[n]) < reach
        away = {int(m): gap(piece, pieces[m]) / high[m] for m in np.flatnonzero(near)}
        best = min(away, key=lambda m: away[m], default=None)
        found.append(best if best is not None and away[best] < NEAR else None)
    return found


def last_owner(number: int, owners: list[int | None], pieces: list[Piece]) -> Piece:
    """Follow a piece's owners to the last, which has none; each is higher than the one before."""
    while (owner := owners[number]) is not None:
        number = owner
    return pieces[number]


def common_slope(pieces: list[Piece]) -> float:
    """Return the slope of a page's lines: the weighted median over pairs of neighbours."""
    if len(pieces) < 2:
        return 0.0
    x, y = np.array([piece.middle for piece in pieces]).T
    high = np.array([piece.high for piece in pieces])
    run, rise = x - x[:, None], y - y[:, None]
    near = (run > 0) & (run < FAR * high[:, None]) & (abs(rise) < STEP_DOWN * high[:, None])
    near &= (high < TIMES_HIGHER * high[:, None]) & (TIMES_HIGHER * high > high[:, None])
    run = np.where(near, run, np.inf)
    nearest = run.argmin(1)
    rows = np.flatnonzero(near.any(1))
    if not len(rows):
        return 0.0
    runs, rises = run[rows, nearest[rows]], rise[rows, nearest[rows]]
    order = np.argsort(rises / runs)
    weight = np.cumsum(runs[order])
    return float((rises / runs)[order][np.searchsorted(weight, weight[-1] / 2)])
