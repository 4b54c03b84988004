"""Surfaces that sheets lie on, or that are photographed alone: (height, width, 3) floats, RGB."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

Picture = np.ndarray
Random = np.random.Generator


def in_colour(shade: np.ndarray, colour: Sequence[float] = (1, 1, 1)) -> Picture:
    """Multiply a shade, (height, width), by a colour."""
    return np.asarray(cv2.merge([shade * float(part) for part in colour]))  # broadcasting is slow


def smooth_noise(random: Random, size: tuple[int, int], grain: tuple[float, float]) -> np.ndarray:
    """Return noise (height, width) of variance 1, whose spots are `grain` pixels high and wide."""
    high, wide = size
    small = max(2, round(high / grain[0])), max(2, round(wide / grain[1]))
    field = random.normal(size=small).astype(np.float32)
    return cv2.resize(field, (wide, high), interpolation=cv2.INTER_CUBIC)


def plain(random: Random, size: tuple[int, int], colour: tuple[int, ...]) -> Picture:
    """Return a surface of one colour, with a little unevenness."""
    uneven = 1.2 * smooth_noise(random, size, (90, 90)) + 2 * smooth_noise(random, size, (2, 2))
    return in_colour(1 + uneven / max(colour), colour)


def wood(random: Random, size: tuple[int, int]) -> Picture:
    """Return wooden boards with their grain."""
    high, wide = size
    colour = random.choice([(150, 103, 62), (112, 74, 44), (186, 142, 96)])
    bend = 12 * smooth_noise(random, size, (high / 3, wide / 2))
    rings = np.sin((np.arange(high)[:, None] + bend) * random.uniform(0.12, 0.3))
    grain = 0.06 * rings + 0.05 * smooth_noise(random, size, (2, 120))
    grain += 0.06 * smooth_noise(random, size, (30, 400))
    for edge in range(random.integers(60, 200), high, int(random.integers(220, 420))):
        grain[edge : edge + 3] -= 0.35  # where two boards meet
    return in_colour(1 + grain, colour)


def cloth(
    random: Random, size: tuple[int, int], colour: tuple[int, ...] = (46, 72, 138)
) -> Picture:
    """Return woven cloth with soft folds."""
    high, wide = size
    weave = np.sin(np.arange(high) * 1.7)[:, None] * np.sin(np.arange(wide) * 1.7)[None]
    folds = smooth_noise(random, size, (high / 3, wide / 2))
    return in_colour(1 + 0.09 * weave + 0.10 * folds, colour)


def foliage(random: Random, size: tuple[int, int]) -> Picture:
    """Return leaves upon leaves."""
    high, wide = size
    picture = np.full((high, wide, 3), (28, 44, 22), np.float32)
    for _ in range(420):
        middle = random.integers(0, wide), random.integers(0, high)
        axes = random.uniform(0.02, 0.07) * wide * np.array([1, random.uniform(0.3, 0.5)])
        green = np.array([70, 120, 45]) * random.uniform(0.4, 1.4) + random.normal(0, 10, 3)
        angle, whole = random.uniform(0, 180), (int(axes[0]), int(axes[1]))
        place = tuple(map(int, middle))
        cv2.ellipse(picture, place, whole, angle, 0, 360, green.tolist(), -1, cv2.LINE_AA)
        vein = (whole[0], 0)
        cv2.ellipse(picture, place, vein, angle, 0, 360, (green * 0.75).tolist(), 1, cv2.LINE_AA)
    return picture


def crumpled(random: Random, size: tuple[int, int]) -> Picture:
    """Return white paper that was crumpled: facets, each lit from its own side."""
    high, wide = size
    light = np.full(size, 205, np.float32)
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    for _ in range(26):
        angle, dull = random.uniform(0, 2 * np.pi), random.uniform(3, 9)
        across = (x - random.uniform(0, wide)) * float(np.cos(angle))
        across += (y - random.uniform(0, high)) * float(np.sin(angle))
        fold = np.clip(across / (0.15 * wide), -1, 1)
        light += dull * np.sign(across) * (1 - np.abs(fold)) ** 2
    return light[..., None] + np.array([4, 2, -4], np.float32)


GROUNDS: dict[str, Callable[[Random, tuple[int, int]], Picture]] = {
    "wood": wood,
    "grey": lambda random, size: plain(random, size, (112, 112, 116)),
    "black": lambda random, size: plain(random, size, (26, 26, 29)),
    "blue cloth": cloth,
    "light": lambda random, size: plain(random, size, (214, 209, 200)),
}
