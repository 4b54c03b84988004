"""Remove from the ink what is no writing: shapes drawn around it, and the soft edges of shadows."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from handreader.ink.cells import MOST_OUTLINES
from handreader.ink.pixels import inked, shrink

# Chosen by reasoning, and tried on scenes that share no code with the practice pictures.
AROUND = 0.25  # of a hole's height: if ink in it is as high, the shape around it is a frame or ring
LEAST_INSIDE = 5  # pixels: anything lower in a hole is a speck
LEAST_HOLE = 12  # pixels: in a lower one, colours are blurred
SELDOM = 0.1  # of the paper around: a shadow's edge across a digit leaves more in each light
OWN_COLOUR = 35  # grey levels: the paper within a digit differs by at most 6, a coin by 77 or more
LARGE = 0.12  # of the picture's longer side: the edge of a shadow is longer
EDGE_SIDE = 640  # pixels: enough to see how sharp an edge is
FINE, COARSE = 2, 8  # pixels of blur: at the second, a sharp edge is less than half as steep,
SHARP = 1.5  # and the edge of a shadow about as steep; between them, this is the limit
STEEP = 6.0  # of Sobel's sum, under one grey level a pixel: no writing fades so slowly


def without_frames(cover: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Remove the rings, boxes and things that enclose other ink (H, W), or another colour.

    A digit never does. A coin on the paper (H, W, 3) looks like a 0, but for its colour.
    """
    mask = inked(cover)
    outlines, tree = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if not 2 <= len(outlines) <= MOST_OUTLINES:
        return cover
    around = tree[0][:, 3]  # the outline that an outline lies in, or -1
    high = np.array([cv2.boundingRect(outline)[3] for outline in outlines])
    is_hole = depths(around) % 2 == 1
    inner = np.flatnonzero((around >= 0) & ~is_hole)
    inner = inner[high[inner] > np.maximum(AROUND * high[around[inner]], LEAST_INSIDE)]
    holes = np.flatnonzero(is_hole & (high >= LEAST_HOLE)).tolist()
    filled = [hole for hole in holes if has_own_colour(hole, around[hole], outlines, mask, picture)]
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    outer = {*around[around[inner]].tolist(), *around[filled].tolist()}
    return without_parts(cover, labels, [labels[tuple(outlines[n][0, 0, ::-1])] for n in outer])


def depths(around: np.ndarray) -> np.ndarray:
    """Return how many outlines each outline lies in; `around` gives the nearest, or -1."""
    depth, up = np.zeros(len(around), int), around
    while (inside := up >= 0).any():
        depth += inside
        up = np.where(inside, around[up], -1)
    return depth


def has_own_colour(
    hole: int, outer: int, outlines: Sequence[np.ndarray], mask: np.ndarray, picture: np.ndarray
) -> bool:
    """Tell whether a hole in ink (H, W) has another colour than the paper around the ink."""
    left, top, wide, high = cv2.boundingRect(outlines[outer])
    away = max(2, high // 8)
    rows, columns = (
        slice(max(0, top - away), top + high + away),
        slice(max(0, left - away), left + wide + away),
    )
    within, whole = (np.zeros_like(mask[rows, columns]) for _ in range(2))
    offset = -columns.start, -rows.start
    cv2.drawContours(within, outlines, hole, (1,), cv2.FILLED, offset=offset)
    cv2.drawContours(whole, outlines, outer, (1,), cv2.FILLED, offset=offset)
    bare = cv2.dilate(mask[rows, columns], np.ones((3, 3), np.uint8)) == 0
    inside, outside = bare & (within > 0), bare & (whole == 0)
    if not inside.any() or not outside.any():
        return False
    part = picture[rows, columns].astype(np.float32)
    away_from = np.abs(part[outside] - np.median(part[inside], 0)).max(1)
    return bool((away_from < OWN_COLOUR).mean() < SELDOM)


def without_shadows(cover: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Remove large ink (H, W) whose edge on the picture (H, W, 3) is too soft for a pen."""
    small = shrink(picture, EDGE_SIDE)
    mask = inked(cv2.resize(cover, small.shape[1::-1], interpolation=cv2.INTER_AREA))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = [
        part for part in range(1, len(stats)) if max(stats[part, 2:4]) > LARGE * max(mask.shape)
    ]
    if not large:
        return cover
    sharp = sharpness((labels == part for part in large), small)
    soft = [part for part, ratio in zip(large, sharp, strict=True) if ratio < SHARP]
    labels = cv2.resize(
        labels.astype(np.float32), cover.shape[::-1], interpolation=cv2.INTER_NEAREST
    )
    return without_parts(cover, labels, soft)


def sharpness(parts: Iterable[np.ndarray], picture: np.ndarray) -> list[float]:
    """Return how many times steeper each part's outline is at a fine than at a coarse blur.

    A part is a mask (H, W) on the picture (H, W, 3). What fades imperceptibly counts as 0.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, coarse = (steepness(cv2.GaussianBlur(grey, (0, 0), blur)) for blur in (FINE, COARSE))
    found = []
    for part in parts:
        mask = part.astype(np.uint8)
        rim = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        steep, soft = (float(np.median(each[rim])) if rim.any() else 1.0 for each in (fine, coarse))
        found.append(steep / soft if steep > STEEP else 0.0)
    return found


def steepness(grey: np.ndarray) -> np.ndarray:
    """Return how steeply grey levels (H, W) change: the length of Sobel's gradient."""
    return cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def without_parts(cover: np.ndarray, labels: np.ndarray, parts: list[int]) -> np.ndarray:
    """Remove connected parts, and their soft rims, from ink; both arrays are (H, W)."""
    if not parts:
        return cover
    gone = cv2.dilate(np.isin(labels, parts).astype(np.uint8), np.ones((3, 3), np.uint8))
    return cover * (gone == 0)
