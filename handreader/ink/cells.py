"""Find the printed cells of forms and tables on a page, and remove them from its ink.

A cell is paper that a thin border encloses, roughly a rectangle. In a form, each digit or each
number has its own. All lengths are in pixels.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from handreader.ink.pixels import inked, thickness
from handreader.ink.ruled_lines import Found, mended_on_page, slanted, thickened

# Chosen by reasoning, and tried on synthetic pages of validation digits.
LEAST_CELL = 12  # pixels in both directions: a digit couldn't be written in less
RECTANGULAR = 0.95  # of the smallest rectangle around it: a cell fills this, a 0's hole less
BORDER_THICK = 0.25  # of a cell's shorter side: anything thicker is a stroke
BORDER_RUN = 0.95  # of a cell's side: ink that goes on for so long along it is a border,
LONGEST_RUN = 100  # pixels: or for so long, which bounds the time this takes
MOST_OUTLINES = 20_000  # of a mask's parts: with more, it is a pattern, and no table
MOST_NESTED = 3  # times the page's area that is searched in all: tables may lie within tables


class Cell(NamedTuple):
    """The shape of a cell: the length of its sides, and their slopes."""

    wide: float
    high: float
    slope: float  # how far its lower side falls per pixel to the right
    lean: float  # how far its left side goes right per pixel down


def without_cells(cover: np.ndarray) -> np.ndarray:
    """Remove the borders of cells from a page's ink (H, W), but not the strokes across them."""
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
    """Yield the window of each connected ink around cells, a mask of all inside, and the cells."""
    outlines, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found: dict[int, list[Cell]] = defaultdict(list)
    if len(outlines) > MOST_OUTLINES:
        return
    for outline, (*_, around) in zip(outlines, tree[0].tolist() if outlines else (), strict=True):
        if around >= 0 and (cell := cell_of(outline)):
            found[around].append(cell)
    for number, cells in found.items():
        left, top, wide, high = cv2.boundingRect(outlines[number])
        if min(left, top) == 0 or left + wide == mask.shape[1] or top + high == len(mask):
            continue  # lines that reach the page's edge are the paper's
        inside = np.zeros((high, wide), np.uint8)
        cv2.drawContours(inside, outlines, number, (1,), cv2.FILLED, offset=(-left, -top))
        yield np.s_[top : top + high, left : left + wide], inside, cells


def cell_of(outline: np.ndarray) -> Cell | None:
    """Return the cell whose inner outline this is, as OpenCV gives it; None if it isn't one."""
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
    """Return the borders of cells in a mask (H, W) of bytes."""
    _, labels = cv2.connectedComponents(mask)
    printed = (labels == labels[0][mask[0] > 0][0]).astype(np.uint8)  # connected to the top
    wide, high, slope, lean = np.median(cells, 0)
    across = runs_in(printed, wide, slope)
    down = runs_in(np.ascontiguousarray(printed.T), high, lean).T
    return Found(mask, across, np.ascontiguousarray(down))


def runs_in(mask: np.ndarray, side: float, slope: float) -> np.ndarray:
    """Return the mask of what goes on along most of a cell's side."""
    brush = slanted(min(LONGEST_RUN, round(BORDER_RUN * side)), slope)
    return thickened(cv2.morphologyEx(thickened(mask), cv2.MORPH_OPEN, brush)) & mask


def is_fine(found: Found, cells: Sequence[Cell]) -> bool:
    """Tell whether borders are so thin that they are printed, not strokes that form a shape."""
    side = np.median([min(cell.wide, cell.high) for cell in cells])
    return thickness(found.lines) < BORDER_THICK * side
