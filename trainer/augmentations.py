"""Random augmentations for training: other pens for digits, warps for lines."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from handreader.lines import LINE_HEIGHT, LINE_STEP
from helpers.recipes import Warps
from helpers.transforms import Augmentation, scaled
from trainer.recipes import Pens

# How pens change strokes: found by trying; none was measured on its own.
STROKE_EDGE = 0.5  # of full ink: the level at which a stroke ends if its width doesn't change
SHARPEST, SOFTER = 0.25, 0.5  # rise of ink at an edge: the sharpest pen's, and how much more
KEPT = 0.3  # share of digits whose strokes stay, so that a network doesn't forget MNIST's own
BLANK = 0.02  # less ink than this is paper, so that a wide pen doesn't fill it
MARGIN = 6  # pixels along the border without gaps, as there are hardly any strokes
SMALLEST_GAP, LARGER_GAP = 0.7, 1.3  # pixels: the smallest radius, and how much larger it may be
REACH = 3  # pixels on each side that a blur covers, enough for the recipes' 1.2
KNOTS = 10  # pixels between random displacements of a line: each digit bends differently
LINE_GRAIN = 0.2  # the most noise on a line, in standard deviations of its pixels
LEAST_BLUR = 0.1  # pixels, to avoid a division by 0


class Pen(Augmentation):
    """An augmentation that makes each digit look as if written with another pen."""

    def __init__(self, pens: Pens, seed: int = 0):
        super().__init__(seed)
        self.pens = pens

    def __call__(self, images: Tensor) -> Tensor:
        """Make strokes wider or narrower, softer and fainter, some with a gap.

        Bytes or floats in 0..1 become floats in 0..1 of the same shape.
        """
        batch = scaled(images).reshape(-1, 1, *images.shape[-2:])
        count = len(batch)
        redrawn = self.redrawn(batch)
        is_redrawn = of_each(self.uniform(1, count)) > KEPT
        mixed = torch.lerp(batch, redrawn, is_redrawn.float())
        weak = 1 - of_each(self.uniform(self.pens.fade, count))
        return (mixed * weak * self.gaps(batch)).reshape(images.shape)

    def redrawn(self, batch: Tensor) -> Tensor:
        """Return strokes of another width and softness, by a ramp on blurred ink: (N, 1, H, W)."""
        soft = self.blurred(batch)
        level = STROKE_EDGE + of_each(self.symmetric(self.pens.width, len(batch)))
        edge = SHARPEST + of_each(self.uniform(SOFTER, len(batch)))
        return ((soft - level) / edge + 0.5).clamp(0, 1) * (soft > BLANK)

    def blurred(self, batch: Tensor) -> Tensor:
        """Return each digit mixed with its blurred copy by a random share: (N, 1, H, W)."""
        side = torch.arange(-REACH, REACH + 1).float()
        bell = torch.exp(-(side**2) / (2 * max(self.pens.blur, LEAST_BLUR) ** 2))
        bell = bell / bell.sum()
        padded = F.pad(batch, (REACH,) * 4)
        soft = F.conv2d(F.conv2d(padded, bell.view(1, 1, 1, -1)), bell.view(1, 1, -1, 1))
        return torch.lerp(batch, soft, of_each(self.uniform(1, len(batch))))

    def gaps(self, batch: Tensor) -> Tensor:
        """Return a factor for ink, (N, 1, H, W): 0 in a small round gap of some digits, else 1."""
        count, side = len(batch), batch.shape[-1]
        line = torch.arange(side).float()
        down, right = (MARGIN + of_each(self.uniform(side - 2 * MARGIN, count)) for _ in range(2))
        away = ((line.view(1, 1, side, 1) - down) ** 2 + (line - right) ** 2).sqrt()
        radius = SMALLEST_GAP + of_each(self.uniform(LARGER_GAP, count))
        is_wanted = of_each(self.uniform(1, count)) > 1 - self.pens.gaps
        return torch.where(is_wanted, (away - radius + 0.5).clamp(0, 1), torch.ones(()))


def of_each(numbers: Tensor) -> Tensor:
    """Reshape one number for each picture, (N,), to (N, 1, 1, 1), to multiply all its pixels."""
    return numbers.view(-1, 1, 1, 1)


class LineWarper(Augmentation):
    """An augmentation that slants, shifts, stretches and bends each line, and adds noise."""

    def __init__(self, warps: Warps, seed: int = 0):
        super().__init__(seed)
        self.warps = warps

    def __call__(self, lines: Tensor) -> Tensor:
        """Warp normalised lines, (N, 1, 32, width), to others of about that width.

        The width changes by one random factor for the whole batch.
        """
        count, _, high, wide = lines.shape
        wider = math.exp(self.symmetric(self.warps.scale, 1).item())
        columns = max(1, round(wide * wider / LINE_STEP)) * LINE_STEP
        grid = F.affine_grid(
            self.draw_affine(count, high / wide), [count, 1, high, columns], align_corners=False
        )
        if self.warps.elastic:
            grid = grid + self.draw_elastic(count, columns)
        warped = F.grid_sample(lines, grid, padding_mode="border", align_corners=False)
        grain = self.uniform(LINE_GRAIN, count)[:, None, None, None]  # of each line
        return warped + grain * torch.randn(warped.shape, generator=self.generator)

    def draw_elastic(self, count: int, columns: int) -> Tensor:
        """Draw a smooth field of displacements for each line: (N, 32, columns, 2)."""
        knots = (LINE_HEIGHT // KNOTS + 1, columns // KNOTS + 1)
        field = torch.randn(count, 2, *knots, generator=self.generator)
        smooth = F.interpolate(field, (LINE_HEIGHT, columns), mode="bilinear", align_corners=True)
        to_halves = torch.tensor([2 / columns, 2 / LINE_HEIGHT])[:, None, None]
        return (smooth * to_halves * self.warps.elastic * self.strength).movedim(1, 3)

    def draw_affine(self, count: int, shape: float) -> Tensor:
        """Draw for each line a matrix from new pixels to old ones, (N, 2, 3); `shape` is H / W."""
        matrix = torch.zeros(count, 2, 3)
        matrix[:, 0, 0] = 1
        matrix[:, 0, 1] = self.symmetric(self.warps.shear, count) * shape
        matrix[:, 1, 1] = torch.exp(self.symmetric(self.warps.scale, count))
        matrix[:, 1, 2] = self.symmetric(self.warps.shift, count) * 2 / LINE_HEIGHT
        return matrix
