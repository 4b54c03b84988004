"""The small set holds what it is said to hold: real digits of MNIST's training part."""

import torch
from support import as_pairs

from helpers import data
from helpers.data import Digits


def test_small_set_has_as_many_of_each_digit_in_each_part(digits: Digits) -> None:
    assert (digits.name, digits.is_mnist) == ("small set", False)
    for part, of_each in ((digits.train, 400), (digits.validation, 50), (digits.test, 50)):
        assert part.images.shape == (10 * of_each, 1, 28, 28)
        assert (part.images.dtype, part.labels.dtype) == (torch.uint8, torch.int64)
        assert part.labels.bincount().tolist() == [of_each] * 10
        assert part.labels[:100].unique().tolist() == list(range(10))  # mixed


def test_small_set_is_the_same_each_time(digits: Digits) -> None:
    torch.manual_seed(1)
    again = data.load_digits("small")
    for part in ("train", "validation", "test"):
        assert torch.equal(getattr(again, part).images, getattr(digits, part).images)
        assert torch.equal(getattr(again, part).labels, getattr(digits, part).labels)


def test_small_set_is_of_mnists_training_part_alone(digits: Digits, real_mnist: Digits) -> None:
    parts = digits.train, digits.validation, digits.test
    pairs = {pair for part in parts for pair in as_pairs(part)}
    assert len(pairs) == 5000
    assert pairs <= {*as_pairs(real_mnist.train), *as_pairs(real_mnist.validation)}
    tested = {picture for picture, _ in as_pairs(real_mnist.test)}
    assert tested.isdisjoint(picture for picture, _ in pairs)
