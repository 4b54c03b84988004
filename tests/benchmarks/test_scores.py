"""How lines and pages are scored: by what their lines say, and by where their digits are."""

import numpy as np

from benchmarks.page_parts import Box, WrittenSign
from benchmarks.scores import Score, Shown, matched, read_all, score
from handreader import Number, Page
from handreader.ink.segmentation import NoInkError
from handreader.results import Placed

BLANK = np.zeros((8, 8, 3), np.uint8)
TRUTH = [
    [WrittenSign("4", Box(0, 0, 20, 30)), WrittenSign("2", Box(30, 0, 20, 30))],
    [WrittenSign("7", Box(0, 50, 20, 30))],
]
PAGE = Shown.page(BLANK, TRUTH)


def line(*signs: tuple[str, Box], unsure: bool = False) -> Number:
    """A line as it is read."""
    return Number([Placed(sign, 1.0, unsure, box) for sign, box in signs], 1.0)


def saying(text: str, unsure: bool = False) -> Number:
    """A line that says something somewhere."""
    return line(*((sign, Box(0, 0, 1, 1)) for sign in text), unsure=unsure)


AS_WRITTEN = [line(*each) for each in TRUTH]


class Told:
    """A reader that says what it is told, one after the other."""

    def __init__(self, *pages: list[Number]):
        self.pages = list(pages)

    def read(self, _: np.ndarray, _view: str) -> Page:
        """What was told, whatever is on the picture."""
        if lines := self.pages.pop(0):
            return Page(lines)
        raise NoInkError


def test_page_that_is_read_as_it_was_written_is_all_right():
    assert score(AS_WRITTEN, PAGE) == Score(1, 2, 2, 2, 2, 2, 3, 3)


def test_page_on_which_nothing_is_found_has_nothing_right():
    assert score([], PAGE) == Score(1, 2, 0, 0, 0, 0, 3, 0)


def test_wrong_digit_makes_its_line_wrong_and_the_others_stay_right():
    found = score([line(("9", Box(0, 0, 20, 30)), TRUTH[0][1]), AS_WRITTEN[1]], PAGE)
    assert (found.exact, found.sure, found.sure_and_right, found.in_place) == (1, 2, 1, 2)


def test_digit_in_another_place_is_not_right_but_its_line_is():
    found = score([line(("4", Box(100, 0, 20, 30)), TRUTH[0][1]), AS_WRITTEN[1]], PAGE)
    assert (found.exact, found.in_place) == (2, 2)


def test_lines_are_right_in_any_order_but_each_once():
    assert score(AS_WRITTEN[::-1], PAGE).exact == 2
    assert score([AS_WRITTEN[1], AS_WRITTEN[1]], PAGE).exact == 1


def test_marks_count_only_where_they_should_and_sure_lines_are_counted_by_themselves():
    shown = [Shown(BLANK, [text]) for text in ("1.5", "15", "7")] + [Shown(BLANK, [])]
    told = Told([saying("1.5")], [saying("1,5", unsure=True)], [saying("1")], [])
    found = read_all(shown, told)
    assert (found.pictures, found.lines, found.exact, found.digits_right) == (4, 3, 1, 2)
    assert (found.sure, found.sure_and_right, found.sure_right) == (2, 1, 0.5)
    assert found.seconds > 0


def test_number_where_there_is_none_is_a_sure_mistake():
    found = read_all([Shown(BLANK, [])], Told([saying("3")]))
    assert (found.lines, found.sure, found.sure_and_right) == (0, 1, 0)


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
