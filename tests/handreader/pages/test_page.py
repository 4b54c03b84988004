"""A page is read digit by digit and line by line, whatever paper, pen and hand."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from handreader.ink.pixels import INKED, cut_out
from handreader.ink.segmentation import NoInkError
from handreader.ink.strokes import frame_strokes
from handreader.reader import Reader
from handreader.results import Number
from trainer.synthesis import writing

PAPER, INK = (238, 234, 225), (35, 45, 90)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def written(reader: Reader) -> Callable:
    """Digits that the network reads right when they stand alone, so that only the page matters."""
    random, stock = np.random.default_rng(3), {digit: [] for digit in range(10)}
    drawn = [(digit, writing.write_digit(digit, random)) for digit in range(10) for _ in range(30)]
    frames = [frame_strokes(ink_of(each, 60)) for _, each in drawn]
    for (digit, each), reading in zip(drawn, reader.digits.read(frames), strict=True):
        if reading.digit == digit and reading.confidence > 0.97:
            stock[digit].append(each)

    def write(digit: int, high: int = 60, number: int = 0) -> np.ndarray:
        return ink_of(stock[digit][number % len(stock[digit])], high)

    return write


def ink_of(written: list, high: int) -> np.ndarray:
    """Strokes as ink, 0 to 1, cut out."""
    ink = writing.trace(written, high, max(3, 0.1 * high)).astype(np.float32) / 255
    return cut_out(ink, above=INKED)


def page(
    write: Callable,
    lines: list[str],
    high: int = 60,
    slope: float = 0.0,
    size: tuple[int, int] = (600, 800),
) -> np.ndarray:
    """The cover of ink on a page with these lines."""
    cover, number = np.zeros(size, np.float32), 0
    start = 60 + high + round(max(0, -slope) * 700)
    for row, line in enumerate(lines):
        right = 40
        for digit in line:
            ink = write(int(digit), high, number)
            base = start + round(1.8 * high * row + slope * (right - 40))
            put(cover, ink, right, base - len(ink))
            right, number = right + ink.shape[1] + round(0.4 * high), number + 1
    return cover


def put(cover: np.ndarray, ink: np.ndarray, left: int, top: int) -> None:
    """Draw ink at a place."""
    part = cover[top : top + ink.shape[0], left : left + ink.shape[1]]
    np.maximum(part, ink, out=part)


def photo(cover: np.ndarray, paper: object = PAPER, ink: object = INK) -> np.ndarray:
    """Ink on paper, with the noise of a camera."""
    cover = cover[..., None]
    picture = np.array(paper) * (1 - cover) + np.array(ink) * cover
    noise = np.random.default_rng(0).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def read_page(picture: np.ndarray, reader: Reader) -> list[Number]:
    return reader.read(picture, "page").lines


def texts(lines: list[Number]) -> list[str]:
    return [line.digits_only for line in lines]


def errors(lines: list[Number], wanted: list[str]) -> int:
    """How many digits are not what they should be; the numbers of digits have to agree."""
    found = texts(lines)
    assert [len(line) for line in found] == [len(line) for line in wanted]
    return sum(one != other for one, other in zip("".join(found), "".join(wanted), strict=True))


LINES = ["3141592653", "58979", "323846264", "338327950"]


def test_clean_page_is_read_in_order_with_a_box_for_each_digit(written, reader) -> None:
    cover = page(written, LINES)
    lines = read_page(photo(cover), reader)
    assert errors(lines, LINES) <= 1
    left, top, wide, high = lines[0].digits[0].box
    ink = written(3, 60, 0)
    assert abs(left - 40) <= 3
    assert abs(top + high - 120) <= 3
    assert abs(wide - ink.shape[1]) <= 4
    assert abs(high - ink.shape[0]) <= 4


def test_light_ink_on_a_dark_board(written, reader) -> None:
    board = photo(page(written, LINES), (40, 60, 48), (235, 235, 225))
    assert errors(read_page(board, reader), LINES) <= 1


def test_paper_under_a_hard_shadow_and_a_falling_light(written, reader) -> None:
    picture = photo(page(written, LINES)).astype(np.float32)
    picture *= np.linspace(1, 0.5, picture.shape[0])[:, None, None]
    picture[:, 330:] *= 0.6
    assert errors(read_page(picture.astype(np.uint8), reader), LINES) <= 2


@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("grey", [90, 170])
def test_lines_of_the_paper_are_no_digits(written, reader, squared, grey) -> None:
    cover = page(written, LINES)
    paper = photo(np.zeros_like(cover))
    for place in range(20, 1000, 36):
        cv2.line(paper, (0, place), (799, place - 25), (grey, grey, grey + 30), 2, cv2.LINE_AA)
        if squared:
            cv2.line(paper, (place - 20, 0), (place, 599), (grey, grey, grey + 30), 2, cv2.LINE_AA)
    picture = paper * (1 - cover[..., None]) + np.array(INK) * cover[..., None]
    most = 3 if squared and grey == 90 else 2  # of 34: lines nearly as dark as the ink
    assert errors(read_page(picture.astype(np.uint8), reader), LINES) <= most


@pytest.mark.parametrize("degrees", [-8, -3, 6])
def test_slanted_lines_stay_apart(written, reader, degrees) -> None:
    slope = np.tan(np.radians(degrees))
    cover = page(written, LINES, 50, slope, size=(640, 800))
    assert errors(read_page(photo(cover), reader), LINES) <= 1


def turned_by(picture: np.ndarray, degrees: float) -> np.ndarray:
    """A picture turned to the left, its corners filled with paper."""
    high, wide = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    turn[:, 2] += 150
    return cv2.warpAffine(
        picture, turn, (wide + 300, high + 300), borderMode=cv2.BORDER_CONSTANT, borderValue=PAPER
    )


@pytest.mark.parametrize("degrees", [-20, -12, 12, 20])
def test_tilted_page_is_straightened(written, reader, degrees) -> None:
    picture = turned_by(photo(page(written, LINES)), degrees)
    assert errors(read_page(picture, reader), LINES) <= 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_page_may_lie_on_its_side_or_head(written, reader, quarters) -> None:
    picture = photo(page(written, LINES))
    lines = read_page(np.ascontiguousarray(np.rot90(picture, quarters)), reader)
    assert errors(lines, LINES) <= 1
    left, top, wide, high = lines[0].digits[0].box
    mask = np.zeros(picture.shape[:2], np.uint8)
    left_before, top_before, wide_before, high_before = read_page(picture, reader)[0].digits[0].box
    mask[top_before : top_before + high_before, left_before : left_before + wide_before] = 1
    expected = cv2.boundingRect(np.ascontiguousarray(np.rot90(mask, quarters)))
    assert (left, top, wide, high) == pytest.approx(expected, abs=2)


@pytest.mark.parametrize("text", ["6", "9", "69", "8906"])
def test_page_that_reads_as_well_upside_down_stays_as_it_is(written, reader, text) -> None:
    assert texts(read_page(photo(page(written, [text])), reader)) == [text]


def test_columns_are_read_one_after_the_other(written, reader) -> None:
    right = page(written, ["12", "7450", "83"], 50, size=(600, 400))
    cover = np.hstack([page(written, ["31415", "926", "5358"], 60, size=(600, 480)), right])
    wanted = ["31415", "926", "5358", "12", "7450", "83"]
    assert errors(read_page(photo(cover), reader), wanted) <= 1


def test_lines_of_different_sizes(written, reader) -> None:
    cover = np.zeros((1100, 1100), np.float32)
    cover[:400] = page(written, ["2718"], 180, size=(400, 1100))
    cover[400:600] = page(written, ["2818284"], 24, size=(200, 1100))
    cover[600:] = page(written, ["59045", "23536"], 80, size=(500, 1100))
    assert errors(read_page(photo(cover), reader), ["2718", "2818284", "59045", "23536"]) <= 1


@pytest.mark.parametrize("pair", ["35", "26", "81", "40", "92"])
def test_touching_digits_are_parted(written, reader, pair) -> None:
    cover = page(written, ["7041", "63"])
    first, second = (written(int(digit), 60, 1) for digit in pair)
    put(cover, first, 400, 120 - len(first))
    put(cover, second, 400 + first.shape[1] - 5, 120 - len(second))
    lines = read_page(photo(cover), reader)
    assert texts(lines) == ["7041" + pair, "63"]


def test_hat_of_a_five_that_floats_belongs_to_it(written, reader) -> None:
    cover = page(written, ["15", "04"])
    five = written(5, 60, 1)
    cut = five.copy()
    cut[10:15] = 0
    put(cover, cut, 300, 120 - len(five))
    lines = read_page(photo(cover), reader)
    assert texts(lines) == ["155", "04"]
    assert lines[0].digits[2].box[3] > 55


def test_specks_are_dropped(written, reader) -> None:
    cover = page(written, LINES)
    random = np.random.default_rng(1)
    for x, y in random.integers((0, 0), (800, 600), (60, 2)):
        if cover[max(0, y - 6) : y + 7, max(0, x - 6) : x + 7].max() == 0:
            cv2.circle(cover, (int(x), int(y)), int(random.integers(1, 4)), 1, -1)
    assert errors(read_page(photo(cover), reader), LINES) <= 1


def test_one_digit(written, reader) -> None:
    for digit in range(10):
        cover = np.zeros((120, 140), np.float32)
        put(cover, written(digit, 80), 30, 20)
        assert texts(read_page(photo(cover), reader)) == [str(digit)]


@pytest.mark.parametrize("size", [(600, 800), (30, 30), (1, 1), (5, 900)])
def test_empty_page(reader, size) -> None:
    with pytest.raises(NoInkError):
        read_page(photo(np.zeros(size, np.float32)), reader)


def test_large_photo_has_boxes_in_its_own_pixels(written, reader) -> None:
    cover = page(written, ["31", "42"], 200, size=(1600, 2600))
    lines = read_page(photo(cover), reader)
    assert texts(lines) == ["31", "42"]
    left, top, _, high = lines[0].digits[0].box
    assert abs(left - 40) <= 6
    assert abs(top + high - 260) <= 6
