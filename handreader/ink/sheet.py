"""A sheet of paper that lies on a table: found, straightened and cut out."""

from collections.abc import Iterator

import cv2
import numpy as np

from handreader.ink.pixels import (
    along_edges,
    edge_colour,
    shrink,
    shrink_factor,
    strongest,
    two_groups,
)

# Found by trying, on synthetic photographs of validation digits, where no other reason is given.
SHEET_SIDE = 200  # pixels that are enough to see a sheet
UNLIKE_TABLE = 20  # grey levels, at least, by which a sheet differs from what it lies on
LEAST_PART, MOST_PART = 0.08, 0.9  # of the picture that a sheet takes
CONVEX = 0.93  # how much of its outline's hull a sheet fills
AT_EDGE = 0.25  # of the picture's edge at most, where a sheet may reach beyond it
FILLED = 0.6  # of the hull: what is emptier is a ring, and no sheet with writing on it
STRAIGHT = 0.04  # of the outline's length, by which the sides of a sheet may be bent
RIM = 0.03  # of the sheet, cut off on each side, where its edge and shadow are
LEAST_SIDE = 16  # pixels of a sheet: with fewer no digit on it could be read


def with_sheet(picture: np.ndarray) -> Iterator[np.ndarray]:
    """The picture, and then the sheet that may lie on it."""
    yield picture
    sheet = cut_out_sheet(picture)
    if sheet is not None:
        yield sheet


def cut_out_sheet(picture: np.ndarray) -> np.ndarray | None:
    """The sheet alone, if something like one lies on something else."""
    small = shrink(picture, SHEET_SIDE)
    hull = hull_of_sheet(unlike_edges(small))
    if hull is None:
        return None
    return straightened(picture, corners_of(hull) * shrink_factor(picture, small))


def unlike_edges(picture: np.ndarray) -> np.ndarray:
    """The mask (high, wide) of what has another colour than the picture's edges."""
    ground = np.round(edge_colour(picture)).astype(np.uint8)
    away = strongest(cv2.absdiff(picture, np.tile(ground, (*picture.shape[:2], 1))))
    limit = max(UNLIKE_TABLE, two_groups(away.ravel().astype(np.float32)))
    return (away > limit).astype(np.uint8)


def hull_of_sheet(mask: np.ndarray) -> np.ndarray | None:
    """The hull, points (many, 1, 2), of the largest shape in a mask, if that may be a sheet."""
    shapes, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not shapes:
        return None
    shape = max(shapes, key=cv2.contourArea)
    hull = cv2.convexHull(shape)
    whole = cv2.contourArea(hull)
    if not LEAST_PART < whole / mask.size < MOST_PART or cv2.contourArea(shape) < CONVEX * whole:
        return None
    if along_edges(mask).mean() > AT_EDGE:  # it is rather the edge of a shadow
        return None
    inside = cv2.fillConvexPoly(np.zeros_like(mask), hull, (1,)) > 0
    return hull if np.count_nonzero(mask[inside]) >= FILLED * whole else None


def corners_of(hull: np.ndarray) -> np.ndarray:
    """Four corners (4, 2), in floats: the hull's own, or those of the smallest rectangle about it.

    Bent sides are made straight by the method of Douglas and Peucker (1973).
    """
    corners = cv2.approxPolyDP(hull, STRAIGHT * cv2.arcLength(hull, True), True)
    if len(corners) != 4:
        corners = cv2.boxPoints(cv2.minAreaRect(hull))
    return corners.reshape(4, 2).astype(np.float32)


def straightened(picture: np.ndarray, corners: np.ndarray) -> np.ndarray | None:
    """What lies between four corners (4, 2), as a rectangle, turned as little as possible."""
    middle = corners.mean(0)
    corners = clockwise(corners)
    corners = middle + (corners - middle) * (1 - 2 * RIM)
    wide = round(float(np.linalg.norm(corners[1] - corners[0])))
    high = round(float(np.linalg.norm(corners[3] - corners[0])))
    if min(wide, high) < LEAST_SIDE:
        return None
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return cv2.warpPerspective(picture, turn, (wide, high), flags=cv2.INTER_AREA)


def clockwise(corners: np.ndarray) -> np.ndarray:
    """Four corners (4, 2) in a row round the sheet, beginning at the top left."""
    right, down = (corners - corners.mean(0)).T
    corners = corners[np.argsort(np.arctan2(down, right))]
    return np.roll(corners, -int(corners.sum(1).argmin()), 0)
