"""The frame: 20 x 20 in 28 x 28, centred by mass, smoothly resampled."""

import numpy as np
import pytest
from drawn import assert_frame, blob
from PIL import Image

from handreader.framing import BOX, frame, resampling


@pytest.mark.parametrize("shape", [(5, 5), (20, 20), (100, 30), (31, 97), (200, 12), (9, 300)])
def test_longer_side_becomes_twenty_pixels(shape: tuple[int, int]):
    picture = frame(blob(*shape))
    assert_frame(picture)
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (BOX - 1, BOX)


@pytest.mark.parametrize(("high", "wide"), [(40, 20), (20, 40), (80, 40), (200, 8), (1, 60)])
def test_shape_is_kept(high: int, wide: int):
    picture = frame(np.ones((high, wide)))
    scale = BOX / max(high, wide)
    assert np.count_nonzero(picture.any(1)) == max(1, round(high * scale))
    assert np.count_nonzero(picture.any(0)) == max(1, round(wide * scale))
    assert set(np.unique(picture)) == {0, 255}


def test_ink_of_the_frames_size_stays_as_it_is_but_full():
    ink = np.random.default_rng(0).random((BOX, BOX)) / 2
    picture = frame(ink)
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    inside = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert np.abs(inside - 255 * ink / ink.max()).max() <= 0.5


def test_lopsided_ink_is_centred_by_its_mass():
    ink = np.full((40, 40), 0.0)
    ink[:, :10] = ink[30:, :] = 1
    for turned in (ink, ink.T, ink[::-1], ink[:, ::-1]):
        assert_frame(frame(turned))
    assert np.flatnonzero(frame(ink).any(0))[0] > 6  # moved to the right of where its box would be


def test_ink_too_lopsided_for_its_centre_stays_inside():
    ink = np.full((100, 100), 0.004)
    ink[:40, :40] = 1
    rows, columns = np.nonzero(frame(ink))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 27, 8, 27)
    rows, columns = np.nonzero(frame(ink[::-1, ::-1]))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 19, 0, 19)


@pytest.mark.parametrize(("old", "new"), [(50, 20), (20, 50), (28, 28), (7, 3), (1, 5), (300, 1)])
def test_resampling_is_what_pillow_calls_bilinear(old: int, new: int):
    values = np.random.default_rng(old).random(old).astype(np.float32)
    matrix = resampling(old, new)
    assert matrix.shape == (new, old)
    np.testing.assert_allclose(matrix.sum(1), 1)
    pillow = Image.fromarray(values[None]).resize((new, 1), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(matrix @ values, np.asarray(pillow)[0], atol=1e-5)
