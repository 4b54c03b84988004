"""A sheet of paper that lies on a table: found, straightened and cut out."""

from collections.abc import Iterator

import cv2
import numpy as np

from helpers.reading.pixels import edge_colour, shrink, strongest, two_groups

SIDE = 200  # pixels that are enough to see a sheet
PART = (0.08, 0.9)  # of the picture that a sheet takes
CONVEX = 0.93  # how much of its outline's hull a sheet fills
AT_EDGE = 0.25  # of the picture's edge at most, where a sheet may reach beyond it
RIM = 0.03  # of the sheet, cut off on each side, where its edge and shadow are


def with_sheet(picture: np.ndarray) -> Iterator[np.ndarray]:
    """The picture, and then the sheet that may lie on it."""
    yield picture
    sheet = cut_out_sheet(picture)
    if sheet is not None:
        yield sheet


def cut_out_sheet(picture: np.ndarray) -> np.ndarray | None:
    """The sheet alone, if something like one lies on something else."""
    small = shrink(picture, SIDE)
    ground = np.broadcast_to(np.round(edge_colour(small)).astype(np.uint8), small.shape)
    away = strongest(cv2.absdiff(small, np.ascontiguousarray(ground)))
    mask = (away > max(20, two_groups(away.ravel().astype(np.float32)))).astype(np.uint8)
    shapes, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not shapes:
        return None
    shape = max(shapes, key=cv2.contourArea)
    hull = cv2.convexHull(shape)
    whole = cv2.contourArea(hull)
    if not PART[0] < whole / away.size < PART[1] or cv2.contourArea(shape) < CONVEX * whole:
        return None
    if np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean() > AT_EDGE:
        return None  # rather the edge of a shadow
    inside = cv2.fillConvexPoly(np.zeros_like(mask), hull, 1) & mask
    if inside.sum() < 0.6 * whole:
        return None  # a ring, and no sheet with writing on it
    corners = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True)
    if len(corners) != 4:
        corners = cv2.boxPoints(cv2.minAreaRect(hull))
    scale = max(picture.shape[:2]) / max(small.shape[:2])
    return straightened(picture, corners.reshape(4, 2).astype(np.float32) * scale)


def straightened(picture: np.ndarray, corners: np.ndarray) -> np.ndarray | None:
    """What lies between four corners, as a rectangle, turned as little as possible."""
    middle = corners.mean(0)
    angles = np.arctan2(*(corners - middle).T[::-1])
    corners = corners[np.argsort(angles)]  # clockwise; the first is to be the top left one
    corners = np.roll(corners, -int(corners.sum(1).argmin()), 0)
    corners = middle + (corners - middle) * (1 - 2 * RIM)
    wide = round(float(np.linalg.norm(corners[1] - corners[0])))
    high = round(float(np.linalg.norm(corners[3] - corners[0])))
    if min(wide, high) < 16:
        return None
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return cv2.warpPerspective(picture, turn, (wide, high), flags=cv2.INTER_AREA)
