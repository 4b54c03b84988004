"""Plain deeds on pixels, which know nothing of paper and where ink is on it.

A *picture* is (high, wide, 3) bytes: red, green and blue. A *mask* is (high, wide) booleans or
bytes, not 0 where something is. A *cover* is (high, wide) floats, from 0 for bare paper to 1 for
full ink.
"""

import cv2
import numpy as np

INKED = 0.3  # of full ink, from where a pixel is of a stroke: thin, soft strokes stay in one piece
MOSTLY = 0.5  # of full ink: where strokes need not hang together, it is more ink than paper
LEAST_TOP = 1e-6  # instead of 0 as the largest of some values, which are then divided by it

Box = tuple[int, int, int, int]  # left, top, width, height, in pixels
Edges = tuple[int, int, int, int]  # left, top, right, bottom: the last two are just outside


def inked(cover: np.ndarray) -> np.ndarray:
    """The mask (high, wide), in bytes, of the pixels that belong to strokes."""
    return (cover > INKED).astype(np.uint8)


def mostly_inked(cover: np.ndarray) -> np.ndarray:
    """The mask (high, wide), in booleans, of what is clearly ink, without its soft edges."""
    return cover > MOSTLY


def shrink(picture: np.ndarray, side: int) -> np.ndarray:
    """The picture reduced, if it is larger, so that its longer side has this many pixels."""
    high, wide = picture.shape[:2]
    scale = side / max(high, wide)
    if scale >= 1:
        return picture
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def shrink_factor(picture: np.ndarray, small: np.ndarray) -> float:
    """By how much a picture was reduced to become the small one."""
    return max(picture.shape[:2]) / max(small.shape[:2])


def along_edges(values: np.ndarray) -> np.ndarray:
    """The first and last row, the first and last column, in one row; corners come twice."""
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def edge_colour(picture: np.ndarray) -> np.ndarray:
    """The typical colour, (3,) floats, along the edges of a picture."""
    return np.median(along_edges(picture), 0)


def strongest(colours: np.ndarray) -> np.ndarray:
    """The largest of red, green and blue at each pixel: (high, wide, 3) becomes (high, wide)."""
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
    """The limit that divides values (many,) best into a low and a high group.

    That is Otsu's method: N. Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    top = max(float(values.max()), LEAST_TOP)
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
    """How wide the strokes of a shape typically are, in pixels.

    From side to side of a stroke, the distance to the nearest paper is a quarter of its width on
    average, and slightly more as pixels are no points; thin strokes come out up to two too wide.
    """
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    away = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    return 4 * float(away.sum()) / max(1, int(mask.sum())) - 1
