"""A network that reads framed digits, and how sure it may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from helpers import checkpoints
from helpers.checkpoints import Checkpoint, CheckpointError
from helpers.models import CLASSES, SIDE
from helpers.reading.digit import Steps
from helpers.transforms import Normalize, scaled

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
AT_ONCE = 256  # framed digits in one batch: more would take more memory and no less time
PLACES = 4  # of probabilities for programs: a hundredth of a percent, finer than they are right
CLEARLY = 0.2  # how much surer than of the likeliest way to see a picture one must be of another:
# found by trying, on synthetic photographs of validation digits


@dataclass(frozen=True)
class Reading:
    """What the network makes of one digit."""

    probabilities: list[float]
    unsure: bool

    @property
    def digit(self) -> int:
        """The likeliest one."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """How likely that one is."""
        return max(self.probabilities)

    @property
    def short(self) -> str:
        """The digit alone, with a question mark if it is only a guess."""
        return f"{self.digit}{'?' * self.unsure}"

    def brief(self) -> dict:
        """What matters most, as plain values."""
        return {
            "digit": self.digit,
            "confidence": rounded(self.confidence),
            "unsure": self.unsure,
        }

    def as_dict(self) -> dict:
        """All of it as plain values, ready for JSON."""
        probabilities = [rounded(value) for value in self.probabilities]
        return self.brief() | {"probabilities": probabilities}

    def __str__(self) -> str:
        order = sorted(range(10), key=self.probabilities.__getitem__, reverse=True)
        first, second = ((digit, self.probabilities[digit]) for digit in order[:2])
        if self.unsure:
            one, other = (f"{digit} ({percent(chance, 0)})" for digit, chance in (first, second))
            return f"not sure, perhaps {one} or {other}"
        return f"{first[0]} ({percent(first[1])})"


def rounded(probability: float) -> float:
    """A probability for programs; never a certainty."""
    return min(round(probability, PLACES), 1 - 10**-PLACES)


def percent(probability: float, places: int = 1) -> str:
    """A probability for people; never a certainty."""
    return f"{min(100 * probability, 100 - 10**-places):.{places}f} %"


class DigitReader:
    """A loaded network, its calibration, and the confidence from which it counts as sure."""

    def __init__(self, checkpoint: Checkpoint):
        self.model = checkpoint.model
        self.normalize = Normalize(checkpoint.mean, checkpoint.std)
        self.temperature, self.sure_from = checkpoint.temperature, checkpoint.sure_from

    @classmethod
    def load(cls, path: str | Path) -> "DigitReader":
        """The reader in a checkpoint file, tried once so that surprises come here."""
        checkpoint = checkpoints.load(path)
        if checkpoint.classes != CLASSES:
            raise CheckpointError(f"{path}: its network does not read the digits 0 to 9.")
        reader = cls(checkpoint)
        try:
            chances = reader.probabilities(np.zeros((1, SIDE, SIDE), np.uint8))
        except (RuntimeError, ValueError, IndexError) as error:
            raise CheckpointError(
                f"{path}: its network does not read pictures of 28 x 28."
            ) from error
        if chances.shape != (1, len(CLASSES)) or not chances.isfinite().all():
            raise CheckpointError(f"{path}: its network does not give ten probabilities.")
        return reader

    @torch.no_grad()
    def probabilities(self, framed: np.ndarray) -> torch.Tensor:
        """For each framed digit (count, 28, 28) how likely it is each of the ten: (count, 10)."""
        images = torch.from_numpy(framed).reshape(-1, 1, SIDE, SIDE)
        parts = [self.model(self.normalize(scaled(part))) for part in images.split(AT_ONCE)]
        return (torch.cat(parts) / self.temperature).softmax(1)

    def read(self, framed: Sequence[np.ndarray]) -> list[Reading]:
        """What each framed digit, (28, 28) bytes, says."""
        if not len(framed):
            return []
        chances = self.probabilities(np.stack(framed)).tolist()
        return [Reading(each, max(each) < self.sure_from) for each in chances]

    def read_pictures(self, pictures: Sequence[Iterable[Steps]]) -> list[tuple[Steps, Reading]]:
        """One reading a picture; of several ways to see it, one that it is clearly surer of.

        Only where the first leaves room for that are the others looked at.
        """
        ways = [iter(each) for each in pictures]
        firsts = self.read_steps([next(each) for each in ways])
        return [self.surest(*each) for each in zip(firsts, ways, strict=True)]

    def read_steps(self, ways: Sequence[Steps]) -> list[tuple[Steps, Reading]]:
        """Ways to see pictures, and what each says."""
        return list(zip(ways, self.read([steps.framed for steps in ways]), strict=True))

    def surest(self, first: tuple[Steps, Reading], rest: Iterable[Steps]) -> tuple[Steps, Reading]:
        """The likeliest way to see a picture, or of the rest the one that is clearly surer."""
        enough = first[1].confidence + CLEARLY
        others = self.read_steps(list(rest)) if enough < 1 else []
        best = max(others, key=lambda each: each[1].confidence, default=first)
        return best if best[1].confidence > enough else first
