"""A network that reads a whole line of digits, without cutting it up first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from helpers import checkpoints
from helpers.checkpoints import Checkpoint, CheckpointError
from helpers.models import LINE_HEIGHT, LINE_STEP, SIGNS
from helpers.reading.columns import agreed, places_of, together
from helpers.reading.digit_reader import WEIGHTS, percent
from helpers.transforms import as_lines

LINE_WEIGHTS = WEIGHTS / "line.pt"
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
    """A loaded network for lines, its calibration, and the confidence from which it is sure."""

    def __init__(self, checkpoint: Checkpoint):
        self.model = checkpoint.model
        self.temperature, self.sure_from = checkpoint.temperature, checkpoint.sure_from

    @classmethod
    def load(cls, path: str | Path = LINE_WEIGHTS) -> "LineReader":
        """The reader in a checkpoint file, tried once so that surprises come here."""
        checkpoint = checkpoints.load(path)
        if checkpoint.classes != SIGNS:
            raise CheckpointError(f"{path}: its network does not read lines of digits.")
        reader = cls(checkpoint)
        try:
            chances = columns_of(reader.model, np.zeros((LINE_HEIGHT, 4 * LINE_STEP), np.uint8))
        except (RuntimeError, ValueError, IndexError) as error:
            raise CheckpointError(f"{path}: its network does not read lines.") from error
        if chances.shape != (4, 1 + len(SIGNS)) or not np.isfinite(chances).all():
            raise CheckpointError(f"{path}: its network does not give a column of scores each.")
        return reader

    def read(self, picture: np.ndarray) -> Line:
        """What a grey picture of one line, (high, wide) bytes, says; the line should fill it."""
        views = views_of(picture)
        looks = [columns_of(self.model, view, self.temperature) for view in views]
        return self.line_in(looks, picture.shape[1] / views[0].shape[1])

    def look(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A line as the network sees it, (32, width) bytes, and the logarithms of its chances."""
        small = fitted(picture)
        return small, columns_of(self.model, small, self.temperature)

    def read_all(self, pictures: Sequence[np.ndarray]) -> list[Line]:
        """The same of many lines."""
        return [self.read(picture) for picture in pictures]

    def line_in(self, looks: Sequence[np.ndarray], larger: float) -> Line:
        """The likeliest line, its picture being so much larger than what the first look saw."""
        numbers, step = agreed(looks), LINE_STEP * larger
        confidence = math.exp(together(looks, numbers))
        unsure = confidence < self.sure_from
        places = places_of(looks[0], numbers)
        doubted = max(self.sure_from, min((place.chance for place in places), default=0.0))
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


def views_of(picture: np.ndarray) -> list[np.ndarray]:
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


@torch.no_grad()
def columns_of(model: nn.Module, small: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """For each column the logarithm of how likely each sign is: (columns, 1 + signs)."""
    scores = model(as_lines([torch.from_numpy(small)]))[0].T / temperature
    return scores.log_softmax(1).double().numpy()
