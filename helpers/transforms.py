"""What is done to a batch on its way to the network: bytes normalised, digits warped, pens changed.

Random changes differ from digit to digit, as another hand would have written each.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.recipes import Pens, Warps


class Normalize:
    """The notebook's `ToDtype` and `Normalize` in one: the same bits, in half the time."""

    def __init__(self, mean: float, std: float):
        self.mean, self.std = mean, std

    def __call__(self, images: Tensor) -> Tensor:
        """Bytes, or floats in 0..1, to centred floats."""
        is_bytes = images.dtype == torch.uint8
        fresh = images.float().mul_(1 / 255) if is_bytes else images.clone()
        return fresh.sub_(self.mean).div_(self.std)


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


class Pen:
    """A transform of whole batches: each digit looks as if another pen had written it."""

    def __init__(self, pens: Pens, seed: int = 0):
        self.pens, self.strength = pens, 1.0
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, images: Tensor) -> Tensor:
        """Strokes wider or narrower, softer, fainter, some with a gap; bytes become floats."""
        floats = images / 255 if images.dtype == torch.uint8 else images
        batch = floats.reshape(-1, 1, *images.shape[-2:])
        soft = self.blurred(batch)
        level = 0.5 + self.draw(len(batch), self.pens.width, centred=True)
        edge = 0.25 + self.draw(len(batch), 0.5)
        inked = ((soft - level) / edge + 0.5).clamp(0, 1) * (soft > 0.02)
        mixed = torch.lerp(batch, inked, (self.draw(len(batch), 1.0) > 0.3).float())
        weak = 1 - self.draw(len(batch), self.pens.fade)
        return (mixed * weak * self.gaps(batch)).reshape(images.shape)

    def draw(self, count: int, limit: float, centred: bool = False) -> Tensor:
        """One number for each digit, from 0 (or -limit) to limit."""
        drawn = torch.rand(count, 1, 1, 1, generator=self.generator)
        return (2 * drawn - 1 if centred else drawn) * limit * self.strength

    def blurred(self, batch: Tensor) -> Tensor:
        """Each digit blurred by an amount of its own, between not at all and `blur` pixels."""
        side = torch.arange(-3, 4).float()
        bell = torch.exp(-(side**2) / (2 * max(self.pens.blur, 0.1) ** 2))
        bell = bell / bell.sum()
        padded = F.pad(batch, (3, 3, 3, 3))
        soft = F.conv2d(F.conv2d(padded, bell.view(1, 1, 1, 7)), bell.view(1, 1, 7, 1))
        return torch.lerp(batch, soft, self.draw(len(batch), 1.0))

    def gaps(self, batch: Tensor) -> Tensor:
        """0 in a small round place of some digits, 1 elsewhere."""
        count, side = len(batch), batch.shape[-1]
        line = torch.arange(side).float()
        down, right = (6 + self.draw(count, side - 12.0) for _ in range(2))
        away = ((line.view(1, 1, side, 1) - down) ** 2 + (line - right) ** 2).sqrt()
        radius = 0.7 + self.draw(count, 1.3)
        wanted = self.draw(count, 1.0) > 1 - self.pens.gaps
        return torch.where(wanted, (away - radius + 0.5).clamp(0, 1), torch.ones(()))
