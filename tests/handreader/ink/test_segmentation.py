"""Ink told from paper: every likely way, the likeliest first, and nothing where nothing is."""

import numpy as np
import pytest
from drawn import SEVEN, TWO, Drawing, flat, photo

from handreader.ink import segmentation as ink
from handreader.ink.segmentation import Ink, find_ink

SHADE = Drawing(TWO).cover() > 0.5  # where the pen of `photo` has been


def agreement(found: Ink, wanted: np.ndarray = SHADE) -> float:
    """The share of what is ink in both ways, of what is in either."""
    cover = found.cover > 0.5
    return np.count_nonzero(cover & wanted) / np.count_nonzero(cover | wanted)


def test_dark_and_light_ink_are_found_where_they_were_written():
    first = next(find_ink(photo(noise=3)))
    assert agreement(first) > 0.9
    assert first.cover[SHADE].mean() > 0.9
    assert first.cover[:60].max() == 0
    assert np.abs(first.paper.astype(int) - (245, 243, 236)).max() < 9
    assert first.paper.dtype == np.uint8
    assert agreement(next(find_ink(255 - photo(noise=3)))) > 0.9


def test_plain_writing_can_be_seen_in_one_way_only():
    assert len(list(find_ink(photo()))) == 1


def both_kinds() -> np.ndarray:
    """Paper with as much lighter as darker writing."""
    picture = photo(shape=(300, 500), paper=(120, 120, 120), ink=(20, 20, 20))
    light = photo(SEVEN, shape=(300, 500), place=(300, 75), paper=(120,) * 3, ink=(220,) * 3)
    return np.where(light > 120, light, picture)


def test_light_and_dark_writing_on_the_same_paper_are_two_ways():
    ways = list(find_ink(both_kinds()))
    assert 2 <= len(ways) <= ink.MOST_WAYS
    dark = Drawing(TWO, (300, 500)).cover() > 0.5
    light = Drawing(SEVEN, (300, 500), place=(300, 75)).cover() > 0.5
    for wanted in (dark, light):
        assert max(agreement(way, wanted) for way in ways) > 0.9
    clear = [way.clearness for way in ways]
    assert clear[0] == max(clear)
    assert all(ink.differ(one, two) for one in ways for two in ways if one is not two)


def test_little_that_is_lighter_than_paper_is_no_second_way():
    picture = photo()
    picture[3:6, 3:6] = 255
    assert len(list(find_ink(picture))) == 1


# Two tones


@pytest.mark.parametrize(
    ("dark", "levels", "either"),
    [
        (0.35, (60, 200), True),
        (0.65, (60, 200), True),
        (0.1, (60, 200), False),
        (0.9, (60, 200), False),
        (0.5, (150, 170), False),
    ],
)
def test_of_two_equal_tones_either_may_be_ink(dark: float, levels: tuple, either: bool):
    left = np.arange(100)[None] < 100 * dark
    picture = np.where(left, *levels) + np.random.default_rng(0).normal(0, 2, (100, 100))
    ways = list(find_ink(np.repeat(picture.astype(np.uint8)[..., None], 3, 2)))
    both = all(
        any(agreement(way, wanted) > 0.98 for way in ways)
        for wanted in np.broadcast_arrays(left, ~left, picture)[:2]
    )
    assert both == either


# From grey levels to cover


def bars(noise: float, ink: int = 100) -> np.ndarray:
    """Paper, from 80 to 90 pixels, with a bar of ink."""
    picture = flat((200,) * 3, noise, shape=(80, 90))
    picture[20:60, 30:40] = 200 - ink
    return picture


def test_cover_rises_from_bare_to_full():
    picture = bars(noise=0)
    picture[20:60, 40] = (200 - np.array([10, 20, 50, 65, 80, 100, 90, 21] * 5))[:, None]
    cover = next(find_ink(picture)).cover
    assert cover[30, 33] == 1
    assert cover[5, 5] == 0
    expected = np.clip((200.0 - picture[22:60, 40, 0] - 20) / 60, 0, 1)
    np.testing.assert_allclose(cover[22:60, 40], expected, atol=0.02)


@pytest.mark.parametrize("noise", [2, 6])
def test_restless_paper_is_no_ink(noise: float):
    cover = next(find_ink(bars(noise))).cover
    assert cover[20:60, 30:40].min() > 0.9
    cover[15:65, 25:45] = 0
    assert cover.max() < 0.1


def test_some_odd_pixels_are_no_ink():
    picture = flat((200,) * 3, shape=(80, 90))
    picture[[3, 9, 60], [3, 50, 20]] = 110
    assert list(find_ink(picture)) == []
    picture[60, 21] = 110
    assert list(find_ink(picture)) != []


def test_shadow_is_doubted_where_it_ends_and_nowhere_else():
    picture = flat((200,) * 3, shape=(200, 200))
    picture[:, 104:] = 120
    picture[40:60, 20:40] = picture[40:60, 160:180] = 30
    cover = next(find_ink(picture)).cover
    assert cover[50, 30] == 1
    assert cover[50, 170] > 0.3
    assert cover[80:, 85:115].max() < 0.1


def test_paper_is_the_same_in_a_mirror():
    shaded = photo(shape=(320, 320))
    shaded[:, 250:] = shaded[:, 250:] // 2
    paper, mirrored = (next(find_ink(each)).paper for each in (shaded, shaded[:, ::-1].copy()))
    assert np.abs(paper.astype(int) - mirrored[:, ::-1]).max() < 9


# Which way is likelier


def test_ink_that_explains_everything_and_keeps_off_the_edges_is_clear():
    levels = np.zeros((80, 80), np.float32)
    levels[20:60, 30:40] = 100
    cover = levels / 100
    assert Ink(cover, cover, levels).clearness == pytest.approx(1)
    half = cover.copy()
    half[40:] = 0
    assert Ink(half, cover, levels).clearness == pytest.approx(0.5)
    assert Ink(0 * cover, cover, levels).clearness == pytest.approx(0)
    levels[:, :5] = cover[:, :5] = 100
    cover = np.minimum(cover, 1)
    assert Ink(cover, cover, levels).clearness == pytest.approx(1 - 2 * (80 + 2 * 5) / 320)
