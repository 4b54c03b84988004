"""The checks of the exercises: no wrong answer is right, and no answer crashes them."""

import pytest
import torch

from helpers import exercises


def verdict(exercise: str, answer: object, capsys: pytest.CaptureFixture) -> str:
    exercises.check(exercise, answer)
    return capsys.readouterr().out


@pytest.mark.parametrize("exercise", exercises.CHECKS)
def test_unanswered_exercise_waits(exercise: str, capsys: pytest.CaptureFixture) -> None:
    assert verdict(exercise, ..., capsys) == f"Exercise {exercise}: waiting for your answer.\n"


@pytest.mark.parametrize("exercise", exercises.CHECKS)
@pytest.mark.parametrize("answer", [0, None, "seven", -1.5, lambda *_: 0, lambda *_: None])
def test_wrong_answer_gets_a_hint(
    exercise: str, answer: object, capsys: pytest.CaptureFixture
) -> None:
    said = verdict(exercise, answer, capsys)
    assert said.startswith(f"Exercise {exercise}: not yet")
    assert "hint" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("exercise", "tempting"),
    [
        ("1.1", 55_000 * 28 * 28 / 1e6),
        ("2.1", lambda images, means: torch.cdist(images, means).argmin(1)),
        ("3.1", lambda pixels, mean, std: (pixels + mean) * std),
        ("3.2", 256),
        ("4.1", lambda scores: scores.exp() / scores.exp().sum(1, keepdim=True)),
        ("4.1", lambda scores: torch.softmax(scores, 0)),
        ("5.1", 784 * 256 + 256 * 10),
        ("6.1", lambda logits, labels: (logits.argmax(1) == labels).sum()),
        ("7.1", lambda accuracy, count: accuracy * (1 - accuracy) / count),
        ("9.1", lambda activations: int((activations == 0).sum())),
        ("10.1", 109_386),
        ("12.1", 32 * 64 * 3 * 3 + 64),
        ("12.2", 7 * 7),
        ("12.3", lambda images, right: images.roll(-right, 3)),
    ],
)
def test_tempting_mistake_is_not_right(
    exercise: str, tempting: object, capsys: pytest.CaptureFixture
) -> None:
    assert "not yet" in verdict(exercise, tempting, capsys)
