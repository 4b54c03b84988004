"""The digits that scikit-learn carries, enlarged and framed as MNIST frames its own."""

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional as F

from helpers.models import BOX, SIDE

DARKEST = 16  # the value of full ink in scikit-learn's pictures of 8 x 8
MIDDLE = SIDE // 2  # where MNIST puts a digit's centre of mass


def small_digits() -> tuple[Tensor, Tensor]:
    """1,797 real handwritten digits, bytes of 28 x 28, and what they are: (N, 28, 28), (N,)."""
    bunch = load_digits()
    images = frame_small_images(torch.tensor(bunch.images, dtype=torch.float32) / DARKEST)
    return images, torch.from_numpy(bunch.target).long()


def frame_small_images(images: Tensor) -> Tensor:
    """Enlarge (N, 8, 8) and put each centre of mass in the middle of a frame: (N, 28, 28)."""
    large = F.interpolate(images.unsqueeze(1), size=(BOX, BOX), mode="bilinear").squeeze(1)
    top, left = (first_pixel(large.sum(axis)) for axis in (2, 1))
    framed = torch.zeros(len(images), SIDE, SIDE)
    box = torch.arange(BOX)
    framed[
        torch.arange(len(images))[:, None, None],
        top[:, None, None] + box[:, None],
        left[:, None, None] + box,
    ] = large
    return (framed * 255).round().to(torch.uint8)


def first_pixel(ink: Tensor) -> Tensor:
    """Where a box begins if its ink, (N, 20) along one axis, is to be in the middle: (N,)."""
    centre = (ink * torch.arange(BOX)).sum(1) / ink.sum(1)
    return (MIDDLE - centre).round().long().clamp(0, SIDE - BOX)
