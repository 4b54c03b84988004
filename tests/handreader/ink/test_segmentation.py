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


def test_dark_ink_is_found_where_it_was_written():
    first = next(find_ink(photo(noise=3)))
    assert agreement(first) > 0.9
    assert first.cover[SHADE].mean() > 0.9
    assert first.cover[:60].max() == 0
    assert np.abs(first.paper.astype(int) - (245, 243, 236)).max() < 9
    assert first.paper.dtype == np.uint8


def test_light_ink_is_found_where_it_was_written():
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


def test_there_are_at_most_so_many_ways_and_nobody_works_for_more():
    covers = np.eye(9)[:, None].repeat(5, 1)
    ways = iter([Ink(cover, cover) for cover in covers])
    chosen = list(ink.worth_seeing(ways))
    assert [way.cover.argmax() for way in chosen] == list(range(ink.MOST_WAYS))
    assert len(list(ways)) == 9 - ink.MOST_WAYS
    assert len(list(ink.worth_seeing(Ink(cover, cover) for cover in covers[:2]))) == 2


@pytest.mark.parametrize(
    "picture",
    [flat((255,) * 3), flat((0,) * 3), flat((30, 160, 60)), flat((235, 230, 220), noise=1)],
    ids=["white", "black", "colour", "grain"],
)
def test_blank_paper_has_no_ink(picture: np.ndarray):
    assert list(find_ink(picture)) == []


# Two tones


def halves(dark: float, levels: tuple[int, int] = (60, 200), noise: float = 3) -> np.ndarray:
    """A picture of which a part is dark."""
    picture = flat((levels[1],) * 3, shape=(100, 100)).astype(float)
    picture[:, : round(100 * dark)] = levels[0]
    picture += np.random.default_rng(0).normal(0, noise, (100, 100, 1))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("dark", [0.35, 0.5, 0.65])
def test_of_two_equal_tones_either_may_be_ink(dark: float):
    one, two = ink.two_tones(halves(dark))
    left = np.zeros((100, 100), bool)
    left[:, : round(100 * dark)] = True
    assert agreement(one, left) == agreement(two, ~left) == 1
    assert one.cover[left].min() > 0.9
    assert one.cover[~left].max() < 0.1
    assert 0 <= two.cover.min() <= two.cover.max() <= 1
    assert np.abs(one.paper.astype(int) - 200).max() < 3
    assert np.abs(two.paper.astype(int) - 60).max() < 3
    assert one.paper.dtype == np.uint8
    assert one.paper.shape == (100, 100, 3)
    assert one.clearness == 1


@pytest.mark.parametrize("dark", [0.1, 0.3, 0.7, 0.9])
def test_a_tone_of_a_small_part_is_no_paper(dark: float):
    assert list(ink.two_tones(halves(dark, noise=0))) == []


def test_tones_that_are_close_are_one():
    assert list(ink.two_tones(halves(0.5, (150, 178), noise=1))) == []
    assert len(list(ink.two_tones(halves(0.5, (150, 183), noise=1)))) == 2


def test_a_slope_from_dark_to_light_is_no_two_tones():
    slope = np.linspace(0, 255, 100).astype(np.uint8)[None, :, None].repeat(100, 0).repeat(3, 2)
    assert list(ink.two_tones(slope)) == []


# From grey levels to cover


def amount(noise: float = 0.0) -> np.ndarray:
    """Grey levels by which a picture of 80 x 80 differs from its paper."""
    levels = np.abs(np.random.default_rng(0).normal(0, noise, (80, 80))).astype(np.float32)
    levels[20:60, 30:40] = 100
    return levels


def test_cover_rises_from_bare_to_full():
    levels = amount()
    levels[20:60, 40] = [10, 20, 50, 65, 80, 100, 90, 21] * 5
    cover = ink.covered(levels)
    assert cover[30, 33] == 1
    assert cover[5, 5] == 0
    expected = np.clip((levels[22:60, 40] - 20) / 60, 0, 1)
    np.testing.assert_allclose(cover[22:60, 40], expected, atol=1e-6)


@pytest.mark.parametrize("level", [2, 5])
def test_what_a_camera_adds_is_no_ink(level: float):
    assert ink.covered(np.full((80, 80), level, np.float32)) is None
    assert ink.covered(np.random.default_rng(1).normal(0, level / 3, (80, 80)).astype("f4")) is None


def test_restless_paper_is_no_ink_either():
    cover = ink.covered(amount(noise=6))
    assert cover[20:60, 30:40].min() > 0.9
    far = np.ones((80, 80), bool)
    far[15:65, 25:45] = False
    assert cover[far].max() < 0.1


def test_some_odd_pixels_are_no_ink():
    levels = np.zeros((80, 80), np.float32)
    levels[3, 3] = levels[9, 50] = levels[60, 20] = 90
    assert ink.covered(levels) is None
    levels[60, 21] = 90
    assert ink.covered(levels) is not None


