"""How far a network may trust itself: confidences made right, and a limit for "not sure"."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.data import Digits, DigitSet, batches
from helpers.training import predict
from helpers.transforms import Normalize
from trainer.sets import PROCESSES, Workers, practice_set

PICTURES = 4000  # synthetic photographs of validation digits: a share of 1 % is then 40 of them
CALIBRATION_BATCH = 1000  # pictures that a network reads; more would only take more memory

# By trying: so both networks refuse under 3 % of the digits in `benchmarks photographs`, and over
# 90 % of what is none.
REFUSED = 0.042  # of photographed digits: at most so many may be called unsure
CAUGHT = 0.97  # of what is no digit: more need not be

COLDEST, HOTTEST = -1, 1  # exponents of the temperatures tried: from 0.1 to 10
TEMPERATURES = 401  # of them, each 1.2 % above the last
BINS = 15  # of like confidence, as in Guo et al.


def calibrate(
    model: nn.Module,
    digits: Digits,
    seed: int,
    pictures: int = PICTURES,
    workers: Workers = PROCESSES,
) -> tuple[dict[str, float], dict[str, float]]:
    """What a checkpoint should know to be trusted, and how well that works, on validation."""
    look, clean = Normalize(digits.mean, digits.std), digits.validation
    sources = clean.images[:, 0], clean.labels
    taken, shown = practice_set(*sources, pictures, seed + 1, workers)  # others than in training
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
    """How many are true, from 0 to 1."""
    return round(yes.double().mean().item(), 4)


def likeliest(logits: Tensor, temperature: float) -> Tensor:
    """The probability of the likeliest digit, (count,), from scores, (count, 10)."""
    return (logits / temperature).softmax(1).amax(1)


def best_temperature(logits: Tensor, labels: Tensor) -> float:
    """What to divide scores by, so that the right answers are as likely as can be.

    That is temperature scaling: C. Guo et al., On calibration of modern neural networks, 2017.
    """
    choices = torch.logspace(COLDEST, HOTTEST, TEMPERATURES)
    losses = torch.stack([F.cross_entropy(logits / each, labels) for each in choices])
    return choices[losses.argmin()].item()


def best_sure_from(digits: Tensor, others: Tensor) -> float:
    """The confidence below which to be unsure: it catches most that is no digit, and few digits."""
    return min(torch.quantile(digits, REFUSED).item(), torch.quantile(others, CAUGHT).item())


def calibration_error(logits: Tensor, labels: Tensor) -> float:
    """The mean distance between confidence and accuracy, over groups of like confidence.

    That is the expected calibration error (M. P. Naeini et al., 2015; also in Guo et al.).
    """
    sure, answers = logits.softmax(1).max(1)
    right = (answers == labels).double()
    group = (sure * BINS).long().clamp(max=BINS - 1)
    gaps = torch.zeros(BINS, dtype=torch.float64).index_add_(0, group, right - sure.double())
    return round((gaps.abs().sum() / len(labels)).item(), 4)
