"""Kinds on which nothing is written at all."""

import numpy as np

from benchmarks.world import camera, grounds
from benchmarks.world.grounds import Picture
from benchmarks.world.registry import NOTHING, enlist
from benchmarks.world.studio import ANYWHERE, SHADOW, Drawn, Studio

CLOTHS = [(46, 72, 138), (130, 60, 62), (150, 144, 130), (60, 92, 74)]


def blank(studio: Studio, place: str) -> Drawn:
    """Photograph paper without writing."""
    return Drawn(studio.show(studio.sheet(1000, 750), place))


def surface(studio: Studio, picture: Picture) -> Drawn:
    """Photograph a surface alone."""
    return Drawn(camera.take(picture, studio.random))


def size(studio: Studio) -> tuple[int, int]:
    """Return the height and width of a photograph."""
    return studio.count(620, 1000), studio.count(900, 1400)


def gradient(studio: Studio) -> Drawn:
    """Photograph a wall or the sky: from one colour to a similar one."""
    one = studio.random.uniform(70, 240, 3)
    other = one + studio.random.uniform(-50, 50, 3)
    high, wide = size(studio)
    ramp = np.linspace(0, 1, wide)[None, :, None] * np.ones((high, 1, 1))
    return surface(studio, one * ramp + other * (1 - ramp))


def squares(studio: Studio, cells: np.ndarray, side: int) -> Drawn:
    """Print cells, black where they are 1, on a sheet."""
    mask = np.kron(cells, np.ones((side, side))).astype(np.float32)
    sheet = studio.sheet(mask.shape[1] + 200, mask.shape[0] + 200, "")
    sheet.put(mask, 0.5, 0.5, (20, 20, 22))
    return Drawn(studio.show(sheet))


def code(studio: Studio) -> Drawn:
    """Print what looks like a QR code."""
    many = studio.count(21, 33)
    cells = studio.random.integers(0, 2, (many, many))
    corner = np.zeros((8, 8), int)
    corner[:7, :7] = 1
    corner[1:6, 1:6] = 0
    corner[2:5, 2:5] = 1
    cells[:8, :8], cells[:8, -8:], cells[-8:, :8] = corner, corner[:, ::-1], corner[::-1]
    return squares(studio, cells, 18)


def chequers(studio: Studio) -> Drawn:
    """Print a chequered pattern."""
    many = studio.count(4, 12)
    return squares(studio, np.indices((many, many)).sum(axis=0) % 2, studio.count(40, 70))


enlist(
    NOTHING,
    "work",
    {
        "blank paper, a hand's shadow": lambda s: blank(s, SHADOW),
        "wood": lambda s: surface(s, grounds.wood(s.random, size(s))),
        "crumpled paper": lambda s: surface(s, grounds.crumpled(s.random, size(s))),
        "pattern of a QR code": code,
    },
)
enlist(
    NOTHING,
    "held",
    {
        "blank paper anywhere": lambda s: blank(s, ANYWHERE),
        "cloth": lambda s: surface(s, grounds.cloth(s.random, size(s), s.pick(CLOTHS))),
        "foliage": lambda s: surface(s, grounds.foliage(s.random, size(s))),
        "chequered pattern": chequers,
        "gradient of colour": gradient,
    },
)
