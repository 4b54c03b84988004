"""Normalising and warps: as large as was asked for, repeatable, and still readable."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms import v2

from helpers.data import Digits
from helpers.recipes import Warps
from helpers.transforms import Normalize, Warper, ways_to_move

STRONG = Warps(rotation=20, scale=0.2, shear=0.3, shift=3, elastic=2)
USUAL = Warps(rotation=10, scale=0.1, shear=0.1, shift=2, elastic=1)
POSITION = torch.arange(28.0) - 13.5  # from the middle of the picture
KINDS = {
    "rotation": Warps(rotation=20),
    "scale": Warps(scale=0.2),
    "shear": Warps(shear=0.3),
    "shift": Warps(shift=3),
    "elastic": Warps(elastic=2),
}


def test_normalize_gives_torchvisions_bits_and_leaves_its_input_alone() -> None:
    every_byte = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    to_floats = v2.ToDtype(torch.float32, scale=True)
    expected = v2.Normalize([0.13], [0.31])(to_floats(every_byte))
    assert torch.equal(Normalize(0.13, 0.31)(every_byte), expected)
    floats = to_floats(every_byte)
    before = floats.clone()
    assert torch.equal(Normalize(0.13, 0.31)(floats), expected)
    assert torch.equal(floats, before)


def blot(wide: float, high: float, right: float = 0, down: float = 0) -> Tensor:
    """A smooth blot of ink, 28 x 28, of which one can measure place, size and direction."""
    rows = torch.exp(-(((POSITION - down) / high) ** 2) / 2)
    columns = torch.exp(-(((POSITION - right) / wide) ** 2) / 2)
    return rows[:, None] * columns


def copies(picture: Tensor, count: int = 1000) -> Tensor:
    """A batch in which differences can only come from the warps."""
    return picture.expand(count, 1, 28, 28)


def centres(images: Tensor) -> tuple[Tensor, Tensor]:
    """Each picture's centre of mass: how far right and how far down from the middle."""
    ink = images.squeeze(1)
    mass = ink.sum((1, 2))
    return (ink.sum(1) * POSITION).sum(1) / mass, (ink.sum(2) * POSITION).sum(1) / mass


