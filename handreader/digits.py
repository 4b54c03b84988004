"""Read one digit with a network, and decide when its answer counts as unsure."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from handreader import networks
from handreader.framing import CLASSES, SIDE
from handreader.ink.strokes import Steps
from handreader.networks import WEIGHTS, Network, Scores
from handreader.results import Reading

DIGIT_WEIGHTS = WEIGHTS / "digits.onnx"
AT_ONCE = 256  # framed digits in one batch: more would take more memory and save no time
CLEARLY = 0.2  # how much more confidence another segmentation needs to replace the likeliest one:
# found by trying, on synthetic photographs of validation digits


class DigitReader:
    """A reader of framed digits: by the shipped network, one in a file, or any callable.

    >>> DigitReader().read([np.zeros((28, 28), np.uint8)])[0].unsure
    True
    """

    def __init__(self, network: Network | Scores | str | Path = DIGIT_WEIGHTS):
        blank = np.zeros((1, SIDE, SIDE), np.uint8)
        self.network = networks.prepare(network, CLASSES, blank, (1, len(CLASSES)))

    def probabilities(self, framed: np.ndarray) -> np.ndarray:
        """Return the probability of each class, (N, 10), for framed digits (N, 28, 28)."""
        parts = [framed[start : start + AT_ONCE] for start in range(0, len(framed), AT_ONCE)]
        return np.exp(np.concatenate([self.network.log_probabilities(part) for part in parts]))

    def read(self, framed: Sequence[np.ndarray] | np.ndarray) -> list[Reading]:
        """Return the reading of each framed digit: uint8, (28, 28), ink 255 on 0."""
        if not len(framed):
            return []
        stacked = np.stack(list(framed))
        if stacked.dtype != np.uint8 or stacked.shape[1:] != (SIDE, SIDE):
            raise ValueError("Framed digits are uint8 arrays (28, 28): `ways_to_see` makes them.")
        chances = self.probabilities(stacked).tolist()
        return [Reading(each, max(each) < self.network.sure_from) for each in chances]

    def read_pictures(self, pictures: Sequence[Iterable[Steps]]) -> list[tuple[Steps, Reading]]:
        """Return one reading per picture, with the segmentation that it was read from.

        That is the likeliest segmentation, unless another one is clearly more confident. The others
        are computed only if the first leaves room for that.
        """
        ways = [iter(each) for each in pictures]
        firsts = self.read_steps([next(each) for each in ways])
        return [self.surest(*each) for each in zip(firsts, ways, strict=True)]

    def read_steps(self, ways: Sequence[Steps]) -> list[tuple[Steps, Reading]]:
        """Pair each segmentation with its reading."""
        return list(zip(ways, self.read([steps.framed for steps in ways]), strict=True))

    def surest(self, first: tuple[Steps, Reading], rest: Iterable[Steps]) -> tuple[Steps, Reading]:
        """Return the first segmentation, or the best of the rest if clearly more confident."""
        enough = first[1].confidence + CLEARLY
        others = self.read_steps(list(rest)) if enough < 1 else []
        best = max(others, key=lambda each: each[1].confidence, default=first)
        return best if best[1].confidence > enough else first
