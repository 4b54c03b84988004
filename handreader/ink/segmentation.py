"""Segment a picture into ink and paper, whatever the paper, the light and the colours."""

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

# Found by trying on synthetic photographs of validation digits, unless another reason is given.
NEIGHBOURHOOD = np.ones((3, 3), np.uint8)  # a pixel and its neighbours

# Noise, shadow or ink.
NOISE = 6  # grey levels that may come from the camera alone
OFTEN_NOISE = 6  # times the typical deviation of paper: noise doesn't go so far
NOISE_OR_INK = 0.3  # of the strongest ink: anything above is ink, however noisy the paper
STRONGEST = 0.99  # the quantile that counts as the strongest ink, without a few outliers
ENOUGH_TO_SEE = 100  # pixels, in each direction, to estimate noise from
FEWEST_PIXELS = 4  # pixels that stand out: fewer can't be divided into ink and shade
EDGE = 20  # grey levels: the paper changes by more from pixel to pixel where a shadow ends
BOTH = 0.25  # of the larger mass, darker or lighter: with more, the other may be ink, too

# How grey levels become cover.
BARE = 0.2  # of full ink: anything fainter is paper
TO_FULL = 0.6  # of full ink: so far above BARE, cover is full; that evens out uneven ink
WEAK = 0.6  # of the limit of certain ink: weaker ink connected to certain ink counts, too

# Smoothing, in pixels.
LARGE_ENOUGH = 100  # smaller pictures are left as they are
SMOOTHEST, SIDE_PER_BLUR = 1.5, 250  # the blur: the longer side / 250, at most 1.5

# Two tones.
HEAVY = 0.3  # of a picture: if more is dark and more is light, either may be the ink
TONES_APART = 30  # grey levels: two tones differ by at least this
TONES_SPREAD = 0.2  # of the picture's variance: if more is left within two tones, there are more
STEEPER, STEEPER_SHIFT = (
    1.6,
    0.3,
)  # how cover rises from tone to tone, 0.5 halfway

# Second opinions.
MOST_WAYS = 4  # segmentations
NEARLY = 0.35  # a second opinion may be less clear by this
SAME = 0.1  # of the ink: two segmentations that differ in less are the same
KEEP_OFF = 2  # clearness falls by this if ink lies all along the edges


class NoInkError(PictureError):
    """The error for a picture that shows nothing that could be a digit."""

    def __init__(self) -> None:
        super().__init__("shows no ink: is it blank, or too faint?")


@dataclass(frozen=True)
class Ink:
    """One segmentation of a picture into ink and paper."""

    cover: np.ndarray  # (H, W) floats, 1 where the ink is full
    paper: np.ndarray  # (H, W, 3) bytes: the picture as it would be without ink
    amount: np.ndarray | None = None  # (H, W) floats: the difference from paper

    @cached_property
    def clearness(self) -> float:
        """Return a score of how well the ink explains all that differs from paper, at most 1.

        Ink along the edges of the picture lowers it.
        """
        if self.amount is None:
            return 1.0
        ink = mostly_inked(self.cover)
        full = self.amount[ink].mean() if ink.any() else 0.0
        rest = mass(self.amount - (full * self.cover).astype(np.float32)) / mass(self.amount)
        return 1 - rest - KEEP_OFF * float(along_edges(ink).mean())


def find_ink(picture: np.ndarray) -> Iterator[Ink]:
    """Yield segmentations of a picture into ink and paper, the likeliest first."""
    found = list(attempts(picture))
    if len(found) > 1:  # a single one needn't be compared
        found.sort(key=lambda each: each.clearness, reverse=True)
    yield from worth_seeing(chain(found, two_tones(picture) if found else ()))


def worth_seeing(ways: Iterable[Ink]) -> Iterator[Ink]:
    """Yield the first segmentation, and up to three that are nearly as clear, but different."""
    chosen: list[Ink] = []
    for ink in ways:
        if not chosen or is_second_opinion(ink, chosen):
            yield ink
            chosen.append(ink)
        if len(chosen) == MOST_WAYS:
            return