def spreads(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each picture's variance from left to right and from top to bottom, and their covariance."""
    ink = images.squeeze(1) / images.sum((1, 2, 3))[:, None, None]
    right, down = (centre[:, None] for centre in centres(images))
    across, along = POSITION - right, POSITION - down
    mixed = torch.einsum("nij,ni,nj->n", ink, along, across)
    return (ink.sum(1) * across**2).sum(1), (ink.sum(2) * along**2).sum(1), mixed


def assert_fills(values: Tensor, limit: float, slack: float) -> None:
    """Nothing beyond the limit, on either side, but everything up to it, as often on both."""
    assert values.abs().max() <= limit + slack
    assert values.max() > 0.95 * limit - slack
    assert values.min() < -0.95 * limit + slack
    assert values.mean().abs() < 0.1 * limit
    assert values.std() == pytest.approx(limit / 3**0.5, rel=0.1)


def assert_independent(one: Tensor, other: Tensor) -> None:
    assert torch.corrcoef(torch.stack([one, other]))[0, 1].abs() < 0.15


def test_no_warps_give_back_the_picture(digits: Digits):
    images = digits.train.images[:50]
    torch.testing.assert_close(Warper(Warps())(images), images / 255, atol=1e-5, rtol=0)


def test_shift_moves_the_middle_up_to_its_limit_along_each_axis():
    right, down = centres(Warper(Warps(shift=3))(copies(blot(2, 2))))
    assert_fills(right, 3, slack=0.02)
    assert_fills(down, 3, slack=0.02)
    assert_independent(right, down)


def test_scale_stretches_height_and_width_apart_and_leaves_the_middle():
    images = Warper(Warps(scale=0.3))(copies(blot(2.5, 2.5)))
    wide, high, mixed = spreads(images)
    before = spreads(copies(blot(2.5, 2.5), 1))[0].sqrt()
    assert_fills(wide.sqrt() / before - 1, 0.3, slack=0.02)
    assert_fills(high.sqrt() / before - 1, 0.3, slack=0.02)
    assert_independent(wide, high)
    assert mixed.abs().max() < 0.1
    assert max(centre.abs().max() for centre in centres(images)) < 0.1


def test_rotation_turns_by_degrees_to_both_sides_and_changes_no_size():
    images = Warper(Warps(rotation=25))(copies(blot(1.5, 4)))
    wide, high, mixed = spreads(images)
    assert_fills(torch.atan2(2 * mixed, high - wide).rad2deg() / 2, 25, slack=0.3)
    before = [spread[0] for spread in spreads(copies(blot(1.5, 4), 1))]
    torch.testing.assert_close(wide + high, (before[0] + before[1]).expand(1000), atol=0, rtol=0.03)
    areas = wide * high - mixed**2
    torch.testing.assert_close(areas, (before[0] * before[1]).expand(1000), atol=0, rtol=0.15)
    assert max(centre.abs().max() for centre in centres(images)) < 0.1


def test_shear_shifts_rows_sideways_by_a_part_of_their_height():
    images = Warper(Warps(shear=0.4))(copies(blot(1.5, 6)))
    ink = images.squeeze(1)
    places = (ink * POSITION).sum(2) / ink.sum(2)
    height = 12
    assert_fills((places[:, 20] - places[:, 20 - height]) / height, 0.4, slack=0.02)
    rows = ink.sum(2)
    torch.testing.assert_close(rows, blot(1.5, 6).sum(1).expand(1000, 28), atol=0.02, rtol=0)


def test_places_are_moved_as_pytorch_means_an_affine_matrix() -> None:
    matrices = Warper(STRONG).draw_affine(5)
    grid = (matrices @ ways_to_move(6, 8, 2)[:3]).unflatten(2, (6, 8)).movedim(1, 3)
    expected = F.affine_grid(matrices, [5, 1, 6, 8], align_corners=False)
    torch.testing.assert_close(grid, expected)


def wandering(warper: Warper) -> Tensor:
    """How far all pixels of many pictures wander, sideways and down: (2000, 28, 28, 2)."""
    bells = ways_to_move(28, 28, warper.warps.points)[3:]
    return (warper.draw_elastic(2000) @ bells).unflatten(2, (28, 28)).movedim(1, 3)


@pytest.mark.parametrize("points", [2, 6, 10])
@pytest.mark.parametrize("pixels", [0.5, 2.0])
def test_points_wander_as_far_in_a_corner_as_anywhere(points: int, pixels: float):
    warper = Warper(Warps(elastic=pixels, points=points))
    fields = 14 * wandering(warper)  # half a picture is 14 pixels
    spread = fields.std(0)
    assert spread.shape == (28, 28, 2)
    torch.testing.assert_close(spread, torch.full_like(spread, pixels), atol=0, rtol=0.1)
    assert fields.mean(0).abs().max() < 0.15 * pixels


@pytest.mark.parametrize("name", KINDS)
def test_each_digit_of_a_batch_is_warped_in_its_own_way(digits: Digits, name: str):
    images = Warper(KINDS[name])(copies(digits.train.images[0], 8))
    for index in range(8):
        others = torch.cat([images[:index], images[index + 1 :]])
        assert (others - images[index]).abs().amax((1, 2, 3)).min() > 0.01


@pytest.mark.parametrize("name", KINDS)
def test_same_seed_gives_the_same_warps_and_another_seed_others(digits: Digits, name: str):
    images = digits.train.images[:4]
    torch.manual_seed(1)
    first = Warper(KINDS[name], seed=5)(images)
    torch.manual_seed(2)
    assert torch.equal(Warper(KINDS[name], seed=5)(images), first)
    assert not torch.allclose(Warper(KINDS[name], seed=6)(images), first, atol=0.01)


def test_warping_leaves_the_global_random_state_and_the_pictures_alone(digits: Digits):
    images = digits.train.images[:4].clone()
    state = torch.get_rng_state()
    Warper(STRONG)(images)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(images, digits.train.images[:4])


@pytest.mark.parametrize("count", [1, 5])
def test_bytes_and_floats_give_the_same_floats_in_the_same_shape(digits: Digits, count: int):
    images = digits.train.images[:count]
    warped = Warper(STRONG)(images)
    assert warped.dtype == torch.float32
    assert warped.shape == images.shape
    torch.testing.assert_close(Warper(STRONG)(images / 255), warped)


def test_single_picture_is_warped_like_a_batch_of_one(digits: Digits):
    warped = Warper(STRONG)(digits.train.images[3])
    assert warped.shape == (1, 28, 28)
    assert torch.equal(warped, Warper(STRONG)(digits.train.images[3:4])[0])


def test_ink_stays_between_none_and_full(digits: Digits):
    full = torch.full((100, 1, 28, 28), 255, dtype=torch.uint8)
    images = Warper(STRONG)(torch.cat([digits.train.images, full]))
    assert images.min() == 0
    assert 0.99 < images.max() <= 1 + 1e-6


def test_what_comes_from_outside_is_paper():
    full = Warper(Warps(shift=6))(copies(torch.ones(28, 28), 100))
    assert full[:, :, 7:21, 7:21].min() > 0.999
    assert (full.amin((1, 2, 3)) < 1e-5).double().mean() > 0.7


@pytest.mark.parametrize("name", KINDS)
def test_strength_makes_every_warp_as_much_smaller(name: str):
    fields = []
    for strength in (1.0, 0.5, 0.0):
        warper = Warper(KINDS[name], seed=3)
        warper.strength = strength
        affine = warper.draw_affine(50)
        fields.append((affine, warper.draw_elastic(50)))
    (full, full_bend), (half, half_bend), (none, none_bend) = fields
    assert not none_bend.any()
    assert torch.equal(none, torch.eye(2, 3).expand(50, 2, 3))
    torch.testing.assert_close(half_bend, full_bend / 2)
    if name != "elastic":
        assert (half - none).abs().sum() < (full - none).abs().sum() * 0.6
