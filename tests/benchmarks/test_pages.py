"""How pages are scored: digits by where they are, and the text by its order."""

import pytest

from benchmarks import pages
from benchmarks.pages import Score, distance, matched, score, table
from helpers.practice.pages import Box, WrittenDigit
from helpers.reading.numbers import Number, Placed

TRUTH = [
    [WrittenDigit(4, Box(0, 0, 20, 30)), WrittenDigit(2, Box(30, 0, 20, 30))],
    [WrittenDigit(7, Box(0, 50, 20, 30))],
]


def line(*digits: tuple[int, Box]) -> Number:
    """A line as it is read, every digit for sure."""
    return Number([Placed(str(digit), 1.0, False, box) for digit, box in digits], 1.0)


AS_WRITTEN = [line(*each) for each in TRUTH]


def test_page_that_is_read_as_it_was_written_has_no_errors():
    assert score(AS_WRITTEN, TRUTH) == Score(3, 3, 3, 0, 2, 2, 0)


def test_page_on_which_nothing_is_found_has_nothing_right():
    assert score([], TRUTH) == Score(3, 0, 0, 0, 2, 0, len("42\n7"))


def test_wrong_digit_in_its_place_is_found_but_not_right():
    found = score([line((9, Box(0, 0, 20, 30)), TRUTH[0][1]), AS_WRITTEN[1]], TRUTH)
    assert (found.found, found.right, found.too_many) == (3, 2, 0)
    assert (found.lines_right, found.errors) == (1, 1)


def test_digit_in_another_place_is_one_too_many_and_one_not_found():
    found = score([line((4, Box(100, 0, 20, 30)), TRUTH[0][1]), AS_WRITTEN[1]], TRUTH)
    assert (found.found, found.right, found.too_many) == (2, 2, 1)
    assert (found.lines_right, found.errors) == (2, 0)


def test_boxes_are_the_same_if_they_share_more_than_half_of_both_together():
    box = Box(0, 0, 30, 10)
    assert matched([box], [Box(9, 0, 30, 10)]) == [(0, 0)]  # 21 of 39
    assert matched([box], [Box(10, 0, 30, 10)]) == []  # 20 of 40
    assert matched([box], [Box(0, 5, 30, 10)]) == []


def test_each_box_is_found_once_and_by_the_nearest():
    wanted = [Box(0, 0, 30, 10), Box(1, 0, 30, 10)]
    assert matched(wanted, [Box(5, 0, 30, 10), Box(0, 0, 30, 10)]) == [(0, 1), (1, 0)]
    assert matched(wanted, [Box(0, 0, 30, 10)]) == [(0, 0)]
    assert matched(wanted, []) == []


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [("", "", 0), ("123", "123", 0), ("123", "13", 1), ("", "12", 2), ("123", "321", 2)],
)
def test_distance_is_the_least_number_of_changes(one: str, other: str, changes: int):
    assert distance(one, other) == distance(other, one) == changes


def test_table_has_a_row_for_each_condition_and_one_for_all():
    conditions = {"plain": vars(Score(10, 9, 8, 1, 2, 1, 2, 3.0)), "chalk": vars(Score(30, 30, 30))}
    rows = table({"data": "made up", "pages": 2, "conditions": conditions})
    assert rows[-3] == "| plain | 10 | 90.0% | 80.0% | 1 | 80.0% | 1 of 2 | 1.50 |"
    assert rows[-1] == "| **all** | 40 | 97.5% | 95.0% | 1 | 95.0% | 1 of 2 | 0.75 |"


def test_conditions_have_names_of_their_own():
    assert len(set(map(repr, pages.CONDITIONS.values()))) == len(pages.CONDITIONS) >= 10
