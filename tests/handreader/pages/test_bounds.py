"""What is no page of digits is refused before it takes minutes: by counting, not by the clock."""

import cv2
import numpy as np
import pytest

from handreader.common.errors import PictureError
from handreader.ink.strokes import WORKING_SIDE, frame_strokes
from handreader.pages import division
from handreader.pages.division import MOST_TRIED, Allowance
from handreader.pages.pieces import MOST_PIECES, TooMuchError, pieces_of
from handreader.reader import Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The reader that predict.py uses."""
    return Reader()


def diagonal_stripes(side: int, wide: int = 4) -> np.ndarray:
    """Stripes, (side, side) bytes, whose boxes lie one over the other."""
    return (np.indices((side, side)).sum(0) // wide % 2 * 255).astype(np.uint8)


def dots(rows: int, columns: int) -> np.ndarray:
    """So many small strokes, as a cover."""
    cover = np.zeros((12 * rows, 8 * columns), np.float32)
    for row in range(rows):
        cover[12 * row + 2 : 12 * row + 10, 3::8] = 1
    return cover


def scribble(strokes: int) -> np.ndarray:
    """Strokes that cross each other, 800 x 800."""
    random, picture = np.random.default_rng(5), np.full((800, 800), 255, np.uint8)
    for _ in range(strokes):
        steps = np.cumsum(random.normal(0, 15, (30, 2)), 0) + random.uniform(0, 800, 2)
        cv2.polylines(picture, [steps.astype(np.int32)], False, (0,), 3)
    return picture


def test_as_many_pieces_as_a_page_may_have_are_found_and_one_more_is_too_much():
    cover = dots(MOST_PIECES // 40, 40)
    assert len(pieces_of(cover)) == MOST_PIECES
    with pytest.raises(TooMuchError, match="shows too much: crop it"):
        pieces_of(np.hstack([cover, dots(MOST_PIECES // 40, 1)]))


def test_pieces_whose_boxes_lie_one_over_the_other_are_too_much():
    few = diagonal_stripes(96) / 255
    assert 0 < len(pieces_of(np.float32(few * (np.indices(few.shape)[0] < 8)))) < 30
    with pytest.raises(TooMuchError):
        pieces_of(np.float32(few))


@pytest.mark.parametrize("side", [600, 1500])
def test_stripes_are_too_much(side: int, reader: Reader):
    with pytest.raises(PictureError, match=r"shows too much|shows no ink"):
        reader.read(np.repeat(diagonal_stripes(side)[..., None], 3, 2), "page")


def test_no_more_is_tried_than_is_allowed(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    tried = []
    usual = division.choice_of
    monkeypatch.setattr(division, "choice_of", lambda *given: tried.append(given) or usual(*given))
    monkeypatch.setattr(
        Allowance, "__init__", lambda self: setattr(self, "pixels", MOST_TRIED // 50)
    )
    with pytest.raises(TooMuchError):
        reader.read(np.repeat(scribble(40)[..., None], 3, 2), "page")
    sizes = [{id(atom.whole): atom.whole.piece.ink.size for atom in group} for group, *_ in tried]
    assert 0 < sum(sum(each.values()) for each in sizes[:-1]) <= MOST_TRIED // 50


def test_each_trial_costs_something():
    allowed = Allowance(pixels=20_000)
    allowed.spend(0)
    allowed.spend(0)
    with pytest.raises(TooMuchError):
        allowed.spend(4001)


def test_strokes_of_large_ink_are_strengthened_in_small(monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []
    usual = cv2.dilate
    monkeypatch.setattr(
        cv2, "dilate", lambda ink, brush: seen.append(max(ink.shape)) or usual(ink, brush)
    )
    ink = np.zeros((2000, 2000), np.float32)
    ink[:, 1000:1004] = ink[1000:1004] = 1
    assert frame_strokes(ink).max() == 255
    assert max(seen) < 1.2 * WORKING_SIDE
