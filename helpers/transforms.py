"""What is done to a batch on its way to the network: bytes normalised, digits warped, pens changed.

Random changes differ from digit to digit, as another hand would have written each.
"""

import math
from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.models import LINE_HEIGHT, LINE_STEP, SIDE
from helpers.recipes import Pens, Warps

HALF_SIDE = SIDE / 2  # pixels; PyTorch measures places from the middle, in halves of a picture

# How pens change strokes: found by trying, none of them measured by itself.
STROKE_EDGE = 0.5  # of full ink: where a stroke ends if its width isn't changed
SHARPEST, SOFTER = 0.25, 0.5  # ink between paper and stroke: of the sharpest pen, and how much more
KEPT = 0.3  # of all digits keep their strokes, so that a network doesn't forget what MNIST's are
BLANK = 0.02  # less than that is paper, so that a wide pen doesn't fill it
MARGIN = 6  # pixels around a picture without gaps, for there are hardly any strokes
SMALLEST_GAP, LARGER_GAP = 0.7, 1.3  # pixels: the least radius, and how much more it may be
REACH = 3  # pixels that a blur looks to each side, enough for the recipes' 1.2
KNOTS = 10  # pixels of a line from one displacement to the next: each digit is bent otherwise
LINE_GRAIN = 0.2  # the most noise on a line, in spreads of its pixels
FLATTEST = 4  # grey levels: a line that hardly differs from paper isn't blown up to noise
LEAST_BLUR = 0.1  # pixels, as nothing can be divided by a blur of 0


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


def as_lines(pictures: Sequence[Tensor]) -> Tensor:
    """Grey lines of any width, (32, width) bytes, as one batch, (N, 1, 32, widest), for a network.

    Each is made centred floats by itself, so that neither light nor contrast matters; behind it
    are zeros, its mean.
    """
    widest = max(picture.shape[1] for picture in pictures)
    width = math.ceil(widest / LINE_STEP) * LINE_STEP
    batch = torch.zeros(len(pictures), 1, LINE_HEIGHT, width)
    for row, picture in zip(batch[:, 0], pictures, strict=True):
        floats = picture.float()
        spread, mean = torch.std_mean(floats, correction=0)
        row[:, : picture.shape[1]] = (floats - mean) / (spread + FLATTEST)
    return batch


class Change:
    """What random changes of whole batches share: a seed, and how strong they are.

    `strength` makes all of them smaller, from 1 for as large as they are to 0 for none.
    """

    def __init__(self, seed: int):
        self.strength = 1.0
        self.generator = torch.Generator().manual_seed(seed)

    def up_to(self, limit: float, count: int) -> Tensor:
        """One number for each digit, between 0 and limit: (N,)."""
        return torch.rand(count, generator=self.generator) * limit * self.strength

    def either_way(self, limit: float, count: int) -> Tensor:
        """One number for each digit, between -limit and limit: (N,)."""
        return (2 * torch.rand(count, generator=self.generator) - 1) * limit * self.strength


class Warper(Change):
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
        angle = self.either_way(math.radians(warps.rotation), count)
        shear = self.either_way(warps.shear, count)
        wide, high = (1 + self.either_way(warps.scale, count) for _ in range(2))
        right, down = (self.either_way(warps.shift, count) / HALF_SIDE for _ in range(2))
        cos, sin = angle.cos(), angle.sin()
        top = torch.stack([cos / wide, (shear * cos - sin) / high, -right], 1)
        bottom = torch.stack([sin / wide, (shear * sin + cos) / high, -down], 1)
        return torch.stack([top, bottom], 1)

    def draw_elastic(self, count: int) -> Tensor:
        """How far the points of each digit wander (Simard et al. 2003): (N, 2, points²)."""
        field = torch.randn(count, 2, self.warps.points**2, generator=self.generator)
        return field * (self.warps.elastic * self.strength / HALF_SIDE)


