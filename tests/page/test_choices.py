"""The answers that a reader can pick."""

import re

import pytest
from story import PROSE

from page.choices import choices

PREDICT = re.compile(r"^> \*\*Predict \d+\.\*\*.*(?:\n>.*)*", re.M)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("> Is it more: one,\n> two or three?", ["one", "two", "three"]),
        ("How many: about 30 %, 55 % or 95 %?", ["about 30 %", "55 %", "95 %"]),
        ("For which: *a*, *b*, or is it the same?", ["a", "b", "the same"]),
        ("Which: below 1, just 1, or above 1? (How so?)", ["below 1", "just 1", "above 1"]),
        ("Faster: hardly, two or three times, or ten?", ["hardly", "two or three times", "ten"]),
        ("How sure: 10 %, as they should be, 25 %, or more?", ["10 %", "25 %", "more"]),
        (
            "Guess: all of them together are about as large as one (4), ten (40), or all (4,000)?",
            ["one (4)", "ten (40)", "all (4,000)"],
        ),
        ("Is that ± 0.04, ± 0.4 or ± 4 points?", ["± 0.04", "± 0.4", "± 4"]),
        ("Batches of 64, 256 or 1,024 digits: which?", ["64", "256", "1,024"]),
        ("Changes: half, a shift, a swap. Which one costs least?", ["half", "a shift", "a swap"]),
        ("Do they differ by more, by as much, or by less?", ["by more", "by as much", "by less"]),
        (
            "Does it read worse, as it is new, better, as it is large, or is there no difference?",
            ["worse", "better", "no difference"],
        ),
        ("A network: will it be above or below?", ["above", "below"]),
        ("`a` is large. `b` isn't. Which of the two reads more?", ["a", "b"]),
        ("A bit is flipped. Will `torch.load` notice?", ["yes", "no"]),
        ("What share does that read?", []),
        ("By how much: the sum of all, as a share?", []),
        ("Say: one that goes on and on without ever coming to any end at all or two?", []),
    ],
)
def test_answers_to_pick_are_taken_from_the_question(question: str, expected: list[str]) -> None:
    assert choices(question) == expected


def test_nearly_every_guess_of_the_notebook_can_be_picked() -> None:
    questions = PREDICT.findall(PROSE)
    assert sum(not choices(question) for question in questions) <= len(questions) / 10
