"""Small pictures, cut out so narrowly that there is hardly more than the digit.

A stroke touches their border and may run along it, and a pixel is so large that strokes cover it in
part: its grey level says how much of it is ink. So nothing is looked for but two tones.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from handreader.framing import BOX
from handreader.ink.pixels import MOSTLY, along_edges, inked_part, quantiles
from handreader.ink.segmentation import NOISE, Ink

LARGEST = 3 * BOX  # pixels of the longer side: a pen's stroke is then a few pixels wide at most
FULL = 0.9  # of the inked pixels are no stronger than full ink: the rest may be glints
BAREST = 0.25, 0.05  # of the paper's pixels have less ink: strokes' soft edges may be on all others
TINY = BOX * 3 // 5  # pixels: in smaller crops, soft edges are on nearly all of the paper, so that
BAREST_OF_TINY = 0.1, 0.05  # what it strays by says little: by trying, as below
TIMES_NOISE = 5  # what lies between these is one standard deviation, if noise is normal
MOST_NOISE = 0.5  # of full ink: with more, what is noise and what is ink can't be told
# By trying, on small synthetic photographs of validation digits: with more, shadows, slopes of
# light and ruled lines are taken for ink more often than narrow crops are read better.
EVEN = 0.08  # of full ink, by which evenly lit paper strays at most, without soft edges on it


@dataclass(frozen=True)
class Tone:
    """What a crop is if one of its two tones is ink."""

    ink: Ink  # cut out to what is inked
    where: tuple[slice, slice]  # that was
    at_edges: float  # how much of the crop's edges is of this tone
    unevenness: float  # by how much paper strays, in parts of full ink

    @property
    def is_plain(self) -> bool:
        """Whether there is but even paper, most of the edges included, and ink."""
        return self.unevenness < EVEN and self.at_edges <= MOSTLY


def tones_of(picture: np.ndarray) -> list[Tone]:
    """The ways to take one of two tones for ink, the likelier first; none in larger pictures.

    They are told apart by Otsu's method, and it is paper that lies along the edges.
    """
    if max(picture.shape[:2]) > LARGEST:
        return []
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1] > 0
    if not 0 < light.mean() < 1:
        return []
    level = grey.astype(np.float32)
    both = tone_of(picture, -level, ~light), tone_of(picture, level, light)
    return sorted((each for each in both if each), key=lambda tone: tone.at_edges)


def tone_of(picture: np.ndarray, level: np.ndarray, mask: np.ndarray) -> Tone | None:
    """A crop whose higher levels (high, wide), those in a mask, are ink; none if that is noise."""
    is_tiny = max(picture.shape[:2]) <= TINY
    paper, barest = quantiles(level[~mask], *(BAREST_OF_TINY if is_tiny else BAREST))
    straying, full = paper - barest, quantiles(level[mask], FULL)[0] - paper
    noise = max(NOISE, TIMES_NOISE * straying)
    if noise > MOST_NOISE * full:
        return None
    cover = np.clip((level - paper) / full, 0, 1) * (level > paper + noise)
    ground = np.median(picture[~mask], 0).astype(np.uint8)
    ink = Ink(cover, np.broadcast_to(ground, picture.shape))
    return Tone(ink, inked_part(cover > 0), float(along_edges(mask).mean()), straying / full)
