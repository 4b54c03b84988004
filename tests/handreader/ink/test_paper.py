"""Paper without its ink: what light and shadows make of it is found under any writing."""

import numpy as np
import pytest
from drawn import Drawing, flat, photo

from handreader.ink import paper
from handreader.ink.pixels import shrink


def lit(shape: tuple[int, int] = (32, 28)) -> np.ndarray:
    """Paper (high, wide, 3) as a slope of light of degree 2 makes it, each colour its own."""
    down, right = np.meshgrid(
        np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij"
    )
    grey = 170 + 40 * down - 25 * right - 20 * down**2 + 9 * down * right - 6 * right**2
    return np.stack([grey, grey - 10, 0.8 * grey], -1)


def written_on(ground: np.ndarray) -> np.ndarray:
    """The same with a digit in its middle, as bytes."""
    cover = Drawing([[(0.2, 0.2), (0.8, 0.2), (0.4, 0.9)]], ground.shape[:2], 18, (6, 7), 3).cover()
    return np.round(ground * (1 - 0.8 * cover[..., None])).astype(np.uint8)


def test_tiny_picture_has_paper_of_one_colour():
    picture = flat((200, 190, 180), shape=(39, 20))
    picture[10:20, 5:15] = 0
    (found,) = paper.possible_papers(picture)
    assert found.shape == picture.shape
    assert (found == (200, 190, 180)).all()


def test_larger_picture_is_looked_at_in_a_reduced_one():
    (found,) = paper.possible_papers(flat((200, 190, 180), shape=(40, 20)))
    assert found.shape == (32, 16, 3)
    assert np.abs(found - (200, 190, 180)).max() < 1


def test_evenly_lit_paper_is_found_under_a_digit():
    (found,) = paper.possible_papers(photo())
    assert np.abs(found - (245, 243, 236)).max() < 6


def test_slope_of_light_is_found_under_a_digit():
    ground = lit()
    assert np.abs(paper.slope_of_light(written_on(ground)) - ground).max() < 2
    large = written_on(ground).repeat(3, 0).repeat(3, 1)
    (found,) = paper.possible_papers(large)
    assert np.abs(found - ground).max() < 6


def test_slope_alone_is_followed_to_its_corners():
    ground = lit((32, 32))
    assert np.abs(paper.slope_of_light(ground) - ground).max() < 2


def test_edge_of_a_shadow_makes_a_second_idea_of_the_paper():
    ground = np.full((32, 32, 3), 220, np.uint8)
    ground[:, 24:] = 120
    following, slope = paper.possible_papers(ground.repeat(4, 0).repeat(4, 1))
    assert np.abs(following - ground).max() < 3
    assert np.abs(slope - ground).max() > 80


@pytest.mark.parametrize("grey", [0, 3, 252, 255])
def test_black_and_white_paper_are_no_exceptions(grey: int):
    picture = flat((grey,) * 3, shape=(64, 64))
    picture[28:36, 20:44] = 255 - grey
    found = paper.prevailing(shrink(picture, 32), np.full((32, 32, 3), float(grey)))
    assert np.abs(found - grey).max() < 1


def test_darker_and_lighter_than_the_slope_are_both_followed():
    slope = np.full((32, 32, 3), 128.0)
    small = np.full((32, 32, 3), 128, np.uint8)
    small[:, :16], small[:, 16:] = 28, 228
    found = paper.prevailing(small, slope, part=0.2)
    assert np.abs(found - small).max() == 0


def test_paper_prevails_over_what_takes_less_than_half_of_its_window():
    small, slope = np.full((30, 40, 3), 200, np.uint8), np.full((30, 40, 3), 190.0)
    small[10:20, 14:20] = 50
    assert (paper.prevailing(small, slope) == 200).all()
    assert (paper.prevailing(small, slope, part=0.1) == small).mean() > 0.9


def test_paper_prevails_up_to_the_edges():
    small, slope = np.full((20, 20, 3), 200, np.uint8), np.full((20, 20, 3), 200.0)
    small[:4] = 90
    assert (paper.prevailing(small, slope, part=0.3)[:2] == 90).all()
    turned = small.transpose(1, 0, 2)
    assert (paper.prevailing(turned, slope, part=0.3)[:, :2] == 90).all()
    flipped = np.ascontiguousarray(small[::-1])
    assert (paper.prevailing(flipped, slope, part=0.3)[-2:] == 90).all()


def test_surface_has_six_terms_from_corner_to_corner():
    terms, prior = paper.surface(3, 5)
    assert terms.shape == (6, 15)
    assert terms[:, 0].tolist() == [1, -1, -1, 1, 1, 1]
    assert terms[:, -1].tolist() == [1, 1, 1, 1, 1, 1]
    assert terms[:, 4].tolist() == [1, -1, 1, 1, -1, 1]
    assert terms[:, 7].tolist() == [1, 0, 0, 0, 0, 0]
    assert terms[:, 8].tolist() == [1, 0, 0.5, 0, 0, 0.25]
    assert prior.reshape(3, 5)[1].tolist() == [1, 0.3, 0.3, 0.3, 1]
    assert prior.reshape(3, 5)[0].tolist() == [1] * 5
    assert paper.surface(9, 9)[1].reshape(9, 9)[1, 4] == 0.3  # three quarters of the way are inside


def test_fit_follows_most_values_however_far_the_others_stray():
    terms, prior = paper.surface(12, 12)
    factors = np.array([[150, 20, -10, 5, 4, -3], [140, 18, 9, 0, 0, 0], [90, 0, 0, 0, 0, 0]]).T
    values = factors.T @ terms
    strayed = values.copy()
    strayed[:, 60:100:2] = 5  # ink
    start = np.median(values, 1)
    found = paper.fitted(terms, prior, strayed, start)
    assert found.shape == (6, 3)
    assert np.abs(found.T @ terms - values).max() < 3


def test_fit_without_any_doubt_is_nearly_exact():
    terms, prior = paper.surface(12, 12)
    values = np.array([[100, 3, -2, 1, 1, 1]]).repeat(3, 0) @ terms
    found = paper.fitted(terms, prior, values, np.array([100.0] * 3))
    assert np.abs(found.T @ terms - values).max() < 0.05
