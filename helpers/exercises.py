"""Checks for the exercises: they say whether an answer is right without giving it away."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ROUGHLY = 0.005  # an answer may be off by so large a share, as some round and some don't
ROUNDING = 1e-6  # of a float32, as the order of operations may differ
NUDGED = 0.01  # of a slope, as it is measured over a distance
RESAMPLED = 1e-4  # of a float32 pixel, as grid_sample mixes in a trace of its neighbours

Answer = Any  # what a learner wrote, perhaps nonsense: the checks find out what it is


@dataclass(frozen=True)
class Exercise:
    """How an answer is judged, and what is said if it isn't right."""

    is_right: Callable[[Answer], bool]
    hint: str


def number(expected: float, tolerance: float = 0.0) -> Callable[[Answer], bool]:
    """A check for a number, right to within a share of it."""
    return lambda answer: math.isclose(float(answer), expected, rel_tol=tolerance)


def agrees(answer: Answer, expected: Tensor) -> bool:
    """Whether a learner's result has the right shape and values."""
    result = torch.as_tensor(answer)
    return result.shape == expected.shape and torch.allclose(result.double(), expected.double())


def pixels(*shape: int) -> Tensor:
    """Random numbers from 0 to 1, always the same; the learner's own stay as they are."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def check_nearest(nearest: Answer) -> bool:
    """2.1: of ten means, the number of the nearest to each picture, by absolute differences."""
    images, means = pixels(50, 784), pixels(60, 784)[50:]
    distances = (images[:, None] - means).abs().sum(2)
    return agrees(nearest(images, means), distances.argmin(1))


def check_undo(undo: Answer) -> bool:
    """3.1: normalised pixels become what they were."""
    before = pixels(3, 1, 28, 28)
    return torch.allclose(undo((before - 0.2) / 0.4, 0.2, 0.4), before, atol=ROUNDING)


def check_slope(slope_of: Answer) -> bool:
    """4.2: how steep a line, a valley and a curve are, downhill and uphill."""
    return all(
        math.isclose(float(slope_of(loss, weight)), slope, rel_tol=NUDGED)
        for loss, weight, slope in (
            (lambda weight: 3 * weight, 5.0, 3.0),
            (lambda weight: (weight - 3) ** 2, 0.0, -6.0),
            (lambda weight: weight**3, 2.0, 12.0),
        )
    )


def check_softmax(softmax: Answer) -> bool:
    """5.1: a row of probabilities for each row of scores, also where those are large or equal."""
    scores = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1000.0, 0.0, 999.0]])
    return agrees(softmax(scores), F.softmax(scores, 1))


def check_accuracy(accuracy: Answer) -> bool:
    """7.1: three of four rows have their largest score in the right place."""
    logits = torch.tensor([[0.1, 0.9], [2.0, 1.0], [-1.0, -3.0], [0.0, 5.0]])
    return math.isclose(float(accuracy(logits, torch.tensor([1, 0, 1, 1]))), 0.75)


def check_step(step: Answer) -> bool:
    """7.2: the same weights after two steps: one doesn't show whether old slopes are cleared."""
    images, labels = pixels(8, 4), torch.arange(8) % 3
    own, expected = (nn.utils.skip_init(nn.Linear, 4, 3) for _ in range(2))
    for model in (own, expected):
        model.load_state_dict({"weight": pixels(3, 4), "bias": pixels(3)})
    optimizer = torch.optim.SGD(own.parameters(), lr=0.5)
    for _ in range(2):
        loss = F.cross_entropy(expected(images), labels)
        slopes = torch.autograd.grad(loss, list(expected.parameters()))
        with torch.no_grad():
            for parameter, slope in zip(expected.parameters(), slopes, strict=True):
                parameter.sub_(0.5 * slope)
        if not agrees(step(own, images, labels, optimizer), loss):
            return False
    return torch.allclose(own.weight, expected.weight, atol=ROUNDING)


