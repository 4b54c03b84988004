"""MNIST's small digits written again: as large as wished, and with any pen."""

import cv2
import numpy as np

from handreader.ink.pixels import cut_out
from trainer.synthesis.writing import skeleton

# Found by trying, on MNIST's training digits.
EDGE_ROOM = 2  # pixels of a 28 x 28 digit around it, so that its soft edge is enlarged as well
SMOOTH = 0.4  # pixels of a 28 x 28 digit: just enough that they are not seen as steps
SKETCH = 96  # pixels: large enough for the middle of each stroke to be seen
LOOPS = {0: 1, 6: 1, 8: 2, 9: 1}  # a digit whose loops are filled with ink has lost its strokes
FAT = 0.26  # strokes wider than this, in digits, run into each other


def enlarge(digit: np.ndarray, height: int, weight: float = 0.5) -> np.ndarray:
    """A 28 x 28 digit with smooth outlines, (high, wide) bytes; a lower weight, thicker strokes."""
    if not digit.any():
        return np.zeros((height, height), np.uint8)
    ink = cut_out(digit)
    scale = height / max(ink.shape)
    padded = bordered(ink, EDGE_ROOM)
    size = [max(1, round(side * scale)) for side in padded.shape[::-1]]
    if scale < 1:
        return cv2.resize(padded, size, interpolation=cv2.INTER_AREA)
    large = cv2.resize(padded, size, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    soft = cv2.GaussianBlur(large, (0, 0), SMOOTH * scale)
    sharp = max(2.0, scale / 2)  # so that the edge is two pixels wide, whatever the size
    return (255 * np.clip((soft - weight) * sharp + 0.5, 0, 1)).astype(np.uint8)


def with_pen(digit: np.ndarray, height: int, thickness: float) -> np.ndarray:
    """A digit written again with strokes of a given width, along the middle of its own."""
    large = max(height, SKETCH)
    thin = skeleton(enlarge(digit, large))
    side = max(1, round(thickness * large / height))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    ink = cv2.dilate(bordered(thin, side // 2), brush)
    size = [max(1, round(length * height / large)) for length in ink.shape[::-1]]
    return ink if large == height else cv2.resize(ink, size, interpolation=cv2.INTER_AREA)


def bordered(ink: np.ndarray, pixels: int) -> np.ndarray:
    """Ink with so much empty space around it."""
    return cv2.copyMakeBorder(ink, pixels, pixels, pixels, pixels, cv2.BORDER_CONSTANT)


def has_strokes(digit: np.ndarray, label: int) -> bool:
    """Whether the middle of its strokes still shows which digit it is."""
    ink = enlarge(digit, SKETCH)
    return is_shown_by(skeleton(ink), ink, SKETCH, label)


def is_shown_by(thin: np.ndarray, ink: np.ndarray, height: int, label: int) -> bool:
    """Whether the middle of the strokes of a digit of that height is still that digit."""
    is_thin = bool(np.count_nonzero(ink > 127) < FAT * height * np.count_nonzero(thin))
    return is_thin and loops(thin) >= LOOPS.get(label, 0)


def loops(thin: np.ndarray) -> int:
    """How many areas a line closes in."""
    free = (bordered(thin, 1) == 0).astype(np.uint8)
    return cv2.connectedComponents(free, connectivity=4)[0] - 2  # without line and surroundings


def stretched(ink: np.ndarray, factor: float) -> np.ndarray:
    """Ink made wider or narrower, with its longer side as before."""
    high, wide = ink.shape[0], ink.shape[1] * factor
    scale = max(ink.shape) / max(high, wide)
    size = [max(1, round(length * scale)) for length in (wide, high)]
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
