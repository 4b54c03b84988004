"""The lines of ruled and squared paper, found and taken out of the ink, whole digits left behind.

On the picture of one digit they go from edge to edge; on a page they may be askew, broken and many.
"""

from collections.abc import Callable

import cv2
import numpy as np

from helpers.reading.pixels import inked, thickness

SPAN = 0.85  # of a picture of one digit: a line is at least so long
STEEPEST = 10  # degrees that the lines of a page may be askew
LEAST_REST = 0.05  # of the lines' area: if less is left without them, they are the writing itself


def without_lines(cover: np.ndarray) -> np.ndarray:
    """The ink of one digit without paper's lines, mended where they crossed a stroke."""
    mask = inked(cover)
    if not any(spans(mask, axis) for axis in range(2)):
        return cover  # which most pictures show at once
    across, down = both_ways(lines_across, mask)
    lines = across | down
    others = mask & ~lines
    if are_the_writing(lines, others):
        return cover
    line, stroke = thickness(lines), thickness(others)
    fainter = cover[lines > 0].mean() < 0.75 * cover[others > 0].mean()
    count = max(cv2.connectedComponents(each)[0] - 1 for each in (across, down))
    if not stick_out(across, others) and not stick_out(down.T, others.T):
        return cover  # it could as well be the bar of a 4
    if count < 2 and not fainter and line > 0.6 * stroke:
        return cover
    size = 2 * int(np.ceil(line)) + 3
    kept = others.copy()
    for each, brush in ((across, (size, 1)), (down, (1, size))):
        kept |= cv2.morphologyEx(others, cv2.MORPH_CLOSE, np.ones(brush, np.uint8)) & each
    return cover * kept


def without_page_lines(cover: np.ndarray) -> np.ndarray:
    """The ink of a page without paper's lines, whole where strokes cross or cover them."""
    mask = inked(cover)
    across, down = both_ways(page_lines_across, mask)
    lines = across | down
    others = mask & ~lines
    if are_the_writing(lines, others):
        return cover
    size = round(thickness(lines)) + 4  # what is thicker is no line
    kept = others.copy()
    for each, other, brush in ((across, down, (size, 1)), (down, across, (1, size))):
        kept |= cv2.morphologyEx(mask & ~other, cv2.MORPH_OPEN, np.ones(brush, np.uint8)) & each
    kept |= cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)) & lines
    return cover * kept


def both_ways(
    find: Callable[[np.ndarray], np.ndarray], mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is found from left to right, and what from the top to the bottom."""
    turned = find(np.ascontiguousarray(mask.T))
    return find(mask), np.ascontiguousarray(turned.T)


def are_the_writing(lines: np.ndarray, others: np.ndarray) -> bool:
    """Whether no lines were found, or hardly anything but lines."""
    return bool(not lines.any() or others.sum() < LEAST_REST * lines.sum())


def stick_out(lines: np.ndarray, others: np.ndarray) -> bool:
    """Whether lines from left to right go on where there is nothing else."""
    columns = np.flatnonzero(others.any(0))
    return bool(lines.any()) and bool(np.ptp(columns) < 0.8 * others.shape[1])


def spans(mask: np.ndarray, axis: int) -> bool:
    """Whether there is ink nearly all the way from left to right, or, for axis 1, down."""
    return np.count_nonzero(cv2.reduce(mask, axis, cv2.REDUCE_MAX)) >= SPAN * mask.shape[1 - axis]


def lines_across(mask: np.ndarray) -> np.ndarray:
    """The thin straight lines that go from the left edge to the right one."""
    wide = mask.shape[1]
    if not spans(mask, 0):
        return np.zeros_like(mask)
    near = cv2.dilate(mask, np.ones((3, 1), np.uint8))  # a line may be slightly askew
    runs = cv2.morphologyEx(near, cv2.MORPH_OPEN, np.ones((1, max(9, wide // 8)), np.uint8))
    if not runs.any():
        return runs
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, wide // 8 | 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    whole = np.zeros(count, np.uint8)
    for part, (left, top, length, high, area) in enumerate(stats):
        if part and length > SPAN * wide and area / length < 0.06 * wide + 4:
            whole[part] = is_straight(labels[top : top + high, left : left + length] == part)
    return whole[labels] & mask & runs


def is_straight(line: np.ndarray) -> bool:
    """Whether a line leads from left to right as if drawn with a ruler."""
    high, wide = line.shape
    count = line.sum(0)
    thin = (count > 0) & (count <= np.median(count))  # not where a stroke crosses it
    places = np.linspace(-1, 1, wide)[thin]
    middles = (np.arange(high) @ line)[thin] / count[thin]
    slope, start = np.polyfit(places, middles, 1)
    stray = np.median(np.abs(middles - slope * places - start))
    return bool(stray < 0.6 + 0.006 * wide and abs(slope) < 0.1 * wide)


def page_lines_across(mask: np.ndarray) -> np.ndarray:
    """The pixels of thin straight lines from left to right, if there are several."""
    high, wide = mask.shape
    slope = slope_of_lines(mask)
    length = max(15, round(0.06 * wide))
    near = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    near = cv2.morphologyEx(near, cv2.MORPH_CLOSE, slanted(max(3, length // 6), slope))
    runs = cv2.morphologyEx(near, cv2.MORPH_OPEN, slanted(length, slope))
    if not runs.any():
        return runs
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, slanted(length, slope))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    left, top, width, height, area = stats.T
    thin = area / np.maximum(width, 1) < 0.02 * max(high, wide) + 4
    thin[0] = False
    whole = thin & (width > 0.6 * wide)
    if whole.sum() < 2:
        return np.zeros_like(mask)
    at_border = (left == 0) | (top == 0) | (left + width == wide) | (top + height == high)
    whole |= thin & at_border & (width > 0.1 * wide)
    lines = whole.astype(np.uint8)[labels] & runs
    return cv2.dilate(lines, np.ones((3, 1), np.uint8)) & mask


def slope_of_lines(mask: np.ndarray) -> float:
    """By how much lines fall per pixel to the right: where they add up to the sharpest rows."""
    down, right = np.nonzero(mask[:, :: 1 + mask.shape[1] // 400])
    right = right * (1 + mask.shape[1] // 400)
    few = 1 + len(down) // 40_000
    down, right = down[::few], right[::few] - mask.shape[1] / 2

    def sharpness(slope: float) -> float:
        rows = np.round(down - slope * right).astype(np.int64)
        return float(np.square(np.bincount(rows - rows.min())).sum()) if len(rows) else 0.0

    steepest = np.tan(np.radians(STEEPEST))
    best = max(np.linspace(-steepest, steepest, 61), key=sharpness)
    return max(best + np.linspace(-0.006, 0.006, 13), key=sharpness)


def slanted(length: int, slope: float) -> np.ndarray:
    """A brush that is a line."""
    rise = round(slope * length / 2)
    brush = np.zeros((2 * abs(rise) + 1, length), np.uint8)
    middle = abs(rise)
    cv2.line(brush, (0, middle - rise), (length - 1, middle + rise), 1)
    return brush
