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
    with pytest.raises(PictureError, match="has no name"):
        reader.read("")
    with pytest.raises(PictureError, match="is an array of float64"):
        reader.read(picture / 255)


def test_reader_can_be_pickled_and_takes_a_reader_of_digits(reader: Reader):
    picture = written("42 ")
    again = pickle.loads(pickle.dumps(reader))
    assert again.read(picture) == reader.read(picture) == Reader(DigitReader()).read(picture)


def on_a_table(sheet: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A sheet on a dark table, askew, and the homography that put it there."""
    high, wide = sheet.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    places = corners + np.array([[160, 110], [150, 140], [165, 125], [140, 120]], np.float32)
    turn = cv2.getPerspectiveTransform(corners, places)
    size = wide + 320, high + 260
    table = cv2.warpPerspective(sheet, turn, size, borderValue=(60, 45, 35))
    noise = np.random.default_rng(1).normal(0, 2, table.shape)
    return np.clip(table + noise, 0, 255).astype(np.uint8), turn


def test_number_on_a_sheet_on_a_table_is_read_whole_with_its_boxes_on_the_picture(reader: Reader):
    sheet = cv2.resize(written(" 20517", "       "), None, fx=3, fy=3)
    picture, turn = on_a_table(sheet)
    for page in (reader.read(picture), reader.read(picture, "page")):
        assert isinstance(page, Page)
        assert [line.text for line in page] == ["20517"]
        (flat,) = reader.read(sheet, "page")
        for seen, there in zip(page.lines[0].signs, flat.signs, strict=True):
            left, top, wide, high = there.box
            middle = turn @ (left + wide / 2, top + high / 2, 1)
            found = seen.box[0] + seen.box[2] / 2, seen.box[1] + seen.box[3] / 2
            assert found == pytest.approx(middle[:2] / middle[2], abs=8)


def test_small_number_beside_a_large_digit_is_read_as_well(reader: Reader):
    picture = np.full((500, 700, 3), PAPER, np.uint8)
    cv2.putText(picture, "7", (150, 330), 0, 9, INK, 18, cv2.LINE_AA)
    cv2.putText(picture, "533", (480, 440), 0, 1.6, INK, 4, cv2.LINE_AA)
    assert numbers(reader, picture) == ["7", "533"]


def test_digit_that_the_network_for_lines_reads_otherwise_is_unsure(reader: Reader):
    picture = np.vstack([written("    ")[:60], written("  7 "), written("    ")[:60]])
    assert not reader.read(picture).unsure
    nothing = Reader(lines=lambda lines: np.eye(16)[:1, :, None].repeat(lines.shape[2] // 4, 2) * 9)
    assert nothing.read(picture).unsure


def test_table_is_read_row_by_row_with_a_tab_between_its_cells(reader: Reader):
    page = reader.read(written("28   176    8", "75    31   94", "30   203   81"))
    assert isinstance(page, Page)
    assert [line.text for line in page] == ["28\t176\t8", "75\t31\t94", "30\t203\t81"]
    assert [line.digits_only for line in page] == ["281768", "753194", "3020381"]
    values = page.to_dict()
    assert (values["rows"], values["columns"]) == (3, 3)
    assert values["cells"][1] == ["75", "31", "94"]


def test_widely_spaced_digits_are_a_number(reader: Reader):
    assert numbers(reader, written("1   3   4   6", "9   1   2   5")) == ["1346", "9125"]


def test_number_in_a_ring_is_read_and_the_ring_is_not(reader: Reader):
    picture = np.full((420, 420, 3), PAPER, np.uint8)
    cv2.circle(picture, (210, 210), 160, (30, 40, 160), 36, cv2.LINE_AA)
    cv2.putText(picture, "47", (150, 245), 0, 3, INK, 7, cv2.LINE_AA)
    assert numbers(reader, picture) == ["47"]


def test_number_that_is_crossed_out_is_unsure(reader: Reader):
    picture = cv2.resize(written(" 8707"), None, fx=3, fy=3)
    assert not reader.read(picture).unsure
    cv2.line(picture, (90, 205), (400, 195), INK, 6, cv2.LINE_AA)
    assert reader.read(picture).unsure
