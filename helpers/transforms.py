"""What is done to a batch on its way to the network: bytes normalised, digits warped.

Random changes differ from digit to digit, as another hand would have written each.
"""

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from handreader.framing import SIDE
from helpers.recipes import Warps

HALF_SIDE = SIDE / 2  # pixels; PyTorch measures places from the middle, in halves of a picture


def scaled(images: Tensor) -> Tensor:
    """Bytes as floats in 0..1, in any shape; what is floats already stays as it is."""
    return images / 255 if images.dtype == torch.uint8 else images


class Normalize:
    """The notebook's `ToDtype` and `Normalize` in one: the same bits, in half the time."""

    def __init__(self, mean: float, std: float):
        self.mean, self.std = mean, std

    def __call__(self, images: Tensor) -> Tensor:
        """Bytes, or floats in 0..1, to centred floats of the same shape."""
        is_bytes = images.dtype == torch.uint8  # not `scaled`: torchvision multiplies, and so
        fresh = images.float().mul_(1 / 255) if is_bytes else images.clone()  # rounds otherwise
        return fresh.sub_(self.mean).div_(self.std)


class Augmentation:
    """What random changes of whole batches share: a seed, and how strong they are.

    `strength` makes all of them smaller, from 1 for as large as they are to 0 for none.
    """

    def __init__(self, seed: int):
        self.strength = 1.0
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, limit: float, count: int) -> Tensor:
        """One number for each digit, between 0 and limit: (N,)."""
        return torch.rand(count, generator=self.generator) * limit * self.strength

    def symmetric(self, limit: float, count: int) -> Tensor:
        """One number for each digit, between -limit and limit: (N,)."""
        return (2 * torch.rand(count, generator=self.generator) - 1) * limit * self.strength


class Warper(Augmentation):
    """Each digit is turned, stretched and bent in its own way."""

    def __init__(self, warps: Warps, seed: int = 0):
        super().__init__(seed)
        self.warps = warps

    def __call__(self, images: Tensor) -> Tensor:
        """Bytes or floats in 0..1, one image or a batch; floats in 0..1 come back."""
        floats = scaled(images)
        batch = floats.reshape(-1, *floats.shape[-3:])
        count, _, high, wide = batch.shape
        amounts = torch.cat([self.draw_affine(count), self.draw_elastic(count)], 2)
        places = amounts @ ways_to_move(high, wide, self.warps.points)
        grid = places.unflatten(2, (high, wide)).movedim(1, 3)
        return F.grid_sample(batch, grid, align_corners=False).reshape(floats.shape)

    def draw_affine(self, count: int) -> Tensor:
        """For each digit the matrix that says where its new pixels come from: (N, 2, 3)."""
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
        """How far the points of each digit wander (Simard et al. 2003): (N, 2, points²)."""
        field = torch.randn(count, 2, self.warps.points**2, generator=self.generator)
        return field * (self.warps.elastic * self.strength / HALF_SIDE)


@cache
def ways_to_move(high: int, wide: int, points: int) -> Tensor:
    """What a place of a picture moves by for each number drawn: (3 + points², high * wide).

    The first three rows are its own place and 1, for an affine matrix, as PyTorch measures it.
    """
    down, right = ((2 * torch.arange(side) + 1) / side - 1 for side in (high, wide))
    places = torch.cartesian_prod(down, right).flip(1)
    bells = torch.kron(bumps(high, points), bumps(wide, points))
    return torch.cat([places, torch.ones(high * wide, 1), bells], 1).T


def bumps(size: int, points: int) -> Tensor:
    """A bell curve for each point, so that random sums are as large anywhere: (size, points)."""
    distance = torch.linspace(0, points - 1, size)[:, None] - torch.arange(points)
    curves = torch.exp(-(distance**2) / 2)
    return curves / curves.square().sum(1, keepdim=True).sqrt()
