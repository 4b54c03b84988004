"""Segment a page into ink and paper, although the paper varies and may have ruled lines."""

from collections.abc import Iterator

import cv2
import numpy as np

from handreader.ink.cells import without_cells
from handreader.ink.paper import prevailing, slope_of_light
from handreader.ink.pixels import mass, mostly_inked, shrink, strongest
from handreader.ink.ruled_lines import without_page_lines
from handreader.ink.segmentation import covered
from handreader.ink.surroundings import without_frames, without_shadows

# Found by trying on synthetic pages of validation digits, unless another reason is given.
PAGE_PAPER_SIDE = 240  # pixels that are enough to see the edge of a shadow
WINDOWS = (0.15, 0.6)  # of the page: windows with more paper than ink, for many digits or one
FAINT = 12  # grey levels: what differs less from the paper is no ink
DARKEST_PAPER = (
    40  # grey levels: darker paper counts as this light, so that its noise isn't amplified
)
BOTH_WAYS = 0.4  # of the larger mass, darker or lighter: with more, the other may be ink, too
BLUR, SIDE_PER_BLUR_OF_PAGE = 0.8, 1000  # pixels: the longer side / 1000, at most 0.8
SMALLEST_BLURRED = 100  # pixels: smaller pictures are left as they are
ALIKE = 0.15  # of the ink: two segmentations that differ in less are the same


def ways_to_ink(picture: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the cover of ink (H, W), 0 to 1, in each segmentation; lines and cells are removed."""
    small = shrink(picture, PAGE_PAPER_SIDE)
    slope = slope_of_light(small)
    seen: list[np.ndarray] = []
    for window in WINDOWS:
        paper = np.clip(prevailing(small, slope, window), 0, 255).astype(np.uint8)
        for amount in amounts_of_ink(picture, paper):
            cover = covered(amount)
            if cover is None or amount[mostly_inked(cover)].mean() < FAINT:
                continue
            if any(alike(mostly_inked(cover), other) for other in seen):
                continue
            seen.append(mostly_inked(cover))
            writing = without_cells(without_shadows(cover, picture))
            yield without_frames(without_page_lines(writing), picture)


def amounts_of_ink(picture: np.ndarray, paper: np.ndarray) -> Iterator[np.ndarray]:
    """Yield how much darker, or lighter, than paper each pixel is; both if both are likely."""
    size = picture.shape[1::-1]
    full = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    brightness = cv2.resize(paper.max(2), size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    level = float(np.median(paper.max(2)))
    darker = strongest(cv2.subtract(full, picture)) * (
        level / np.maximum(brightness, DARKEST_PAPER)
    )
    lighter = strongest(cv2.subtract(picture, full)).astype(np.float32)
    order: list[np.ndarray] = sorted((darker, lighter), key=mass, reverse=True)
    blur = min(BLUR, max(size) / SIDE_PER_BLUR_OF_PAGE)
    for amount in order[: 1 + (mass(order[1]) > BOTH_WAYS * mass(order[0]))]:
        yield cv2.GaussianBlur(amount, (0, 0), blur) if max(size) > SMALLEST_BLURRED else amount


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether two segmentations hardly differ."""
    return bool(np.count_nonzero(one ^ other) < ALIKE * np.count_nonzero(one | other))
