"""Where the ink is on a whole page: paper that changes from place to place, and ruled lines."""

from collections.abc import Iterator

import cv2
import numpy as np

from helpers.reading.ink import covered
from helpers.reading.paper import prevailing, slope_of_light
from helpers.reading.pixels import mass, shrink, strongest
from helpers.reading.ruled_lines import without_page_lines

PAPER_SIDE = 240  # pixels that are enough to see the edge of a shadow
WINDOWS = (0.15, 0.6)  # of the page, in which paper prevails: for many digits, and for one
FAINT = 12  # grey levels: ink that differs less from its paper is none
SAME = 0.15  # of the ink, in which two ways may differ and still be one


def ways_to_ink(picture: np.ndarray) -> Iterator[np.ndarray]:
    """The cover of ink, 0 to 1, in each way in which it can be told from paper."""
    small = shrink(picture, PAPER_SIDE)
    slope = slope_of_light(small)
    seen: list[np.ndarray] = []
    for window in WINDOWS:
        paper = np.clip(prevailing(small, slope, window), 0, 255).astype(np.uint8)
        for amount in amounts_of_ink(picture, paper):
            cover = covered(amount)
            if cover is None or amount[cover > 0.5].mean() < FAINT:
                continue
            if any(alike(cover > 0.5, other) for other in seen):
                continue
            seen.append(cover > 0.5)
            yield without_page_lines(cover)


def amounts_of_ink(picture: np.ndarray, paper: np.ndarray) -> Iterator[np.ndarray]:
    """How much darker, or lighter, than paper each pixel is; both ways if both are likely."""
    size = picture.shape[1::-1]
    full = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    brightness = cv2.resize(paper.max(2), size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    level = float(np.median(paper.max(2)))
    darker = strongest(cv2.subtract(full, picture)) * (level / np.maximum(brightness, 40))
    lighter = strongest(cv2.subtract(picture, full)).astype(np.float32)
    order = sorted((darker, lighter), key=mass, reverse=True)
    blur = min(0.8, max(size) / 1000)
    for amount in order[: 1 + (mass(order[1]) > 0.4 * mass(order[0]))]:
        yield cv2.GaussianBlur(amount, (0, 0), blur) if max(size) > 100 else amount


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two ways hardly differ."""
    return np.count_nonzero(one ^ other) < SAME * np.count_nonzero(one | other)
