"""Which way up a page lies, how far askew, and in how many columns."""

from itertools import pairwise

import numpy as np
import pytest

from handreader.digits import DigitReader
from handreader.pages import layout
from handreader.pages.layout import Sheet, in_columns, quarter_turned, tilt_of, turned
from handreader.pages.pieces import Piece, pieces_of

LEVEL = np.array([[1.0, 0, 0], [0, 1, 0]])


def strokes(places: list[tuple[int, int]], size: tuple[int, int] = (300, 400)) -> np.ndarray:
    """A cover with upright strokes, 4 x 20, at these places (left, top)."""
    cover = np.zeros(size, np.float32)
    for left, top in places:
        cover[top : top + 20, left : left + 4] = 1
    return cover


def only_piece(cover: np.ndarray) -> Piece:
    """The one piece that there is."""
    (piece,) = pieces_of(cover)
    return piece


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_box_of_a_turned_page_is_given_on_the_page_as_it_was(turns: int):
    cover = strokes([(70, 30)])
    sheet = quarter_turned(cover, turns)
    before = only_piece(cover)
    box = sheet.box_before(only_piece(sheet.cover).edges, 2.0)
    assert box == (2 * before.left, 2 * before.top, 2 * before.wide, 2 * before.high)


@pytest.mark.parametrize(
    ("sure", "turns"),
    [
        ((4, 0, 6, 0), 0),
        ((4, 0, 7, 0), 2),
        ((20, 0, 23, 0), 0),
        ((20, 24, 23, 0), 1),
        ((0, 0, 2, 3), 3),
    ],
)
def test_page_is_turned_only_if_clearly_more_is_surely_read(
    sure: tuple[int, ...], turns: int, monkeypatch: pytest.MonkeyPatch
):
    counts = iter(sure)
    monkeypatch.setattr(layout, "surely_read", lambda _inks, _reader: [5] * next(counts))
    cover = strokes([(40 + 20 * n, 140) for n in range(10)])
    assert layout.quarters(cover, DigitReader()) == turns


def test_bars_that_look_like_ones_on_their_side_turn_no_page(monkeypatch: pytest.MonkeyPatch):
    read = iter([[], [1] * 9, [], []])
    monkeypatch.setattr(layout, "surely_read", lambda _inks, _reader: next(read))
    assert layout.quarters(strokes([(40 + 20 * n, 140) for n in range(10)]), DigitReader()) == 0


@pytest.mark.parametrize("angle", [-20, 15])
def test_box_of_a_tilted_page_is_about_what_was_there(angle: float):
    sheet = turned(quarter_turned(strokes([(70, 30)]), 1), angle)
    left, top, wide, high = sheet.box_before(only_piece(sheet.cover).edges, 1.0)
    assert left <= 70 < 74 <= left + wide < 90
    assert top <= 30 < 50 <= top + high < 65


def test_nothing_is_cut_off_when_a_page_is_turned():
    corners = strokes([(0, 0), (396, 0), (0, 280), (396, 280)])
    assert len(pieces_of(turned(Sheet(corners, LEVEL), 30).cover)) == 4


@pytest.mark.parametrize("fall", [0, 3, -4])
def test_tilt_is_that_of_neighbours(fall: int):
    places = [(40 + 20 * n, 140 + fall * n) for n in range(10)]
    expected = np.degrees(np.arctan(fall / 20))
    assert tilt_of(strokes(places)) == pytest.approx(expected, abs=0.6)


def test_few_pieces_have_no_tilt():
    assert tilt_of(strokes([(40 + 20 * n, 140 + 4 * n) for n in range(5)])) == 0


def rows(left: int, count: int = 4, across: int = 3) -> list[tuple[int, int]]:
    """Places of strokes in several rows."""
    return [(left + 14 * n, 20 + 40 * row) for row in range(count) for n in range(across)]


@pytest.mark.parametrize(
    ("right", "count"),
    [
        (rows(150), 2),
        (rows(70), 1),  # no wider than between words
        (rows(150, count=1, across=6), 1),  # one line is no column
        (rows(150, across=1)[:3], 1),
        (rows(150) + rows(260), 3),
    ],
)
def test_columns_are_parted_by_a_gutter_between_several_lines(right: list, count: int):
    columns = in_columns(pieces_of(strokes(rows(10) + right)))
    assert len(columns) == count
    assert sum(map(len, columns)) == 12 + len(right)
    lefts = [[piece.left for piece in column] for column in columns]
    assert all(max(one) < min(other) for one, other in pairwise(lefts))
