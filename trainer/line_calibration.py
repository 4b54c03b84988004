"""Calibration of a line network: its temperature, and its limit for "not sure".

Both are found on lines written with validation digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import nn

from handreader.ctc import consensus_text, mean_log_likelihood
from handreader.lines import augmented_views, columns_of
from handreader.networks import Network
from trainer.line_network import line_scores
from trainer.line_set import BLANK, Lines, LineSet

TEMPERATURES = np.geomspace(0.5, 4, 25)  # that are tried: each 9 % above the last
RIGHT_IF_SURE = 0.99  # share of sure lines to be right: stricter than the 98 % wanted on real ones
SUREST = 0.999  # the highest limit: no line needs more confidence


def calibrate_lines(model: nn.Module, lines: Lines) -> tuple[dict[str, float], dict[str, float]]:
    """Fit temperature and limit on the validation lines.

    Return the settings for a checkpoint, `temperature` and `sure_from`, and measurements of how
    well they work on the same lines.
    """
    read = readings(model, lines.validation)
    temperature = best_temperature(read)
    chances = np.array([each.chance(temperature) for each in read])
    right = np.array([each.is_right for each in read])
    sure_from = best_sure_from(chances, right)
    sure = chances >= sure_from
    found = {
        "unsure_lines": round(float(np.mean(~sure)), 4),
        "sure_and_right": round(float(right[sure].mean()), 4) if sure.any() else 0.0,
    }
    return {"temperature": temperature, "sure_from": sure_from}, found


@dataclass(frozen=True)
class LineRead:
    """A network's reading of one line: its log-probabilities, the text, and whether it is right."""

    looks: Sequence[np.ndarray]  # one for each view: log-probabilities, (columns, 1 + signs)
    signs: tuple[int, ...]
    is_right: bool

    def chance(self, temperature: float) -> float:
        """Return the probability of the text, with the scores divided by a temperature."""
        looks = [cooled(look, temperature) for look in self.looks]
        return float(np.exp(mean_log_likelihood(looks, self.signs)))


def cooled(chances: np.ndarray, temperature: float) -> np.ndarray:
    """Return log-probabilities, (columns, 1 + signs), less certain for a temperature above 1."""
    cooler = chances / temperature
    return cooler - np.logaddexp.reduce(cooler, axis=1, keepdims=True)


def readings(model: nn.Module, lines: LineSet) -> list[LineRead]:
    """Read each line as the reader does: alone, in evaluation mode, with test-time augmentation."""
    was_training, read = model.training, []
    model.eval()
    network = Network(line_scores(model))
    for picture, label in zip(lines.pictures, lines.labels.tolist(), strict=True):
        looks = [columns_of(network, view) for view in augmented_views(picture.numpy())]
        signs = consensus_text(looks)
        right = list(signs) == [each for each in label if each > BLANK]
        read.append(LineRead(looks, signs, right))
    model.train(was_training)
    return read


def best_temperature(read: Sequence[LineRead]) -> float:
    """Return the temperature that minimises the log loss of confidences (Guo et al., 2017)."""
    right = np.array([each.is_right for each in read])
    losses = []
    for temperature in TEMPERATURES:
        chances = np.array([each.chance(temperature) for each in read]).clip(1e-6, 1 - 1e-6)
        losses.append(-np.log(np.where(right, chances, 1 - chances)).mean())
    return float(TEMPERATURES[int(np.argmin(losses))])


def best_sure_from(chances: np.ndarray, right: np.ndarray) -> float:
    """Return the lowest confidence above which at least RIGHT_IF_SURE of the lines are right.

    It is never above SUREST.
    """
    order = np.argsort(-chances)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= RIGHT_IF_SURE)
    return min(float(chances[order[enough[-1]]]), SUREST) if len(enough) else SUREST
