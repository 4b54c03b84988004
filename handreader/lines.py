"""A network that reads a whole line of digits, without cutting it up first."""

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
LINE_STEP = 4  # columns of a line's picture for which there is one column of scores
SIGNS = [*CLASSES, *".,-/:"]  # what is read on a line; before them all stands the blank, number 0
LONGEST = 2400  # pixels of a line 32 pixels high: far more than any number, and bound in memory
SHORTEST = 8  # the same, so that there are columns to look at

# A line is looked at as it is, and in other ways: of 2,000 lines of validation digits, 88.3 % were
# read right at one look, and 89.5 % at these four.
NARROWER, WIDER = 0.85, 1.18  # times as wide
FRAMED = 0.06  # of its height: more paper around it


@dataclass(frozen=True)
class Sign:
    """A digit or a mark on a line, and from which column of the picture to which it is."""

    text: str
    left: float
    right: float
    confidence: float
    unsure: bool = False

    def __str__(self) -> str:
        return f"{self.text}{'?' * self.unsure}"


@dataclass(frozen=True)
class Line:
    """What the network makes of a line."""

    text: str  # with the marks . , - / : that are within a number
    confidence: float
    unsure: bool
    signs: list[Sign]

    def __str__(self) -> str:
        signs = "".join(map(str, self.signs))
        return f"{signs or 'no number'} ({percent(self.confidence, 0)})"

    @property
    def digits_only(self) -> str:
        """The number without its marks."""
        return "".join(sign for sign in self.text if sign.isdigit())

    @property
    def digits(self) -> list[Sign]:
        """The signs that are digits."""
        return [sign for sign in self.signs if sign.text.isdigit()]


class LineReader:
    """Read lines of digits by a network: the shipped one, one in a file, or any callable.

    >>> LineReader().read(np.full((40, 200), 250, np.uint8)).text
    ''
    """

    def __init__(self, network: Network | Scores | str | Path = LINE_WEIGHTS):
        blank = np.zeros((1, LINE_HEIGHT, 4 * LINE_STEP), np.uint8)
        self.network = networks.prepare(network, SIGNS, blank, (1, 1 + len(SIGNS), 4))

    def read(self, picture: np.ndarray) -> Line:
        """What a grey picture of one line, (high, wide) bytes, says; the line should fill it."""
        views = augmented_views(picture)
        looks = [columns_of(self.network, view) for view in views]
        return self.line_in(looks, picture.shape[1] / views[0].shape[1])

    def look(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A line as the network sees it, (32, width) bytes, and the logarithms of its chances."""
        small = fitted(picture)
        return small, columns_of(self.network, small)

    def read_all(self, pictures: Sequence[np.ndarray]) -> list[Line]:
        """The same of many lines."""
        return [self.read(picture) for picture in pictures]

    def line_in(self, looks: Sequence[np.ndarray], larger: float) -> Line:
        """The likeliest line, its picture being so much larger than what the first look saw."""
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
    """The same without marks at either end, which belong to no number."""
    digits = [place for place, sign in enumerate(signs) if sign.text.isdigit()]
    return signs[digits[0] : digits[-1] + 1] if digits else []


def augmented_views(picture: np.ndarray) -> list[np.ndarray]:
    """A line as the network sees it, in several ways; first as it is."""
    margin = (round(FRAMED * len(picture)),) * 4
    framed = cv2.copyMakeBorder(picture, *margin, cv2.BORDER_REPLICATE)
    stretched = [fitted(picture, wider) for wider in (1, NARROWER, WIDER)]
    return [*stretched, fitted(framed)]


def fitted(picture: np.ndarray, wider: float = 1.0) -> np.ndarray:
    """A picture of a line as high as the network sees it, and so much wider."""
    high, wide = picture.shape
    scale = LINE_HEIGHT / high
    size = (min(LONGEST, max(SHORTEST, round(wide * scale * wider))), LINE_HEIGHT)
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=smooth)


def columns_of(network: Network, small: np.ndarray) -> np.ndarray:
    """Return for each column the logarithm of each sign's probability: (columns, 1 + signs)."""
    return network.log_probabilities(small[None])[0].T
