"""Calibration of networks for digits and lines: a temperature, and a limit for "not sure"."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handreader.ctc import consensus_text, mean_log_likelihood
from handreader.lines import augmented_views, columns_of
from handreader.networks import Network
from helpers.data import Digits, DigitSet, batches
from helpers.training import predict
from helpers.transforms import Normalize
from trainer.line_network import line_scores
from trainer.line_set import BLANK, Lines, LineSet
from trainer.sets import PROCESSES, Workers, practice_set

PICTURES = 4000  # synthetic photographs of validation digits, so that 1 % is 40 of them
CALIBRATION_BATCH = 1000  # pictures read at a time; more would only take more memory

# Found by trying: with these, both networks refuse less than 3 % of the digits in `benchmarks
# photographs`, and more than 90 % of the pictures that show no digit.
REFUSED = 0.042  # largest share of photographed digits that may count as unsure
CAUGHT = 0.97  # share of non-digits to count as unsure: more isn't needed

COLDEST, HOTTEST = -1, 1  # powers of ten: temperatures from 0.1 to 10 are tried
TEMPERATURES = 401  # number of them, each 1.2 % above the last
BINS = 15  # of similar confidence, as many as in Guo et al.

# The same for lines.
LINE_TEMPERATURES = np.geomspace(0.5, 4, 25)  # that are tried: each 9 % above the last
RIGHT_IF_SURE = 0.99  # share of sure lines to be right: stricter than the 98 % wanted on real ones
SUREST = 0.999  # the highest limit: no line needs more confidence


def calibrate(
    model: nn.Module,
    digits: Digits,
    seed: int,
    pictures: int = PICTURES,
    workers: Workers = PROCESSES,
) -> tuple[dict[str, float], dict[str, float]]:
    """Fit temperature and limit on the validation digits, as they are and photographed.

    Return the settings for a checkpoint, `temperature` and `sure_from`, and measurements of how
    well they work on the same pictures.
    """
    look, clean = Normalize(digits.mean, digits.std), digits.validation
    sources = clean.images[:, 0], clean.labels
    taken, shown = practice_set(*sources, pictures, seed + 1, workers)  # not training's seed
    photographs = DigitSet(taken[:, None], shown, look)
    logits, labels = predict(model, batches(clean.with_transform(look), CALIBRATION_BATCH))
    photo_logits, shown = predict(model, batches(photographs, CALIBRATION_BATCH))
    known = shown >= 0
    answered = torch.cat([logits, photo_logits[known]])
    temperature = best_temperature(answered, torch.cat([labels, shown[known]]))
    chances = (photo_logits / temperature).softmax(1).amax(1)  # of the likeliest digit
    sure_from = best_sure_from(chances[known], chances[~known])
    unsure = chances < sure_from
    found = {
        "photo_accuracy": fraction((photo_logits.argmax(1) == shown)[known]),
        "refused_digits": fraction(unsure[known]),
        "refused_others": fraction(unsure[~known]),
        "calibration_error": calibration_error(logits / temperature, labels),
    }
    return {"temperature": temperature, "sure_from": sure_from}, found


def fraction(yes: Tensor) -> float:
    """Return the share of values that are true, from 0 to 1, to four decimals."""
    return round(yes.double().mean().item(), 4)


def best_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature that minimises the cross-entropy of logits, (count, 10).

    This is temperature scaling (C. Guo et al., On calibration of modern neural networks, 2017).
    """
    choices = torch.logspace(COLDEST, HOTTEST, TEMPERATURES)
    losses = torch.stack([F.cross_entropy(logits / each, labels) for each in choices])
    return choices[losses.argmin()].item()


def best_sure_from(digits: Tensor, others: Tensor) -> float:
    """Return the confidence below which an answer counts as unsure.

    It is the highest limit that refuses at most REFUSED of the digits and, as more isn't needed,
    at most CAUGHT of the other pictures.
    """
    return min(torch.quantile(digits, REFUSED).item(), torch.quantile(others, CAUGHT).item())


def calibration_error(logits: Tensor, labels: Tensor) -> float:
    """Return the mean distance between confidence and accuracy, over bins of similar confidence.

    This is the expected calibration error (M. P. Naeini et al., 2015; also in Guo et al.).
    """
    sure, answers = logits.softmax(1).max(1)
    right = (answers == labels).double()
    group = (sure * BINS).long().clamp(max=BINS - 1)
    gaps = torch.zeros(BINS, dtype=torch.float64).index_add_(0, group, right - sure.double())
    return round((gaps.abs().sum() / len(labels)).item(), 4)


def calibrate_lines(model: nn.Module, lines: Lines) -> tuple[dict[str, float], dict[str, float]]:
    """Fit temperature and limit on the validation lines, and return what `calibrate` does."""
    read = readings(model, lines.validation)
    temperature = best_line_temperature(read)
    chances = np.array([each.chance(temperature) for each in read])
    right = np.array([each.is_right for each in read])
    sure_from = best_line_sure_from(chances, right)
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
        cooled = [look / temperature for look in self.looks]
        looks = [each - np.logaddexp.reduce(each, axis=1, keepdims=True) for each in cooled]
        return float(np.exp(mean_log_likelihood(looks, self.signs)))


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


def best_line_temperature(read: Sequence[LineRead]) -> float:
    """Return the temperature that minimises the log loss of confidences (Guo et al., 2017)."""
    right = np.array([each.is_right for each in read])
    losses = []
    for temperature in LINE_TEMPERATURES:
        chances = np.array([each.chance(temperature) for each in read]).clip(1e-6, 1 - 1e-6)
        losses.append(-np.log(np.where(right, chances, 1 - chances)).mean())
    return float(LINE_TEMPERATURES[int(np.argmin(losses))])


def best_line_sure_from(chances: np.ndarray, right: np.ndarray) -> float:
    """Return the lowest confidence above which at least RIGHT_IF_SURE of the lines are right.

    It is never above SUREST.
    """
    order = np.argsort(-chances)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= RIGHT_IF_SURE)
    return min(float(chances[order[enough[-1]]]), SUREST) if len(enough) else SUREST
