"""Ruled and squared paper: its lines go, the strokes that cross them stay whole."""

import cv2
import numpy as np
import pytest
from drawn import FOUR, SEVEN, TWO, Drawing

from handreader.ink.ruled_lines import without_lines, without_page_lines


def digit(strokes: list = TWO, **changes: object) -> np.ndarray:
    """The cover of a digit on a picture of 300 x 260."""
    return Drawing(strokes, **changes).cover().astype(np.float32)


def ruled(cover: np.ndarray, strength: float, squared: bool = False) -> np.ndarray:
    """The same with lines of two pixels over it, as if the ink were not opaque.

    None of them lies along a stroke of a 2, a 7 or a 4.
    """
    lines = np.zeros_like(cover)
    for place in (40, 110, 190, 262):
        lines[place : place + 2] = strength
    for place in (25, 55, 235) if squared else ():
        lines[:, place : place + 2] = strength
    return np.maximum(cover, lines)


def lost_and_left(found: np.ndarray, cover: np.ndarray) -> tuple[float, float]:
    """The shares of a digit's area that went missing, and that is still there of lines."""
    wanted, kept = cover > 0.5, found > 0.3
    area = np.count_nonzero(wanted)
    return np.count_nonzero(wanted & ~kept) / area, np.count_nonzero(kept & (cover == 0)) / area


@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("strokes", [TWO, SEVEN, FOUR], ids=["2", "7", "4"])
@pytest.mark.parametrize("strength", [0.5, 1.0], ids=["faint", "dark"])
def test_lines_go_and_the_digit_stays_whole(strokes: list, squared: bool, strength: float):
    cover = digit(strokes)
    lost, left = lost_and_left(without_lines(ruled(cover, strength, squared)), cover)
    assert lost < 0.08
    assert left < 0.02


@pytest.mark.parametrize("down", [False, True], ids=["across", "down"])
def test_one_thin_or_faint_line_goes(down: bool):
    cover = digit()
    for wide, strength in ((2, 1.0), (10, 0.5)):
        lined = cover.T.copy() if down else cover.copy()
        lined[200 : 200 + wide] = np.maximum(lined[200 : 200 + wide], strength)
        lined = lined.T if down else lined
        lost, left = lost_and_left(without_lines(np.ascontiguousarray(lined)), cover)
        assert lost < 0.08
        assert left < 0.03


def test_line_as_dark_and_thick_as_the_strokes_stays_if_it_is_alone():
    cover = digit()
    cover[262:276] = 1
    assert without_lines(cover) is cover


def test_bar_as_wide_as_the_digit_is_no_line():
    cover = np.ascontiguousarray(digit(FOUR)[:, 75:180])
    cover[160:168] = 1
    assert without_lines(cover) is cover


def test_digit_without_lines_stays_as_it_is():
    cover = digit()
    assert without_lines(cover) is cover
    blank = np.zeros((40, 50), np.float32)
    assert without_lines(blank) is blank


def test_lines_without_a_digit_stay_to_be_refused_elsewhere():
    cover = ruled(np.zeros((200, 200), np.float32), 1.0)
    assert without_lines(cover) is cover


@pytest.mark.parametrize("rise", [4, -4])
def test_line_may_be_slightly_askew(rise: int):
    cover = digit()
    lined = (cover * 255).astype(np.uint8)
    for place in (40, 100, 250):
        cv2.line(lined, (0, place), (259, place - rise), 255, 2)
    lost, left = lost_and_left(without_lines(np.float32(lined / 255)), cover)
    assert lost < 0.08
    assert left < 0.02


