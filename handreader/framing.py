"""Ink put into the frame that MNIST puts its digits into: plain arithmetic, nothing else.

Of other code it needs NumPy alone.
"""

from functools import lru_cache

import numpy as np

SIDE = 28  # pixels of a framed picture, each way
BOX = 20  # pixels of the box, inside a framed picture, that its digit fits into: as in MNIST
CLASSES = [str(digit) for digit in range(10)]  # what the ten scores of a framed digit are of
LEAST_INK = 1e-6  # instead of none at all, which can't be divided by
SIZES_KEPT = 512  # matrices for sizes met before: digits of one page are often of the same size


def frame(ink: np.ndarray) -> np.ndarray:
    """Ink (high, wide) fitted into 20 x 20, its centre of mass in the middle of 28 x 28 bytes.

    >>> framed = frame(np.ones((40, 8)))
    >>> framed.shape, int(framed.max()), int((framed > 0).any(1).sum())
    ((28, 28), 255, 20)
    """
    high, wide = ink.shape
    scale = BOX / max(high, wide)
    rows, columns = (max(1, round(side * scale)) for side in (high, wide))
    small = resampling(high, rows) @ ink @ resampling(wide, columns).T
    small = small / max(small.max(), LEAST_INK)
    total = small.sum()
    top, left = (centred(small.sum(axis), total) for axis in (1, 0))
    framed = np.zeros((SIDE, SIDE), np.uint8)
    framed[top : top + rows, left : left + columns] = np.round(255 * small)
    return framed


def centred(ink: np.ndarray, total: float) -> int:
    """Where rows, or columns, with so much ink each begin, for its mean to be in the middle."""
    mean = float(ink @ np.arange(len(ink)) / total)
    return int(np.clip(round((SIDE - 1) / 2 - mean), 0, SIDE - len(ink)))


@lru_cache(SIZES_KEPT)
def resampling(old: int, new: int) -> np.ndarray:
    """The matrix (new, old) that turns values into fewer or more, each a mean of its neighbours.

    The weights are a triangle (linear interpolation, widened where there become fewer), as in
    Pillow's BILINEAR.
    """
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    reach = max(scale, 1.0)
    weights = np.maximum(0, 1 - np.abs(np.arange(old) - centres[:, None]) / reach)
    return weights / weights.sum(1, keepdims=True)
