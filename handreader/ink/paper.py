"""What paper looks like where no ink is, whatever light and shadows fall on it."""

from functools import lru_cache

import cv2
import numpy as np

from handreader.ink.pixels import edge_colour, shrink

# Found by trying, on synthetic photographs of validation digits, where no other reason is given.
PAPER_SIDE = 32  # light changes so slowly that this many pixels are enough to see it
FEWER = 3  # of them, every so many-th is enough for a smooth slope
EVENLY_LIT = 40  # pixels: smaller pictures show so little that one colour is all their paper
WINDOW = 0.6  # of the picture, in which paper prevails over one digit
TWO_IDEAS = 25  # grey levels between two ideas of the paper, so that both are tried

# How the slope of light is fitted to a picture.
STRAYING = (40, 20, 12, 8)  # grey levels from which pixels count little: ever stricter
BORDER = 0.75  # of the way from the middle: what is farther out is rather paper than digit,
INSIDE = 0.3  # and what is nearer counts this much of it
FLAT = 0.001  # how much slopes are held back, in parts of the pixels' weight,
CURVED = 0.003  # and how much curves are, which digits in the middle resemble more
SOLVABLE = 1e-9  # keeps the equations solvable where hardly any pixel counts
MIDDLE_GREY = 128  # so that what is darker and what is lighter than the slope both fit into bytes


def possible_papers(picture: np.ndarray) -> list[np.ndarray]:
    """What the light may make of the paper: one or two reduced pictures, in floats.

    There is one only if two ideas hardly differ.
    """
    if max(picture.shape[:2]) < EVENLY_LIT:
        return [np.broadcast_to(edge_colour(picture), picture.shape)]
    small = shrink(picture, PAPER_SIDE)
    slope = slope_of_light(small)
    paper = prevailing(small, slope)
    return [paper, slope] if np.abs(paper - slope).max() > TWO_IDEAS else [paper]


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
    """The factors (6, 3) with which terms (6, pixels) follow most of the values (3, pixels).

    Least squares, again and again, in which pixels count the less the farther they stray from
    the fit before: iteratively reweighted, with the weights of Geman and McClure (Statistical
    methods for tomographic image reconstruction, 1987), whose scale narrows from fit to fit. A
    ridge on all but the constant keeps the surface flat where nothing says otherwise.
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
    """The six terms (6, pixels) of such a surface, and how much a pixel counts at first."""
    grid = np.meshgrid(np.linspace(-1, 1, high), np.linspace(-1, 1, wide), indexing="ij")
    down, right = (places.ravel() for places in grid)
    terms = np.stack([down**0, down, right, down**2, down * right, right**2])
    outside = np.maximum(np.abs(down), np.abs(right)) > BORDER
    return terms, np.where(outside, 1.0, INSIDE)


def prevailing(small: np.ndarray, slope: np.ndarray, part: float = WINDOW) -> np.ndarray:
    """What prevails around each place, which follows the edge of a shadow, too.

    That is a median filter on what is left when the slope is taken away; around means in a window
    as large as a part of the picture's longer side.
    """
    window = round(max(small.shape[:2]) * part) | 1
    edge = window // 2
    rest = np.clip(small - slope + MIDDLE_GREY, 0, 255).astype(np.uint8)
    rest = cv2.copyMakeBorder(rest, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    high, wide = small.shape[:2]
    median = cv2.medianBlur(rest, window)[edge : edge + high, edge : edge + wide]
    return slope + median - float(MIDDLE_GREY)
