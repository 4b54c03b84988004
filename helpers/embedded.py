"""The digits that scikit-learn carries, enlarged and framed as MNIST frames its own."""

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional as F


def small_digits() -> tuple[Tensor, Tensor]:
    """1,797 real handwritten digits, bytes of 28 x 28, and what they are."""
    bunch = load_digits()
    images = frame_small_images(torch.tensor(bunch.images, dtype=torch.float32) / 16)
    return images, torch.tensor(bunch.target, dtype=torch.int64)


def frame_small_images(images: Tensor) -> Tensor:
    """Enlarge (N, 8, 8) to 20 x 20 and put each centre of mass in the middle of 28 x 28."""
    large = F.interpolate(images.unsqueeze(1), size=(20, 20), mode="bilinear").squeeze(1)
    position = torch.arange(20, dtype=torch.float32)
    mass = large.sum((1, 2))
    rows = (large.sum(2) * position).sum(1) / mass
    columns = (large.sum(1) * position).sum(1) / mass
    top = (14 - rows).round().long().clamp(0, 8)
    left = (14 - columns).round().long().clamp(0, 8)
    framed = torch.zeros(len(images), 28, 28)
    box = torch.arange(20)
    framed[
        torch.arange(len(images))[:, None, None],
        top[:, None, None] + box[:, None],
        left[:, None, None] + box,
    ] = large
    return (framed * 255).round().to(torch.uint8)
