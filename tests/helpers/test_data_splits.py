"""How digits are split, without overlap and always the same, and what is measured on a part."""

import pytest
import torch
from mirrors import TEST, TRAIN, SmallMnist, small_digits
from support import as_pairs
from torch import Tensor

from helpers import data
from helpers.data import Digits, Labelled

MNIST_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)


@pytest.fixture
def small(mnist: SmallMnist) -> Digits:
    return data.load_digits("mnist", origin=mnist.origin)


def mnist_labels() -> Tensor:
    """60,000 labels, each as frequent as in MNIST's training set, well mixed."""
    labels = torch.arange(10).repeat_interleave(torch.tensor(MNIST_COUNTS))
    return labels[torch.randperm(60_000, generator=torch.Generator().manual_seed(0))]


def test_split_has_everything_once(digits: Digits) -> None:
    parts = [set(as_pairs(part)) for part in (digits.train, digits.validation, digits.test)]
    assert len(set.union(*parts)) == sum(len(part) for part in parts)


def test_split_indices_have_everything_once() -> None:
    kept, held = data.split_indices(mnist_labels(), 5000)
    assert (len(kept), len(held)) == (55_000, 5_000)
    assert torch.equal(torch.cat([kept, held]).sort().values, torch.arange(60_000))


def test_split_keeps_each_digits_share() -> None:
    labels = mnist_labels()
    shares = labels.bincount(minlength=10) / len(labels)
    for part in data.split_indices(labels, 5000):
        found = labels[part].bincount(minlength=10) / len(part)
        assert (found - shares).abs().max() < 0.001


def test_split_is_the_same_each_time() -> None:
    labels = mnist_labels()
    torch.manual_seed(1)
    first = data.split_indices(labels, 5000)
    torch.manual_seed(2)
    second = data.split_indices(labels, 5000)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[1], data.split_indices(labels, 5000, seed=1)[1])


@pytest.mark.parametrize("name", ["small", "digits"])
def test_mean_and_std_are_torchs(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name)
    pixels = found.train.images.double() / 255
    assert found.mean == pytest.approx(pixels.mean().item(), abs=1e-6)
    assert found.std == pytest.approx(pixels.std(correction=0).item(), abs=1e-6)


def test_mean_and_std_see_the_training_part_alone() -> None:
    learned, test = Labelled(*small_digits(TRAIN, 1)), Labelled(*small_digits(TEST, 2))
    before = data.split_digits("", learned, test)
    train, validation = data.split_indices(learned.labels, 20)

    others = learned.images.clone()
    others[validation] = 255
    blank = test._replace(images=torch.zeros_like(test.images))
    after = data.split_digits("", learned._replace(images=others), blank)
    assert not torch.equal(after.validation.images, before.validation.images)
    assert (after.mean, after.std) == (before.mean, before.std)

    others = learned.images.clone()
    others[train[0]] = 255
    after = data.split_digits("", learned._replace(images=others), test)
    assert after.mean != before.mean
    assert after.std != before.std


def test_real_files_split_as_the_tutorial_says(real_mnist: Digits) -> None:
    found = real_mnist
    parts = found.train, found.validation, found.test
    assert [len(part) for part in parts] == [55_000, 5_000, 10_000]
    counts = (found.train.labels.bincount() + found.validation.labels.bincount()).tolist()
    assert tuple(counts) == MNIST_COUNTS
    assert (found.mean, found.std) == pytest.approx((0.1307, 0.3081), abs=2e-4)


def test_small_set_has_as_many_of_each_digit_in_each_part(digits: Digits) -> None:
    assert (digits.name, digits.is_mnist) == ("small set", False)
    for part, of_each in ((digits.train, 400), (digits.validation, 50), (digits.test, 50)):
        assert part.images.shape == (10 * of_each, 1, 28, 28)
        assert (part.images.dtype, part.labels.dtype) == (torch.uint8, torch.int64)
        assert part.labels.bincount().tolist() == [of_each] * 10
        assert part.labels[:100].unique().tolist() == list(range(10))  # mixed


def test_small_set_is_of_mnists_training_part_alone(digits: Digits, real_mnist: Digits) -> None:
    parts = digits.train, digits.validation, digits.test
    pairs = {pair for part in parts for pair in as_pairs(part)}
    assert len(pairs) == 5000
    assert pairs <= {*as_pairs(real_mnist.train), *as_pairs(real_mnist.validation)}
    tested = {picture for picture, _ in as_pairs(real_mnist.test)}
    assert tested.isdisjoint(picture for picture, _ in pairs)
