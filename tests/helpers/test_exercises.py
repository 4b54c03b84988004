"""The checks of the exercises: right answers are, no wrong one is, and no answer crashes them."""

import math
from collections.abc import Callable
from contextlib import suppress

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import exercises
from helpers.exercises import CHECKS

Verdict = Callable[[str, object], str]


@pytest.fixture
def verdict(capsys: pytest.CaptureFixture) -> Verdict:
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


def slopes_by_backward(scores: Tensor, label: Tensor) -> Tensor:
    """The slopes of the loss for the scores, as PyTorch finds them."""
    leaves = scores.clone().requires_grad_()
    F.cross_entropy(leaves, label).backward()
    assert leaves.grad is not None
    return leaves.grad


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
    ("5.2", slopes_by_backward),
    ("6.1", 203_530),
    ("7.1", learned_step),
    ("7.2", lambda logits, labels: (logits.argmax(1) == labels).float().mean()),
    ("8.1", lambda accuracy, count: math.sqrt(accuracy * (1 - accuracy) / count)),
    ("8.2", 78_400),
    ("8.2", 0.98 * 0.02 / 0.0005**2),
    ("8.2", 78_500),
    ("9.1", 0.346),
    ("9.1", torch.tensor(0.37)),
    ("9.1", 0.375),
    ("10.1", lambda activations: (activations.amax(0) <= 0).sum()),
    ("11.1", 437_544),
    ("13.1", 400),
    ("13.2", 0.6355),
    ("13.2", 0.635),
    ("13.2", 0.64),
    ("12.1", 18_432),
    ("12.2", 100),
    ("12.3", moved),
    ("12.3", lambda images, right: moved(images.view(len(images), 1, 28, 28), right)),
]


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answer_is_right(verdict: Verdict, exercise: str, answer: object) -> None:
    assert verdict(exercise, answer) == f"Exercise {exercise}: right!\n"


def test_each_exercise_has_a_right_answer() -> None:
    assert {exercise for exercise, _ in RIGHT} == set(exercises.CHECKS)


def test_unanswered_exercise_waits_and_an_unknown_number_is_told_the_known(
    verdict: Verdict,
) -> None:
    assert verdict("1.1", ...) == "Exercise 1.1: waiting for your answer.\n"
    assert verdict("9.9", 1) == f"There is no exercise 9.9: choose one of {', '.join(CHECKS)}.\n"


@pytest.mark.parametrize("exercise", CHECKS)
@pytest.mark.parametrize(
    "answer", [-2.25, None, "seven", [[1], [2, 3]], lambda *_: -2.25, lambda *_: None]
)
def test_wrong_answer_gets_a_hint(verdict: Verdict, exercise: str, answer: object) -> None:
    said = verdict(exercise, answer)
    assert said.startswith(f"Exercise {exercise}: not yet. ")
    assert said.endswith(f" A hint: {CHECKS[exercise].hint}.\n")
    assert said.count("\n") == 1


def endless(*_: object) -> None:
    """A loop whose condition never changes."""
    while True:
        with suppress(Exception):
            raise ValueError("a learner's loop may catch what goes wrong in it")


def test_function_that_never_ends_is_stopped(
    verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exercises, "LONGEST", 0.1)
    said = verdict("4.2", endless)
    assert said.startswith("Exercise 4.2: not yet. It stopped with TimeoutError: ")
    assert "after 0.1 seconds" in said


def raising(error: Exception) -> Callable[..., None]:
    """An answer that stops."""

    def stumble(*_: object) -> None:
        raise error

    return stumble


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        ("1.1", None, "This is None, wanted is a number."),
        ("1.1", "172", "This is something of type str, wanted is a number."),
        ("1.1", [172.48], "This is a tensor of shape (1,), wanted is a number."),
        ("1.1", lambda: 172.48, "This is a function, wanted is a number."),
        ("2.1", 3, "This is a number, wanted is a function."),
        ("2.1", lambda *_: 3, "It returned a number, wanted is a tensor of shape (50,)."),
        (
            "2.1",
            lambda *_: {3},
            "It returned something of type set, wanted is a tensor of shape (50,).",
        ),
        ("8.1", lambda *_: None, "It returned None (is a `return` missing?), wanted is a number."),
        ("7.2", raising(LookupError("no such\nrow.")), "It stopped with LookupError: no such row."),
    ],
)
def test_wrong_type_or_shape_and_errors_are_told(
    verdict: Verdict, exercise: str, answer: object, said: str
) -> None:
    expected = f"Exercise {exercise}: not yet. {said} A hint: {CHECKS[exercise].hint}.\n"
    assert verdict(exercise, answer) == expected


def distances(images: Tensor, means: Tensor) -> Tensor:
    """2.1: sums of absolute differences."""
    return torch.cdist(images, means, p=1)


def share_right(logits: Tensor, labels: Tensor) -> Tensor:
    """7.2."""
    return (logits.argmax(1) == labels).double().mean()


def error_of_share(accuracy: float, count: float) -> float:
    """8.1."""
    return math.sqrt(accuracy * (1 - accuracy) / count)


