"""From picture to frame: whatever paper, pen, light and place, the same digit looks the same."""

import cv2
import numpy as np
import pytest
from drawn import (
    FIVE,
    FOUR,
    INK,
    PAPER,
    SEVEN,
    TWO,
    assert_frame,
    difference,
    flat,
    framed,
    likeness,
    photo,
)
from support import first_way

from handreader.framing import SIDE
from handreader.ink.segmentation import NoInkError
from handreader.ink.strokes import (
    Steps,
    find_digit,
    frame_strokes,
    ways_to_see,
)
from helpers.data import Digits


@pytest.fixture(scope="module")
def usual() -> np.ndarray:
    """The two, photographed without any difficulty."""
    return framed(photo())


# What does not matter


@pytest.mark.parametrize("strokes", [TWO, SEVEN, FOUR, FIVE], ids=["2", "7", "4", "5"])
@pytest.mark.parametrize("place", [(15, 130), (130, 20)])
def test_place_does_not_matter(strokes: list, place: tuple[float, float]):
    picture = framed(photo(strokes))
    assert_frame(picture)
    assert difference(framed(photo(strokes, place=place)), picture) < 2


@pytest.mark.parametrize("scale", [0.13, 0.2, 0.6, 3])
def test_size_does_not_matter(scale: float, usual: np.ndarray):
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(photo(), None, fx=scale, fy=scale, interpolation=way)
    assert difference(framed(picture), usual) < (11 if scale < 0.3 else 4)
    assert likeness(framed(picture), usual) > (0.9 if scale < 0.15 else 0.93)  # soft edges stay


