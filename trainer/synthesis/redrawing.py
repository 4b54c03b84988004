"""MNIST's small digits redrawn, at any size and with any pen."""

import cv2
import numpy as np

from handreader.ink.pixels import cut_out
from trainer.synthesis.writing import skeleton

# Found by trying, on MNIST's training digits.
EDGE_ROOM = 2  # pixels around a 28 x 28 digit, so that its soft edge is enlarged as well
SMOOTH = 0.4  # pixels of a 28 x 28 digit: just enough blur to hide their steps
SKETCH = 96  # pixels: large enough to show the centre line of each stroke
LOOPS = {0: 1, 6: 1, 8: 2, 9: 1}  # of a digit; if ink fills them, its strokes are lost
FAT = 0.26  # strokes wider than this, in heights of a digit, run together


def enlarge(digit: np.ndarray, height: int, weight: float = 0.5) -> np.ndarray:
    """Enlarge a 28 x 28 digit with smooth outlines, to (H, W) bytes.

    `height` is the longer side of its ink; a lower weight makes the strokes thicker.
    """
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
    sharp = max(2.0, scale / 2)  # so that edges are two pixels wide at any large size
    return (255 * np.clip((soft - weight) * sharp + 0.5, 0, 1)).astype(np.uint8)


def with_pen(digit: np.ndarray, height: int, thickness: float) -> np.ndarray:
    """Redraw a digit along its centre lines, with strokes of a given thickness in pixels."""
    large = max(height, SKETCH)
    thin = skeleton(enlarge(digit, large))
    side = max(1, round(thickness * large / height))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    ink = cv2.dilate(bordered(thin, side // 2), brush)
    size = [max(1, round(length * height / large)) for length in ink.shape[::-1]]
    return ink if large == height else cv2.resize(ink, size, interpolation=cv2.INTER_AREA)


def bordered(ink: np.ndarray, pixels: int) -> np.ndarray:
    """Pad ink with so many empty pixels on each side."""
    return cv2.copyMakeBorder(ink, pixels, pixels, pixels, pixels, cv2.BORDER_CONSTANT)


def has_strokes(digit: np.ndarray, label: int) -> bool:
    """Tell whether a digit's skeleton still shows which digit it is."""
    ink = enlarge(digit, SKETCH)
    return is_shown_by(skeleton(ink), ink, SKETCH, label)


def is_shown_by(thin: np.ndarray, ink: np.ndarray, height: int, label: int) -> bool:
    """Tell whether a skeleton still shows the digit that it was made from.

    That fails if the digit's strokes are too wide for its height, or if a loop is filled.
    """
    is_thin = bool(np.count_nonzero(ink > 127) < FAT * height * np.count_nonzero(thin))
    return is_thin and loops(thin) >= LOOPS.get(label, 0)


def loops(thin: np.ndarray) -> int:
    """Count the areas that a skeleton encloses."""
    free = (bordered(thin, 1) == 0).astype(np.uint8)
    return cv2.connectedComponents(free, connectivity=4)[0] - 2  # minus skeleton and outside


def stretched(ink: np.ndarray, factor: float) -> np.ndarray:
    """Make ink `factor` times as wide in proportion, and keep the length of its longer side."""
    high, wide = ink.shape[0], ink.shape[1] * factor
    scale = max(ink.shape) / max(high, wide)
    size = [max(1, round(length * scale)) for length in (wide, high)]
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
