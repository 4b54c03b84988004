"""Plain deeds on pixels: each does exactly what its sentence says."""

import numpy as np
import pytest

from handreader.ink import pixels


@pytest.mark.parametrize(
    ("shape", "smaller"),
    [((400, 200), (100, 50)), ((200, 400), (50, 100)), ((3000, 1), (100, 1)), ((1, 999), (1, 100))],
)
def test_larger_picture_is_reduced_to_a_side(shape: tuple, smaller: tuple):
    picture = np.full((*shape, 3), 77, np.uint8)
    small = pixels.shrink(picture, 100)
    assert small.shape == (*smaller, 3)
    assert (small == 77).all()
    assert pixels.shrink_factor(picture, small) == pytest.approx(max(shape) / 100)


@pytest.mark.parametrize("shape", [(100, 60), (1, 1)])
def test_small_picture_stays_as_it_is(shape: tuple):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    assert pixels.shrink(picture, 100) is picture


def test_reduced_pixels_are_means():
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:2, :2] = [[[10], [20]], [[30], [40]]]
    assert pixels.shrink(picture, 2)[:, :, 0].tolist() == [[25, 0], [0, 0]]


def test_edge_has_the_colour_that_most_of_it_has():
    picture = np.full((20, 30, 3), (9, 99, 199), np.uint8)
    picture[5:15, 5:25] = 0
    picture[:, :2] = 255  # less than half of the edge
    assert pixels.edge_colour(picture).tolist() == [9, 99, 199]


def test_quantiles_are_values_below_which_parts_lie():
    values = np.random.default_rng(0).permutation(100)
    assert pixels.quantiles(values, 0.5, 0.99, 0) == [50, 99, 0]


@pytest.mark.parametrize(("low", "high"), [(100, 255), (20, 51), (3000, 9180), (0.002, 0.0051)])
def test_limit_between_two_groups_belongs_to_the_lower_one(low: float, high: float):
    values = np.array([low] * 30 + [high] * 70, np.float32)
    limit = pixels.two_groups(values)
    assert low <= limit * 1.01
    assert limit < high
    assert limit == pytest.approx(low, rel=0.01)


def test_groups_with_some_spread_are_parted_between_their_means():
    random = np.random.default_rng(1)
    values = np.concatenate([random.normal(60, 8, 800), random.normal(180, 15, 200)])
    assert 80 < pixels.two_groups(values.astype(np.float32)) < 150


def spot() -> np.ndarray:
    """A mask of 20 x 30 with something in rows 5 to 8 and columns 10 to 16."""
    mask = np.zeros((20, 30), bool)
    mask[5, 10] = mask[8, 16] = True
    return mask


def test_margin_of_what_is_inked_goes_no_farther_than_the_picture():
    assert pixels.inked_part(spot()) == (slice(5, 9), slice(10, 17))
    assert pixels.inked_part(spot(), margin=2) == (slice(3, 11), slice(8, 19))
    assert spot()[pixels.inked_part(spot(), margin=7)].shape == (16, 21)


def test_ink_is_cut_out_of_the_empty_space_around_it():
    ink = spot() * 0.5
    ink[0, 0] = 0.1
    assert pixels.cut_out(ink, above=0.1).shape == (4, 7)
    assert pixels.cut_out(ink).shape == (9, 17)
    assert pixels.cut_out(ink, above=0.5) is ink


def bar(wide: int, left: int = 30) -> np.ndarray:
    """A mask with a long stroke down."""
    mask = np.zeros((400, 100), np.uint8)
    mask[:, left : left + wide] = 1
    return mask


@pytest.mark.parametrize("wide", [3, 6, 12, 25])
def test_thickness_is_about_the_width_of_a_stroke(wide: int):
    assert pixels.thickness(bar(wide)) == pytest.approx(wide + 0.3, abs=1)
    turned = np.ascontiguousarray(bar(wide).T)
    assert pixels.thickness(turned) == pytest.approx(pixels.thickness(bar(wide)))


def test_edge_of_a_picture_is_the_edge_of_its_strokes():
    inside = np.zeros((80, 60), np.uint8)
    inside[10:70, 10:50] = 1
    expected = pixels.thickness(inside)
    for cut in (np.s_[10:], np.s_[:70], np.s_[:, 10:], np.s_[:, :50]):
        assert pixels.thickness(np.ascontiguousarray(inside[cut])) == expected
    assert pixels.thickness(np.zeros((9, 9), np.uint8)) <= 0
