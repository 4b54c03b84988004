"""A sheet on a table is found, however it lies; what is no sheet is left alone."""

import cv2
import numpy as np
import pytest
from drawn import difference, flat, framed, photo

from handreader.ink import sheet
from handreader.ink.strokes import ways_to_see

TABLE = (95, 65, 40)
SHEET = np.array([[60, 50], [200, 50], [200, 250], [60, 250]], float)  # round from the top left


def table(corners: np.ndarray = SHEET, size: tuple[int, int] = (300, 280)) -> np.ndarray:
    """A dark table with a light sheet; each corner of the sheet is marked by a colour."""
    picture = flat(TABLE, shape=size)
    cv2.fillConvexPoly(picture, corners.round().astype(np.int32), (230, 228, 220), cv2.LINE_AA)
    middle = corners.mean(0)
    for corner, colour in zip(corners, MARKS, strict=True):
        place = (middle + 0.7 * (corner - middle)).round().astype(int).tolist()
        cv2.circle(picture, place, 9, colour, -1, cv2.LINE_AA)
    return picture


MARKS = [(200, 30, 30), (30, 160, 30), (30, 30, 200), (10, 10, 10)]


def turned(degrees: float) -> np.ndarray:
    """The corners of the sheet when it lies askew."""
    angle, middle = np.radians(degrees), SHEET.mean(0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (SHEET - middle) @ turn.T + middle


def assert_upright(picture: np.ndarray, size: tuple[float, float]) -> None:
    """All paper but for its marks, which are where they were drawn."""
    high, wide = picture.shape[:2]
    assert (high, wide) == pytest.approx(size, abs=8)
    places = [(0.14, 0.14), (0.86, 0.14), (0.86, 0.86), (0.14, 0.86)]
    for (right, down), colour in zip(places, MARKS, strict=True):
        part = picture[round(high * down) + np.arange(-2, 3)][
            :, round(wide * right) + np.arange(-2, 3)
        ]
        assert np.abs(part.reshape(-1, 3).mean(0) - colour).max() < 80
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert (edge.min(1) > 190).all(), "nothing of the table is left"


def sheets(picture: np.ndarray) -> list[np.ndarray]:
    """The sheets that are cut out of a picture, one or none."""
    whole, *found = sheet.grounds(picture)
    assert whole.picture is picture
    return [ground.picture for ground in found]


@pytest.mark.parametrize("degrees", [0, 4, -9, 20, -30])
def test_sheet_that_lies_askew_is_straightened(degrees: float):
    (found,) = sheets(table(turned(degrees)))
    assert_upright(found, (188, 132))


def test_sheet_that_is_seen_from_the_side_is_straightened():
    corners = np.array([[70, 52], [192, 50], [205, 250], [58, 246]], float)
    (found,) = sheets(table(corners))
    assert_upright(found, (183, 115))


def test_sheet_on_a_large_picture_keeps_its_pixels():
    (found,) = sheets(cv2.resize(table(), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC))
    assert found.shape[:2] == pytest.approx((752, 526), abs=20)


def test_box_on_a_sheet_is_told_on_the_picture():
    _, found = sheet.grounds(table(turned(20)))
    high, wide = found.picture.shape[:2]
    right, down = 0.86 * wide, 0.14 * high
    left, top, across, up = found.box_before((round(right) - 5, round(down) - 5, 10, 10))
    middle = turned(20).mean(0) + 0.7 * (turned(20)[1] - turned(20).mean(0))
    assert (left + across / 2, top + up / 2) == pytest.approx(middle, abs=6)


def test_sheet_with_a_dog_ear_is_cut_out_as_a_rectangle():
    picture = table()
    cv2.fillConvexPoly(picture, np.array([[160, 48], [202, 48], [202, 92]]), TABLE)
    (found,) = sheets(picture)
    assert found.shape[:2] == pytest.approx((188, 132), abs=8)


def test_digit_on_a_sheet_on_a_table_is_seen():
    picture = flat(TABLE, shape=(700, 900))
    picture[120:570, 250:640] = cv2.resize(photo(), (390, 450), interpolation=cv2.INTER_CUBIC)
    expected = framed(photo())
    assert min(difference(steps.framed, expected) for steps in ways_to_see(picture)) < 5


def with_boxes(*boxes: tuple[int, int, int, int], light: int = 80) -> np.ndarray:
    """A table of 200 x 200 with what is lighter in boxes: top, left, bottom, right.

    Boxes after the first become table again where they lie in it.
    """
    picture = flat(TABLE, shape=(200, 200))
    for number, (top, left, bottom, right) in enumerate(boxes):
        picture[top:bottom, left:right] = np.array(TABLE) + (0 if number else light)
    return picture


WHOLE = (60, 50, 160, 150)


@pytest.mark.parametrize(
    "boxes",
    [
        [WHOLE],
        [WHOLE, (100, 50, 120, 75)],
        [WHOLE, (80, 70, 135, 125)],
        [(60, 50, 120, 110)],
        [(10, 10, 198, 198)],
        [(60, 0, 160, 120)],
    ],
    ids=["usual", "small bay", "much writing", "small", "large", "cut off"],
)
def test_rectangle_may_be_a_sheet(boxes: list):
    assert len(sheets(with_boxes(*boxes))) == 1


@pytest.mark.parametrize(
    "boxes",
    [
        [WHOLE, (100, 50, 120, 100)],
        [WHOLE, (72, 62, 148, 138)],
        [(60, 50, 114, 104)],
        [(2, 2, 198, 198)],
        [(0, 0, 200, 120)],
    ],
    ids=["bay", "ring", "tiny", "nearly all", "half"],
)
def test_other_shape_is_no_sheet(boxes: list):
    assert sheets(with_boxes(*boxes)) == []


def test_picture_without_much_difference_has_no_sheet():
    assert sheets(photo()) == []
    assert sheets(flat(TABLE)) == []
    assert sheets(flat(TABLE, noise=4)) == []
    assert sheets(with_boxes(WHOLE, light=15)) == []
    assert len(sheets(with_boxes(WHOLE, light=30))) == 1


def test_sheet_of_few_pixels_is_none():
    picture = flat(TABLE, shape=(30, 60))
    picture[7:22, 10:50] = 230
    assert sheets(picture) == []
