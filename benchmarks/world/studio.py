"""The studio: paper, pens, and all that a kind of picture is drawn with."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from benchmarks.world import camera, fonts, strokes
from benchmarks.world.grounds import Picture, plain
from benchmarks.world.strokes import Mask

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels
Writer = Callable[[str, float], Mask]  # a text, and its height in pixels
Option = TypeVar("Option")

NEAR, SHADOW, ANYWHERE = "near", "near, in a hand's shadow", "anywhere"

INKS: list[Colour] = [(28, 44, 120), (30, 30, 36), (150, 32, 36), (24, 96, 58), (84, 84, 90)]
PAPERS: list[Colour] = [(244, 243, 238), (238, 236, 226), (248, 248, 250), (246, 238, 214)]
RULES = ("", "", "", "lines", "squares")
SAFE = 0.84  # share of the paper that is written on: beyond it, the picture may end


class Drawn(NamedTuple):
    """A picture, and what is to be read on it."""

    file: bytes  # JPEG
    lines: Sequence[str] = ()  # the numbers that are to be read: digits only
    texts: Sequence[str] | None = None  # the same with marks, where marks matter
    ok: Sequence[str] = ()  # what else may be read without being wrong

    @property
    def picture(self) -> np.ndarray:
        """Return the picture: (height, width, 3) bytes, RGB."""
        return np.asarray(cv2.imdecode(np.frombuffer(self.file, np.uint8), cv2.IMREAD_COLOR_RGB))


class Sheet:
    """A sheet of paper; places on it are given from 0 to 1, lengths in pixels."""

    def __init__(self, picture: Picture, ink: Colour, random: np.random.Generator):
        self.picture, self.ink, self.random = picture, ink, random
        self.high, self.wide = picture.shape[:2]

    def write(self, mask: Mask, x: float = 0.5, y: float = 0.5) -> Box:
        """Ink a text with its centre at a place, smaller if it needs to be; return its box."""
        wide, high = SAFE * self.wide, SAFE * self.high
        shrink = min(1, wide / mask.shape[1], high / mask.shape[0])
        if shrink < 1:
            mask = cv2.resize(mask, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        return self.put(mask, x, y)

    def put(self, mask: Mask, x: float, y: float, ink: Colour | None = None) -> Box:
        """Ink a mask with its centre at a place, as it is, and cut off what is beyond the paper."""
        high, wide = mask.shape
        left, top = round(x * self.wide - wide / 2), round(y * self.high - high / 2)
        rows = slice(max(0, top), max(0, top + high))
        columns = slice(max(0, left), max(0, left + wide))
        part = self.picture[rows, columns]
        inked = mask[rows.start - top :, columns.start - left :][: part.shape[0], : part.shape[1]]
        grain = np.clip(self.random.normal(0.92, 0.05, inked.shape), 0, 1).astype(np.float32)
        part += (inked * grain)[..., None] * (np.array(ink or self.ink, np.float32) - part)
        return left, top, left + wide, top + high

    def stroke(self, points: np.ndarray, pen: float, ink: Colour | None = None) -> None:
        """Draw a line through points (n, 2) in pixels."""
        mask = strokes.trace([np.asarray(points, float)], pen)
        low, high = np.min(points, axis=0), np.max(points, axis=0)
        x, y = (low + high) / 2 / [self.wide, self.high]
        self.put(mask, x, y, ink)


class Studio:
    """All that a picture is drawn with, for one picture: chance, and one half's pens and fonts."""

    def __init__(self, half: str, random: np.random.Generator):
        self.half, self.random = half, random
        self.pen = random.uniform(0.06, 0.13)  # in heights of a digit: ballpoint to felt pen

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options."""
        return options[int(self.random.integers(len(options)))]

    def uniform(self, low: float, high: float) -> float:
        """Return a number in between."""
        return float(self.random.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return int(self.random.integers(low, high + 1))

    def digits(self, least: int, most: int | None = None) -> str:
        """Return a number of so many digits; if it has two or more, it doesn't begin with 0."""
        many = self.count(least, most or least)
        first = self.count(1 if many > 1 else 0, 9)
        return str(first) + "".join(map(str, self.random.integers(0, 10, many - 1)))

    def numbers(self, many: int, least: int, most: int) -> list[str]:
        """Return several numbers."""
        return [self.digits(least, most) for _ in range(many)]

    def own_hand(self) -> Writer:
        """Return a writer with own strokes."""
        hand = self.pick(strokes.HANDS[self.half])
        return lambda text, height: strokes.write(
            text, height, hand, self.pen * height, self.random
        )

    def font_hand(self) -> Writer:
        """Return a writer in a font that looks like handwriting."""
        name = self.pick(fonts.HANDWRITTEN[self.half])
        return lambda text, height: fonts.write(text, height, name, self.random)

    def hand(self) -> Writer:
        """Return any handwriting."""
        return self.own_hand() if self.random.random() < 0.6 else self.font_hand()

    def print(self, name: str = "") -> Writer:
        """Return a printed font."""
        chosen = name or self.pick(fonts.PRINTED[self.half])
        return lambda text, height: fonts.print_text(text, height, chosen)

    def sheet(self, wide: int = 1000, high: int = 700, rule: str | None = None) -> Sheet:
        """Return paper, (high, wide) pixels; the rule is "", "lines" or "squares"."""
        paper = plain(self.random, (high, wide), self.pick(PAPERS))
        rule = self.pick(RULES) if rule is None else rule
        step, pale = self.count(34, 64), np.array([30, 18, 6], np.float32)
        if rule:
            paper[step::step] -= pale
        if rule == "squares":
            paper[:, step::step] -= pale
        return Sheet(paper, self.pick(INKS), self.random)

    def show(self, sheet: Sheet, place: str = ANYWHERE, room: float = 1.75) -> bytes:
        """Photograph a sheet: near, near in a hand's shadow, or on a ground."""
        if place == ANYWHERE:
            place = self.pick([NEAR, *camera.GROUNDS])
        if place in camera.GROUNDS:
            return camera.take(camera.lay(sheet.picture, place, self.random, room), self.random)
        seen = camera.close_up(sheet.picture, self.random)
        if place == SHADOW:
            seen = camera.hand_shadow(seen, self.random)
        return camera.take(seen, self.random)


def joined(cells: Sequence[str]) -> list[str]:
    """Return all runs of neighbouring cells, joined: a row may be read whole or in parts."""
    many = len(cells)
    return ["".join(cells[i:j]) for i in range(many) for j in range(i + 1, many + 1)]
