"""Plain deeds on pixels, which know nothing of ink or paper.

A *mask* is (high, wide) booleans or bytes, not 0 where something is; a *cover* is (high, wide)
floats, from 0 for bare paper to 1 for full ink.
"""

import cv2
import numpy as np

INKED = 0.3  # of full ink, from where a pixel is of a stroke: thin, soft strokes stay in one piece


def inked(cover: np.ndarray) -> np.ndarray:
    """The mask, in bytes, of the pixels that belong to strokes."""
    return (cover > INKED).astype(np.uint8)


def shrink(picture: np.ndarray, side: int) -> np.ndarray:
    """The picture reduced, if it is larger, so that its longer side has this many pixels."""
    high, wide = picture.shape[:2]
    scale = side / max(high, wide)
    if scale >= 1:
        return picture
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def edge_colour(picture: np.ndarray) -> np.ndarray:
    """The typical colour along the edges of a picture."""
    sides = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    return np.median(np.concatenate(sides), 0)


def strongest(colours: np.ndarray) -> np.ndarray:
    """The largest of red, green and blue at each pixel."""
    red, green, blue = cv2.split(colours)
    return cv2.max(cv2.max(red, green), blue)


def mass(amount: np.ndarray) -> float:
    """How much stands out; a strong difference counts more than its area."""
    return float(cv2.norm(amount, cv2.NORM_L2SQR))


def quantiles(values: np.ndarray, *parts: float) -> list[float]:
    """The values below which these parts of them lie, found sooner than by NumPy's careful own."""
    places = [int(part * len(values)) for part in parts]
    return np.partition(values, places)[places].tolist()


def two_groups(values: np.ndarray) -> float:
    """The limit that divides values best into a low and a high group.

    That is Otsu's method: N. Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    top = max(float(values.max()), 1e-6)
    levels = np.minimum(values * (255 / top), 255).astype(np.uint8).reshape(1, -1)
    limit, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return limit * top / 255


def inked_part(mask: np.ndarray, margin: int = 0) -> tuple[slice, slice]:
    """The rows and columns that something is in, and a margin, as far as the picture goes."""
    left, top, wide, high = cv2.boundingRect(mask.view(np.uint8))
    rows = slice(max(0, top - margin), top + high + margin)
    return rows, slice(max(0, left - margin), left + wide + margin)


def cut_out(ink: np.ndarray, above: float = 0) -> np.ndarray:
    """Ink without the empty space around it; as it is, if there is none."""
    part = ink[inked_part(ink > above)]
    return part if part.size else ink


def thickness(mask: np.ndarray) -> float:
    """How wide the strokes of a shape typically are, in pixels."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    away = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    return 4 * float(away.sum()) / max(1, int(mask.sum())) - 1
