"""Where the ink is on a whole page: paper that changes from place to place, and ruled lines."""

from collections.abc import Iterator

import cv2
import numpy as np

from handreader.ink.cells import without_cells
from handreader.ink.paper import prevailing, slope_of_light
from handreader.ink.pixels import mass, mostly_inked, shrink, strongest
from handreader.ink.ruled_lines import without_page_lines
from handreader.ink.segmentation import covered

# Found by trying, on synthetic pages of validation digits, where no other reason is given.
PAGE_PAPER_SIDE = 240  # pixels that are enough to see the edge of a shadow
WINDOWS = (0.15, 0.6)  # of the page, in which paper prevails: for many digits, and for one
FAINT = 12  # grey levels: ink that differs less from its paper is none
DARKEST_PAPER = (
    40  # grey levels: darker paper is taken for so light, so that its noise doesn't grow
)
BOTH_WAYS = 0.4  # of the mass of what differs more: then what differs the other way may be ink, too
BLUR, SIDE_PER_BLUR_OF_PAGE = 0.8, 1000  # pixels: this part of the longer side, up to a limit
SMALLEST_BLURRED = 100  # pixels: smaller pictures are left as they are
ALIKE = 0.15  # of the ink, in which two ways may differ and still be one


def ways_to_ink(picture: np.ndarray) -> Iterator[np.ndarray]:
    """The cover of ink, 0 to 1, in each way in which it can be told from paper."""
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
            yield without_page_lines(without_cells(cover))


def amounts_of_ink(picture: np.ndarray, paper: np.ndarray) -> Iterator[np.ndarray]:
    """How much darker, or lighter, than paper each pixel is; both ways if both are likely."""
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
    """Whether two ways hardly differ."""
    return bool(np.count_nonzero(one ^ other) < ALIKE * np.count_nonzero(one | other))
