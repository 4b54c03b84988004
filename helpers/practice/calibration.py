"""How far a network may trust itself: confidences made right, and a limit for "not sure"."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.data import Digits, DigitSet, batches
from helpers.practice.sets import practice_set
from helpers.training import predict
from helpers.transforms import Normalize

PICTURES = 4000  # synthetic photographs of validation digits, and of what is no digit
REFUSED = 0.042  # of photographed digits: at most so many may be called unsure
CAUGHT = 0.97  # of what is no digit: more need not be


def calibrate(model: nn.Module, digits: Digits, seed: int) -> tuple[dict, dict]:
    """What a checkpoint should know to be trusted, and how well that works, on validation."""
    look = Normalize(digits.mean, digits.std)
    clean = digits.validation
    pictures, shown = practice_set(clean.images[:, 0], clean.labels, PICTURES, seed + 1)
    photos = DigitSet(pictures[:, None], shown, look)
    logits, labels = predict(model, batches(clean.with_transform(look), 1000))
    photo_logits, shown = predict(model, batches(photos, 1000))
    known = shown >= 0
    answered = torch.cat([logits, photo_logits[known]])
    temperature = best_temperature(answered, torch.cat([labels, shown[known]]))
    sureness = confidence(photo_logits, temperature)
    sure_from = limit(sureness[known], sureness[~known])
    sure = sureness >= sure_from
    right = photo_logits.argmax(1) == shown
    found = {
        "photo_accuracy": share(right[known]),
        "refused_digits": share(~sure[known]),
        "refused_others": share(~sure[~known]),
        "calibration_error": calibration_error(logits / temperature, labels),
    }
    return {"temperature": temperature, "sure_from": sure_from}, found


def share(yes: Tensor) -> float:
    """How many are true, from 0 to 1."""
    return round(yes.double().mean().item(), 4)


def confidence(logits: Tensor, temperature: float) -> Tensor:
    """The probability of the likeliest digit."""
    return (logits / temperature).softmax(1).amax(1)


def best_temperature(logits: Tensor, labels: Tensor) -> float:
    """What to divide scores by, so that the right answers are as likely as can be."""
    choices = torch.logspace(-1, 1, 401)
    losses = torch.stack([F.cross_entropy(logits / each, labels) for each in choices])
    return choices[losses.argmin()].item()


def limit(digits: Tensor, others: Tensor) -> float:
    """The confidence below which to be unsure: it catches most that is no digit, and few digits."""
    return min(torch.quantile(digits, REFUSED).item(), torch.quantile(others, CAUGHT).item())


def calibration_error(logits: Tensor, labels: Tensor, bins: int = 15) -> float:
    """The mean distance between confidence and accuracy, over groups of like confidence."""
    sure, answers = logits.softmax(1).max(1)
    right = (answers == labels).double()
    group = (sure * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add_(0, group, right - sure.double())
    return round((gaps.abs().sum() / len(labels)).item(), 4)
