"""The checks of the exercises: right answers are, no wrong one is, and no answer crashes them."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import exercises


@pytest.fixture
def verdict(capsys: pytest.CaptureFixture) -> Callable[[str, object], str]:
    """What is said of an answer."""

    def said(exercise: str, answer: object) -> str:
        exercises.check(exercise, answer)
        return capsys.readouterr().out

    return said


def moved(images: Tensor, right: float) -> Tensor:
    """Pictures moved to the right by so many pixels, by PyTorch's own means."""
    matrix = torch.tensor([[1.0, 0, -2 * right / 28], [0, 1, 0]])
    places = F.affine_grid(matrix.expand(len(images), 2, 3), images.shape, align_corners=False)
    return F.grid_sample(images, places, align_corners=False)


def learned_step(
    model: nn.Module, images: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer
) -> Tensor:
    """The four lines, in another order that does the same."""
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss


def forgetful_step(
    model: nn.Module, images: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer
) -> Tensor:
    """The four lines but one: old slopes are never cleared."""
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss


RIGHT = [
    ("1.1", 172.48),
    ("1.1", 172),
    ("1.1", torch.tensor(173)),
    ("2.1", lambda images, means: torch.cdist(images, means, p=1).argmin(1)),
    ("2.1", lambda images, means: torch.cdist(images, means, p=1).argmin(1).tolist()),
    ("3.1", lambda pixels, mean, std: std * pixels + mean),
    ("3.1", lambda pixels, mean, std: pixels.view(len(pixels), 1, 28, 28) * std + mean),
    ("3.2", 216),
    ("4.1", 1.5),
    ("4.2", lambda loss, weight: (loss(weight + 0.001) - loss(weight)) / 0.001),
    ("5.1", lambda scores: scores.softmax(1)),
    ("5.2", 49),
    ("6.1", 203_530),
    ("7.1", lambda logits, labels: (logits.argmax(1) == labels).float().mean()),
    ("7.2", learned_step),
    ("8.1", lambda accuracy, count: math.sqrt(accuracy * (1 - accuracy) / count)),
    ("8.2", 78_400),
    ("8.2", 0.98 * 0.02 / 0.0005**2),
    ("8.2", 78_500),
    ("9.1", 0.3),
    ("9.1", torch.tensor(0.37)),
    ("9.1", 0.45),
    ("10.1", lambda activations: (activations.amax(0) <= 0).sum()),
    ("11.1", 437_544),
    ("13.1", 400),
    ("13.2", 0.6355),
    ("12.1", 18_432),
    ("12.2", 100),
    ("12.3", moved),
    ("12.3", lambda images, right: moved(images.view(len(images), 1, 28, 28), right)),
]


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answer_is_right(
    verdict: Callable[[str, object], str], exercise: str, answer: object
) -> None:
    assert verdict(exercise, answer) == f"Exercise {exercise}: right!\n"


def test_each_exercise_has_a_right_answer() -> None:
    assert {exercise for exercise, _ in RIGHT} == set(exercises.CHECKS)


@pytest.mark.parametrize("exercise", exercises.CHECKS)
def test_unanswered_exercise_waits(verdict: Callable[[str, object], str], exercise: str) -> None:
    assert verdict(exercise, ...) == f"Exercise {exercise}: waiting for your answer.\n"


@pytest.mark.parametrize("exercise", exercises.CHECKS)
@pytest.mark.parametrize("answer", [0, None, "seven", -1.5, lambda *_: 0, lambda *_: None])
def test_wrong_answer_gets_a_hint(
    verdict: Callable[[str, object], str], exercise: str, answer: object
) -> None:
    said = verdict(exercise, answer)
    assert said.startswith(f"Exercise {exercise}: not yet")
    assert said.endswith(f"A hint: {exercises.CHECKS[exercise].hint}.\n")
    assert said.count("\n") == 1