COLOURS = {
    "red on white": ((255, 255, 255), (220, 30, 30)),
    "pencil": ((245, 245, 240), (120, 120, 125)),
    "blue on yellow": ((250, 235, 120), (30, 50, 160)),
    "black on brown": ((160, 115, 70), (25, 20, 20)),
    "green as dark as its paper": ((190, 90, 90), (60, 140, 60)),
    "chalk": ((35, 60, 45), (235, 235, 225)),
    "yellow on black": ((10, 10, 15), (230, 210, 60)),
    "white on red": ((190, 30, 40), (250, 250, 250)),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_do_not_matter(name: str, usual: np.ndarray):
    paper, ink = COLOURS[name]
    assert difference(framed(photo(paper=paper, ink=ink, noise=3)), usual) < 4


def lit(kind: str) -> np.ndarray:
    """How bright each pixel of a picture is."""
    down, right = np.mgrid[:300, :260] / 300
    if kind == "from one side":
        return 1 - 0.55 * right
    if kind == "from above":
        return 0.5 + 0.5 * (1 - down)
    if kind == "lamp":
        return np.exp(-((down - 0.3) ** 2 + (right - 0.2) ** 2))
    if kind == "dark corners":
        return 1 - 0.9 * ((down - 0.5) ** 2 + (right - 0.43) ** 2)
    edge = 1 / (1 + np.exp(-(right + 0.4 * down - 0.62) * 60))  # a shadow, its edge slightly soft
    return 1 - 0.4 * edge


@pytest.mark.parametrize("kind", ["from one side", "from above", "lamp", "dark corners", "shadow"])
def test_light_does_not_matter(kind: str, usual: np.ndarray):
    ways = list(ways_to_see(photo(light=lit(kind), noise=2)))
    closest = min(difference(steps.framed, usual) for steps in ways)
    assert closest < 5
    if kind != "shadow":  # its edge may look like ink at first
        assert difference(ways[0].framed, usual) < 5


@pytest.mark.parametrize("noise", [4, 10, 20])
def test_noise_of_the_camera_does_not_matter(noise: float, usual: np.ndarray):
    assert difference(framed(photo(noise=noise)), usual) < 5


def test_faint_writing_is_strengthened_and_traces_of_jpeg_do_not_matter(usual: np.ndarray):
    faint = framed(photo(ink=(215, 213, 206), noise=1))
    assert faint.max() == 255
    assert difference(faint, usual) < 6
    _, packed = cv2.imencode(".jpg", photo(), [cv2.IMWRITE_JPEG_QUALITY, 30])
    assert difference(framed(cv2.imdecode(packed, cv2.IMREAD_COLOR)), usual) < 4


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("side", [200, 600])
def test_thin_lines_survive_and_thick_ones_do_not_swell(width: int, side: int):
    place = (side / 4, side / 6)
    shape, height = (side, side), side * 0.66
    thick = framed(photo(shape=shape, height=height, place=place, width=side / 15))
    thin = framed(photo(shape=shape, height=height, place=place, width=width, paper=(255,) * 3))
    assert thin.max() == 255
    assert likeness(thin, thick) > 0.7
    assert 70 < thin.astype(float).sum() / 255 < thick.astype(float).sum() / 255 < 120


# What belongs to the digit


def test_hat_of_a_five_that_floats_belongs_to_it():
    whole = first_way(photo(FIVE, height=150, width=12))
    rest = first_way(photo(FIVE[:1], height=150, width=12))
    assert whole.box[3] > rest.box[3] + 8
    assert whole.box[2] > rest.box[2]
    assert whole.framed[:7].sum() > 1000


def test_dirt_far_away_and_a_neighbour_cut_off_by_the_border_are_dropped(usual: np.ndarray):
    picture = photo()
    cv2.circle(picture, (15, 280), 4, INK, -1)
    assert difference(framed(picture), usual) < 1
    cv2.line(picture, (259, 60), (255, 240), INK, 12)
    assert difference(framed(picture), usual) < 3


def rule(picture: np.ndarray, kind: str, gap: int = 62, colour: tuple = (165, 185, 215)) -> None:
    """Draw the lines of paper over a picture, as if the ink were not opaque."""
    lines = np.full_like(picture, 255)
    for place in range(gap // 2, max(picture.shape), gap):
        cv2.line(lines, (0, place), (picture.shape[1], place + 2), colour, 2)
        if kind == "squared":
            cv2.line(lines, (place, 0), (place, picture.shape[0]), colour, 2)
    picture[:] = np.minimum(picture, lines)


@pytest.mark.parametrize("kind", ["ruled", "squared"])
def test_lines_of_the_paper_are_removed(kind: str, usual: np.ndarray):
    picture = photo(noise=2)
    rule(picture, kind)
    assert difference(framed(picture), usual) < 5


@pytest.mark.parametrize("name", ["7", "4"])
def test_bar_that_fills_the_picture_is_no_line_of_the_paper(name: str):
    strokes, bar = {"7": (SEVEN, 0.0), "4": (FOUR, 0.6)}[name]
    whole = photo(strokes, shape=(220, 200), height=160, place=(30, 30), width=12)
    cut = whole[:, 34 : 34 + round((0.7 if name == "7" else 0.75) * 160) - 8]
    row = 30 + round(bar * 160)
    assert (cut[row] < 150).all(), "the bar goes from edge to edge"
    seen = first_way(np.ascontiguousarray(cut))
    assert np.mean(seen.ink[row] > 0.5) > 0.9
    assert likeness(seen.framed, framed(whole)) > 0.8


# Which strokes are the digit


def inky(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (100, 120)) -> np.ndarray:
    """Ink, not quite full, in boxes: left, top, width, height."""
    ink = np.zeros(size, np.float32)
    for left, top, wide, high in boxes:
        ink[top : top + high, left : left + wide] = 0.9
    return ink


def test_digit_is_cut_out_with_its_soft_edge():
    ink = inky((50, 30, 10, 40))
    ink[29, 50:60] = 0.35
    ink[28, 50:60] = 0.25  # not of the stroke any more
    digit, box = find_digit(ink)
    assert box == (50, 29, 10, 41)
    assert np.array_equal(digit, ink[29:70, 50:60])


@pytest.mark.parametrize(
    ("other", "wanted"),
    [
        ((69, 40, 9, 10), (50, 30, 28, 40)),
        ((30, 40, 9, 10), (50, 30, 10, 40)),
        ((50, 79, 9, 10), (50, 30, 10, 59)),
        ((68, 78, 9, 10), (50, 30, 10, 40)),
    ],
    ids=["right", "too far", "below", "too far aslant"],
)
def test_stroke_nearer_than_a_quarter_of_the_digit_belongs_to_it(other: tuple, wanted: tuple):
    digit, box = find_digit(inky((50, 30, 10, 40), other))
    assert box == wanted
    assert digit.shape == (wanted[3], wanted[2])


def test_stroke_that_is_not_of_the_digit_is_left_out_of_its_box():
    ink = inky((50, 20, 10, 60), (60, 20, 40, 5), size=(100, 120))
    ink[40:44, 96:100] = 0.9
    assert find_digit(ink)[0].max() == np.float32(0.9)
    ring = inky((20, 20, 60, 5), (20, 75, 60, 5), (20, 20, 5, 60), (75, 20, 5, 60))
    ring[50, 50] = 0.9  # a speck of one pixel in its middle is dirt
    digit, box = find_digit(ring)
    assert box == (20, 20, 60, 60)
    assert digit[30, 30] == 0


@pytest.mark.parametrize("side", [0, 1, 2, 3])
def test_what_comes_in_from_outside_is_no_part_of_a_digit_that_does_not(side: int):
    ink = np.rot90(inky((40, 30, 10, 40), (54, 0, 4, 60)), side).copy()
    digit, _ = find_digit(ink)
    assert sorted(digit.shape) == [10, 40]


def test_stroke_in_the_middle_is_preferred_to_a_larger_one_in_a_corner():
    corner, middle = (2, 2, 12, 28), (57, 40, 10, 22)
    assert find_digit(inky(corner, middle))[1] == middle
    assert find_digit(inky((2, 2, 12, 60), middle))[1][:2] == (2, 2)
    middle, corner = (140, 140, 10, 22), (285, 265, 10, 30)
    assert find_digit(inky(middle, corner, size=(300, 300)))[1] == middle


def test_stroke_along_the_edge_weighs_less_but_is_better_than_nothing():
    edge, small = (0, 20, 8, 60), (60, 40, 10, 22)
    assert find_digit(inky(edge, small))[1] == small
    assert find_digit(inky(edge))[1] == edge
    assert find_digit(inky(edge, (60, 40, 3, 3)))[1] == edge


def test_paper_without_strokes_has_no_digit():
    with pytest.raises(NoInkError):
        find_digit(np.full((40, 40), 0.3, np.float32))


def test_dot_is_a_digit_where_there_is_nothing_else():
    ink = np.zeros((40, 40), np.float32)
    ink[20, 30] = 1
    assert find_digit(ink)[1] == (30, 20, 1, 1)
    ink[20, 31] = ink[30, 5] = 1
    assert find_digit(ink)[1] == (30, 20, 2, 1)


def cropped(image: np.ndarray) -> np.ndarray:
    """A digit of 28 x 28 as ink that just holds it."""
    rows, columns = np.flatnonzero(image.max(1) > 25), np.flatnonzero(image.max(0) > 25)
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255


def test_real_digits_come_back_from_paper(digits: Digits):
    random, found = np.random.default_rng(1), []
    for image in digits.test.images[:60, 0].numpy():
        side = int(random.integers(60, 240))
        cover = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR) / 255
        shape = random.integers(round(1.1 * side), 2 * side, 2)
        top, left = (int(random.integers(0, extent - side + 1)) for extent in shape)
        ink = np.zeros(shape)
        ink[top : top + side, left : left + side] = cover
        paper, pen = random.integers(200, 256, 3), random.integers(0, 110, 3)
        if random.random() < 0.3:
            paper, pen = pen, paper
        picture = paper + (pen - paper) * ink[..., None]
        picture = picture * (1 - 0.3 * np.linspace(0, random.random(), shape[1])[:, None])
        picture = np.clip(picture + random.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
        seen, expected = framed(picture), frame_strokes(cropped(image))
        found.append((difference(seen, expected), likeness(seen, expected)))
    differences, likenesses = np.array(found).T
    assert differences.mean() < 10  # 6.9 to 7.7 from five seeds
    assert np.quantile(likenesses, 0.1) > 0.8  # 0.86 to 0.90: thin strokes may lie a pixel off
    assert np.median(likenesses) > 0.95


# Pictures without a digit


BLANK = {
    "white": flat((255, 255, 255)),
    "black": flat((0, 0, 0)),
    "colour": flat((30, 160, 60)),
    "grain": flat((235, 230, 220), noise=1),
    "slope of light": (
        np.linspace(120, 250, 200)[None, :, None] * np.ones((150, 1, 3)) + 0.5
    ).astype(np.uint8),
}


@pytest.mark.parametrize("name", BLANK)
def test_blank_paper_shows_no_ink(name: str):
    with pytest.raises(NoInkError, match="no ink"):
        ways_to_see(BLANK[name])


SHAPES = [(1, 1), (1, 2), (2, 1), (3, 3), (5, 4), (1, 3000), (3000, 1), (41, 39), (200, 200)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape[0]}x{shape[1]}")
@pytest.mark.filterwarnings("error")  # predict.py would show them
def test_degenerate_picture_is_a_frame_or_no_ink(shape: tuple[int, int]):
    random = np.random.default_rng(3)
    noise = random.integers(0, 256, (*shape, 3)).astype(np.uint8)
    checks = np.repeat((np.indices(shape).sum(0) % 2 * 255).astype(np.uint8)[..., None], 3, 2)
    dot = np.full((*shape, 3), 255, np.uint8)
    dot[shape[0] // 2, shape[1] // 2] = 0
    half = np.full((*shape, 3), 255, np.uint8)
    half[:, : shape[1] // 2] = 0
    for picture in (flat((0,) * 3, 0, shape), flat((255,) * 3, 0, shape), noise, checks, dot, half):
        try:
            ways = ways_to_see(picture)
        except NoInkError:
            continue
        for steps in ways:
            assert_whole(steps)


def assert_whole(steps: Steps) -> None:
    """Everything that a figure or the network needs."""
    assert steps.framed.shape == (SIDE, SIDE)
    assert steps.framed.dtype == np.uint8
    assert steps.framed.max() == 255
    assert steps.picture.shape == steps.paper.shape
    assert steps.ink.shape == steps.picture.shape[:2]
    assert 0 <= steps.ink.min() <= steps.ink.max() <= 1
    assert np.isfinite(steps.ink).all()
    assert min(steps.digit.shape) >= 1


def test_part_that_is_looked_at_closely_shows_one_picture_in_all_steps():
    picture = np.full((2800, 2800, 3), 240, np.uint8)
    part = photo(shape=(420, 420), height=330, place=(60, 40), width=24, paper=(240,) * 3)
    picture[1800:2220, 600:1020] = part
    steps = first_way(picture)
    assert_whole(steps)
    assert max(steps.picture.shape) < 1000
    left, top, wide, high = steps.box
    assert abs(left - (600 + 60 - 12)) <= 6
    assert abs(top - (1800 + 40 - 12)) <= 6
    assert abs(high - (330 + 24)) <= 8
    assert wide < high


def test_steps_fit_together_and_leave_the_picture_as_it_is():
    picture = photo(place=(100, 60))
    before = picture.copy()
    steps = first_way(picture)
    assert_whole(steps)
    assert np.array_equal(steps.picture, before)
    assert np.array_equal(picture, before)
    left, top, wide, high = steps.box
    assert steps.digit.shape == (high, wide)
    assert abs(top - (60 - 7)) <= 5
    assert abs(left - (100 - 7)) <= 5
    assert abs(high - (150 + 14)) <= 8
    assert np.abs(steps.paper.astype(int) - PAPER).max() < 12
