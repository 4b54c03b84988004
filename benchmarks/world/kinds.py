"""All kinds of pictures, and how a picture is made: the same one each time."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.world import no_digits, nothing, numbers, pages, scenes, signs
from benchmarks.world.registry import KINDS, Half, Kind
from benchmarks.world.studio import Drawn, Studio

# Each module lists its kinds as it is imported.
MODULES = numbers, pages, signs, no_digits, nothing, scenes
SEED = 20260


class Shown(NamedTuple):
    """A picture of a kind."""

    kind: Kind
    number: int
    drawn: Drawn


def kinds_of(half: Half) -> list[Kind]:
    """Return the kinds of one half."""
    return [kind for kind in KINDS.values() if kind.half == half]


def draw(kind: Kind, number: int) -> Drawn:
    """Draw a picture of a kind; the same number gives the same picture."""
    random = np.random.default_rng([SEED, number, *kind.name.encode()])
    return kind.draw(Studio(kind.half, random))


def pictures(half: Half, each: int) -> Iterator[Shown]:
    """Yield so many pictures of each kind of a half."""
    for kind in kinds_of(half):
        for number in range(each):
            yield Shown(kind, number, draw(kind, number))
