"""The list of kinds: each is drawn by one function, and belongs to a group and to one half."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from benchmarks.world.studio import Drawn, Studio

Half = Literal["work", "held"]
Draw = Callable[[Studio], Drawn]

ONE, NUMBER, PAGE = "one digit", "a number", "a page or table"
SIGNS, NO_DIGIT, NOTHING, SCENES = "many signs", "no digit", "nothing at all", "scenes"
GROUPS = ONE, NUMBER, PAGE, SIGNS, NO_DIGIT, NOTHING, SCENES


class Kind(NamedTuple):
    """A kind of pictures."""

    name: str
    group: str
    half: Half
    draw: Draw


KINDS: dict[str, Kind] = {}


def enlist(group: str, half: Half, drawn_by: dict[str, Draw]) -> None:
    """List functions as kinds of a group and a half, by their names."""
    for name, draw in drawn_by.items():
        assert name not in KINDS, f"two kinds are called {name}"
        KINDS[name] = Kind(name, group, half, draw)
