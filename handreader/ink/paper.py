"""Estimate what the paper looks like without ink, whatever light and shadows fall on it."""

from functools import lru_cache

import cv2
import numpy as np

from handreader.ink.pixels import edge_colour, shrink

# Found by trying on synthetic photographs of validation digits, unless another reason is given.
PAPER_SIDE = 32  # pixels: enough, because light changes slowly
FEWER = 3  # every third of these pixels is enough to fit a smooth slope
EVENLY_LIT = 40  # pixels: in smaller pictures, the paper counts as one even colour
WINDOW = 0.6  # of the picture: in a window so large, there is more paper than digit
TWO_IDEAS = 25  # grey levels: if two estimates of the paper differ by more, both are tried

# How the slope of light is fitted to a picture.
STRAYING = (40, 20, 12, 8)  # grey levels: pixels that stray farther count little; ever stricter
BORDER = 0.75  # of the way from the middle to the edge: pixels beyond are mostly paper,
INSIDE = 0.3  # and those inside count only this much
FLAT = 0.001  # the ridge on slopes, relative to the weight of all pixels,
CURVED = 0.003  # and on curves, which a digit in the middle resembles more
SOLVABLE = 1e-9  # keeps the equations solvable where hardly any pixel counts
MIDDLE_GREY = 128  # added so that both darker and lighter pixels than the slope fit into bytes


def possible_papers(picture: np.ndarray) -> list[np.ndarray]:
    """Return one or two estimates of the bare paper: reduced pictures, in floats.

    There is a second one only where the two clearly differ.
    """
    if max(picture.shape[:2]) < EVENLY_LIT:
        return [np.broadcast_to(edge_colour(picture), picture.shape)]
    small = shrink(picture, PAPER_SIDE)
    slope = slope_of_light(small)
    paper = prevailing(small, slope)
    return [paper, slope] if np.abs(paper - slope).max() > TWO_IDEAS else [paper]


def slope_of_light(small: np.ndarray) -> np.ndarray:
    """Fit a quadratic surface to most of a reduced picture, above all to its borders."""
    terms, prior = surface(*small.shape[:2])
    values = small.reshape(-1, 3).T.astype(np.float64)
    some = terms[:, ::FEWER], prior[::FEWER], values[:, ::FEWER]
    factors = fitted(*some, edge_colour(small))
    return (factors.T @ terms).T.reshape(small.shape)


def fitted(
    terms: np.ndarray, prior: np.ndarray, values: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Fit the factors (6, 3) that make terms (6, N) follow most of the values (3, N) of N pixels.

    This is iteratively reweighted least squares: the farther a pixel is from the fit before, the
    less it counts. The weights are those of Geman and McClure (Statistical methods for tomographic
    image reconstruction, 1987), with a scale that narrows from fit to fit. A ridge on all factors
    but the constant keeps the surface flat where the pixels don't say otherwise.
    """
    ridge = np.diag([0, FLAT, FLAT, CURVED, CURVED, CURVED]) + SOLVABLE * np.eye(len(terms))
    expected: np.ndarray = start[:, None]
    for scale in STRAYING:
        away = np.abs(values - expected).max(0)
        weighted = terms * (prior / (1 + (away / scale) ** 2) ** 2)
        squares = weighted @ terms.T + weighted[0].sum() * ridge
        factors = cv2.solve(squares, weighted @ values.T, flags=cv2.DECOMP_CHOLESKY)[1]
        expected = factors.T @ terms
    return factors


@lru_cache(64)
def surface(high: int, wide: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the six terms (6, N) of a quadratic surface, and the first weights (N,) of pixels."""
    grid = np.meshgrid(np.linspace(-1, 1, high), np.linspace(-1, 1, wide), indexing="ij")
    down, right = (places.ravel() for places in grid)
    terms = np.stack([down**0, down, right, down**2, down * right, right**2])
    outside = np.maximum(np.abs(down), np.abs(right)) > BORDER
    return terms, np.where(outside, 1.0, INSIDE)


def prevailing(small: np.ndarray, slope: np.ndarray, part: float = WINDOW) -> np.ndarray:
    """Estimate the paper by a median filter, which also follows the edge of a shadow.

    The filter works on what is left when the slope is subtracted. Its window is as large as a part
    of the picture's longer side.
    """
    window = round(max(small.shape[:2]) * part) | 1
    edge = window // 2
    rest = np.clip(small - slope + MIDDLE_GREY, 0, 255).astype(np.uint8)
    rest = cv2.copyMakeBorder(rest, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    high, wide = small.shape[:2]
    median = cv2.medianBlur(rest, window)[edge : edge + high, edge : edge + wide]
    return slope + median - float(MIDDLE_GREY)
