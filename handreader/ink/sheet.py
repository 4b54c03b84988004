"""Find a sheet of paper that lies on a table, straighten it and cut it out."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from handreader.ink.pixels import (
    Box,
    along_edges,
    box_through,
    edge_colour,
    shrink,
    shrink_factor,
    strongest,
    two_groups,
)
from handreader.ink.surroundings import sharpness

# Found by trying on synthetic photographs of validation digits, unless another reason is given.
SHEET_SIDE = 200  # pixels that are enough to see a sheet
UNLIKE_TABLE = 20  # grey levels: a sheet differs by at least this from the table
LEAST_PART, MOST_PART = 0.08, 0.9  # of the picture: a sheet takes between these
SHARP_SHEET = 2.2  # a shadow's edge is less sharp, as `sharpness` counts: at most 1.8
CONVEX = 0.93  # of its convex hull: a sheet fills at least this
AT_EDGE = 0.15  # of the picture's edge: a sheet may cover at most this
FILLED = 0.6  # of the hull: an emptier shape is a ring, not a sheet with writing on it
STRAIGHT = 0.04  # of the outline's length: the sides of a sheet may be bent by this
RIM = 0.03  # of the sheet: cut off on each side, because its edge and shadow are there
LEAST_SIDE = 40  # pixels of a sheet: in a tight crop, the paper in a 0 may look like one


@dataclass(frozen=True)
class Ground:
    """A whole picture to be read, or a sheet of paper that was cut out of it."""

    picture: np.ndarray  # (H, W, 3) bytes
    back: np.ndarray  # (3, 3): the homography from its points to those of the whole picture

    def part(self, left: int, top: int, right: int, bottom: int) -> "Ground":
        """Return the part between these edges, as far as they are inside."""
        left, top = max(0, left), max(0, top)
        shift = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]])
        return Ground(self.picture[top:bottom, left:right], self.back @ shift)

    def box_before(self, box: Box) -> Box:
        """Return the box on the whole picture around a box on this ground."""
        left, top, wide, high = box
        return box_through(self.back, (left, top, left + wide, top + high))


def grounds(picture: np.ndarray) -> Iterator[Ground]:
    """Yield the whole picture, and then the sheet of paper on it, if there is one."""
    yield Ground(picture, np.eye(3))
    small = shrink(picture, SHEET_SIDE)
    hull = hull_of_sheet(unlike_edges(small))
    if hull is not None and not is_shadow(hull, small):
        sheet = straightened(picture, corners_of(hull) * shrink_factor(picture, small))
        yield from [sheet] if sheet else []


def is_shadow(hull: np.ndarray, small: np.ndarray) -> bool:
    """Tell whether the edge of a shape on a reduced picture is as soft as a shadow's."""
    inside = cv2.fillConvexPoly(np.zeros(small.shape[:2], np.uint8), hull, (1,))
    return sharpness([inside], small)[0] < SHARP_SHEET


def unlike_edges(picture: np.ndarray) -> np.ndarray:
    """Return the mask (H, W) of what differs in colour from the picture's edges."""
    ground = np.round(edge_colour(picture)).astype(np.uint8)
    away = strongest(cv2.absdiff(picture, np.tile(ground, (*picture.shape[:2], 1))))
    limit = max(UNLIKE_TABLE, two_groups(away.ravel().astype(np.float32)))
    return (away > limit).astype(np.uint8)


def hull_of_sheet(mask: np.ndarray) -> np.ndarray | None:
    """Return the hull (N, 1, 2) of the largest shape in a mask, if it may be a sheet."""
    shapes, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not shapes:
        return None
    shape = max(shapes, key=cv2.contourArea)
    hull = cv2.convexHull(shape)
    whole = cv2.contourArea(hull)
    if not LEAST_PART < whole / mask.size < MOST_PART or cv2.contourArea(shape) < CONVEX * whole:
        return None
    if along_edges(mask).mean() > AT_EDGE:  # more likely the edge of a shadow
        return None
    inside = cv2.fillConvexPoly(np.zeros_like(mask), hull, (1,)) > 0
    return hull if np.count_nonzero(mask[inside]) >= FILLED * whole else None


def corners_of(hull: np.ndarray) -> np.ndarray:
    """Return the four corners (4, 2) of a hull, in floats.

    They are found by the method of Douglas and Peucker (1973), which straightens bent sides. If
    there are not four, the smallest rectangle around the hull provides them.
    """
    corners = cv2.approxPolyDP(hull, STRAIGHT * cv2.arcLength(hull, True), True)
    if len(corners) != 4:
        corners = cv2.boxPoints(cv2.minAreaRect(hull))
    return corners.reshape(4, 2).astype(np.float32)


def straightened(picture: np.ndarray, corners: np.ndarray) -> Ground | None:
    """Return what lies between four corners (4, 2) as a rectangle; None if it is tiny."""
    middle = corners.mean(0)
    corners = clockwise(corners)
    corners = middle + (corners - middle) * (1 - 2 * RIM)
    wide = round(float(np.linalg.norm(corners[1] - corners[0])))
    high = round(float(np.linalg.norm(corners[3] - corners[0])))
    if min(wide, high) < LEAST_SIDE:
        return None
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    sheet = cv2.warpPerspective(picture, turn, (wide, high), flags=cv2.INTER_AREA)
    return Ground(sheet, np.linalg.inv(turn))


def clockwise(corners: np.ndarray) -> np.ndarray:
    """Sort four corners (4, 2) clockwise, beginning at the top left."""
    right, down = (corners - corners.mean(0)).T
    corners = corners[np.argsort(np.arctan2(down, right))]
    return np.roll(corners, -int(corners.sum(1).argmin()), 0)
