"""Where the ink is on a picture, whatever paper, light and colours are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import cv2
import numpy as np

from handreader.common.errors import PictureError
from handreader.ink.paper import possible_papers
from handreader.ink.pixels import (
    MOSTLY,
    along_edges,
    inked_part,
    mass,
    mostly_inked,
    quantiles,
    strongest,
    two_groups,
)

# Found by trying, on synthetic photographs of validation digits, where no other reason is given.
NEIGHBOURHOOD = np.ones((3, 3), np.uint8)  # a pixel and its neighbours

# What is noise, what is shadow, and what is ink.
NOISE = 6  # grey levels that may come from the camera alone
OFTEN_NOISE = 6  # times the typical deviation of paper: no noise goes so far
NOISE_OR_INK = 0.3  # of the strongest ink: what is stronger is ink, however restless the paper
STRONGEST = 0.99  # of all pixels are weaker than the strongest ink, leaving out a few odd ones
ENOUGH_TO_SEE = 100  # pixels, in each direction, of which noise is estimated
FEWEST_PIXELS = 4  # pixels that stand out: fewer can't be told into ink and shade
EDGE = 20  # grey levels by which paper changes nearly at once where a shadow ends
BOTH = 0.25  # of the mass of what differs more: then what differs the other way may be ink, too

# How grey levels become cover.
BARE = 0.2  # of full ink: what is fainter is none
TO_FULL = 0.6  # of it, above that, until cover is full, so that uneven ink becomes even
WEAK = 0.6  # of the limit from which ink is certain: what hangs together with that is ink, too

# Smoothing, in pixels.
LARGE_ENOUGH = 100  # smaller pictures are left as they are
SMOOTHEST, SIDE_PER_BLUR = 1.5, 250  # the blur is this part of the longer side, up to a limit

# Two tones.
HEAVY = 0.3  # of a picture, dark or light, from where on either may be the ink
TONES_APART = 30  # grey levels: what is closer are no two tones
TONES_SPREAD = 0.2  # of the picture's variance: if more is left within its tones, there are more
STEEPER, STEEPER_SHIFT = (
    1.6,
    0.3,
)  # how cover rises from tone to tone, with its middle in the middle

# Second opinions.
MOST_WAYS = 4
NEARLY = 0.35  # how much less clear a second opinion may be
SAME = 0.1  # of the ink, in which two ways may differ and still be one
KEEP_OFF = 2  # by how much clearness sinks where ink lies all along the edges


class NoInkError(PictureError):
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
        """Up to 1, if ink that keeps off the edges explains all that differs from paper."""
        if self.amount is None:
            return 1.0
        ink = mostly_inked(self.cover)
        full = self.amount[ink].mean() if ink.any() else 0.0
        rest = mass(self.amount - (full * self.cover).astype(np.float32)) / mass(self.amount)
        return 1 - rest - KEEP_OFF * float(along_edges(ink).mean())


def find_ink(picture: np.ndarray) -> Iterator[Ink]:
    """How the picture may be divided into ink and paper, the likeliest way first."""
    found = list(attempts(picture))
    if len(found) > 1:  # or nothing need be compared
        found.sort(key=lambda each: each.clearness, reverse=True)
    yield from worth_seeing(chain(found, two_tones(picture) if found else ()))


def worth_seeing(ways: Iterable[Ink]) -> Iterator[Ink]:
    """The first way, and some that are nearly as clear and unlike those before them."""
    chosen: list[Ink] = []
    for ink in ways:
        if not chosen or is_second_opinion(ink, chosen):
            yield ink
            chosen.append(ink)
        if len(chosen) == MOST_WAYS:
            return


def is_second_opinion(ink: Ink, chosen: list[Ink]) -> bool:
    """Whether a way is nearly as clear as the likeliest, and unlike all that were chosen."""
    clear = ink.clearness > chosen[0].clearness - NEARLY
    return clear and all(differ(ink, one) for one in chosen)


def differ(one: Ink, other: Ink) -> bool:
    """Whether two ways are more than nearly the same."""
    first, second = mostly_inked(one.cover), mostly_inked(other.cover)
    return bool(np.count_nonzero(first ^ second) > SAME * np.count_nonzero(first | second))


def two_tones(picture: np.ndarray) -> Iterator[Ink]:
    """Where about as much is dark as light, as with a fat digit cut out narrowly: either is ink."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    dark = grey <= two_groups(grey.ravel().astype(np.float32))
    if not HEAVY < dark.mean() < 1 - HEAVY:
        return
    low, high = grey[dark].mean(), grey[~dark].mean()
    within = np.where(dark, grey - low, grey - high)
    if high - low < TONES_APART or within.var() > TONES_SPREAD * grey.var():
        return
    light = np.clip((grey - low) / (high - low) * STEEPER - STEEPER_SHIFT, 0, 1)
    for cover in (1 - light, light):
        ground = np.median(picture[cover < MOSTLY], 0).astype(np.uint8)
        yield Ink(cover, np.broadcast_to(ground, picture.shape))