def still_step(
    model: nn.Module, images: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer
) -> Tensor:
    """The four lines, with slopes that are cleared when they are needed."""
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


def twice_softmax_step(
    model: nn.Module, images: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer
) -> float:
    """The four lines, with probabilities for a loss that wants scores."""
    optimizer.zero_grad()
    loss = F.cross_entropy(F.softmax(model(images), 1), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def batch_largest_softmax(scores: Tensor) -> Tensor:
    """5.1: the largest of all is subtracted."""
    shifted = (scores - scores.max()).exp()
    return shifted / shifted.sum(1, keepdim=True)


NAMED = [
    ("1.1", 55_000 * 28 * 28 / 1e6, "as bytes"),
    ("1.1", 55_000 * 28 * 28 * 4, "in bytes"),
    ("1.1", 55_000 * 28 * 28 * 4 / 1024**2, "1024"),
    ("2.1", lambda images, means: torch.cdist(images, means).argmin(1).tolist(), "straight"),
    ("2.1", lambda images, means: distances(images, means).argmin(0), "(10,), wanted"),
    ("2.1", lambda images, means: distances(images, means).argmin(0), "wrong `dim`"),
    ("2.1", distances, "which mean"),
    ("2.1", lambda images, means: distances(images, means).min(1).values, "smallest distances"),
    ("2.1", lambda images, means: (images[:, None] - means).sum(2).min(1).indices, "absolute"),
    ("3.1", lambda pixels, mean, std: (pixels + mean) * std, "order"),
    ("3.1", lambda pixels, mean, std: pixels * mean + std, "changed places"),
    ("3.1", lambda pixels, mean, std: (pixels - mean) / std, "once more"),
    ("3.2", 256, "full batch;"),
    ("3.2", 55_000 // 256, "full batches;"),
    ("3.2", math.ceil(55_000 / 256), "number of batches;"),
    ("4.1", -6 * 0.25, "uphill"),
    ("4.1", 0 - (-6), "learning rate"),
    ("4.1", 3, "lowest"),
    ("4.2", lambda loss, weight: loss(weight + 0.001) - loss(weight), "difference of losses"),
    ("4.2", lambda loss, weight: loss(weight + 0.01) - loss(weight - 0.01), "difference of"),
    ("4.2", lambda loss, weight: (loss(weight) - loss(weight + 0.001)) / 0.001, "way round"),
    ("4.2", lambda loss, weight: (loss(weight + 0.01) - loss(weight - 0.01)) / 0.01, "twice"),
    ("4.2", lambda _loss, weight: 2 * weight - 6, "one valley"),
    ("4.2", lambda loss, weight: (loss(weight + 0.1) - loss(weight)) / 0.1, "too large"),
    ("4.2", lambda loss, weight: (loss(weight) - loss(weight - 0.1)) / 0.1, "too large"),
    ("4.2", lambda loss, weight: (loss(weight + 1) - loss(weight - 1)) / 2, "too large"),
    ("5.1", lambda scores: scores.exp() / scores.exp().sum(1)[:, None], "infinite"),
    ("5.1", lambda scores: torch.softmax(scores, 0), "`dim`"),
    ("5.1", lambda scores: (scores - scores.max(1)[0][:, None]).exp(), "divide"),
    ("5.1", lambda scores: exercises.powers(scores) / exercises.powers(scores).sum(), "batch"),
    ("5.1", batch_largest_softmax, "0/0"),
    ("5.1", lambda scores: exercises.powers(scores) / exercises.powers(scores).sum(1), "keepdim"),
    ("5.1", lambda scores: scores.exp() / scores.exp().sum(1), "keepdim"),
    ("5.2", lambda scores, _label: scores.softmax(0), "probabilities; what"),
    ("5.2", lambda scores, label: -slopes_by_backward(scores, label), "uphill"),
    ("5.2", lambda scores, _label: scores.softmax(0) - 1, "only"),
    ("5.2", lambda scores, label: scores - torch.eye(len(scores))[label], "softmax"),
    ("6.1", 784 * 256 + 256 * 10, "Those are the weights"),
    ("6.1", 784 * 256 + 256 + 256 * 10, "last layer"),
    ("6.1", 109_386, "this chapter"),
    ("6.1", 784 + 256 + 10, "units"),
    ("7.1", forgetful_step, "slopes of the first"),
    ("7.1", still_step, "No weight has moved"),
    ("7.1", twice_softmax_step, "twice"),
    ("7.2", lambda logits, labels: (logits.argmax(1) == labels).sum(), "count"),
    ("7.2", lambda logits, labels: share_right(logits, labels) * 100, "percentage"),
    ("7.2", lambda logits, labels: share_right(logits.T, labels), "`dim=1`"),
    ("7.2", lambda logits, labels: logits.argmax(1).eq(labels), "(4,), wanted is a number"),
    ("7.2", lambda logits, labels: logits.argmax(1).eq(labels), "each row"),
    ("8.1", lambda accuracy, count: error_of_share(accuracy, count) ** 2, "square"),
    ("8.1", lambda accuracy, count: 1.96 * error_of_share(accuracy, count), "1.96"),
    ("8.1", lambda accuracy, count: 100 * error_of_share(accuracy, count), "points"),
    ("8.1", lambda accuracy, _count: error_of_share(accuracy, 1), "single digit"),
    ("8.2", 0.98 * 0.02 / 0.05**2, "hundredths"),
    ("8.2", 1.96**2 * 0.98 * 0.02 / 0.0005**2, "1.96"),
    ("8.2", 0.98 * 0.02 / 0.0005, "squared"),
    ("8.2", 0.5 * 0.5 / 0.0005**2, "50 %"),
    ("9.1", 0.0037, "share"),
    ("9.1", 100 * error_of_share(0.98, 5000), "one standard error"),
    ("9.1", 100 * 1.96 * error_of_share(0.98, 5000), "1.96 standard errors"),
    ("9.1", 98.4, "above 98"),
    ("10.1", lambda activations: int((activations == 0).sum()), "counts zeros"),
    ("10.1", lambda activations: (activations.sum(1) == 0).sum(), "`dim`"),
    ("10.1", lambda activations: (activations.sum(0) > 0).sum(), "live"),
    ("10.1", lambda activations: activations.sum(0) == 0, "how many"),
    ("11.1", 109_386, "how many bytes"),
    ("11.1", 4 * 109.386, "kilobytes"),
    ("11.1", 4 * (784 * 128 + 128 * 64 + 64 * 10), "biases"),
    ("12.1", 32 * 64 * 3 * 3 + 64, "bias"),
    ("12.1", 64 * 3 * 3, "all 32 maps"),
    ("12.1", 32 * 3 * 3, "by 64 maps"),
    ("12.1", 32 * 64, "several weights"),
    ("12.2", 7 * 7, "without the pooling"),
    ("12.2", 10, "side"),
    ("12.2", 3 * 3, "just before"),
    ("12.2", 15 * 15, "counts once"),
    ("12.3", lambda images, right: moved(images, -right), "other side"),
    ("12.3", lambda images, right: images.roll(right, 3), "comes in again"),
    ("12.3", lambda images, right: moved(images, right / 2), "half as far"),
    ("12.3", lambda images, right: moved(images.mT, right).mT, "down"),
    ("12.3", lambda images, _right: images.clone(), "in its place"),
    ("13.1", 28 * 28, "whole picture"),
    ("13.1", 28 * 28 - 400, "margin"),
    ("13.1", 20, "one side"),
    ("13.2", 64, "From 0 to 1"),
    ("13.2", 0.3645, "somewhere"),
    ("13.2", 0.55, "added up"),
    ("13.2", 0.985, "one digit"),
]


@pytest.mark.parametrize(("exercise", "answer", "words"), NAMED)
def test_typical_mistake_is_called_by_its_name(
    verdict: Verdict, exercise: str, answer: object, words: str
) -> None:
    said = verdict(exercise, answer)
    assert said.startswith(f"Exercise {exercise}: not yet. ")
    assert words in said
    assert "A hint" not in said


def test_each_exercise_knows_typical_mistakes_and_each_of_them_is_tried() -> None:
    for number, exercise in CHECKS.items():
        tried = [words for other, _, words in NAMED if other == number]
        for said in {said for said, _ in exercise.mistakes}:
            assert any(words in said for words in tried), said
        assert len(tried) >= 2


@pytest.mark.parametrize(
    ("exercise", "tempting"),
    [
        ("1.1", 171),
        ("1.1", 174),
        ("2.1", lambda images, means: distances(images, means).argmax(1)),
        ("2.1", lambda images, means: distances(images, means).argmin(1)[:, None]),
        ("2.1", lambda images, means: distances(images, means)[:1].argmin(1)),
        ("3.1", lambda pixels, _mean, _std: pixels),
        ("3.2", 217),
        ("5.1", lambda scores: torch.softmax(scores, 1)[0]),
        ("6.1", 203_531),
        ("7.2", lambda _logits, _labels: 0.5),
        ("7.2", lambda logits, labels: (logits.argmin(1) == labels).double().mean()),
        ("8.1", lambda accuracy, count: math.sqrt(accuracy / count)),
        ("8.1", lambda _accuracy, count: 0.5 / math.sqrt(count)),
        ("8.1", lambda accuracy, _count: math.sqrt(accuracy * (1 - accuracy)) / 10),
        ("8.2", 77_000),
        ("8.2", 79_000),
        ("9.1", 0.33),
        ("9.1", 0.45),
        ("10.1", lambda _activations: 3),
        ("11.1", 437_545),
        ("12.3", lambda images, _right: images.roll(3, 3)),
        ("12.3", lambda images, _right: images.roll(-5, 3)),
    ],
)
def test_tempting_mistake_is_not_right(verdict: Verdict, exercise: str, tempting: object) -> None:
    assert "not yet" in verdict(exercise, tempting)


def test_checking_leaves_the_learners_randomness_alone(
    verdict: Verdict,
) -> None:
    before = torch.get_rng_state()
    for exercise, answer in RIGHT:
        verdict(exercise, answer)
    assert torch.equal(torch.get_rng_state(), before)
