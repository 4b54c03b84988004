"""MNIST's small digits written again: as large as wished, and with any pen."""

import cv2
import numpy as np

from helpers.practice.writing import skeleton
from helpers.reading.pixels import cut_out

SKETCH = 96  # pixels: large enough for the middle of each stroke to be seen
LOOPS = {0: 1, 6: 1, 8: 2, 9: 1}  # a digit whose loops are filled with ink has lost its strokes
FAT = 0.26  # strokes wider than this, in digits, run into each other


def enlarge(digit: np.ndarray, height: int, weight: float = 0.5) -> np.ndarray:
    """A 28 x 28 digit with smooth outlines as large as wished; a lower weight, thicker strokes."""
    if not digit.any():
        return np.zeros((height, height), np.uint8)
    ink = cut_out(digit)
    scale = height / max(ink.shape)
    ink = cv2.copyMakeBorder(ink, 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    size = [max(1, round(side * scale)) for side in ink.shape[::-1]]
    if scale < 1:
        return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    large = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    large = cv2.GaussianBlur(large, (0, 0), 0.4 * scale)
    sharp = max(2.0, scale / 2)
    return (255 * np.clip((large - weight) * sharp + 0.5, 0, 1)).astype(np.uint8)


def with_pen(digit: np.ndarray, height: int, thickness: float) -> np.ndarray:
    """A digit written again with strokes of a given width, along the middle of its own."""
    large = max(height, SKETCH)
    thin = skeleton(enlarge(digit, large))
    side = max(1, round(thickness * large / height))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    ink = cv2.dilate(cv2.copyMakeBorder(thin, *[side // 2] * 4, cv2.BORDER_CONSTANT), brush)
    size = [max(1, round(length * height / large)) for length in ink.shape[::-1]]
    return ink if large == height else cv2.resize(ink, size, interpolation=cv2.INTER_AREA)


def has_strokes(digit: np.ndarray, label: int) -> bool:
    """Whether the middle of its strokes still shows which digit it is."""
    ink = enlarge(digit, SKETCH)
    thin = skeleton(ink)
    length = np.count_nonzero(thin)
    return np.count_nonzero(ink > 127) < FAT * SKETCH * length and loops(thin) >= LOOPS.get(
        label, 0
    )


def loops(thin: np.ndarray) -> int:
    """How many areas a line closes in."""
    around = cv2.copyMakeBorder(thin, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.connectedComponents((around == 0).astype(np.uint8), connectivity=4)[0] - 2


def stretched(ink: np.ndarray, factor: float) -> np.ndarray:
    """Ink made wider or narrower, with its longer side as before."""
    high, wide = ink.shape[0], ink.shape[1] * factor
    scale = max(ink.shape) / max(high, wide)
    size = [max(1, round(length * scale)) for length in (wide, high)]
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