def attempts(picture: np.ndarray) -> Iterator[Ink]:
    """Ink darker or lighter than paper, for each of the papers that there may be."""
    for reduced in possible_papers(picture):
        small = np.clip(cv2.blur(reduced, (3, 3)), 0, 255).astype(np.uint8)
        paper = enlarged(small, picture)
        for rough in amounts(picture, paper, small):
            amount = smooth(rough)
            cover = covered(amount)
            if cover is not None:
                yield Ink(cover, paper, amount)


def amounts(picture: np.ndarray, paper: np.ndarray, small: np.ndarray) -> list[np.ndarray]:
    """How much darker, and how much lighter, than paper each pixel is; the stronger first.

    The weaker is left out if there is little of it. Paper comes reduced, too, as it shows there
    how much it changes where a shadow ends: nobody knows quite where, so that much is no ink.
    """
    both = [strongest(cv2.subtract(paper, picture)), strongest(cv2.subtract(picture, paper))]
    doubt = strongest(cv2.morphologyEx(small, cv2.MORPH_GRADIENT, NEIGHBOURHOOD))
    if doubt.max() > EDGE:
        both = [cv2.subtract(each, enlarged(doubt, picture)) for each in both]
    more, less = sorted(both, key=mass, reverse=True)
    return [more, less] if mass(less) > BOTH * mass(more) else [more]


def enlarged(small: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """What was found out on a reduced picture, as large as the picture."""
    return cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def smooth(amount: np.ndarray) -> np.ndarray:
    """Less noise, where there are pixels enough."""
    side, amount = max(amount.shape), amount.astype(np.float32)
    if side <= LARGE_ENOUGH:
        return amount
    return cv2.GaussianBlur(amount, (0, 0), min(SMOOTHEST, side / SIDE_PER_BLUR))


def covered(amount: np.ndarray) -> np.ndarray | None:
    """Grey levels (high, wide) as a part of full ink; what is only noise or shade becomes none.

    The ink is what is left of a hysteresis threshold, as J. Canny's (A computational approach to
    edge detection, 1986): all that is certain, and what is less so but hangs together with it.
    """
    floor = noise_in(amount)
    above = amount[amount > floor]
    if len(above) < FEWEST_PIXELS:
        return None
    limit = two_groups(above)
    (full,) = quantiles(above[above > limit], 0.5)
    cover = np.clip(amount * (1 / TO_FULL / full) - BARE / TO_FULL, 0, 1)
    return cover * grow(amount > limit, amount > max(floor, limit * WEAK))


def noise_in(amount: np.ndarray) -> float:
    """The grey levels up to which there is only noise, if most of the picture is paper."""
    down, right = (1 + side // ENOUGH_TO_SEE for side in amount.shape)
    some = amount[::down, ::right].ravel()
    usual, most = quantiles(some, 0.5, STRONGEST)
    (deviation,) = quantiles(np.abs(some - usual), 0.5)
    return max(NOISE, min(OFTEN_NOISE * deviation, NOISE_OR_INK * most))


def grow(strong: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """The weak parts that are connected with strong ones, and a rim for their soft edges."""
    kept = np.zeros(weak.shape, np.uint8)
    area = inked_part(weak, margin=1)
    count, labels = cv2.connectedComponents(weak[area].astype(np.uint8))
    wanted = np.zeros(count, np.uint8)
    wanted[labels[strong[area]]] = 1
    wanted[0] = 0
    kept[area] = cv2.dilate(wanted[labels], NEIGHBOURHOOD)
    return kept
