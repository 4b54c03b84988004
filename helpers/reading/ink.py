"""Where the ink is on a picture, whatever paper, light and colours are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import cv2
import numpy as np

from helpers.common.errors import UserError
from helpers.reading.paper import possible_papers
from helpers.reading.pixels import inked_part, mass, quantiles, strongest, two_groups

NOISE = 6  # grey levels that may come from the camera alone
EDGE = 20  # grey levels by which paper changes nearly at once where a shadow ends
AROUND = np.ones((3, 3), np.uint8)
HEAVY = 0.3  # of a picture, dark or light, from where on either may be the ink
MOST_WAYS = 4
NEARLY = 0.35  # how much less clear a second opinion may be


class NoInkError(UserError):
    """There is nothing on the picture that could be a digit."""

    def __init__(self) -> None:
        super().__init__("shows no ink: is it blank, or too faint?")


@dataclass(frozen=True)
class Ink:
    """One way to tell ink from paper."""

    cover: np.ndarray  # (high, wide) floats, 1 where the ink is full
    paper: np.ndarray  # (high, wide, 3) bytes: the picture as it would be without
    amount: np.ndarray | None = None  # (high, wide) floats: how much differs from paper

    @cached_property
    def clearness(self) -> float:
        """Up to 1, if ink and paper explain all that is to be seen."""
        return 1.0 if self.amount is None else clearness(self.amount, self.cover)


def find_ink(picture: np.ndarray) -> Iterator[Ink]:
    """How the picture may be divided into ink and paper, the likeliest way first."""
    found = list(attempts(picture))
    if len(found) > 1:  # or nothing need be compared
        found.sort(key=lambda each: each.clearness, reverse=True)
    yield from found[:1]
    chosen = found[:1]
    for ink in chain(found[1:], two_tones(picture) if found else ()):
        if ink.clearness > chosen[0].clearness - NEARLY and all(differ(ink, one) for one in chosen):
            yield ink
            chosen.append(ink)
            if len(chosen) == MOST_WAYS:
                return


def two_tones(picture: np.ndarray) -> Iterator[Ink]:
    """Where about as much is dark as light, as with a fat digit cut out narrowly: either is ink."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    limit = two_groups(grey.ravel().astype(np.float32))
    dark = grey <= limit
    if not HEAVY < dark.mean() < 1 - HEAVY:
        return
    levels = grey[dark].mean(), grey[~dark].mean()
    within = np.where(dark, grey - levels[0], grey - levels[1])
    if levels[1] - levels[0] < 30 or within.var() > 0.2 * grey.var():
        return
    light = np.clip((grey - levels[0]) / (levels[1] - levels[0]) * 1.6 - 0.3, 0, 1)
    for cover in (1 - light, light):
        ground = np.median(picture[cover < 0.5], 0).astype(np.uint8)
        yield Ink(cover, np.broadcast_to(ground, picture.shape))


def attempts(picture: np.ndarray) -> Iterator[Ink]:
    """Ink darker or lighter than paper, which is as around each place or as along the edges."""
    for paper in possible_papers(picture):
        paper = np.clip(cv2.blur(paper, (3, 3)), 0, 255).astype(np.uint8)
        doubt = strongest(cv2.morphologyEx(paper, cv2.MORPH_GRADIENT, AROUND))
        paper = cv2.resize(paper, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        both = cv2.subtract(paper, picture), cv2.subtract(picture, paper)  # darker, lighter
        both = [strongest(each) for each in both]
        if doubt.max() > EDGE:  # of a shadow
            doubt = cv2.resize(doubt, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            both = [cv2.subtract(each, doubt) for each in both]
        more, less = sorted(both, key=mass, reverse=True)
        for amount in (more, less)[: 1 + (mass(less) > 0.25 * mass(more))]:
            amount = smooth(amount)
            cover = covered(amount)
            if cover is not None:
                yield Ink(cover, paper, amount)


def differ(one: Ink, other: Ink) -> bool:
    """Whether two ways are more than nearly the same."""
    first, second = one.cover > 0.5, other.cover > 0.5
    return np.count_nonzero(first ^ second) > 0.1 * np.count_nonzero(first | second)


def smooth(amount: np.ndarray) -> np.ndarray:
    """Less noise, where there are pixels enough."""
    side, amount = max(amount.shape), amount.astype(np.float32)
    return cv2.GaussianBlur(amount, (0, 0), min(1.5, side / 250)) if side > 100 else amount


def covered(amount: np.ndarray) -> np.ndarray | None:
    """Grey levels as a part of full ink; what is only noise or shade becomes none."""
    some = amount[:: 1 + amount.shape[0] // 100, :: 1 + amount.shape[1] // 100].ravel()
    usual, most = quantiles(some, 0.5, 0.99)
    (noise,) = quantiles(np.abs(some - usual), 0.5)  # if most of it is paper
    floor = max(NOISE, min(6 * noise, 0.3 * most))
    above = amount[amount > floor]
    if len(above) < 4:
        return None
    limit = two_groups(above)
    (full,) = quantiles(above[above > limit], 0.5)
    cover = cv2.min(cv2.max(amount * (1 / 0.6 / full) - 0.2 / 0.6, 0), 1)
    return cover * grow(amount > limit, amount > max(floor, limit * 0.6))


def grow(strong: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """The weak parts that are connected with strong ones, and a rim for their soft edges."""
    kept = np.zeros(weak.shape, np.uint8)
    area = inked_part(weak, margin=1)
    count, labels = cv2.connectedComponents(weak[area].astype(np.uint8))
    wanted = np.zeros(count, np.uint8)
    wanted[labels[strong[area]]] = 1
    wanted[0] = 0
    kept[area] = cv2.dilate(wanted[labels], AROUND)
    return kept


def clearness(amount: np.ndarray, cover: np.ndarray) -> float:
    """How well everything that differs from paper is explained by ink that keeps off the edges."""
    inked = cover > 0.5
    full = amount[inked].mean() if inked.any() else 0.0
    rest = mass(amount - (full * cover).astype(np.float32)) / mass(amount)
    at_edge = np.mean(np.concatenate([inked[0], inked[-1], inked[:, 0], inked[:, -1]]))
    return 1 - rest - 2 * float(at_edge)