def check_standard_error(standard_error: Answer) -> bool:
    """8.1: the error of a share, for several shares and counts."""
    return all(
        math.isclose(float(standard_error(p, n)), math.sqrt(p * (1 - p) / n), rel_tol=ROUNDING)
        for p, n in ((0.98, 10_000), (0.5, 100), (0.9, 257))
    )


def check_luck(answer: Answer) -> bool:
    """9.1: percentage points; it is 0.37 on average, and a short simulation scatters around it."""
    return 0.30 <= float(answer) <= 0.45


def check_dead_units(dead_units: Answer) -> bool:
    """10.1: two of four units are 0 for both digits."""
    activations = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]])
    return int(dead_units(activations)) == 2


def check_shift(shift: Answer) -> bool:
    """12.3: pixels move to the right by three, and to the left by five; edges don't count."""
    images = pixels(2, 1, 28, 28)
    right, left = shift(images, 3), shift(images, -5)
    moved = torch.allclose(right[..., 4:], images[..., 1:-3], atol=RESAMPLED)
    return moved and torch.allclose(left[..., :-6], images[..., 5:-1], atol=RESAMPLED)


CHECKS = {
    "1.1": Exercise(
        number(172.48, ROUGHLY), "a float32 takes four bytes, and a picture has 28 x 28 pixels"
    ),
    "2.1": Exercise(check_nearest, "images[:, None] - means has the shape (images, 10, 784)"),
    "3.1": Exercise(check_undo, "turn the two steps round: first the one that was done last"),
    "3.2": Exercise(number(216), "how many images are left after all full batches?"),
    "4.1": Exercise(
        number(1.5), "against the slope: the old weight minus the rate times the slope"
    ),
    "4.2": Exercise(
        check_slope, "the difference of two losses, divided by the distance between their weights"
    ),
    "5.1": Exercise(
        check_softmax, "divide each row by its sum; for large scores, first subtract the largest"
    ),
    "5.2": Exercise(number(49), "each pooling halves both the height and the width"),
    "6.1": Exercise(
        number(203_530), "each layer has inputs x outputs weights, and a bias per output"
    ),
    "7.1": Exercise(check_accuracy, "argmax(1) finds the answer of each row"),
    "7.2": Exercise(check_step, "how wrong is it, forget the old slopes, find the new ones, step"),
    "8.1": Exercise(check_standard_error, "the square root of p (1 - p) / n"),
    "8.2": Exercise(
        number(78_400, ROUGHLY),
        "solve the formula of 8.1 for n, with p = 0.98 and an error of 0.0005",
    ),
    "9.1": Exercise(
        check_luck, "the largest of twenty numbers that scatter by one standard error each"
    ),
    "10.1": Exercise(
        check_dead_units, "a unit is dead if its largest activation over all digits is 0"
    ),
    "11.1": Exercise(number(437_544), "a float32 takes four bytes"),
    "12.1": Exercise(number(18_432), "each pair of a map in and a map out has a filter of its own"),
    "12.2": Exercise(
        number(100), "go back from the value: 3 x 3 pooled ones, and what each has seen"
    ),
    "12.3": Exercise(check_shift, "to move ink to the right, fetch each pixel from the left"),
    "13.1": Exercise(number(400), "the box that a digit is fitted into has 20 rows and 20 columns"),
    "13.2": Exercise(
        number(0.985**30, ROUGHLY), "all thirty must be right, the first *and* the second *and* ..."
    ),
}


def check(exercise: str, answer: Answer) -> None:
    """Say whether an answer is right; with none given yet, wait for it."""
    asked = CHECKS[exercise]
    if answer is ...:
        print(f"Exercise {exercise}: waiting for your answer.")
        return
    try:
        verdict = "right!" if asked.is_right(answer) else f"not yet. A hint: {asked.hint}."
    except Exception as error:  # whatever a learner's code may raise is part of the answer
        what = f"{type(error).__name__}: {error}"
        verdict = f"not yet; it stopped with {what}. A hint: {asked.hint}."
    print(f"Exercise {exercise}: {verdict}")
