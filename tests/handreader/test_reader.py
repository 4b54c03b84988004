"""One door: what is on a picture is found out, or said, and answered as a digit or as numbers."""

import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from handreader import DigitReader, Page, PictureError, Reader, Reading
from handreader.common.errors import UserError

PAPER, INK = (235, 240, 244), (90, 40, 30)


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The reader that predict.py uses."""
    return Reader()


def written(*lines: str, font: int = cv2.FONT_HERSHEY_SIMPLEX) -> np.ndarray:
    """Lines as a plotter writes them, on paper with some grain."""
    size = 80 * len(lines) + 40, 60 + 26 * max(map(len, lines)), 3
    picture = np.full(size, PAPER, np.uint8)
    for number, line in enumerate(lines):
        cv2.putText(picture, line, (20, 80 + 80 * number), font, 1.2, INK, 2, cv2.LINE_AA)
    noise = np.random.default_rng(0).normal(0, 3, size)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def numbers(reader: Reader, picture: np.ndarray) -> list[str]:
    """The texts of what must be taken for numbers."""
    page = reader.read(picture)
    assert isinstance(page, Page)
    return [line.text for line in page.lines]


@pytest.mark.parametrize("text", ["3.1415", "0171-555-1234", "1,250.00", "450"])
def test_number_is_read_with_its_marks(reader: Reader, text: str):
    assert numbers(reader, written(text)) == [text]


def test_currency_sign_is_left_out(reader: Reader):
    assert numbers(reader, written("$ 450")) == ["450"]


def test_lines_are_read_from_the_top_and_each_sign_has_its_box(reader: Reader):
    page = reader.read(written("450", "7246"))
    assert isinstance(page, Page)
    assert [line.text for line in page.lines] == ["450", "7246"]
    for line, foot in zip(page.lines, (80, 160), strict=True):
        lefts = [sign.box[0] for sign in line.signs]
        assert lefts == sorted(lefts)
        for _, top, wide, high in (sign.box for sign in line.signs):
            assert abs(top + high - foot) < 5
            assert 0 < wide < high < 40


@pytest.mark.parametrize("text", ["42", "305"])
def test_small_wide_crop_is_a_number(reader: Reader, text: str):
    whole = written(text)
    crop = whole[45:90, 14 : 26 + 25 * len(text)]
    wide = 28 * crop.shape[1] // crop.shape[0]
    small = cv2.resize(crop, (wide, 28), interpolation=cv2.INTER_AREA)
    assert numbers(reader, small) == [text]


def test_one_digit_is_one_whatever_view_is_asked_for(reader: Reader):
    picture = np.vstack([written("    ")[:60], written("  7 "), written("    ")[:60]])
    auto, digit, page = (reader.read(picture, view) for view in ("auto", "digit", "page"))
    assert isinstance(auto, Reading)
    assert isinstance(page, Page)
    assert auto == digit
    assert (auto.digit, page.lines[0].text, len(page.lines)) == (7, "7", 1)


def test_missing_network_for_lines_is_an_error_even_on_one_digit():
    reader = Reader(lines=Path("no such file.onnx"))
    picture = np.vstack([written("    ")[:60], written("  7 "), written("    ")[:60]])
    with pytest.raises(UserError, match="no such file"):
        reader.read(picture)
    assert reader.read(picture, "digit").digit == 7


LETTER = (
    "Tomorrow we shall visit",
    "the old mill behind the hill.",
    "Give our love to Peter and",
    "to the children. Martha",
)
FOX = ("The quick brown fox jumps over the lazy dog and runs",) * 3


@pytest.mark.parametrize(
    ("prose", "font"),
    [(LETTER, cv2.FONT_HERSHEY_SCRIPT_COMPLEX), (FOX, cv2.FONT_HERSHEY_SIMPLEX)],
    ids=["by hand", "plain, in long lines"],
)
def test_prose_is_one_sentence(reader: Reader, prose: tuple[str, ...], font: int):
    with pytest.raises(UserError, match="shows writing, but no number"):
        reader.read(written(*prose, font=font), "page")


def test_prose_by_hand_is_no_digit_either(reader: Reader):
    with pytest.raises(UserError, match="shows writing, but no number"):
        reader.read(written(*LETTER, font=cv2.FONT_HERSHEY_SCRIPT_COMPLEX))


def test_view_that_is_none_is_refused(reader: Reader):
    with pytest.raises(ValueError, match="There is no view 'number': choose one"):
        reader.read(written("  7 "), "number")  # type: ignore[call-overload]


def test_picture_may_be_bytes_an_image_or_a_grey_array(reader: Reader):
    picture = np.vstack([written("    ")[:60], written("  7 "), written("    ")[:60]])
    packed = cv2.imencode(".png", picture[..., ::-1])[1].tobytes()  # OpenCV wants BGR
    expected = reader.read(picture)
    for source in (packed, bytearray(packed), memoryview(packed), Image.fromarray(picture)):
        assert reader.read(source) == expected
    assert reader.read(picture[..., 0]).digit == 7
    for wrong in (None, 5, [picture]):
        with pytest.raises(TypeError, match="A picture is a file, bytes, an image or an array"):
            reader.read(wrong)  # type: ignore[call-overload]
    with pytest.raises(PictureError, match="is a folder"):
        reader.read("")
    with pytest.raises(PictureError, match="is an array of float64"):
        reader.read(picture / 255)


def test_reader_can_be_pickled_and_takes_a_reader_of_digits(reader: Reader):
    picture = written("42 ")
    again = pickle.loads(pickle.dumps(reader))
    assert again.read(picture) == reader.read(picture) == Reader(DigitReader()).read(picture)
