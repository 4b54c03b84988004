"""Above all, `show_batch` shows what the network got, whatever was done to it."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset
from torchvision import transforms as v1
from torchvision.transforms import v2

from helpers import data, plotting
from helpers.transforms import Normalize


class PictureDataset(Dataset):
    """The usual data set: one PIL picture at a time, through a transform."""

    def __init__(self, images: Tensor, transform: Callable):
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(v1.functional.to_pil_image(self.images[index])), index % 10


def drawn_digits(figure: Figure, count: int) -> np.ndarray:
    """The pictures in a mosaic of ten columns under captions, back as ink from 0 to 1."""
    mosaic = np.asarray(figure.axes[0].images[0].get_array())
    height = mosaic.shape[0] // -(-count // 10)
    tiles = []
    for number in range(count):
        bottom = (number // 10 + 1) * height
        left = number % 10 * 31
        tiles.append(1 - mosaic[bottom - 28 : bottom, left : left + 28])
    return np.stack(tiles)


def loaders(digits: data.Digits) -> dict[str, DataLoader]:
    """The first digits of the training part through every kind of loader there is."""
    mean, std = digits.mean, digits.std
    flatten = v2.Lambda(lambda images: images.flatten(-3))
    scale = v2.ToDtype(torch.float32, scale=True)
    classic = v1.Compose([v1.ToTensor(), v1.Normalize((mean,), (std,))])
    classic_flat = v1.Compose([*classic.transforms, v1.Lambda(lambda image: image.view(-1))])
    train, images = digits.train, digits.train.images
    shaped = train.with_transform(Normalize(mean, std))
    flat = v2.Compose([Normalize(mean, std), flatten])
    nested = v2.Compose([v2.Compose([Normalize(mean, std)]), flatten])
    return {
        "raw bytes": data.batches(train, 20),
        "raw bytes, digit by digit": DataLoader(train, 20),
        "raw bytes, flattened": data.batches(train.with_transform(flatten), 20),
        "scaled": data.batches(train.with_transform(scale), 20),
        "normalised": data.batches(shaped, 20),
        "normalised, digit by digit": DataLoader(shaped, 20),
        "normalised and flattened": data.batches(train.with_transform(flat), 20),
        "a transform within a transform": data.batches(train.with_transform(nested), 20),
        "the older transforms": DataLoader(PictureDataset(images, classic), 20),
        "the older transforms, flattened": DataLoader(PictureDataset(images, classic_flat), 20),
        "a subset": DataLoader(Subset(shaped, range(30)), 20),
        "a data set of tensors": DataLoader(TensorDataset(images / 255, train.labels), 20),
    }


KINDS = list(loaders(data.load_digits("small")))


@pytest.mark.parametrize("kind", KINDS)
def test_show_batch_undoes_whatever_the_loader_did(kind: str, digits: data.Digits) -> None:
    figure = plotting.show_batch(loaders(digits)[kind], 20)
    expected = digits.train.images[:20].squeeze(1) / 255
    np.testing.assert_allclose(drawn_digits(figure, 20), expected, atol=1e-5)


def test_show_batch_writes_the_labels(digits: data.Digits) -> None:
    figure = plotting.show_batch(data.batches(digits.train, 20), 20)
    captions = [text.get_text() for text in figure.axes[0].texts]
    assert captions == [str(label) for label in digits.train.labels[:20].tolist()]


def test_looking_at_a_batch_changes_nothing_that_follows(digits: data.Digits) -> None:
    for make in (
        lambda: data.batches(digits.train, 20, shuffle=True, seed=3),
        lambda: DataLoader(digits.train, 20, shuffle=True),
    ):
        torch.manual_seed(0)
        expected = [labels for _, labels in make()]
        torch.manual_seed(0)
        loader = make()
        plotting.show_batch(loader)
        assert all(torch.equal(a, b) for a, (_, b) in zip(expected, loader, strict=True))


def test_numbers_that_are_neither_bytes_nor_scaled_are_still_visible() -> None:
    figure = plotting.show_digits(torch.randn(20, 1, 28, 28), range(20))
    tiles = drawn_digits(figure, 20)
    assert tiles.min() >= 0
    assert tiles.max() <= 1
    assert tiles.std() > 0.05
