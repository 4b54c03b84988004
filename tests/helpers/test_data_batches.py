"""How digits reach the network: in whole batches, the same bits as by the usual path."""

import pytest
import torch
from mirrors import SmallMnist
from torch import Tensor
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision.transforms import v2

from helpers import data
from helpers.data import Digits, DigitSet
from helpers.transforms import Normalize


@pytest.fixture
def small(mnist: SmallMnist) -> Digits:
    return data.load_digits("mnist", origin=mnist.origin)


def same_bits(found: list[list[Tensor]], expected: list[list[Tensor]]) -> bool:
    return len(found) == len(expected) and all(
        a.dtype == b.dtype and torch.equal(a, b)
        for left, right in zip(found, expected, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def usual_batches(mnist: SmallMnist, small: Digits) -> DataLoader:
    """What every torchvision text does: one picture after the other, then collated."""
    steps = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]
    steps.append(v2.Normalize([small.mean], [small.std]))
    digits = datasets.MNIST(mnist.root, train=True, transform=v2.Compose(steps))
    train, _ = data.split_indices(digits.targets, 20)
    return DataLoader(Subset(digits, train.tolist()), batch_size=64)


def test_whole_batches_equal_the_usual_path_bit_for_bit(mnist: SmallMnist, small: Digits) -> None:
    usual = list(usual_batches(mnist, small))
    transformed = small.train.with_transform(Normalize(small.mean, small.std))
    assert [len(images) for images, _ in usual] == [64, 64, 64, 28]
    assert same_bits(list(data.batches(transformed, 64)), usual)
    assert same_bits(list(DataLoader(transformed, batch_size=64)), usual)


def test_shuffled_batches_equal_the_usual_path_bit_for_bit(
    mnist: SmallMnist, small: Digits
) -> None:
    usual = usual_batches(mnist, small).dataset
    transform = Normalize(small.mean, small.std)
    order = DigitSet(torch.arange(220), torch.arange(220))
    for (images, labels), (indices, _) in zip(
        data.batches(small.train.with_transform(transform), 64, shuffle=True, seed=3),
        data.batches(order, 64, shuffle=True, seed=3),
        strict=True,
    ):
        assert torch.equal(images, torch.stack([usual[index][0] for index in indices]))
        assert labels.tolist() == [usual[index][1] for index in indices]


def test_another_transform_shares_the_bytes(digits: Digits) -> None:
    other = digits.train.with_transform(Normalize(digits.mean, digits.std))
    assert other.images.data_ptr() == digits.train.images.data_ptr()
    assert other[0][0].dtype == torch.float32
    assert digits.train[0][0].dtype == torch.uint8


def orders(seed: int, epochs: int, shuffle: bool = True) -> list[list[int]]:
    """The indices that batches of 64 hand out in each epoch, for 220 numbered pictures."""
    numbered = DigitSet(torch.arange(220), torch.arange(220))
    loader = data.batches(numbered, 64, shuffle=shuffle, seed=seed)
    return [torch.cat([labels for _, labels in loader]).tolist() for _ in range(epochs)]


def test_each_epoch_has_every_digit_once() -> None:
    for order in orders(seed=0, epochs=3):
        assert sorted(order) == list(range(220))
    assert orders(seed=0, epochs=2, shuffle=False) == [list(range(220))] * 2


def test_each_epoch_has_another_order_and_the_seed_fixes_them_all() -> None:
    first, second, third = orders(seed=0, epochs=3)
    assert first != second
    assert second != third
    torch.manual_seed(99)
    assert orders(seed=0, epochs=3) == [first, second, third]
    assert orders(seed=1, epochs=1) != [first]
    unseeded = data.batches(DigitSet(torch.arange(220), torch.arange(220)), 64, shuffle=True)
    assert torch.cat([labels for _, labels in unseeded]).tolist() == first


def shared(digits: DigitSet, size: int, parts: int, shuffle: bool, epochs: int) -> list[list]:
    """For each of some processes, the labels in each of its batches, epoch after epoch."""
    loaders = [
        data.batches(digits, size, shuffle=shuffle, seed=3, part=(number, parts))
        for number in range(parts)
    ]
    return [[labels.tolist() for _ in range(epochs) for _, labels in loader] for loader in loaders]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(("size", "parts"), [(64, 2), (50, 3), (7, 4), (220, 5)])
def test_processes_share_each_batch_so_that_each_digit_is_seen_once(
    size: int, parts: int, shuffle: bool
) -> None:
    numbered = DigitSet(torch.arange(220), torch.arange(220))
    alone = shared(numbered, size, 1, shuffle, epochs=2)[0]
    together = shared(numbered, size, parts, shuffle, epochs=2)
    assert {len(batches) for batches in together} == {len(alone)}
    for whole, *pieces in zip(alone, *together, strict=True):
        everyone = [label for piece in pieces for label in piece]
        assert sorted(everyone) == sorted(whole)  # each once: none twice, none left out
        assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_leave_the_global_random_state_alone(digits: Digits, shuffle: bool) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for _ in data.batches(digits.validation, 50, shuffle=shuffle):
        pass
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("size", "sizes"), [(1, [1] * 500), (250, [250, 250]), (300, [300, 200]), (900, [500])]
)
def test_length_is_the_number_of_batches(digits: Digits, size: int, sizes: list[int]) -> None:
    loader = data.batches(digits.validation, size)
    assert len(loader) == len(sizes)
    assert [len(labels) for _, labels in loader] == sizes
