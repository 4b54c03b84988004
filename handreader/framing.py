"""Place a digit's ink in a 28 x 28 picture in the way MNIST does.

It is plain arithmetic, and needs only NumPy.
"""

from functools import lru_cache

import numpy as np

SIDE = 28  # pixels of a framed picture, each way
BOX = 20  # pixels of the box inside it that the digit fits into, as in MNIST
CLASSES = [str(digit) for digit in range(10)]  # the classes of the ten scores, in their order
LEAST_INK = 1e-6  # instead of 0, to divide by
SIZES_KEPT = 512  # matrices in the cache: digits of one page often share a size


def frame(ink: np.ndarray) -> np.ndarray:
    """Fit ink (H, W) into 20 x 20, and centre its mass in a picture of 28 x 28 bytes.

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
    """Return the first row, or column, for ink with these sums, so that its mass is centred."""
    mean = float(ink @ np.arange(len(ink)) / total)
    return int(np.clip(round((SIDE - 1) / 2 - mean), 0, SIDE - len(ink)))


@lru_cache(SIZES_KEPT)
def resampling(old: int, new: int) -> np.ndarray:
    """Return the matrix (new, old) that resamples `old` values to `new` ones.

    The weights are a triangle, as in Pillow's BILINEAR: linear interpolation, with a wider triangle
    where the number of values shrinks.
    """
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    reach = max(scale, 1.0)
    weights = np.maximum(0, 1 - np.abs(np.arange(old) - centres[:, None]) / reach)
    return weights / weights.sum(1, keepdims=True)
