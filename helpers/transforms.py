"""The steps of a batch on its way to the network: normalising bytes, warping digits.

Random warps differ from digit to digit, as if each had been written by another hand.
"""

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from handreader.framing import SIDE
from helpers.recipes import Warps

HALF_SIDE = SIDE / 2  # pixels; `grid_sample` measures places from the middle, in this unit


def scaled(images: Tensor) -> Tensor:
    """Scale bytes to floats in 0..1, in any shape; floats are returned as they are."""
    return images / 255 if images.dtype == torch.uint8 else images


class Normalize:
    """The notebook's `ToDtype` and `Normalize` in one step: the same bits, in half the time."""

    def __init__(self, mean: float, std: float):
        self.mean, self.std = mean, std

    def __call__(self, images: Tensor) -> Tensor:
        """Turn bytes, or floats in 0..1, into centred floats of the same shape."""
        is_bytes = images.dtype == torch.uint8
        # Not by `scaled`: it divides, torchvision multiplies, and the two round differently.
        fresh = images.float().mul_(1 / 255) if is_bytes else images.clone()
        return fresh.sub_(self.mean).div_(self.std)


class Augmentation:
    """The base of random changes of whole batches: it holds their seed and their strength.

    `strength` scales all changes, from 1 (full) to 0 (none).
    """

    def __init__(self, seed: int):
        self.strength = 1.0
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, limit: float, count: int) -> Tensor:
        """Draw one number for each digit, from 0 to `limit` times the strength: (N,)."""
        return torch.rand(count, generator=self.generator) * limit * self.strength

    def symmetric(self, limit: float, count: int) -> Tensor:
        """Draw one number for each digit, up to `limit` times the strength to either side: (N,)."""
        return (2 * torch.rand(count, generator=self.generator) - 1) * limit * self.strength


class Warper(Augmentation):
    """An augmentation that rotates, scales, shears, shifts and bends each digit in its own way."""

    def __init__(self, warps: Warps, seed: int = 0):
        super().__init__(seed)
        self.warps = warps

    def __call__(self, images: Tensor) -> Tensor:
        """Return images (..., 1, H, W), bytes or floats in 0..1, as warped floats in 0..1."""
        floats = scaled(images)
        batch = floats.reshape(-1, *floats.shape[-3:])
        count, _, high, wide = batch.shape
        amounts = torch.cat([self.draw_affine(count), self.draw_elastic(count)], 2)
        places = amounts @ ways_to_move(high, wide, self.warps.points)
        grid = places.unflatten(2, (high, wide)).movedim(1, 3)
        return F.grid_sample(batch, grid, align_corners=False).reshape(floats.shape)

    def draw_affine(self, count: int) -> Tensor:
        """Draw an affine matrix for each digit: (N, 2, 3).

        It maps each place of the warped picture to the place that its pixel comes from.
        """
        warps = self.warps
        angle = self.symmetric(math.radians(warps.rotation), count)
        shear = self.symmetric(warps.shear, count)
        wide, high = (1 + self.symmetric(warps.scale, count) for _ in range(2))
        right, down = (self.symmetric(warps.shift, count) / HALF_SIDE for _ in range(2))
        cos, sin = angle.cos(), angle.sin()
        top = torch.stack([cos / wide, (shear * cos - sin) / high, -right], 1)
        bottom = torch.stack([sin / wide, (shear * sin + cos) / high, -down], 1)
        return torch.stack([top, bottom], 1)

    def draw_elastic(self, count: int) -> Tensor:
        """Draw how far each digit's control points move (Simard et al. 2003): (N, 2, points²)."""
        field = torch.randn(count, 2, self.warps.points**2, generator=self.generator)
        return field * (self.warps.elastic * self.strength / HALF_SIDE)


@cache
def ways_to_move(high: int, wide: int, points: int) -> Tensor:
    """Return the matrix that turns the numbers drawn into places: (3 + points², high * wide).

    Its rows are x, y and 1, for the affine matrix, and the bell curve of each control point. Places
    are measured as `grid_sample` does it, from -1 to 1.
    """
    down, right = ((2 * torch.arange(side) + 1) / side - 1 for side in (high, wide))
    places = torch.cartesian_prod(down, right).flip(1)
    bells = torch.kron(bumps(high, points), bumps(wide, points))
    return torch.cat([places, torch.ones(high * wide, 1), bells], 1).T


def bumps(size: int, points: int) -> Tensor:
    """Return a bell curve for each control point: (size, points).

    They are scaled so that random moves of the points bend every place equally far.
    """
    distance = torch.linspace(0, points - 1, size)[:, None] - torch.arange(points)
    curves = torch.exp(-(distance**2) / 2)
    return curves / curves.square().sum(1, keepdim=True).sqrt()