def is_second_opinion(ink: Ink, chosen: list[Ink]) -> bool:
    """Tell whether a segmentation is nearly as clear as the first, and unlike all chosen."""
    clear = ink.clearness > chosen[0].clearness - NEARLY
    return clear and all(differ(ink, one) for one in chosen)


def differ(one: Ink, other: Ink) -> bool:
    """Tell whether two segmentations differ in more than a few pixels of ink."""
    first, second = mostly_inked(one.cover), mostly_inked(other.cover)
    return bool(np.count_nonzero(first ^ second) > SAME * np.count_nonzero(first | second))


def two_tones(picture: np.ndarray) -> Iterator[Ink]:
    """Yield both tones as ink if about as much is dark as light: a tight crop of a fat digit."""
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
    """Yield segmentations with ink darker or lighter than each estimate of the paper."""
    for reduced in possible_papers(picture):
        small = np.clip(cv2.blur(reduced, (3, 3)), 0, 255).astype(np.uint8)
        paper = enlarged(small, picture)
        for rough in amounts(picture, paper, small):
            amount = smooth(rough)
            cover = covered(amount)
            if cover is not None:
                yield Ink(cover, paper, amount)


def amounts(picture: np.ndarray, paper: np.ndarray, small: np.ndarray) -> list[np.ndarray]:
    """Return how much darker, and how much lighter, than paper each pixel is; the stronger first.

    The weaker one is left out if there is little of it. `small` is the reduced paper. Where a
    shadow ends, it changes steeply, but nobody knows exactly where; so that much difference is not
    ink.
    """
    both = [strongest(cv2.subtract(paper, picture)), strongest(cv2.subtract(picture, paper))]
    doubt = strongest(cv2.morphologyEx(small, cv2.MORPH_GRADIENT, NEIGHBOURHOOD))
    if doubt.max() > EDGE:
        both = [cv2.subtract(each, enlarged(doubt, picture)) for each in both]
    more, less = sorted(both, key=mass, reverse=True)
    return [more, less] if mass(less) > BOTH * mass(more) else [more]


def enlarged(small: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Enlarge a reduced picture to the size of the original."""
    return cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def smooth(amount: np.ndarray) -> np.ndarray:
    """Blur noise away if the picture is large enough."""
    side, amount = max(amount.shape), amount.astype(np.float32)
    if side <= LARGE_ENOUGH:
        return amount
    return cv2.GaussianBlur(amount, (0, 0), min(SMOOTHEST, side / SIDE_PER_BLUR))


def covered(amount: np.ndarray) -> np.ndarray | None:
    """Turn grey levels (H, W) into cover, 0 for paper to 1 for full ink; None if all is noise.

    The ink is found by a hysteresis threshold, like J. Canny's (A computational approach to edge
    detection, 1986): all that is certain, and what is less certain but connected to it.
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
    """Return the grey level up to which differences are noise, if most of a picture is paper."""
    down, right = (1 + side // ENOUGH_TO_SEE for side in amount.shape)
    some = amount[::down, ::right].ravel()
    usual, most = quantiles(some, 0.5, STRONGEST)
    (deviation,) = quantiles(np.abs(some - usual), 0.5)
    return max(NOISE, min(OFTEN_NOISE * deviation, NOISE_OR_INK * most))


def grow(strong: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """Return the mask of weak parts connected to strong ones, with a rim for their soft edges."""
    kept = np.zeros(weak.shape, np.uint8)
    area = inked_part(weak, margin=1)
    count, labels = cv2.connectedComponents(weak[area].astype(np.uint8))
    wanted = np.zeros(count, np.uint8)
    wanted[labels[strong[area]]] = 1
    wanted[0] = 0
    kept[area] = cv2.dilate(wanted[labels], NEIGHBOURHOOD)
    return kept
