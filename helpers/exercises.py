"""Checks for the exercises: they say whether an answer is right without giving it away."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


def number(expected: float, tolerance: float = 0.005) -> Callable[[float], bool]:
    """A check for a number, right to within a share of it."""
    return lambda answer: math.isclose(float(answer), expected, rel_tol=tolerance)


def agrees(answer: object, expected: Tensor) -> bool:
    """Whether a learner's result has the right shape and values."""
    result = torch.as_tensor(answer)
    return result.shape == expected.shape and torch.allclose(result.double(), expected.double())


def check_nearest(nearest: Callable) -> bool:
    torch.manual_seed(0)
    images, means = torch.rand(50, 784), torch.rand(10, 784)
    distances = (images[:, None] - means).abs().sum(2)
    return agrees(nearest(images, means), distances.argmin(1))


def check_undo(undo: Callable) -> bool:
    torch.manual_seed(0)
    pixels = torch.rand(3, 1, 28, 28)
    return torch.allclose(undo((pixels - 0.2) / 0.4, 0.2, 0.4), pixels, atol=1e-6)


def check_softmax(softmax: Callable) -> bool:
    scores = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1000.0, 0.0, 999.0]])
    return agrees(softmax(scores), F.softmax(scores, 1))


def check_accuracy(accuracy: Callable) -> bool:
    logits = torch.tensor([[0.1, 0.9], [2.0, 1.0], [-1.0, -3.0], [0.0, 5.0]])
    return math.isclose(float(accuracy(logits, torch.tensor([1, 0, 1, 1]))), 0.75)


def check_standard_error(standard_error: Callable) -> bool:
    return all(
        math.isclose(float(standard_error(p, n)), math.sqrt(p * (1 - p) / n), rel_tol=1e-6)
        for p, n in ((0.98, 10_000), (0.5, 100), (0.9, 257))
    )


def check_luck(answer: float) -> bool:
    return 0.30 <= float(answer) <= 0.45


def check_dead_units(dead_units: Callable) -> bool:
    activations = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]])
    return int(dead_units(activations)) == 2


def check_shift(shift: Callable) -> bool:
    torch.manual_seed(0)
    images = torch.rand(2, 1, 28, 28)
    right, left = shift(images, 3), shift(images, -5)
    moved = torch.allclose(right[..., 4:], images[..., 1:-3], atol=1e-4)
    return moved and torch.allclose(left[..., :-6], images[..., 5:-1], atol=1e-4)


CHECKS = {
    "1.1": (number(172.48), "a float32 takes four bytes, and a picture has 28 x 28 pixels"),
    "2.1": (check_nearest, "images[:, None] - means has the shape (images, 10, 784)"),
    "3.1": (check_undo, "turn the two steps round: first the one that was done last"),
    "3.2": (number(216), "how many images are left after all full batches?"),
    "4.1": (
        check_softmax,
        "divide each row by its sum; for large scores, first subtract the largest",
    ),
    "4.2": (number(49), "each pooling halves both the height and the width"),
    "5.1": (number(203_530, 0), "each layer has inputs x outputs weights, and a bias per output"),
    "6.1": (check_accuracy, "argmax(1) finds the answer of each row"),
    "7.1": (check_standard_error, "the square root of p (1 - p) / n"),
    "7.2": (number(78_400), "solve the formula of 7.1 for n, with p = 0.98 and an error of 0.0005"),
    "8.1": (check_luck, "the largest of twenty numbers that scatter by one standard error each"),
    "9.1": (check_dead_units, "a unit is dead if its largest activation over all digits is 0"),
    "10.1": (number(437_544, 0), "a float32 takes four bytes"),
    "11.1": (number(400, 0), "the box that a digit is fitted into has 20 rows and 20 columns"),
    "12.1": (number(18_432, 0), "each pair of a map in and a map out has a filter of its own"),
    "12.2": (number(100, 0), "go back from the value: 3 x 3 pooled ones, and what each has seen"),
    "12.3": (check_shift, "to move ink to the right, fetch each pixel from the left"),
}


def check(exercise: str, answer: object) -> None:
    """Say whether an answer is right; with none given yet, wait for it."""
    is_right, hint = CHECKS[exercise]
    if answer is ...:
        print(f"Exercise {exercise}: waiting for your answer.")
        return
    try:
        verdict = "right!" if is_right(answer) else f"not yet. A hint: {hint}."
    except Exception as error:  # whatever a learner's code may raise is part of the answer
        verdict = f"not yet; it stopped with {type(error).__name__}: {error}. A hint: {hint}."
    print(f"Exercise {exercise}: {verdict}")
