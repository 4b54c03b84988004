"""Pictures that tests draw: digits of known strokes, on paper and under light of their choice."""

from dataclasses import dataclass

import cv2
import numpy as np
from support import first_way

from handreader.framing import BOX, SIDE

PAPER, INK = (245, 243, 236), (20, 30, 110)
# Strokes, from 0 to 1 to the right and down.
TWO = [[(0.1, 0.25), (0.2, 0.06), (0.5, 0.0), (0.72, 0.2), (0.6, 0.5), (0.0, 1.0), (0.8, 0.98)]]
SEVEN = [[(0.0, 0.0), (0.7, 0.0), (0.25, 1.0)]]
FOUR = [[(0.25, 0.0), (0.0, 0.6), (0.75, 0.6)], [(0.55, 0.3), (0.5, 1.0)]]
FIVE = [
    [(0.1, 0.1), (0.08, 0.45), (0.4, 0.42), (0.62, 0.65), (0.45, 0.95), (0.0, 0.95)],
    [(0.28, 0.0), (0.7, 0.0)],
]


@dataclass(frozen=True)
class Drawing:
    """How a digit stands on its paper."""

    strokes: list
    shape: tuple[int, int] = (300, 260)
    height: float = 150
    place: tuple[float, float] = (70, 75)  # of its top left corner: right, down
    width: float = 14  # of the pen
    paper: tuple[int, ...] = PAPER
    ink: tuple[int, ...] = INK
    light: np.ndarray | float = 1.0
    noise: float = 0.0

    def cover(self) -> np.ndarray:
        """How much of each pixel the pen covers."""
        fine, cover = 8, np.zeros(self.shape, np.uint8)
        for stroke in self.strokes:
            points = (np.array(stroke) * self.height + self.place) * fine
            points = points.round().astype(np.int32)
            width = max(1, round(self.width))
            cv2.polylines(cover, [points], False, 255, width, cv2.LINE_AA, 3)
        return cover / 255

    def photograph(self) -> np.ndarray:
        """The picture that a camera would take of it."""
        cover = self.cover()[..., None]
        picture = np.array(self.paper) * (1 - cover) + np.array(self.ink) * cover
        picture = picture * (self.light if np.isscalar(self.light) else self.light[..., None])
        picture = picture + np.random.default_rng(0).normal(0, self.noise, picture.shape)
        return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def photo(strokes: list = TWO, **changes: object) -> np.ndarray:
    """A picture of a digit."""
    return Drawing(strokes, **changes).photograph()


def flat(colour: tuple, noise: float = 0.0, shape: tuple[int, int] = (120, 160)) -> np.ndarray:
    """A picture of paper alone."""
    grain = np.random.default_rng(2).normal(0, noise, (*shape, 3))
    return np.clip(np.round(np.array(colour) + grain), 0, 255).astype(np.uint8)


def blob(high: int, wide: int) -> np.ndarray:
    """An oval of ink."""
    down, right = np.mgrid[:high, :wide]
    away = ((down + 0.5) / high - 0.5) ** 2 + ((right + 0.5) / wide - 0.5) ** 2
    return np.clip((0.25 - away) * 40, 0, 1)


def framed(picture: np.ndarray) -> np.ndarray:
    """What the network would see."""
    return first_way(picture).framed


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Grey levels by which two frames differ on average; a digit's own average is about 30."""
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """1 if two frames show the same, 0 if they have nothing in common."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def assert_frame(picture: np.ndarray) -> None:
    """As MNIST frames a digit: no more than 20 pixels, ink that reaches full strength, centred."""
    assert picture.shape == (SIDE, SIDE)
    assert picture.dtype == np.uint8
    assert picture.max() == 255
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX
    mass, places = picture.astype(float), np.arange(SIDE)
    for axis in (0, 1):
        centre = (mass.sum(1 - axis) @ places) / mass.sum()
        assert abs(centre - 13.5) <= 1
