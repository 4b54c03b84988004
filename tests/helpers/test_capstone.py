"""The capstone is judged by what the network reads, and told what is amiss."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from helpers import capstone
from helpers.models import MLP

Batches = list[tuple[Tensor, Tensor]]


class Told(nn.Module):
    """A network that knows the label: it stands in the first pixel."""

    def __init__(self, right: float = 1.0):
        super().__init__()
        self.right = right
        self.weight = nn.Parameter(torch.zeros(3))  # so that it has a shape of its own

    def forward(self, images: Tensor) -> Tensor:
        answers = images[:, 0, 0, 0].long()
        wrong = torch.arange(len(images)) >= self.right * len(images)
        return nn.functional.one_hot(torch.where(wrong, (answers + 1) % 10, answers), 10).float()


class Fixed(nn.Module):
    """A network whose scores are always the same."""

    def __init__(self, scores: Tensor):
        super().__init__()
        self.scores = nn.Parameter(scores)

    def forward(self, images: Tensor) -> Tensor:
        return self.scores.expand(len(images), -1)


@pytest.fixture
def digits() -> Batches:
    """A hundred pictures in one batch."""
    labels = torch.arange(100) % 10
    images = torch.zeros(100, 1, 28, 28)
    images[:, 0, 0, 0] = labels.float()
    return [(images, labels)]


@pytest.fixture
def said(digits: Batches, capsys: pytest.CaptureFixture) -> Callable[[object], str]:
    """What is said of an answer."""

    def check(answer: object) -> str:
        capstone.check(answer, digits, 0.97)
        return capsys.readouterr().out

    return check


def test_network_that_reads_enough_is_right(said: Callable[[object], str]) -> None:
    assert (
        said(Told())
        == "Capstone: right! It reads 100.0% ± 0.0 points of 100 digits on validation.\n"
    )
    assert said(Told(0.97)).startswith("Capstone: right! It reads 97.0% ± 3.3 points")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0.99, "this is of type float"),
        (MLP(), "the shape of chapter 6"),
        (Told(0.96), "It reads 96.0%, wanted is 97%"),
        (Fixed(torch.arange(10.0)), "It reads 10.0%, hardly more than guessing"),
        (Fixed(torch.full((10,), torch.nan)), "not finite"),
        (Fixed(torch.zeros(9)), "the shape (100, 9), wanted is (100, 10)"),
        (MLP((500, 10)), "It stopped with RuntimeError"),
    ],
)
def test_what_is_amiss_is_told(said: Callable[[object], str], answer: object, words: str) -> None:
    text = said(answer)
    assert text.startswith("Capstone: not yet. ")
    assert words in text
    assert text.count("\n") == 1


def test_without_a_network_both_wait(
    said: Callable[[object], str], digits: Batches, capsys: pytest.CaptureFixture
) -> None:
    assert said(...) == "Capstone: waiting for your network.\n"
    capstone.exam(..., digits)
    assert capsys.readouterr().out == "Exam: waiting for your network.\n"


def test_exam_tells_the_score_and_its_interval(
    digits: Batches, capsys: pytest.CaptureFixture
) -> None:
    capstone.exam(Told(0.9), digits)
    assert capsys.readouterr().out.startswith(
        "Exam: 90.0% ± 5.9 points of 100 digits on the test set."
    )
