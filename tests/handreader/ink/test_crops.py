"""Small pictures cut out narrowly: read as well as nothing but box, scale and centre would."""

import cv2
import numpy as np
import pytest
from support import first_way

from handreader.digits import DigitReader
from handreader.ink.crops import tones_of
from handreader.ink.pixels import cut_out
from handreader.ink.strokes import frame_strokes, ways_to_see

SIDES = 8, 12, 20, 32  # pixels
FEW = 120  # digits: enough to tell, and read in a second


def crop(digit: np.ndarray, side: int) -> np.ndarray:
    """A digit of MNIST, (28, 28) bytes, cut out to its ink on white, its longer side so long."""
    ink = cut_out(digit, 60)
    high, wide = (max(2, round(each * side / max(ink.shape))) for each in ink.shape)
    grey = 255 - cv2.resize(ink, (wide, high), interpolation=cv2.INTER_AREA)
    return np.repeat(grey[..., None], 3, 2)


def right(reader: DigitReader, pictures: list[np.ndarray], labels: list[int]) -> int:
    """How many are read right."""
    read = reader.read_pictures([ways_to_see(each) for each in pictures])
    return sum(one.digit == label for (_, one), label in zip(read, labels, strict=True))


@pytest.mark.parametrize("negative", [False, True], ids=["dark", "light"])
def test_narrow_crops_are_read_as_by_box_scale_and_centre(
    negative: bool, foreign_digits: tuple[np.ndarray, list[int]]
):
    images, labels = foreign_digits[0][:FEW], foreign_digits[1][:FEW] * len(SIDES)
    dark = [crop(image, side) for side in SIDES for image in images]
    reader = DigitReader()
    plain = reader.read([frame_strokes(cut_out((255 - each[..., 0]) / 255)) for each in dark])
    expected = sum(one.digit == label for one, label in zip(plain, labels, strict=True))
    given = [255 - each for each in dark] if negative else dark
    assert right(reader, given, labels) >= expected > 0.9 * len(labels)


STROKE_ALONG_THE_BORDER = np.full((20, 14, 3), 255, np.uint8)
STROKE_ALONG_THE_BORDER[-2:] = STROKE_ALONG_THE_BORDER[:, 6:8] = 0  # a 1 with a foot


def test_stroke_along_the_border_is_no_ruled_line():
    steps = first_way(STROKE_ALONG_THE_BORDER)
    assert steps.box == (0, 0, 14, 20)
    assert steps.digit[-1].all()


def test_grey_is_ink_in_part():
    picture = STROKE_ALONG_THE_BORDER.copy()
    picture[10, 2:5] = 128
    assert first_way(picture).ink[10, 3] == pytest.approx(0.5, abs=0.01)


def test_tone_along_the_edges_is_paper():
    fat = np.full((12, 12, 3), 240, np.uint8)
    fat[1:-1, 1:-1] = 20  # more of it, but it keeps off the edges
    first, second = (tone.ink.cover for tone in tones_of(fat))
    assert first[6, 6] == 1
    assert second[6, 6] == 0
    assert tones_of(255 - fat)[0].ink.cover[6, 6] == 1


def test_noise_of_paper_is_left_out_of_the_box():
    random = np.random.default_rng(2)
    picture = np.full((40, 40, 3), 200, np.uint8)
    picture[12:30, 18:22] = 90
    noise = np.round(random.normal(0, 4, (40, 40, 1))).astype(int)
    assert first_way((picture + noise).astype(np.uint8)).box == (18, 12, 4, 18)


@pytest.mark.parametrize("darkest", [140, 163], ids=["no tone is paper", "uneven paper"])
def test_shaded_crop_is_first_seen_carefully(darkest: int):
    shade = np.linspace(darkest, 240, 40).astype(np.uint8)
    picture = np.repeat(np.tile(shade, (40, 1))[..., None], 3, 2)
    picture[10:30, 16:24] = 30
    assert not tones_of(picture)[0].is_plain
    assert np.ptp(first_way(picture).paper) > 50  # of a crop, paper would have one colour


@pytest.mark.parametrize("side", [60, 61])
def test_only_small_pictures_are_crops(side: int):
    picture = np.full((side, 20, 3), 255, np.uint8)
    picture[5:15, 8:12] = 0
    assert bool(tones_of(picture)) is (side == 60)


def test_faint_difference_is_no_ink():
    picture = np.full((20, 20, 3), 128, np.uint8)
    picture[5:15, 8:12] = 120
    assert tones_of(picture) == []
