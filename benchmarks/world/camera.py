"""A phone's camera: it lays a sheet into the picture, and adds light, shadows, blur and noise."""

import cv2
import numpy as np

from benchmarks.world.grounds import GROUNDS, Picture, Random, in_colour
from benchmarks.world.strokes import Mask

LARGE = 0.02  # share of photographs whose longer side is 3000 pixels


def long_side(random: Random) -> int:
    """Return how many pixels the longer side of a photograph has."""
    return 3000 if random.random() < LARGE else int(random.integers(700, 1801))


def corners_of(size: tuple[float, float], turn: float) -> np.ndarray:
    """Return the corners (4, 2) of a rectangle (width, height) around 0, turned by degrees."""
    angle = np.deg2rad(turn)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(size) / 2 @ rotation


def close_up(sheet: Picture, random: Random) -> Picture:
    """Photograph a sheet so near that its paper fills the picture."""
    high, wide = sheet.shape[:2]
    scale = long_side(random) / max(high, wide)
    size = round(wide * scale), round(high * scale)
    corners = corners_of((wide * scale, high * scale), random.uniform(-3, 3))
    corners += random.uniform(-0.015, 0.015, (4, 2)) * min(size) + np.array(size) / 2
    matrix = homography(sheet, corners)
    return cv2.warpPerspective(sheet, matrix, size, borderMode=cv2.BORDER_REFLECT_101)


def homography(sheet: Picture, corners: np.ndarray) -> np.ndarray:
    """Return the matrix that takes a sheet to its corners in the picture."""
    high, wide = sheet.shape[:2]
    source = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    return cv2.getPerspectiveTransform(source, corners.astype(np.float32))


def lay(sheet: Picture, ground: str, random: Random, room: float) -> Picture:
    """Photograph a sheet on a ground; the picture is up to `room` times as wide as the sheet."""
    high, wide = sheet.shape[:2]
    corners = corners_of((wide, high), random.uniform(-15, 15))
    corners += random.uniform(-0.04, 0.04, (4, 2)) * min(wide, high)
    corners -= corners.min(axis=0)
    frame = corners.max(axis=0) * random.uniform(1.03, room)
    frame = np.maximum(frame, 0.45 * frame.max())  # no camera takes narrow strips
    corners += (frame - corners.max(axis=0)) * random.uniform(0.2, 0.8, 2)
    scale = long_side(random) / frame.max()
    size = round(frame[0] * scale), round(frame[1] * scale)
    picture = surface(ground, random, size)
    matrix = homography(sheet, corners * scale)
    there = cv2.warpPerspective(np.ones((high, wide), np.float32), matrix, size)
    drop = 0.006 * max(size)  # the sheet's own shadow
    shade = soften(np.roll(there, round(drop), (0, 1)), drop)
    picture *= in_colour((1 - 0.5 * shade) * (1 - there))
    return picture + cv2.warpPerspective(sheet, matrix, size)


def surface(ground: str, random: Random, size: tuple[int, int]) -> Picture:
    """Return a ground, (width, height) pixels, drawn smaller if that is much."""
    shrink = max(1, max(size) / 1100)
    small = GROUNDS[ground](random, (round(size[1] / shrink), round(size[0] / shrink)))
    return np.asarray(cv2.resize(small.astype(np.float32), size, interpolation=cv2.INTER_CUBIC))


def soften(mask: Mask, sigma: float) -> Mask:
    """Blur a mask by that many pixels; much blur is done on a smaller copy, which is faster."""
    size, step = mask.shape[::-1], max(1, sigma / 4)
    small = cv2.resize(mask, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(cv2.resize(blurred, size, interpolation=cv2.INTER_LINEAR))


def hand_shadow(picture: Picture, random: Random) -> Picture:
    """Darken a picture where the hand with the phone keeps off the light."""
    high, wide = picture.shape[:2]
    shade = np.zeros((high, wide), np.float32)
    side, reach = random.choice([-1, 1]), random.uniform(0.3, 0.65)
    x = wide / 2 + side * wide * random.uniform(0.15, 0.55)
    palm = (round(wide * reach * 0.42), round(high * random.uniform(0.35, 0.6)))
    place = (round(x), round(high * random.uniform(0.6, 1.05)))
    cv2.ellipse(shade, place, palm, float(random.uniform(-25, 25)), 0, 360, 1.0, -1)
    for finger in range(int(random.integers(0, 5))):
        start = place[0] + round((finger - 1.5) * palm[0] * 0.5), place[1] - round(palm[1] * 0.7)
        end = start[0] + round(random.normal(0, 0.03) * wide), start[1] - round(0.25 * high)
        cv2.line(shade, start, end, 1.0, max(2, round(palm[0] * 0.36)), cv2.LINE_AA)
    soft = random.uniform(0.012, 0.06) * max(high, wide)
    dark = random.uniform(0.25, 0.55) * soften(shade, soft)
    return picture * in_colour(1 - dark)


def take(picture: Picture, random: Random) -> bytes:
    """Photograph what is before the camera; return the JPEG file."""
    high, wide = picture.shape[:2]
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, wide, dtype=np.float32)[None]
    across, down = random.uniform(-0.13, 0.13), random.uniform(-0.13, 0.13)
    light = 1 + across * x + down * y - random.uniform(0, 0.14) * (x**2 + y**2)
    tint = random.uniform(0.8, 1.04) * (1 + random.normal(0, 0.02, 3))
    seen = picture.astype(np.float32) * in_colour(light.astype(np.float32), tint.tolist())
    blur = random.uniform(0.3, 1.3) * max(high, wide) / 1400
    blurred = cv2.GaussianBlur(seen, (0, 0), max(0.3, blur))
    grain = random.standard_normal((high, wide), np.float32)
    spots = random.standard_normal((high // 2, wide // 2, 3), np.float32)
    coloured = cv2.resize(spots, (wide, high), interpolation=cv2.INTER_LINEAR)
    noise = random.uniform(1.2, 4.5) * (coloured + in_colour(grain))
    return jpeg(blurred + noise, int(random.integers(60, 95)))


def jpeg(picture: Picture, quality: int) -> bytes:
    """Return a picture as a JPEG file."""
    whole = np.clip(picture, 0, 255).astype(np.uint8)
    return cv2.imencode(
        ".jpg", cv2.cvtColor(whole, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )[1].tobytes()
