"""Where the ink is on a whole page: paper that changes from place to place, and ruled lines."""

from collections.abc import Iterator

import cv2
import numpy as np

from helpers.ink import covered, mass, strongest, thickness
from helpers.paper import shrink, slope_of_light

PAPER_SIDE = 240  # pixels that are enough to see the edge of a shadow
WINDOWS = (0.15, 0.6)  # of the page, in which paper prevails: for many digits, and for one
STEEPEST = 10  # degrees that ruled lines may be askew
FAINT = 12  # grey levels: ink that differs less from its paper is none
SAME = 0.15  # of the ink, in which two ways may differ and still be one


def ways_to_ink(picture: np.ndarray) -> Iterator[np.ndarray]:
    """The cover of ink, 0 to 1, in each way in which it can be told from paper."""
    small = shrink(picture, PAPER_SIDE)
    slope = slope_of_light(small)
    seen: list[np.ndarray] = []
    for window in WINDOWS:
        paper = prevailing(small, slope, window)
        for amount in amounts_of_ink(picture, paper):
            cover = covered(amount)
            if cover is None or amount[cover > 0.5].mean() < FAINT:
                continue
            if any(alike(cover > 0.5, other) for other in seen):
                continue
            seen.append(cover > 0.5)
            yield without_rules(cover)


def prevailing(small: np.ndarray, slope: np.ndarray, part: float) -> np.ndarray:
    """The paper around each place of a reduced picture, whose slope of light is known."""
    window = round(max(small.shape[:2]) * part) | 1
    edge = window // 2
    rest = np.clip(small - slope + 128, 0, 255).astype(np.uint8)
    rest = cv2.copyMakeBorder(rest, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    high, wide = small.shape[:2]
    middle = cv2.medianBlur(rest, window)[edge : edge + high, edge : edge + wide]
    return np.clip(slope + middle - 128.0, 0, 255).astype(np.uint8)


def amounts_of_ink(picture: np.ndarray, paper: np.ndarray) -> Iterator[np.ndarray]:
    """How much darker, or lighter, than paper each pixel is; both ways if both are likely."""
    size = picture.shape[1::-1]
    full = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    brightness = cv2.resize(paper.max(2), size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    level = float(np.median(paper.max(2)))
    darker = strongest(cv2.subtract(full, picture)) * (level / np.maximum(brightness, 40))
    lighter = strongest(cv2.subtract(picture, full)).astype(np.float32)
    order = sorted((darker, lighter), key=mass, reverse=True)
    blur = min(0.8, max(size) / 1000)
    for amount in order[: 1 + (mass(order[1]) > 0.4 * mass(order[0]))]:
        yield cv2.GaussianBlur(amount, (0, 0), blur) if max(size) > 100 else amount


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two ways hardly differ."""
    return np.count_nonzero(one ^ other) < SAME * np.count_nonzero(one | other)


def without_rules(cover: np.ndarray) -> np.ndarray:
    """Ink without ruled or squared paper's lines, whole where strokes cross or cover them."""
    mask = (cover > 0.3).astype(np.uint8)
    across = rules_across(mask)
    down = np.ascontiguousarray(rules_across(np.ascontiguousarray(mask.T)).T)
    lines = across | down
    others = mask & ~lines
    if not lines.any() or others.sum() < 0.05 * lines.sum():
        return cover
    size = round(thickness(lines)) + 4  # what is thicker is no line
    kept = others.copy()
    for each, other, brush in ((across, down, (size, 1)), (down, across, (1, size))):
        kept |= cv2.morphologyEx(mask & ~other, cv2.MORPH_OPEN, np.ones(brush, np.uint8)) & each
    kept |= cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)) & lines
    return cover * kept


def rules_across(mask: np.ndarray) -> np.ndarray:
    """The pixels of thin straight lines from left to right, if there are several."""
    high, wide = mask.shape
    slope = slope_of_rules(mask)
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


def slope_of_rules(mask: np.ndarray) -> float:
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