def drawn_over(cover: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Ink with a line of two pixels over it whose height at each column is given."""
    lined = cover.copy()
    for column, row in enumerate(np.round(rows).astype(int)):
        lined[row : row + 2, column] = 1
    return lined


@pytest.mark.parametrize(
    ("bend", "rise", "goes"), [(0, 0, True), (1, 0, True), (0, 20, True), (8, 0, False)]
)
def test_line_drawn_with_a_ruler_is_straight_and_a_wave_is_not(bend: int, rise: int, goes: bool):
    right = np.arange(260)
    lined = drawn_over(digit(), 260 + bend * np.sin(right / 20) - rise * right / 260)
    assert (lost_and_left(without_lines(lined), digit())[1] < 0.03) == goes


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wide", [1, 2, 3])
def test_line_of_a_few_pixels_is_no_trouble(wide: int):
    assert without_lines(np.ones((30, wide), np.float32)).all()


@pytest.mark.parametrize(("part", "goes"), [(0.7, False), (0.9, True)])
def test_line_goes_nearly_all_the_way(part: float, goes: bool):
    cover = digit()
    lined = cover.copy()
    lined[262:264, : round(260 * part)] = 1
    assert (lost_and_left(without_lines(lined), cover)[1] < 0.01) == goes


def test_row_of_dashes_is_no_line():
    lined = digit()
    lined[262:264] = 1
    lined[262:264, 10::15] = 0
    assert without_lines(lined) is lined


# On a page


def page(slope: float = 0.0, lines: int = 8, squared: bool = False, gap: int = 50, left: int = 0):
    """The cover of a page with digits on it, and of the same page with lines."""
    cover = np.zeros((500, 700), np.uint8)
    for row in range(3):
        for column in range(6):
            place = (40 + 105 * column, 45 + 150 * row)
            part = Drawing((TWO, SEVEN, FOUR)[(row + column) % 3], (500, 700), 70, place, 8).cover()
            cover = np.maximum(cover, (255 * part).astype(np.uint8))
    lined = cover.copy()
    for number in range(lines):
        place = 30 + gap * number
        cv2.line(lined, (left, place), (699, round(place + slope * (699 - left))), 255, 2)
        if squared:
            cv2.line(lined, (place, 0), (round(place - slope * 499), 499), 255, 2)
    return np.float32(cover / 255), np.float32(lined / 255)


@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("slope", [0.0, 0.05, -0.12])
def test_lines_of_a_page_go_and_its_digits_stay_whole(slope: float, squared: bool):
    cover, lined = page(slope, squared=squared)
    lost, left = lost_and_left(without_page_lines(lined), cover)
    before = lost_and_left(lined, cover)[1]
    assert lost < 0.06
    assert left < 0.1 * before


def test_page_without_lines_stays_as_it_is():
    cover, _ = page()
    assert without_page_lines(cover) is cover
    blank = np.zeros((300, 400), np.float32)
    assert without_page_lines(blank) is blank


def test_one_line_on_a_page_may_be_anything():
    _, lined = page(lines=1)
    assert without_page_lines(lined) is lined
    _, two = page(lines=2, gap=200)
    assert without_page_lines(two) is not two


def test_lines_alone_are_the_writing_of_a_page():
    cover = np.zeros((300, 400), np.float32)
    cover[40::50] = cover[41::50] = 1
    assert without_page_lines(cover) is cover


def test_lines_that_begin_at_a_margin_go_too():
    cover, lined = page(left=200)
    lost, left = lost_and_left(without_page_lines(lined), cover)
    assert lost < 0.03
    assert left < 0.1


@pytest.mark.parametrize(("left", "goes"), [(0, True), (619, True), (300, False)])
def test_short_line_goes_only_if_it_comes_from_outside(left: int, goes: bool):
    cover, lined = page()
    lined[455:457, left : left + 81] = 1
    assert (without_page_lines(lined)[455, left + 40] < 0.3) == goes
    assert lost_and_left(without_page_lines(lined), cover)[0] < 0.06


def test_thick_bar_on_a_page_is_no_line():
    _, lined = page()
    lined[450:470] = 1
    assert without_page_lines(lined)[460, 300] == 1
