"""Random changes for practice: other pens for digits, and lines that lean and wander."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from handreader.lines import LINE_HEIGHT, LINE_STEP
from helpers.recipes import Warps
from helpers.transforms import Augmentation, scaled
from trainer.recipes import Pens

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
LEAST_BLUR = 0.1  # pixels, as nothing can be divided by a blur of 0


class Pen(Augmentation):
    """Each digit looks as if another pen had written it."""

    def __init__(self, pens: Pens, seed: int = 0):
        super().__init__(seed)
        self.pens = pens

    def __call__(self, images: Tensor) -> Tensor:
        """Strokes wider or narrower, softer, fainter, some with a gap; bytes become floats."""
        batch = scaled(images).reshape(-1, 1, *images.shape[-2:])
        count = len(batch)
        redrawn = self.redrawn(batch)
        is_redrawn = of_each(self.uniform(1, count)) > KEPT
        mixed = torch.lerp(batch, redrawn, is_redrawn.float())
        weak = 1 - of_each(self.uniform(self.pens.fade, count))
        return (mixed * weak * self.gaps(batch)).reshape(images.shape)

    def redrawn(self, batch: Tensor) -> Tensor:
        """Strokes that end at another level of blurred ink, more or less softly: (N, 1, H, W)."""
        soft = self.blurred(batch)
        level = STROKE_EDGE + of_each(self.symmetric(self.pens.width, len(batch)))
        edge = SHARPEST + of_each(self.uniform(SOFTER, len(batch)))
        return ((soft - level) / edge + 0.5).clamp(0, 1) * (soft > BLANK)

    def blurred(self, batch: Tensor) -> Tensor:
        """Each digit blurred by an amount of its own, between not at all and `blur` pixels."""
        side = torch.arange(-REACH, REACH + 1).float()
        bell = torch.exp(-(side**2) / (2 * max(self.pens.blur, LEAST_BLUR) ** 2))
        bell = bell / bell.sum()
        padded = F.pad(batch, (REACH,) * 4)
        soft = F.conv2d(F.conv2d(padded, bell.view(1, 1, 1, -1)), bell.view(1, 1, -1, 1))
        return torch.lerp(batch, soft, of_each(self.uniform(1, len(batch))))

    def gaps(self, batch: Tensor) -> Tensor:
        """0 in a small round place of some digits, 1 elsewhere: (N, 1, H, W)."""
        count, side = len(batch), batch.shape[-1]
        line = torch.arange(side).float()
        down, right = (MARGIN + of_each(self.uniform(side - 2 * MARGIN, count)) for _ in range(2))
        away = ((line.view(1, 1, side, 1) - down) ** 2 + (line - right) ** 2).sqrt()
        radius = SMALLEST_GAP + of_each(self.uniform(LARGER_GAP, count))
        is_wanted = of_each(self.uniform(1, count)) > 1 - self.pens.gaps
        return torch.where(is_wanted, (away - radius + 0.5).clamp(0, 1), torch.ones(()))


def of_each(numbers: Tensor) -> Tensor:
    """One number for each picture, in a shape that meets all its pixels: (N, 1, 1, 1)."""
    return numbers.view(-1, 1, 1, 1)


class LineWarper(Augmentation):
    """Each line leans, is higher or lower and stands otherwise; a whole batch is as wide."""

    def __init__(self, warps: Warps, seed: int = 0):
        super().__init__(seed)
        self.warps = warps

    def __call__(self, lines: Tensor) -> Tensor:
        """Normalised lines, (N, 1, 32, width), to others of about that width."""
        count, _, high, wide = lines.shape
        wider = math.exp(self.symmetric(self.warps.scale, 1).item())
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
        matrix[:, 0, 1] = self.symmetric(self.warps.shear, count) * shape
        matrix[:, 1, 1] = torch.exp(self.symmetric(self.warps.scale, count))
        matrix[:, 1, 2] = self.symmetric(self.warps.shift, count) * 2 / LINE_HEIGHT
        return matrix

    def grain(self, lines: Tensor) -> Tensor:
        """Noise, more of it for some lines than for others."""
        strength = self.uniform(LINE_GRAIN, len(lines))[:, None, None, None]
        return strength * torch.randn(lines.shape, generator=self.generator)
