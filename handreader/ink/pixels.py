"""Basic operations on pictures, masks and covers.

A *picture* is (H, W, 3) bytes: red, green and blue. A *mask* is (H, W) booleans or bytes, not 0
where something is. A *cover* is (H, W) floats, from 0 for bare paper to 1 for full ink.
"""

import cv2
import numpy as np

INKED = 0.3  # of full ink: more is part of a stroke, so that thin, soft strokes stay in one piece
MOSTLY = 0.5  # of full ink: more is clearly ink, where strokes needn't stay in one piece
LEAST_TOP = 1e-6  # instead of 0 as the largest value, to divide by

Box = tuple[int, int, int, int]  # left, top, width, height, in pixels
Edges = tuple[int, int, int, int]  # left, top, right, bottom: the last two are exclusive


def box_through(homography: np.ndarray, edges: Edges) -> Box:
    """Return the box around what a homography (3, 3) makes of a rectangle."""
    left, top, right, bottom = edges
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], float)
    points = cv2.perspectiveTransform(corners, homography)[0]
    (x, y), (wide, high) = points.min(0), np.ptp(points, 0)
    return round(x), round(y), round(wide), round(high)


def inked(cover: np.ndarray) -> np.ndarray:
    """Return the mask (H, W), in bytes, of the pixels that belong to strokes."""
    return (cover > INKED).astype(np.uint8)


def mostly_inked(cover: np.ndarray) -> np.ndarray:
    """Return the mask (H, W), in booleans, of clear ink, without its soft edges."""
    return cover > MOSTLY


def shrink(picture: np.ndarray, side: int) -> np.ndarray:
    """Reduce a picture, if it is larger, so that its longer side has `side` pixels."""
    high, wide = picture.shape[:2]
    scale = side / max(high, wide)
    if scale >= 1:
        return picture
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def shrink_factor(picture: np.ndarray, small: np.ndarray) -> float:
    """Return how many times larger a picture is than its reduced copy."""
    return max(picture.shape[:2]) / max(small.shape[:2])


def along_edges(values: np.ndarray) -> np.ndarray:
    """Return the first and last row and column, one after another; corners come twice."""
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def edge_colour(picture: np.ndarray) -> np.ndarray:
    """Return the median colour, (3,) floats, along the edges of a picture."""
    return np.median(along_edges(picture), 0)


def strongest(colours: np.ndarray) -> np.ndarray:
    """Return the largest of red, green and blue at each pixel: (H, W, 3) becomes (H, W)."""
    red, green, blue = cv2.split(colours)
    return cv2.max(cv2.max(red, green), blue)


def mass(amount: np.ndarray) -> float:
    """Return the sum of squares, in which strong differences count more than large areas."""
    return float(cv2.norm(amount, cv2.NORM_L2SQR))


def quantiles(values: np.ndarray, *parts: float) -> list[float]:
    """Return the values below which these parts of all values lie; faster than NumPy's."""
    places = [int(part * len(values)) for part in parts]
    return np.partition(values, places)[places].tolist()


def two_groups(values: np.ndarray) -> float:
    """Return the limit that best divides values (N,) into a low and a high group.

    This is Otsu's method: N. Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    top = max(float(values.max()), LEAST_TOP)
    levels = np.minimum(values * (255 / top), 255).astype(np.uint8).reshape(1, -1)
    limit, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return limit * top / 255


def inked_part(mask: np.ndarray, margin: int = 0) -> tuple[slice, slice]:
    """Return the rows and columns around everything in a mask, with a margin in pixels."""
    left, top, wide, high = cv2.boundingRect(mask.view(np.uint8))
    rows = slice(max(0, top - margin), top + high + margin)
    return rows, slice(max(0, left - margin), left + wide + margin)


def cut_out(ink: np.ndarray, above: float = 0) -> np.ndarray:
    """Crop ink to what is above a limit; return it unchanged if nothing is."""
    part = ink[inked_part(ink > above)]
    return part if part.size else ink


def thickness(mask: np.ndarray) -> float:
    """Return the typical width of the strokes in a mask, in pixels.

    Across a stroke, the distance to the nearest paper averages a quarter of the stroke's width, or
    slightly more, because pixels aren't points. Thin strokes come out up to two pixels too wide.
    """
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    away = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    return 4 * float(away.sum()) / max(1, int(mask.sum())) - 1
