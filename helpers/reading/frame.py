"""Ink put into the frame that MNIST puts its digits into: plain arithmetic, nothing else.

Apart from NumPy it needs nothing, for the same few lines are also to run in a browser.
"""

from functools import lru_cache

import numpy as np

from helpers.models import SIDE

BOX = 20  # pixels of the box, inside a framed picture, that its digit fits into


def frame(ink: np.ndarray) -> np.ndarray:
    """Ink (high, wide) fitted into 20 x 20, its centre of mass in the middle of 28 x 28 bytes."""
    high, wide = ink.shape
    scale = BOX / max(high, wide)
    rows, columns = (max(1, round(side * scale)) for side in (high, wide))
    small = resampling(high, rows) @ ink @ resampling(wide, columns).T
    small = small / max(small.max(), 1e-6)
    total = small.sum()
    middle = (small.sum(1) @ np.arange(rows), small.sum(0) @ np.arange(columns)) / total
    top, left = (
        int(np.clip(round((SIDE - 1) / 2 - centre), 0, SIDE - side))
        for centre, side in zip(middle, (rows, columns), strict=True)
    )
    framed = np.zeros((SIDE, SIDE), np.uint8)
    framed[top : top + rows, left : left + columns] = np.round(255 * small)
    return framed


@lru_cache(512)
def resampling(old: int, new: int) -> np.ndarray:
    """The matrix (new, old) that turns values into fewer or more, each a mean of its neighbours."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    reach = max(scale, 1.0)
    weights = np.maximum(0, 1 - np.abs(np.arange(old) - centres[:, None]) / reach)
    return weights / weights.sum(1, keepdims=True)
