"""The printed cells of forms go, what is written into them stays whole."""

import cv2
import numpy as np
import pytest
from drawn import FOUR, SEVEN, TWO, Drawing

from handreader.ink import cells
from handreader.ink.cells import without_cells

SIZE = 300, 500
COLUMNS = [40 + 70 * number for number in range(6)]  # of the borders between cells
TOP, BOTTOM = 90, 200


def digits(shift: int = 0) -> np.ndarray:
    """The cover of a digit for each cell, so much off its place."""
    cover = np.zeros(SIZE)
    for number, left in enumerate(COLUMNS[:-1]):
        strokes = (TWO, SEVEN, FOUR)[number % 3]
        cover = np.maximum(cover, Drawing(strokes, SIZE, 60, (left + 15 + shift, 115), 7).cover())
    return cover.astype(np.float32)


def form(degrees: float = 0.0) -> np.ndarray:
    """The cover of a row of cells, turned."""
    printed = np.zeros(SIZE, np.uint8)
    for left in COLUMNS[:-1]:
        cv2.rectangle(printed, (left, TOP), (left + 70, BOTTOM), 255, 2)
    return turned(np.float32(printed / 255), degrees)


def turned(cover: np.ndarray, degrees: float) -> np.ndarray:
    """The same, turned about the middle."""
    matrix = cv2.getRotationMatrix2D((SIZE[1] / 2, SIZE[0] / 2), degrees, 1)
    return cv2.warpAffine(cover, matrix, SIZE[::-1])


def shares(found: np.ndarray, wanted: np.ndarray, borders: np.ndarray) -> tuple[float, float]:
    """How much of some digits went missing, and how much of borders is still there."""
    ink, print_ = wanted > 0.5, (borders > 0.5) & (wanted == 0)
    lost, left = ink & (found < 0.3), print_ & (found > 0.3)
    return lost.sum() / ink.sum(), left.sum() / print_.sum()


@pytest.mark.parametrize("degrees", [0, 3, -8, 20])
def test_cells_go_however_a_form_lies_and_digits_in_them_stay(degrees: float):
    wanted, borders = turned(digits(), degrees), form(degrees)
    lost, left = shares(without_cells(np.maximum(wanted, borders)), wanted, borders)
    assert lost < 0.01
    assert left < 0.12


def test_digits_that_cross_a_border_stay_whole():
    wanted, borders = digits(shift=28), form()
    lost, left = shares(without_cells(np.maximum(wanted, borders)), wanted, borders)
    assert lost < 0.05
    assert left < 0.2


def test_what_is_no_form_stays_as_it_is():
    for cover in (digits(), form(), np.zeros(SIZE, np.float32)):  # a form alone is the writing
        assert without_cells(cover) is cover


def test_printed_0_with_upright_sides_is_no_cell():
    cover = np.zeros(SIZE, np.float32)
    cv2.line(cover, (100, 80), (100, 200), 1, 70)  # with round ends
    cv2.line(cover, (100, 80), (100, 200), 0, 50)
    cover[130:150, 95:105] = 1  # and a dot within
    assert without_cells(cover) is cover


def test_boxes_one_in_the_other_are_searched_only_so_far(monkeypatch: pytest.MonkeyPatch):
    cover = digits()
    for edge in range(3, 60, 8):
        cv2.rectangle(cover, (edge, edge), (499 - edge, 299 - edge), 1, 2)
    searched = []
    monkeypatch.setattr(cells, "is_fine", lambda *_: searched.append(1))
    assert without_cells(cover) is cover
    assert len(searched) <= cells.MOST_NESTED + 1
