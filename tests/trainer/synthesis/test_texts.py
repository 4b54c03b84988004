"""What is to be written on lines: all kinds of numbers, and what is never to be read."""

import re
from collections import Counter

import numpy as np
import pytest

from handreader.lines import SIGNS
from trainer.synthesis.texts import MOST_DIGITS, Text, columns_needed, grouped, some_text

MANY = 3000


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    """Many of them."""
    random = np.random.default_rng(0)
    return [some_text(random) for _ in range(MANY)]


def test_labels_are_numbers_whose_marks_stand_between_digits(texts: list[Text]):
    for text in texts:
        assert re.fullmatch(r"(\d+([.,/:-]\d+)*)?", text.label), text
        assert set(text.label) <= set(SIGNS)


def test_lines_have_up_to_twelve_digits_or_a_few_more_and_some_have_none(texts: list[Text]):
    counts = Counter(sum(sign.isdigit() for sign in text.label) for text in texts)
    assert max(counts) <= MOST_DIGITS + 2
    assert 0.02 < counts[0] / MANY < 0.06
    assert all(counts[length] for length in range(1, MOST_DIGITS + 1))


def test_digits_are_about_as_often_first_and_zeros_and_doubles_are_many(texts: list[Text]):
    firsts = Counter(text.label[0] for text in texts if text.label)
    assert min(firsts[str(digit)] for digit in range(10)) > 0.05 * MANY
    whole = " ".join(text.label for text in texts)
    assert all(f"{digit}{digit}" in whole for digit in range(10))


def test_something_stands_beside_many_numbers_and_alone_nothing_does(texts: list[Text]):
    assert 0.15 < np.mean([bool(text.before) for text in texts]) < 0.3
    assert 0.3 < np.mean([bool(text.after) for text in texts]) < 0.5
    random = np.random.default_rng(1)
    alone = [some_text(random, alone=True) for _ in range(100)]
    assert not any(text.before or text.after for text in alone)


def test_gaps_are_written_and_not_read():
    assert Text("1 234. 50", "$ ", " -").label == "1234.50"


def test_thousands_are_set_apart_from_the_right():
    assert [grouped(number, ".") for number in ("1", "1234", "123456", "1234567")] == [
        "1",
        "1.234",
        "123.456",
        "1.234.567",
    ]


def test_text_needs_a_column_for_each_sign_and_between_two_that_are_equal():
    assert [columns_needed(text) for text in ("", "7", "12", "11", "1001")] == [0, 1, 2, 3, 5]
