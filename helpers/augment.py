"""A different warp for each digit of a batch, as another hand would have written it."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.recipes import Warps


class Warper:
    """A transform of whole batches: each digit is turned, stretched and bent in its own way.

    `strength` makes all warps smaller, from 1 for as large as they are to 0 for none.
    """

    def __init__(self, warps: Warps, seed: int = 0):
        self.warps, self.strength = warps, 1.0
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, images: Tensor) -> Tensor:
        """Bytes or floats in 0..1, one image or a batch; floats in 0..1 come back."""
        floats = images / 255 if images.dtype == torch.uint8 else images
        batch = floats.reshape(-1, *floats.shape[-3:])
        size = batch.shape[-2:]
        grid = F.affine_grid(self.draw_affine(len(batch)), batch.shape, align_corners=False)
        if self.warps.elastic:
            grid = grid + self.draw_elastic(len(batch), size)
        return F.grid_sample(batch, grid, align_corners=False).reshape(floats.shape)

    def uniform(self, count: int, limit: float) -> Tensor:
        """One number for each digit, between -limit and limit."""
        drawn = 2 * torch.rand(count, generator=self.generator) - 1
        return drawn * limit * self.strength

    def draw_affine(self, count: int) -> Tensor:
        """For each digit the 2 x 3 matrix that says where each of its new pixels comes from."""
        warps = self.warps
        angle = self.uniform(count, math.radians(warps.rotation))
        shear = self.uniform(count, warps.shear)
        wide, high = (1 + self.uniform(count, warps.scale) for _ in range(2))
        right, down = (self.uniform(count, warps.shift) / 14 for _ in range(2))  # 28 pixels are 2
        cos, sin = angle.cos(), angle.sin()
        top = torch.stack([cos / wide, (shear * cos - sin) / high, -right], 1)
        bottom = torch.stack([sin / wide, (shear * sin + cos) / high, -down], 1)
        return torch.stack([top, bottom], 1)

    def draw_elastic(self, count: int, size: torch.Size) -> Tensor:
        """For each digit a smooth field of displacements, in units of half a picture."""
        points = self.warps.points
        field = torch.randn(count, 2, points, points, generator=self.generator)
        rows, columns = (bumps(side, points) for side in size)
        wander = self.warps.elastic * self.strength / 14
        return ((rows @ field @ columns.T) * wander).movedim(1, 3)


def bumps(size: int, points: int) -> Tensor:
    """One bell curve for each point, scaled so that random sums of them are as large anywhere."""
    distance = torch.linspace(0, points - 1, size)[:, None] - torch.arange(points)
    curves = torch.exp(-(distance**2) / 2)
    return curves / curves.square().sum(1, keepdim=True).sqrt()
