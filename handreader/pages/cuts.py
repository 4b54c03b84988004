"""Find where touching digits may be separated: cuts downwards through as little ink as possible."""

from dataclasses import dataclass

import cv2
import numpy as np

from handreader.ink.pixels import INKED, inked
from handreader.pages.pieces import Piece, cropped

# Found by trying on synthetic pages of validation digits, unless another reason is given.
SEAM_ROWS = 40  # rows to which a piece is reduced to search it for cuts
ASIDE = (0.03, 0.2, 0.6)  # what a step aside costs a cut: from nearly free to as much as ink
STEP = 0.02  # what any step costs, so that the shorter of two ways through paper wins
NEARBY = 0.2  # of the rows: cuts closer to each other, or to a border, are not tried
MOST_CROSSED = 0.5  # of the rows: a cut may cross full ink in this many
UNLIKE = 0.1  # of the height: two cuts differ by more somewhere
SCRAP = 0.08  # of the ink between two cuts: smaller bits are its neighbours'
CUT, INK_CUT, HOLE_CUT = 0.15, 1.2, 1.2  # see `cut_cost`
OPENED = 0.08  # of a cut: if more is inside a loop, the loop is cut open


@dataclass(frozen=True)
class Cutting:
    """A piece, the possible cuts from top to bottom, and their costs."""

    piece: Piece
    seams: list[np.ndarray]  # the column for each row, from left to right, with both borders
    costs: list[float]

    def between(self, first: int, last: int) -> Piece | None:
        """Return the part of the piece between two seams, or None if there is no ink."""
        if (first, last) == (0, len(self.seams) - 1):
            return self.piece
        columns = np.arange(self.piece.wide)
        inside = columns >= self.seams[first][:, None]
        inside &= columns < self.seams[last][:, None]
        return cropped(self.piece, without_scraps(self.piece.ink * inside))

    def cost(self, first: int, last: int) -> float:
        """Return half of what two seams cost: the share of the part between them."""
        return (self.costs[first] + self.costs[last]) / 2

    def column_of(self, number: int) -> float:
        """Return the page's column in the middle of the part behind a seam."""
        return (
            self.piece.left + float(self.seams[number].mean() + self.seams[number + 1].mean()) / 2
        )


def cutting(piece: Piece, most: int) -> Cutting:
    """Return a piece with at most `most` seams for each cost of ASIDE; 0 leaves it whole."""
    seams = find_seams(piece.ink, most) if most else []
    hole = holes(piece.ink)
    costs = [cut_cost(seam, piece.ink, hole) for seam in seams]
    borders = np.zeros(piece.high), np.full(piece.high, float(piece.wide))
    return Cutting(piece, [borders[0], *seams, borders[1]], [0.0, *costs, 0.0])


def without_scraps(ink: np.ndarray) -> np.ndarray:
    """Remove the small bits of neighbours that a cut has left in some ink."""
    mask = inked(ink)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 3:
        return ink
    area = stats[:, cv2.CC_STAT_AREA]
    scraps = area < SCRAP * area[1:].sum()
    return ink * ~scraps[labels]


def cut_cost(seam: np.ndarray, ink: np.ndarray, hole: np.ndarray) -> float:
    """Return how unlikely a cut is: the ink that it crosses, and the loops that it opens."""
    rows = np.arange(len(ink))
    columns = np.clip(seam.round().astype(int), 0, ink.shape[1] - 1)
    crossed, opened = ink[rows, columns].mean(), hole[rows, columns].mean()
    return CUT + INK_CUT * float(crossed) + HOLE_CUT * float(opened > OPENED)


def holes(ink: np.ndarray) -> np.ndarray:
    """Return the mask (H, W) of paper that loops of ink enclose."""
    paper = (ink <= INKED).astype(np.uint8)
    around = cv2.copyMakeBorder(paper, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(around, None, (0, 0), 0)
    return around[1:-1, 1:-1] > 0


def find_seams(ink: np.ndarray, most: int) -> list[np.ndarray]:
    """Return cuts that cross the least ink around them: for each row of ink (H, W), a column."""
    high, wide = ink.shape
    rows = min(SEAM_ROWS, high)
    columns = max(3, round(wide * rows / high))
    small = cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_AREA)
    cost = np.clip(small, 0, 1).astype(np.float64) + STEP
    places = (np.arange(high) + 0.5) * rows / high - 0.5
    seams: list[np.ndarray] = []
    for aside in ASIDE:
        for path in least_seams(cost, aside, most):
            seam = np.interp(places, np.arange(rows), path + 0.5) * wide / columns
            if all(np.abs(seam - other).max() > UNLIKE * high for other in seams):
                seams.append(seam)
    return sorted(seams, key=np.mean)


def least_seams(cost: np.ndarray, aside: float, most: int) -> list[np.ndarray]:
    """Return the cheapest way through each of the best places in the middle row.

    These are seams, found by dynamic programming: S. Avidan and A. Shamir, Seam carving for
    content-aware image resizing, 2007.
    """
    rows, columns = cost.shape
    above, from_above = passages(cost, aside)
    below, from_below = passages(cost[::-1], aside)
    half, reach = rows // 2, max(1, round(NEARBY * rows))
    total = above[half] + below[rows - 1 - half] - cost[half]
    lowest: list[int] = []
    for column in np.argsort(total, kind="stable"):
        inside = reach <= column < columns - reach and total[column] < MOST_CROSSED * rows
        if inside and all(abs(column - other) >= reach for other in lowest):
            lowest.append(int(column))
    seams = []
    for column in lowest[:most]:
        up = traced(from_above, half, column)[::-1]
        seams.append(np.array(up + traced(from_below, rows - 1 - half, column)[1:]))
    return seams


def passages(cost: np.ndarray, aside: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the least cost from the top to each place, and its last step: -1, 0 or 1."""
    total, steps = cost.copy(), np.zeros(cost.shape, np.int64)
    extra = np.array([aside, 0.0, aside])[:, None]
    for row in range(1, len(cost)):
        before = np.pad(total[row - 1], 1, constant_values=np.inf)
        options = np.stack([before[:-2], before[1:-1], before[2:]]) + extra
        steps[row] = options.argmin(0)
        total[row] += options.min(0)
    return total, steps - 1


def traced(steps: np.ndarray, row: int, column: int) -> list[int]:
    """Return the columns of a way back to the first row."""
    path = [column]
    while row > 0:
        column = int(column + steps[row, column])
        path.append(column)
        row -= 1
    return path
