"""Read a whole line of digits with a network, without segmenting it first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from handreader import networks
from handreader.ctc import consensus_text, mean_log_likelihood, places_of
from handreader.framing import CLASSES
from handreader.networks import WEIGHTS, Network, Scores
from handreader.results import percent

LINE_WEIGHTS = WEIGHTS / "lines.onnx"
LINE_HEIGHT = 32  # pixels of a line's picture: enough for a 1 to differ from a 7
LINE_STEP = 4  # columns of a line's picture for one column of scores
SIGNS = [*CLASSES, *".,-/:"]  # numbered from 1 in the scores: number 0 is the blank
LONGEST = 2400  # pixels, at a height of 32: far wider than any number; a bound on memory
SHORTEST = 8  # pixels, so that there are columns to read

# Test-time augmentation: of 2,000 lines of validation digits, 88.3 % were read right from one view
# and 89.5 % from these four.
NARROWER, WIDER = 0.85, 1.18  # times as wide
FRAMED = 0.06  # of its height: a margin of more paper around it


@dataclass(frozen=True)
class Sign:
    """A digit or a mark on a line, with its left and right edge in columns of the picture."""

    text: str
    left: float
    right: float
    confidence: float
    unsure: bool = False

    def __str__(self) -> str:
        return f"{self.text}{'?' * self.unsure}"


@dataclass(frozen=True)
class Line:
    """The reading of one line."""

    text: str  # with the marks . , - / : between its digits
    confidence: float
    unsure: bool
    signs: list[Sign]

    def __str__(self) -> str:
        signs = "".join(map(str, self.signs))
        return f"{signs or 'no number'} ({percent(self.confidence, 0)})"

    @property
    def digits_only(self) -> str:
        """Return the number without its marks."""
        return "".join(sign for sign in self.text if sign.isdigit())

    @property
    def digits(self) -> list[Sign]:
        """Return the signs that are digits."""
        return [sign for sign in self.signs if sign.text.isdigit()]


class LineReader:
    """A reader of lines of digits: by the shipped network, one in a file, or any callable.

    >>> LineReader().read(np.full((40, 200), 250, np.uint8)).text
    ''
    """

    def __init__(self, network: Network | Scores | str | Path = LINE_WEIGHTS):
        blank = np.zeros((1, LINE_HEIGHT, 4 * LINE_STEP), np.uint8)
        self.network = networks.prepare(network, SIGNS, blank, (1, 1 + len(SIGNS), 4))

    def read(self, picture: np.ndarray) -> Line:
        """Read a grey picture of one line, (H, W) bytes; the line should fill it."""
        views = augmented_views(picture)
        looks = [columns_of(self.network, view) for view in views]
        return self.line_in(looks, picture.shape[1] / views[0].shape[1])

    def look(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return a line as the network's input, (32, W) bytes, and its log-probabilities."""
        small = fitted(picture)
        return small, columns_of(self.network, small)

    def read_all(self, pictures: Sequence[np.ndarray]) -> list[Line]:
        """Read many lines."""
        return [self.read(picture) for picture in pictures]

    def line_in(self, looks: Sequence[np.ndarray], larger: float) -> Line:
        """Return the likeliest line, given the log-probabilities of several views.

        The picture is `larger` times as wide as the first view, which tells where the signs are.
        """
        numbers, step = consensus_text(looks), LINE_STEP * larger
        confidence = math.exp(mean_log_likelihood(looks, numbers))
        unsure = confidence < self.network.sure_from
        places = places_of(looks[0], numbers)
        doubted = max(self.network.sure_from, min((place.chance for place in places), default=0.0))
        signs = [
            Sign(
                SIGNS[number - 1],
                place.left * step,
                place.right * step,
                place.chance,
                unsure and place.chance <= doubted,
            )
            for number, place in zip(numbers, places, strict=True)
        ]
        signs = within_a_number(signs)
        return Line("".join(sign.text for sign in signs), confidence, unsure, signs)


def within_a_number(signs: list[Sign]) -> list[Sign]:
    """Drop the marks before the first digit and after the last: they belong to no number."""
    digits = [place for place, sign in enumerate(signs) if sign.text.isdigit()]
    return signs[digits[0] : digits[-1] + 1] if digits else []


def augmented_views(picture: np.ndarray) -> list[np.ndarray]:
    """Return four inputs for test-time augmentation, the first one unchanged but for size."""
    margin = (round(FRAMED * len(picture)),) * 4
    framed = cv2.copyMakeBorder(picture, *margin, cv2.BORDER_REPLICATE)
    stretched = [fitted(picture, wider) for wider in (1, NARROWER, WIDER)]
    return [*stretched, fitted(framed)]


def fitted(picture: np.ndarray, wider: float = 1.0) -> np.ndarray:
    """Scale a line's picture to the network's height, and stretch it `wider` times in width."""
    high, wide = picture.shape
    scale = LINE_HEIGHT / high
    size = (min(LONGEST, max(SHORTEST, round(wide * scale * wider))), LINE_HEIGHT)
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=smooth)


def columns_of(network: Network, small: np.ndarray) -> np.ndarray:
    """Return the log-probability of each sign in each column: (columns, 1 + signs)."""
    return network.log_probabilities(small[None])[0].T