def test_noise_is_estimated_from_what_most_pixels_are():
    levels = np.random.default_rng(0).normal(20, 2, (350, 90)).astype(np.float32)
    levels[:, :20] = 200
    assert 5 < ink.noise_in(levels) < 15
    assert ink.noise_in(levels / 10) == ink.NOISE
    assert ink.noise_in(levels.T) == pytest.approx(ink.noise_in(levels), rel=0.2)
    loud = np.random.default_rng(0).uniform(0, 200, (90, 90)).astype(np.float32)
    assert ink.noise_in(loud) == pytest.approx(0.3 * 198, rel=0.02)


def test_weak_parts_count_if_they_hang_together_with_strong_ones():
    strong, weak = np.zeros((12, 20), bool), np.zeros((12, 20), bool)
    strong[5, 5] = weak[5, 5:10] = True
    weak[9, 14:18] = True
    kept = ink.grow(strong, weak)
    assert kept.dtype == np.uint8
    assert kept[4:7, 4:11].all()
    assert kept.sum() == 3 * 7
    strong[0, 0] = True  # but not weak, which can't be
    assert ink.grow(strong, weak).sum() == 3 * 7


def test_large_differences_are_smoothed_and_small_ones_are_not():
    dots = np.zeros((100, 90), np.uint8)
    dots[50, 45] = 200
    assert np.array_equal(ink.smooth(dots), dots)
    assert ink.smooth(dots).dtype == np.float32
    widths = []
    for side in (101, 300, 600, 1200):
        large = np.zeros((side, 90), np.uint8)
        large[side // 2, 45] = 200
        spread = ink.smooth(large)
        assert spread.sum() == pytest.approx(200, rel=0.01)
        widths.append(200 / spread.max())
    assert widths[0] < widths[1] < widths[2] == pytest.approx(widths[3], rel=0.01)


def test_shadow_is_doubted_where_it_ends_and_nowhere_else():
    small = np.full((20, 20, 3), 200, np.uint8)
    small[:, 10:] = 120
    picture = np.full((200, 200, 3), 200, np.uint8)
    picture[:, 104:] = 120
    picture[40:60, 20:40] = picture[40:60, 160:180] = 30
    (more,) = ink.amounts(picture, ink.enlarged(small, picture), small)
    assert more[50, 30] == 170
    assert more[50, 170] == 90
    assert more[:, 85:115].max() == 0


@pytest.mark.parametrize(("step", "doubt"), [(20, 0), (21, 21)])
def test_slight_slopes_are_not_doubted(step: int, doubt: int):
    small = np.full((20, 20, 3), 200, np.uint8)
    small[:, 10:] = 200 - step
    paper = ink.enlarged(small, np.zeros((200, 200, 3)))
    picture = paper.copy()
    picture[40:60, 90:110] = 0
    (found,) = ink.amounts(picture, paper, small)
    assert found[50, 100] == paper[50, 100, 0] - doubt


def test_paper_is_the_same_in_a_mirror():
    shaded = photo(shape=(320, 320))
    shaded[:, 250:] = shaded[:, 250:] // 2
    paper, mirrored = (next(ink.attempts(each)).paper for each in (shaded, shaded[:, ::-1].copy()))
    assert np.abs(paper.astype(int) - mirrored[:, ::-1]).max() < 9


# Which way is likelier


def test_ways_differ_if_more_than_a_tenth_of_their_ink_does():
    cover = np.zeros((20, 20))
    cover[:10, :10] = 1
    for more, wanted in ((10, False), (12, True)):
        other = cover.copy()
        other[15, :more] = 1
        assert ink.differ(Ink(cover, cover), Ink(other, cover)) is wanted
        assert ink.differ(Ink(other, cover), Ink(cover, cover)) is wanted


def test_ink_that_explains_everything_and_keeps_off_the_edges_is_clear():
    levels = amount()
    cover = levels / 100
    assert Ink(cover, cover, levels).clearness == pytest.approx(1)
    half = cover.copy()
    half[40:] = 0
    assert Ink(half, cover, levels).clearness == pytest.approx(0.5)
    assert Ink(0 * cover, cover, levels).clearness == pytest.approx(0)
    levels[:, :5] = cover[:, :5] = 100
    cover = np.minimum(cover, 1)
    assert Ink(cover, cover, levels).clearness == pytest.approx(1 - 2 * (80 + 2 * 5) / 320)


def test_second_opinion_is_nearly_as_clear_and_another():
    levels, other = amount(), amount().T.copy()
    first = Ink(levels / 100, levels, levels)
    second = Ink(other / 100, levels, other + 0.3 * levels)
    unclear = Ink(other / 100, levels, other + 1.5 * levels)
    assert ink.is_second_opinion(second, [first])
    assert not ink.is_second_opinion(unclear, [first])
    assert not ink.is_second_opinion(first, [first])
    assert not ink.is_second_opinion(second, [first, second])
