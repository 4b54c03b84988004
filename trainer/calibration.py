"""Calibration of a digit network: its temperature, and its limit for "not sure"."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.data import Digits, DigitSet, batches
from helpers.training import predict
from helpers.transforms import Normalize
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
    chances = likeliest(photo_logits, temperature)
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


def likeliest(logits: Tensor, temperature: float) -> Tensor:
    """Return the probability of the likeliest digit, (count,), from logits, (count, 10)."""
    return (logits / temperature).softmax(1).amax(1)


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
