"""Find the lines of ruled and squared paper and remove them from the ink, but not the digits.

On the picture of one digit they go from edge to edge. On a page they may be askew, broken and many.
The functions that both share are at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from handreader.ink.pixels import inked, thickness

# Found by trying on synthetic photographs and pages, unless another reason is given.
LEAST_REST = 0.05  # of the lines' area: if less other ink is left, they are the writing itself

# On a picture of one digit; lengths are parts of the picture's side along the lines.
SPAN = 0.85  # a line is at least so long
RUN, LEAST_RUN = 8, 9  # parts of a line are at least 1/8 of the side long, and 9 pixels
THICK, THICK_PIXELS = 0.06, 4  # a line is thinner than both added, even if slightly askew
STRAY, STRAY_PIXELS = 0.006, 0.6  # lines drawn with a ruler stray by less than both added
ASKEW = 0.1  # a line may rise or fall by this over half its length
FAINTER = 0.75  # of the other ink's strength: fainter lines are printed
FINER_STROKE = 0.6  # of the other strokes' thickness: finer lines are printed
STICK_OUT = 0.8  # of the side: if the other ink takes less, lines stick out beyond it

# On a page; lengths are parts of the page's width.
STEEPEST = 10  # degrees that lines may be askew
SLOPES, FINER_SLOPES = 61, 13  # slopes that are tried, then finer ones around the best
FINER_SPAN = 0.006  # from the best slope to the farthest of the finer ones
COLUMNS, POINTS = 400, 40_000  # columns and points that show the slope well enough
PAGE_RUN, LEAST_PAGE_RUN = 0.06, 15  # parts of a line are at least so long, and 15 pixels
GAPS = 6  # gaps up to 1/6 of such a part are closed
PAGE_THICK = 0.02  # of the longer side; THICK_PIXELS are added
PAGE_SPAN = 0.6  # a line is at least so long,
BORDER_SPAN = 0.1  # or so, if it reaches the page's edge
FEWEST_LINES = 2  # lines: one alone may be anything
THICKER = 4  # pixels: ink that is this much thicker than the lines is a stroke across them


@dataclass(frozen=True)
class Found:
    """The lines found in a mask, across and down; all three are (H, W) bytes."""

    mask: np.ndarray
    across: np.ndarray
    down: np.ndarray

    @property
    def lines(self) -> np.ndarray:
        """Return the lines of both directions."""
        return self.across | self.down

    @property
    def others(self) -> np.ndarray:
        """Return all ink but the lines."""
        return self.mask & ~self.lines

    @property
    def are_the_writing(self) -> bool:
        """Tell whether there are no lines, or hardly any ink but them."""
        return bool(not self.lines.any() or self.others.sum() < LEAST_REST * self.lines.sum())


# On the picture of one digit


def without_lines(cover: np.ndarray) -> np.ndarray:
    """Remove paper's lines from the ink (H, W) of one digit, and mend it where they cross it."""
    mask = inked(cover)
    if not (spans(mask) or spans(mask.T)):
        return cover  # a quick way out for most pictures
    found = both_ways(lines_across, mask)
    return cover * mended(found) if are_of_paper(found, cover) else cover


def spans(mask: np.ndarray) -> bool:
    """Tell whether there is ink in nearly all columns."""
    return bool(np.count_nonzero(mask.any(0)) >= SPAN * mask.shape[1])


def are_of_paper(found: Found, cover: np.ndarray) -> bool:
    """Tell whether lines are printed: several, faint or fine, and longer than the digit is wide."""
    if found.are_the_writing:
        return False
    if not any(stick_out(*each) for each in directions(found)):
        return False  # it might be the bar of a 4
    count = max(cv2.connectedComponents(each)[0] - 1 for each in (found.across, found.down))
    faint = cover[found.lines > 0].mean() < FAINTER * cover[found.others > 0].mean()
    fine = thickness(found.lines) <= FINER_STROKE * thickness(found.others)
    return bool(count > 1 or faint or fine)


