"""What paper looks like where no ink is, whatever light and shadows fall on it."""

from functools import lru_cache

import cv2
import numpy as np

from helpers.reading.pixels import edge_colour, shrink

PAPER_SIDE = 32  # light changes so slowly that this many pixels are enough to see it
FEWER = 3  # of them, every so many-th is enough for a smooth slope
TINY = 40  # pixels of a picture so small that it is lit evenly
WINDOW = 0.6  # of the picture, in which paper prevails over one digit
UNEVEN = 25  # grey levels between two ideas of the paper, so that both are tried


def possible_papers(picture: np.ndarray) -> list[np.ndarray]:
    """What the light may make of the paper; one possibility only if they hardly differ."""
    if max(picture.shape[:2]) < TINY:
        return [np.broadcast_to(edge_colour(picture), picture.shape)]
    small = shrink(picture, PAPER_SIDE)
    slope = slope_of_light(small)
    paper = prevailing(small, slope)
    return [paper, slope] if np.abs(paper - slope).max() > UNEVEN else [paper]


def slope_of_light(small: np.ndarray) -> np.ndarray:
    """The smooth surface (of degree 2) that most of a picture follows, above all its edges."""
    terms, prior = surface(*small.shape[:2])
    values = small.reshape(-1, 3).T.astype(np.float64)
    some = terms[:, ::FEWER], prior[::FEWER], values[:, ::FEWER]
    factors = fitted(*some, edge_colour(small))
    return (factors.T @ terms).T.reshape(small.shape)


def fitted(
    terms: np.ndarray, prior: np.ndarray, values: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """How much of each term follows the values best, if those that stray count little."""
    steady = 1e-3 * np.diag([0, 1, 1, 3, 3, 3]) + 1e-9 * np.eye(len(terms))
    expected = start[:, None]
    for scale in (40, 20, 12, 8):
        away = np.abs(values - expected).max(0)
        weighted = terms * (prior / (1 + (away / scale) ** 2) ** 2)
        flat = weighted @ terms.T + weighted[0].sum() * steady
        factors = cv2.solve(flat, weighted @ values.T, flags=cv2.DECOMP_CHOLESKY)[1]
        expected = factors.T @ terms
    return factors


@lru_cache(64)
def surface(high: int, wide: int) -> tuple[np.ndarray, np.ndarray]:
    """The six parts of such a surface at each pixel, and how much a pixel counts at first."""
    down, right = np.meshgrid(np.linspace(-1, 1, high), np.linspace(-1, 1, wide), indexing="ij")
    down, right = down.ravel(), right.ravel()
    terms = np.stack([down**0, down, right, down**2, down * right, right**2])
    return terms, np.where(np.maximum(np.abs(down), np.abs(right)) > 0.75, 1.0, 0.3)


def prevailing(small: np.ndarray, slope: np.ndarray, part: float = WINDOW) -> np.ndarray:
    """What prevails around each place, which follows the edge of a shadow, too.

    Around means in a window as large as a part of the picture's longer side.
    """
    window = round(max(small.shape[:2]) * part) | 1
    edge = window // 2
    rest = np.clip(small - slope + 128, 0, 255).astype(np.uint8)
    rest = cv2.copyMakeBorder(rest, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    high, wide = small.shape[:2]
    return slope + cv2.medianBlur(rest, window)[edge : edge + high, edge : edge + wide] - 128.0
