"""Ruled and squared paper: its lines go, the strokes that cross them stay whole."""

import cv2
import numpy as np
import pytest
from drawn import FOUR, SEVEN, TWO, Drawing

from handreader.ink import ruled_lines
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


def test_two_such_lines_are_of_the_paper():
    cover = digit()
    lined = cover.copy()
    lined[12:24] = lined[262:274] = 1
    lost, left = lost_and_left(without_lines(lined), cover)
    assert lost < 0.01
    assert left < 0.01


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


def wave(high: int, wide: int = 200) -> np.ndarray:
    """A line that swings up and down by so many pixels."""
    line = np.zeros((2 * high + 3, wide), np.uint8)
    for column in range(wide):
        line[round(high + high * np.sin(column / 20)) + 1, column] = 1
    return line


def test_line_drawn_with_a_ruler_is_straight_and_a_wave_is_not():
    assert ruled_lines.is_straight(wave(0))
    assert ruled_lines.is_straight(wave(1))
    assert not ruled_lines.is_straight(wave(8))
    slope = cv2.line(np.zeros((60, 200), np.uint8), (0, 10), (199, 28), 1)
    assert ruled_lines.is_straight(slope)
    steep = cv2.line(np.zeros((90, 200), np.uint8), (0, 10), (199, 80), 1)
    assert not ruled_lines.is_straight(steep)


def test_strokes_that_cross_a_line_do_not_bend_it():
    line = np.zeros((40, 200), np.uint8)
    line[30:32] = 1
    line[:30, 120:180] = 1
    assert ruled_lines.is_straight(line)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wide", [1, 2, 3])
def test_line_of_a_few_pixels_is_no_trouble(wide: int):
    assert without_lines(np.ones((30, wide), np.float32)).all()
    assert ruled_lines.is_straight(np.ones((2, wide), np.uint8)) is (wide > 1)


@pytest.mark.parametrize(("part", "wanted"), [(0.84, False), (0.86, True)])
def test_line_goes_nearly_all_the_way(part: float, wanted: bool):
    mask = np.zeros((50, 200), np.uint8)
    mask[20, : round(200 * part)] = 1
    assert ruled_lines.spans(mask) is wanted
    assert bool(ruled_lines.lines_across(mask).any()) is wanted


def test_broad_bar_is_no_line():
    mask = np.zeros((100, 200), np.uint8)
    mask[20:40] = 1
    assert not ruled_lines.lines_across(mask).any()
    mask[32:40] = 0
    assert ruled_lines.lines_across(mask).sum() == 12 * 200


def test_runs_shorter_than_an_eighth_are_no_line():
    mask = np.zeros((50, 168), np.uint8)
    mask[20] = 1
    mask[20, 10::15] = 0
    assert not ruled_lines.lines_across(mask).any()
    mask[20] = 1
    mask[20, 50:55] = 0
    found = ruled_lines.lines_across(mask)
    assert np.array_equal(found, mask)


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


def test_short_line_goes_only_if_it_comes_from_outside():
    mask = np.zeros((200, 300), np.uint8)
    mask[[40, 80, 120]] = 1
    mask[150, :90] = 1
    found = ruled_lines.page_lines_across(mask)
    assert np.array_equal(found, mask)
    mask[150] = np.roll(mask[150], 100)
    assert not ruled_lines.page_lines_across(mask)[150].any()


def stats(*parts: tuple[int, int, int, int, int]) -> np.ndarray:
    """Left, top, width, height, area of connected parts, as OpenCV tells them."""
    return np.array([(0, 0, 300, 200, 50_000), *parts])


def test_line_of_a_page_is_long_thin_and_not_alone():
    long, other = (20, 50, 200, 3, 500), (20, 90, 200, 3, 500)
    assert ruled_lines.are_page_lines(stats(long, other), (200, 300)).tolist() == [0, 1, 1]
    assert ruled_lines.are_page_lines(stats(long), (200, 300)).tolist() == [0, 0]
    short = (20, 120, 180, 3, 400)
    assert ruled_lines.are_page_lines(stats(long, short), (200, 300)).tolist() == [0, 0, 0]
    thick = (20, 120, 200, 12, 2000)  # ten pixels: a fiftieth of the side, and four more
    assert ruled_lines.are_page_lines(stats(long, other, thick), (200, 300)).tolist()[3] == 0


@pytest.mark.parametrize(
    "part",
    [
        (0, 120, 31, 3, 60),
        (100, 0, 31, 3, 60),
        (269, 120, 31, 3, 60),
        (100, 197, 31, 3, 60),
    ],
    ids=["left", "top", "right", "bottom"],
)
def test_shorter_part_that_comes_from_outside_is_a_line(part: tuple):
    usual = (20, 50, 200, 3, 500), (20, 90, 200, 3, 500)
    assert ruled_lines.are_page_lines(stats(*usual, part), (200, 300)).tolist() == [0, 1, 1, 1]
    inside = (50, 120, *part[2:])
    assert ruled_lines.are_page_lines(stats(*usual, inside), (200, 300)).tolist()[3] == 0
    shorter = (*part[:2], 30, 3, 60) if part[0] < 269 else (270, 120, 30, 3, 60)
    assert ruled_lines.are_page_lines(stats(*usual, shorter), (200, 300)).tolist()[3] == 0


@pytest.mark.parametrize("wide", [300, 900])
@pytest.mark.parametrize("slope", [-0.17, -0.06, 0.0, 0.03, 0.1])
def test_slope_of_lines_is_found(slope: float, wide: int):
    mask = np.zeros((300, wide), np.uint8)
    for place in range(-200, 500, 40):
        cv2.line(mask, (0, place), (wide - 1, round(place + slope * (wide - 1))), 1, 2)
    assert ruled_lines.slope_of_lines(mask) == pytest.approx(slope, abs=1.2 / wide)


def test_lines_that_are_not_askew_at_all_have_no_slope_at_all():
    mask = np.zeros((300, 1400), np.uint8)
    mask[20::40] = 1
    assert abs(ruled_lines.slope_of_lines(mask)) < 1e-9


def test_blank_page_has_no_slope_to_speak_of():
    assert abs(ruled_lines.slope_of_lines(np.zeros((30, 40), np.uint8))) < 0.2


@pytest.mark.parametrize("slope", [0.0, 0.2, -0.2])
def test_slanted_brush_is_a_line_through_its_middle(slope: float):
    brush = ruled_lines.slanted(21, slope)
    assert brush.shape == (1 + 2 * abs(round(slope * 10.5)), 21)
    assert (brush.sum(0) == 1).all()
    rows = brush.argmax(0)
    assert rows[10] == len(brush) // 2
    assert rows[20] - rows[0] == pytest.approx(slope * 20, abs=1)
