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


@pytest.mark.parametrize("degrees", [0, 4, -9, 20, -30])
def test_sheet_that_lies_askew_is_straightened(degrees: float):
    found = sheet.cut_out_sheet(table(turned(degrees)))
    assert_upright(found, (188, 132))


def test_sheet_that_is_seen_from_the_side_is_straightened():
    corners = np.array([[70, 52], [192, 50], [205, 250], [58, 246]], float)
    assert_upright(sheet.cut_out_sheet(table(corners)), (183, 115))


def test_sheet_on_a_large_picture_keeps_its_pixels():
    picture = cv2.resize(table(), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    found = sheet.cut_out_sheet(picture)
    assert found.shape[:2] == pytest.approx((752, 526), abs=20)


def test_picture_comes_first_and_then_its_sheet():
    picture = table()
    first, second = sheet.with_sheet(picture)
    assert first is picture
    assert second.shape != picture.shape
    assert len(list(sheet.with_sheet(photo()))) == 1


def test_digit_on_a_sheet_on_a_table_is_seen():
    picture = flat(TABLE, shape=(700, 900))
    picture[120:570, 250:640] = cv2.resize(photo(), (390, 450), interpolation=cv2.INTER_CUBIC)
    expected = framed(photo())
    assert min(difference(steps.framed, expected) for steps in ways_to_see(picture)) < 5


def mask(high: int = 100, wide: int = 100) -> np.ndarray:
    """A mask of 200 x 200 with a rectangle in it."""
    found = np.zeros((200, 200), np.uint8)
    found[60 : 60 + high, 50 : 50 + wide] = 1
    return found


def test_rectangle_may_be_a_sheet():
    hull = sheet.hull_of_sheet(mask())
    assert sorted(map(tuple, hull[:, 0].tolist())) == [(50, 60), (50, 159), (149, 60), (149, 159)]


def test_of_several_shapes_the_largest_counts():
    several = mask()
    several[5:50, 5:45] = several[165:195, 5:195] = 1
    assert sheet.hull_of_sheet(several)[:, 0].min() == 50


@pytest.mark.parametrize(("side", "wanted"), [(54, False), (60, True)])
def test_sheet_takes_some_of_the_picture(side: int, wanted: bool):
    assert (sheet.hull_of_sheet(mask(side, side)) is not None) is wanted


def test_sheet_does_not_take_nearly_all_of_the_picture():
    nearly = np.zeros((200, 200), np.uint8)
    nearly[2:198, 2:198] = 1
    assert sheet.hull_of_sheet(nearly) is None
    nearly[:10] = nearly[:, :10] = 0
    assert sheet.hull_of_sheet(nearly) is not None


def test_shape_with_a_bay_is_no_sheet():
    with_bay = mask()
    with_bay[100:120, 50:75] = 0
    assert sheet.hull_of_sheet(with_bay) is not None
    with_bay[100:120, 75:100] = 0
    assert sheet.hull_of_sheet(with_bay) is None


def test_ring_is_no_sheet_and_writing_on_a_sheet_is_no_ring():
    ring = mask()
    ring[80:135, 70:125] = 0
    assert sheet.hull_of_sheet(ring) is not None
    ring[72:148, 62:138] = 0
    assert sheet.hull_of_sheet(ring) is None


def test_sheet_may_reach_somewhat_beyond_the_picture():
    beyond = np.zeros((200, 200), np.uint8)
    beyond[60:160, :120] = 1
    assert sheet.hull_of_sheet(beyond) is not None
    beyond[:, :120] = 1
    assert sheet.hull_of_sheet(beyond) is None


def test_picture_without_any_difference_has_no_sheet():
    assert sheet.hull_of_sheet(np.zeros((50, 50), np.uint8)) is None
    assert sheet.cut_out_sheet(flat(TABLE)) is None
    assert sheet.cut_out_sheet(flat(TABLE, noise=4)) is None


@pytest.mark.parametrize(("away", "wanted"), [(15, 0), (30, 60 * 40)])
def test_what_hardly_differs_from_the_edges_is_table(away: int, wanted: int):
    picture = flat(TABLE)
    picture[30:90, 50:90, 2] += away
    assert sheet.unlike_edges(picture).sum() == wanted


def test_corners_of_a_quadrangle_are_its_own_and_those_of_others_a_rectangle():
    hull = cv2.convexHull(turned(20).round().astype(np.int32)[:, None])
    found = sheet.clockwise(sheet.corners_of(hull))
    assert np.abs(found - turned(20)).max() < 1
    assert found.dtype == np.float32
    found = sheet.clockwise(sheet.corners_of(without_corner(40)))
    assert found.tolist() == SHEET.tolist()


def without_corner(size: int) -> np.ndarray:
    """The hull of a sheet whose top right corner is cut off."""
    hull = [[60, 50], [200 - size, 50], [200, 50 + size], [200, 250], [60, 250]]
    return np.array(hull, np.int32)[:, None]


def test_small_dog_ear_counts_as_a_corner():
    found = sheet.clockwise(sheet.corners_of(without_corner(30)))
    assert np.abs(found - SHEET).max() == 30


@pytest.mark.parametrize("degrees", [-40, -10, 0, 30])
def test_corners_go_round_from_the_top_left(degrees: float):
    corners = turned(degrees)
    for order in ([2, 0, 3, 1], [3, 2, 1, 0], [0, 1, 2, 3]):
        assert np.array_equal(sheet.clockwise(corners[order]), corners)


def test_rim_of_a_sheet_is_cut_off():
    picture = np.zeros((300, 280, 3), np.uint8)
    picture[50:250, 60:200] = np.arange(140, dtype=np.uint8)[None, :, None]
    picture[50:250, 60:200, 1] = np.arange(200, dtype=np.uint8)[:, None]
    found = sheet.straightened(picture, SHEET.astype(np.float32))
    assert found.shape == (188, 132, 3)
    assert found[90, :, 0].tolist() == pytest.approx(list(range(4, 136)), abs=1)
    for column in (0, 66, 131):
        assert found[:, column, 1].tolist() == list(range(6, 194))


@pytest.mark.parametrize(
    ("high", "wide", "wanted"), [(200, 16, False), (16, 200, False), (18, 18, True)]
)
def test_tiny_sheet_is_none(high: int, wide: int, wanted: bool):
    corners = np.array([[50, 50], [50 + wide, 50], [50 + wide, 50 + high], [50, 50 + high]])
    found = sheet.straightened(flat(TABLE, shape=(300, 300)), corners.astype(np.float32))
    assert (found is not None) is wanted
