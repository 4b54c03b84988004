"""What two readings of a line make of each other: its pieces of ink, and the line as a whole."""

from math import prod

import pytest

from handreader.pages.agreement import combined, without_marks
from handreader.reader import is_better
from handreader.results import Number, Page, Placed


def number(text: str, *chances: float, unsure: bool = False) -> Number:
    """A reading of so many signs, side by side; of the last ones the chances are repeated."""
    known = [*chances, *[chances[-1]] * len(text)][: len(text)]
    signs = [
        Placed(sign, chance, unsure, (10 * at, 0, 8, 20))
        for at, (sign, chance) in enumerate(zip(text, known, strict=True))
    ]
    return Number(signs, prod(known))


def test_marks_come_from_the_line_and_its_digits_from_the_surer_of_both():
    both = combined(number("314", 0.99), number("3.17", 0.9, 0.9, 0.9, 0.6))
    assert both.text == "3.14"
    assert [sign.unsure for sign in both.signs] == [False, False, False, True]  # they differ there


def test_two_who_agree_are_as_sure_as_the_surer():
    assert combined(number("52", 0.7), number("52", 0.95)).confidence == pytest.approx(0.95**2)


def test_one_who_is_contradicted_is_less_sure():
    alone, both = number("5", 0.9), combined(number("5", 0.9), number("8", 0.6))
    assert both.text == "5"
    assert both.confidence < alone.confidence


def test_who_sees_another_count_is_believed_if_he_is_surer():
    assert combined(number("5743", 0.6), number("573", 0.99)).text == "573"
    assert combined(number("5743", 0.99), number("573", 0.6)).text == "5743"


def test_slash_that_pieces_take_for_a_digit_is_left_to_the_line():
    by_ink, by_line = number("51913", 0.99), number("5/9/3", 0.8)
    assert without_marks(by_ink, by_line).text == "593"
    assert without_marks(by_ink, number("51913", 0.8)).text == "51913"


@pytest.mark.parametrize(
    ("lines", "high", "better"),
    [
        ([number("52", 0.99), number("240", 0.99)], 60, True),  # one line, taken apart
        ([number("52240", 0.9, unsure=True)], 60, True),
        ([number("52240", 0.99)], 60, False),  # both are the same, and the page is sure
        ([number("52", 0.99), number("240", 0.99), number("7", 0.99)], 60, False),  # there is more
        ([number("52", 0.99), number("240", 0.99), number("7", 0.99)], 36, True),  # has no room
    ],
)
def test_whole_picture_is_one_line_if_it_explains_as_much(
    lines: list[Number], high: int, better: bool
):
    assert is_better(number("52240", 0.95), Page(lines), high) is better
