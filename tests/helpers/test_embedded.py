"""The digits that scikit-learn carries, as large and in the place that MNIST's have."""

import torch
from sklearn.datasets import load_digits as load_small_pictures

from helpers import data
from helpers.data import Digits
from helpers.embedded import frame_small_images, small_digits


def test_embedded_digits_look_like_mnist(digits: Digits) -> None:
    assert (digits.name, digits.is_mnist) == ("embedded digits", False)
    images = torch.cat([part.images for part in (digits.train, digits.validation, digits.test)])
    assert images.dtype == torch.uint8
    assert images.shape == (1797, 1, 28, 28)
    assert images.max() == 255
    assert (images.flatten(1).max(1).values > 100).all()


def test_embedded_digits_are_in_the_middle(digits: Digits) -> None:
    ink = digits.train.images.squeeze(1).double()
    position = torch.arange(28, dtype=torch.float64)
    rows_, columns = ((ink.sum(axis) * position).sum(1) / ink.sum((1, 2)) for axis in (2, 1))
    distance = torch.maximum((rows_ - 14).abs(), (columns - 14).abs())  # 14 as in MNIST itself
    assert (distance <= 1).double().mean() > 0.99


def test_embedded_digits_are_all_there_with_their_labels(digits: Digits) -> None:
    """Framing may move and enlarge a picture, but its ink stays in proportion."""
    bunch = load_small_pictures()
    labels = torch.from_numpy(bunch.target)
    rest, test = data.split_indices(labels, 257)
    train = rest[data.split_indices(labels[rest], 128)[0]]
    for part, indices in ((digits.train, train), (digits.test, test)):
        assert torch.equal(part.labels, labels[indices])
        expected = torch.from_numpy(bunch.images)[indices].sum((1, 2)) / 16 * 255 * (20 / 8) ** 2
        ratio = part.images.double().sum((1, 2, 3)) / expected
        assert (ratio - 1).abs().max() < 0.2


def test_bytes_and_labels_are_what_networks_take() -> None:
    images, labels = small_digits()
    assert images.shape == (1797, 28, 28)
    assert (images.dtype, labels.dtype) == (torch.uint8, torch.int64)
    assert labels.bincount().min() > 170


def test_full_square_becomes_twenty_pixels_of_full_ink_in_the_middle() -> None:
    (framed,) = frame_small_images(torch.ones(1, 8, 8))
    expected = torch.zeros(28, 28, dtype=torch.uint8)
    expected[4:24, 4:24] = 255
    assert torch.equal(framed, expected)


def test_ink_in_a_corner_stays_within_the_frame() -> None:
    pictures = torch.zeros(2, 8, 8)
    pictures[0, 0, 0] = pictures[1, 7, 7] = 1
    first, last = frame_small_images(pictures)
    assert first[8, 8] == last[19, 19] == 255
    assert first.count_nonzero() == last.count_nonzero() == 16
    assert torch.equal(first, last.flip(0, 1))


def test_half_ink_becomes_half_of_a_byte() -> None:
    assert frame_small_images(torch.full((1, 8, 8), 0.5)).max() == 128


def test_each_picture_is_framed_by_itself() -> None:
    pictures = torch.rand(5, 8, 8, generator=torch.Generator().manual_seed(0))
    together = frame_small_images(pictures)
    alone = [frame_small_images(picture[None])[0] for picture in pictures]
    assert torch.equal(together, torch.stack(alone))


def test_shape_keeps_its_proportions_when_it_is_enlarged() -> None:
    pictures = torch.zeros(1, 8, 8)
    pictures[0, 1:7, 3:5] = 1  # six high and two wide
    (framed,) = frame_small_images(pictures)
    inked = (framed > 127).nonzero()
    assert inked.amin(0).tolist() == [6, 11]
    assert inked.amax(0).tolist() == [21, 16]  # fifteen by five, and half a pixel of edge
