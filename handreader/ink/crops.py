"""Small pictures, cropped so tightly that they show hardly more than the digit.

Strokes touch their border and may run along it. Pixels are so large that strokes cover them in
part, and the grey level tells how much. So these pictures are only split into two tones.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from handreader.framing import BOX
from handreader.ink.pixels import MOSTLY, along_edges, inked_part, quantiles
from handreader.ink.segmentation import NOISE, Ink

LARGEST = 3 * BOX  # pixels of the longer side: a pen's stroke is then a few pixels wide at most
FULL = 0.9  # the quantile of the inked pixels that is full ink: those above may be glints
BAREST = 0.25, 0.05  # quantiles of the paper's pixels: all others may be soft edges of strokes
TINY = BOX * 3 // 5  # pixels: in crops so small, soft edges cover nearly all of the paper, so these
BAREST_OF_TINY = 0.1, 0.05  # quantiles say little about its noise: found by trying, as EVEN
TIMES_NOISE = 5  # the two quantiles are one standard deviation apart, if noise is normal
MOST_NOISE = 0.5  # of full ink: with more, noise can't be told from ink
# Found by trying, on small synthetic photographs of validation digits: with a higher limit, more
# shadows, slopes of light and ruled lines are mistaken for ink than tight crops gain.
EVEN = 0.08  # of full ink: evenly lit paper varies by less, where no soft edges are


@dataclass(frozen=True)
class Tone:
    """A crop's segmentation if one of its two tones is ink."""

    ink: Ink  # of the whole crop
    where: tuple[slice, slice]  # the rows and columns with ink
    at_edges: float  # the part of the crop's edges that has this tone
    unevenness: float  # of the paper, in parts of full ink

    @property
    def is_plain(self) -> bool:
        """Tell whether there is only ink and even paper, and paper along most of the edges."""
        return self.unevenness < EVEN and self.at_edges <= MOSTLY


def tones_of(picture: np.ndarray) -> list[Tone]:
    """Return the tones that may be ink, the likelier first; none if the picture is large.

    Otsu's method separates the two tones. The one that takes less of the edges is the likelier ink.
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
    """Take a crop's higher levels (H, W), those in a mask, for ink; None if that is only noise."""
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