def test_hints_are_in_words() -> None:
    assert all(len(exercise.hint.split()) > 4 for exercise in exercises.CHECKS.values())


def test_error_in_an_answer_is_told(verdict: Callable[[str, object], str]) -> None:
    def stumble(*_: object) -> None:
        raise LookupError("no such row")

    assert "it stopped with LookupError: no such row." in verdict("7.1", stumble)


@pytest.mark.parametrize(
    ("exercise", "tempting"),
    [
        ("1.1", 55_000 * 28 * 28 / 1e6),
        ("1.1", 171),
        ("1.1", 174),
        ("2.1", lambda images, means: torch.cdist(images, means).argmin(1)),
        ("2.1", lambda images, means: torch.cdist(images, means, p=1).argmax(1)),
        ("2.1", lambda images, means: torch.cdist(images, means, p=1).min(1).values),
        ("2.1", lambda images, means: torch.cdist(images, means, p=1).argmin(1)[:, None]),
        ("2.1", lambda images, means: torch.cdist(images, means, p=1)[:1].argmin(1)),
        ("3.1", lambda pixels, mean, std: (pixels + mean) * std),
        ("3.1", lambda pixels, mean, std: pixels * mean + std),
        ("3.1", lambda pixels, _mean, _std: pixels),
        ("3.2", 256),
        ("3.2", 215),
        ("3.2", 217),
        ("4.1", -6 * 0.25),
        ("4.2", lambda loss, weight: loss(weight + 0.001) - loss(weight)),
        ("4.2", lambda loss, weight: (loss(weight) - loss(weight + 0.001)) / 0.001),
        ("7.2", forgetful_step),
        ("5.1", lambda scores: scores.exp() / scores.exp().sum(1, keepdim=True)),
        ("5.1", lambda scores: torch.softmax(scores, 0)),
        ("5.1", lambda scores: (scores - scores.amax(1, keepdim=True)).exp()),
        ("5.1", lambda scores: torch.softmax(scores, 1)[0]),
        ("5.2", 50),
        ("6.1", 784 * 256 + 256 * 10),
        ("6.1", 203_531),
        ("7.1", lambda logits, labels: (logits.argmax(1) == labels).sum()),
        ("7.1", lambda _logits, _labels: 0.5),
        ("7.1", lambda logits, labels: (logits.argmin(1) == labels).double().mean()),
        ("8.1", lambda accuracy, count: accuracy * (1 - accuracy) / count),
        ("8.1", lambda accuracy, count: math.sqrt(accuracy / count)),
        ("8.1", lambda _accuracy, count: 0.5 / math.sqrt(count)),
        ("8.1", lambda accuracy, _count: math.sqrt(accuracy * (1 - accuracy)) / 10),
        ("8.2", 77_000),
        ("8.2", 79_000),
        ("9.1", 0.29),
        ("9.1", 0.46),
        ("10.1", lambda activations: int((activations == 0).sum())),
        ("10.1", lambda _activations: 3),
        ("11.1", 109_386),
        ("11.1", 437_545),
        ("13.1", 28 * 28),
        ("13.2", 0.6355),
        ("12.1", 32 * 64 * 3 * 3 + 64),
        ("12.2", 7 * 7),
        ("12.3", lambda images, right: images.roll(-right, 3)),
        ("12.3", lambda images, right: images.roll(right, 2)),
        ("12.3", lambda images, _right: images.roll(3, 3)),
        ("12.3", lambda images, _right: images.roll(-5, 3)),
    ],
)
def test_tempting_mistake_is_not_right(
    verdict: Callable[[str, object], str], exercise: str, tempting: object
) -> None:
    assert "not yet" in verdict(exercise, tempting)


def test_checking_leaves_the_learners_randomness_alone(
    verdict: Callable[[str, object], str],
) -> None:
    before = torch.get_rng_state()
    for exercise, answer in RIGHT:
        verdict(exercise, answer)
    assert torch.equal(torch.get_rng_state(), before)