def directions(found: Found) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return lines and other ink twice: as they are, and transposed, so lines down go across."""
    return [(found.across, found.others), (found.down.T, found.others.T)]


def stick_out(across: np.ndarray, others: np.ndarray) -> bool:
    """Tell whether lines from left to right go on where there is no other ink."""
    columns = np.flatnonzero(others.any(0))
    return bool(across.any() and np.ptp(columns) < STICK_OUT * others.shape[1])


def mended(found: Found) -> np.ndarray:
    """Return the mask of all but the lines, and of strokes where a line crosses them."""
    size = 2 * int(np.ceil(thickness(found.lines))) + 3
    kept = found.others
    for each, brush in ((found.across, upright(size)), (found.down, flat(size))):
        kept = kept | cv2.morphologyEx(found.others, cv2.MORPH_CLOSE, brush) & each
    return kept


def lines_across(mask: np.ndarray) -> np.ndarray:
    """Return the mask of thin straight lines that go from the left edge to the right one."""
    if not spans(mask):
        return np.zeros_like(mask)
    wide = mask.shape[1]
    runs = cv2.morphologyEx(thickened(mask), cv2.MORPH_OPEN, flat(max(LEAST_RUN, wide // RUN)))
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, wide // RUN | 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    whole = np.zeros(count, np.uint8)
    for part, (left, top, length, high, area) in enumerate(stats):
        if part and length > SPAN * wide and area / length < THICK * wide + THICK_PIXELS:
            whole[part] = is_straight(labels[top : top + high, left : left + length] == part)
    return whole[labels] & mask & runs


def is_straight(line: np.ndarray) -> bool:
    """Tell whether a line (H, W) goes from left to right as if drawn with a ruler."""
    high, wide = line.shape
    count = line.sum(0)
    thin = (count > 0) & (count <= np.median(count))  # not where a stroke crosses it
    places = np.linspace(-1, 1, wide)[thin]
    middles = (np.arange(high) @ line)[thin] / count[thin]
    terms = np.stack([places, np.ones_like(places)], 1)
    slope, start = np.linalg.lstsq(terms, middles, rcond=None)[0]
    stray = np.median(np.abs(middles - slope * places - start))
    return bool(stray < STRAY_PIXELS + STRAY * wide and abs(slope) < ASKEW * wide)


# On a page


def without_page_lines(cover: np.ndarray) -> np.ndarray:
    """Remove paper's lines from a page's ink (H, W), but not the strokes that cross them."""
    found = both_ways(page_lines_across, inked(cover))
    return cover if found.are_the_writing else cover * mended_on_page(found)


def mended_on_page(found: Found) -> np.ndarray:
    """Return the mask of all but the lines, and of what crosses or is thicker than them."""
    size = round(thickness(found.lines)) + THICKER
    kept = found.others
    for each, other, brush in (
        (found.across, found.down, upright(size)),
        (found.down, found.across, flat(size)),
    ):
        kept = kept | cv2.morphologyEx(found.mask & ~other, cv2.MORPH_OPEN, brush) & each
    return kept | cv2.morphologyEx(kept, cv2.MORPH_CLOSE, square(size)) & found.lines


def page_lines_across(mask: np.ndarray) -> np.ndarray:
    """Return the mask of thin straight lines from left to right, if there are several."""
    slope, length = slope_of_lines(mask), max(LEAST_PAGE_RUN, round(PAGE_RUN * mask.shape[1]))
    near = cv2.morphologyEx(
        thickened(mask), cv2.MORPH_CLOSE, slanted(max(3, length // GAPS), slope)
    )
    runs = cv2.morphologyEx(near, cv2.MORPH_OPEN, slanted(length, slope))
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, slanted(length, slope))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    return thickened(are_page_lines(stats, mask.shape)[labels] & runs) & mask


def are_page_lines(stats: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Return 1 for each connected part that is a line, by OpenCV's stats (parts, 5); else 0."""
    (high, wide), (left, top, width, height, area) = size, stats.T
    thin = area / np.maximum(width, 1) < PAGE_THICK * max(high, wide) + THICK_PIXELS
    thin[0] = False  # the background
    whole = thin & (width > PAGE_SPAN * wide)
    if whole.sum() < FEWEST_LINES:
        return np.zeros(len(stats), np.uint8)
    at_border = (left == 0) | (top == 0) | (left + width == wide) | (top + height == high)
    return (whole | thin & at_border & (width > BORDER_SPAN * wide)).astype(np.uint8)


def slope_of_lines(mask: np.ndarray) -> float:
    """Return how far lines fall per pixel to the right.

    For each slope, the mask is sheared and projected onto its rows. The sharpest of these profiles
    wins, a usual way to straighten scanned pages.
    """
    few = 1 + mask.shape[1] // COLUMNS
    down, right = np.nonzero(mask[:, ::few])
    fewer = 1 + len(down) // POINTS
    down, right = down[::fewer], few * right[::fewer] - mask.shape[1] / 2

    def sharpness(slope: float) -> float:
        rows = np.round(down - slope * right).astype(np.int64)
        return float(np.square(np.bincount(rows - rows.min())).sum()) if len(rows) else 0.0

    steepest = np.tan(np.radians(STEEPEST))
    best = max(np.linspace(-steepest, steepest, SLOPES), key=sharpness)
    return max(best + np.linspace(-FINER_SPAN, FINER_SPAN, FINER_SLOPES), key=sharpness)


# On both


def both_ways(find: Callable[[np.ndarray], np.ndarray], mask: np.ndarray) -> Found:
    """Find lines from left to right, and, in the transposed mask, from top to bottom."""
    turned = find(np.ascontiguousarray(mask.T))
    return Found(mask, find(mask), np.ascontiguousarray(turned.T))


def thickened(mask: np.ndarray) -> np.ndarray:
    """Add a pixel above and below, so that lines slightly askew stay in one piece."""
    return cv2.dilate(mask, upright(3))


def upright(size: int) -> np.ndarray:
    """Return a brush that is a vertical line."""
    return np.ones((size, 1), np.uint8)


def flat(size: int) -> np.ndarray:
    """Return a brush that is a horizontal line."""
    return np.ones((1, size), np.uint8)


def square(size: int) -> np.ndarray:
    """Return a square brush."""
    return np.ones((size, size), np.uint8)


def slanted(length: int, slope: float) -> np.ndarray:
    """Return a brush that is a line `length` pixels wide with a slope."""
    rise = round(slope * length / 2)
    middle = abs(rise)
    brush = np.zeros((2 * middle + 1, length), np.uint8)
    return cv2.line(brush, (0, middle - rise), (length - 1, middle + rise), (1,))
