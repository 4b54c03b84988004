"""Paper without its ink: what light and shadows make of it is found under any writing."""

import numpy as np
import pytest
from drawn import Drawing, flat, photo

from handreader.ink import paper


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
    large = written_on(ground).repeat(3, 0).repeat(3, 1)
    (found,) = paper.possible_papers(large)
    assert np.abs(found - ground).max() < 6


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
    (found,) = paper.possible_papers(picture)
    assert np.abs(found - grey).max() < 1.5


def test_darker_and_lighter_than_the_slope_are_both_followed_up_to_the_edges():
    ground = np.full((32, 32, 3), 128, np.uint8)
    ground[:, :6], ground[:, 26:] = 28, 228
    following, *_ = paper.possible_papers(ground.repeat(4, 0).repeat(4, 1))
    assert np.abs(following - ground)[:, [0, 2, 29, 31]].max() < 3
    assert np.abs(following - ground)[:, 12:20].max() < 3
