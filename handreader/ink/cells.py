"""The printed cells of forms and tables, found and taken out of a page's ink.

A cell is paper that a thin border encloses, about as a rectangle; in a form each digit has one, or
each number. All lengths are in pixels.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from handreader.ink.pixels import inked, thickness
from handreader.ink.ruled_lines import Found, mended_on_page, slanted, thickened

# By thinking, and tried on synthetic pages of validation digits.
LEAST_CELL = 12  # pixels in both directions: with less no digit could be written in it
RECTANGULAR = 0.95  # of the narrowest rectangle around it: so much a cell fills, a 0's hole less
BORDER_THICK = 0.25  # of a cell's lower side: what is thicker is a stroke
BORDER_RUN = 0.95  # of a cell's side: ink that goes on for so long along it is a border,
LONGEST_RUN = 100  # pixels: or for so long, which bounds the time that is spent on it
MOST_NESTED = 3  # times the page that is searched for borders, one table around the other: a bound


class Cell(NamedTuple):
    """How a cell lies: how long its sides are, and by how much they lean."""

    wide: float
    high: float
    slope: float  # by how much its lower side falls per pixel to the right
    lean: float  # by how much its left side goes to the right per pixel down


def without_cells(cover: np.ndarray) -> np.ndarray:
    """The ink (high, wide) of a page without borders of cells, whole where strokes cross them."""
    mask, rest = inked(cover), cover
    allowed = MOST_NESTED * mask.size
    for window, inside, cells in tables_in(mask):
        allowed -= inside.size
        if allowed < 0:
            return cover
        found = borders_of(cells, mask[window] & inside)
        if not found.are_the_writing and is_fine(found, cells):
            rest = cover.copy() if rest is cover else rest
            rest[window] *= np.where(inside, mended_on_page(found), 1)
    return rest


def tables_in(mask: np.ndarray) -> Iterator[tuple[tuple[slice, slice], np.ndarray, list[Cell]]]:
    """Connected ink that encloses cells: where it is, a mask of all within it, and its cells."""
    outlines, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found: dict[int, list[Cell]] = defaultdict(list)
    for outline, (*_, around) in zip(outlines, tree[0].tolist() if outlines else (), strict=True):
        if around >= 0 and (cell := cell_of(outline)):
            found[around].append(cell)
    for number, cells in found.items():
        left, top, wide, high = cv2.boundingRect(outlines[number])
        if min(left, top) == 0 or left + wide == mask.shape[1] or top + high == len(mask):
            continue  # lines that come from outside are the paper's
        inside = np.zeros((high, wide), np.uint8)
        cv2.drawContours(inside, outlines, number, (1,), cv2.FILLED, offset=(-left, -top))
        yield np.s_[top : top + high, left : left + wide], inside, cells


def cell_of(outline: np.ndarray) -> Cell | None:
    """The cell that a hole in some ink is, by its outline as OpenCV gives it, if it is one."""
    box = cv2.minAreaRect(outline)
    if min(box[1]) < LEAST_CELL:
        return None
    if cv2.contourArea(cv2.convexHull(outline)) < RECTANGULAR * box[1][0] * box[1][1]:
        return None
    corners = cv2.boxPoints(box)
    sides = corners[1] - corners[0], corners[2] - corners[1]
    across, down = sorted(sides, key=lambda side: abs(side[1]) - abs(side[0]))
    return Cell(
        float(np.hypot(*across)),
        float(np.hypot(*down)),
        float(across[1] / across[0]),
        float(down[0] / down[1]),
    )


def borders_of(cells: Sequence[Cell], mask: np.ndarray) -> Found:
    """What in a mask (high, wide) of bytes is the border of cells."""
    _, labels = cv2.connectedComponents(mask)
    printed = (labels == labels[0][mask[0] > 0][0]).astype(np.uint8)  # what reaches the top
    wide, high, slope, lean = np.median(cells, 0)
    across = runs_in(printed, wide, slope)
    down = runs_in(np.ascontiguousarray(printed.T), high, lean).T
    return Found(mask, across, np.ascontiguousarray(down))


def runs_in(mask: np.ndarray, side: float, slope: float) -> np.ndarray:
    """What of a mask goes on along most of a cell's side."""
    brush = slanted(min(LONGEST_RUN, round(BORDER_RUN * side)), slope)
    return thickened(cv2.morphologyEx(thickened(mask), cv2.MORPH_OPEN, brush)) & mask


def is_fine(found: Found, cells: Sequence[Cell]) -> bool:
    """Whether borders are printed: so fine that they are no strokes that make a shape."""
    side = np.median([min(cell.wide, cell.high) for cell in cells])
    return thickness(found.lines) < BORDER_THICK * side