class LineWarper(Change):
    """Each line leans, is higher or lower and stands otherwise; a whole batch is as wide."""

    def __init__(self, warps: Warps, seed: int = 0):
        super().__init__(seed)
        self.warps = warps

    def __call__(self, lines: Tensor) -> Tensor:
        """Normalised lines, (N, 1, 32, width), to others of about that width."""
        count, _, high, wide = lines.shape
        wider = math.exp(self.either_way(self.warps.scale, 1).item())
        columns = max(1, round(wide * wider / LINE_STEP)) * LINE_STEP
        grid = F.affine_grid(
            self.draw_affine(count, high / wide), [count, 1, high, columns], align_corners=False
        )
        if self.warps.elastic:
            grid = grid + self.draw_elastic(count, columns)
        warped = F.grid_sample(lines, grid, padding_mode="border", align_corners=False)
        return warped + self.grain(warped)

    def draw_elastic(self, count: int, columns: int) -> Tensor:
        """For each line a smooth field of displacements: (N, 32, columns, 2)."""
        knots = (LINE_HEIGHT // KNOTS + 1, columns // KNOTS + 1)
        field = torch.randn(count, 2, *knots, generator=self.generator)
        smooth = F.interpolate(field, (LINE_HEIGHT, columns), mode="bilinear", align_corners=True)
        to_halves = torch.tensor([2 / columns, 2 / LINE_HEIGHT])[:, None, None]
        return (smooth * to_halves * self.warps.elastic * self.strength).movedim(1, 3)

    def draw_affine(self, count: int, shape: float) -> Tensor:
        """For each line the matrix that says where its new pixels come from: (N, 2, 3)."""
        matrix = torch.zeros(count, 2, 3)
        matrix[:, 0, 0] = 1
        matrix[:, 0, 1] = self.either_way(self.warps.shear, count) * shape
        matrix[:, 1, 1] = torch.exp(self.either_way(self.warps.scale, count))
        matrix[:, 1, 2] = self.either_way(self.warps.shift, count) * 2 / LINE_HEIGHT
        return matrix

    def grain(self, lines: Tensor) -> Tensor:
        """Noise, more of it for some lines than for others."""
        strength = self.up_to(LINE_GRAIN, len(lines))[:, None, None, None]
        return strength * torch.randn(lines.shape, generator=self.generator)


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


class Pen(Change):
    """Each digit looks as if another pen had written it."""

    def __init__(self, pens: Pens, seed: int = 0):
        super().__init__(seed)
        self.pens = pens

    def __call__(self, images: Tensor) -> Tensor:
        """Strokes wider or narrower, softer, fainter, some with a gap; bytes become floats."""
        batch = scaled(images).reshape(-1, 1, *images.shape[-2:])
        count = len(batch)
        redrawn = self.redrawn(batch)
        is_redrawn = of_each(self.up_to(1, count)) > KEPT
        mixed = torch.lerp(batch, redrawn, is_redrawn.float())
        weak = 1 - of_each(self.up_to(self.pens.fade, count))
        return (mixed * weak * self.gaps(batch)).reshape(images.shape)

    def redrawn(self, batch: Tensor) -> Tensor:
        """Strokes that end at another level of blurred ink, more or less softly: (N, 1, H, W)."""
        soft = self.blurred(batch)
        level = STROKE_EDGE + of_each(self.either_way(self.pens.width, len(batch)))
        edge = SHARPEST + of_each(self.up_to(SOFTER, len(batch)))
        return ((soft - level) / edge + 0.5).clamp(0, 1) * (soft > BLANK)

    def blurred(self, batch: Tensor) -> Tensor:
        """Each digit blurred by an amount of its own, between not at all and `blur` pixels."""
        side = torch.arange(-REACH, REACH + 1).float()
        bell = torch.exp(-(side**2) / (2 * max(self.pens.blur, LEAST_BLUR) ** 2))
        bell = bell / bell.sum()
        padded = F.pad(batch, (REACH,) * 4)
        soft = F.conv2d(F.conv2d(padded, bell.view(1, 1, 1, -1)), bell.view(1, 1, -1, 1))
        return torch.lerp(batch, soft, of_each(self.up_to(1, len(batch))))

    def gaps(self, batch: Tensor) -> Tensor:
        """0 in a small round place of some digits, 1 elsewhere: (N, 1, H, W)."""
        count, side = len(batch), batch.shape[-1]
        line = torch.arange(side).float()
        down, right = (MARGIN + of_each(self.up_to(side - 2 * MARGIN, count)) for _ in range(2))
        away = ((line.view(1, 1, side, 1) - down) ** 2 + (line - right) ** 2).sqrt()
        radius = SMALLEST_GAP + of_each(self.up_to(LARGER_GAP, count))
        is_wanted = of_each(self.up_to(1, count)) > 1 - self.pens.gaps
        return torch.where(is_wanted, (away - radius + 0.5).clamp(0, 1), torch.ones(()))


def of_each(numbers: Tensor) -> Tensor:
    """One number for each picture, in a shape that meets all its pixels: (N, 1, 1, 1)."""
    return numbers.view(-1, 1, 1, 1)
