"""Digits from files to batches: whole, split without overlap, and the same as the usual path."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from sklearn.datasets import load_digits as load_embedded_digits
from support import TEST, TRAIN, record_sums, small_digits, write_idx
from torch import Tensor
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision.transforms import v2

from helpers import data, mnist_files
from helpers.data import Digits, DigitSet
from helpers.mnist_files import DataError
from helpers.transforms import Normalize

MNIST_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = mnist_files.FILES


@pytest.fixture
def small(mnist_root: Path) -> Digits:
    return data.load_digits("mnist", root=mnist_root)


def mnist_labels() -> Tensor:
    """60,000 labels, each as frequent as in MNIST's training set, well mixed."""
    labels = torch.arange(10).repeat_interleave(torch.tensor(MNIST_COUNTS))
    return labels[torch.randperm(60_000, generator=torch.Generator().manual_seed(0))]


def rows(digits: DigitSet) -> list[tuple[bytes, int]]:
    """Each digit as something that can be compared, sorted and counted."""
    images = [image.numpy().tobytes() for image in digits.images]
    return sorted(zip(images, digits.labels.tolist(), strict=True))


def same_bits(found: list[list[Tensor]], expected: list[list[Tensor]]) -> bool:
    return len(found) == len(expected) and all(
        a.dtype == b.dtype and torch.equal(a, b)
        for left, right in zip(found, expected, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def assert_helpful(message: str, *parts: str) -> None:
    """One sentence in one line, with the way out."""
    assert "\n" not in message
    assert message.endswith(".")
    for part in parts:
        assert part in message


def test_files_become_digits(small: Digits) -> None:
    assert (small.name, small.notice, small.is_mnist) == ("MNIST", "", True)
    assert [len(part) for part in (small.train, small.validation, small.test)] == [220, 20, 60]
    for part in (small.train, small.validation, small.test):
        assert part.images.dtype == torch.uint8
        assert part.images.shape == (len(part), 1, 28, 28)
        assert part.labels.dtype == torch.int64
        assert part.labels.shape == (len(part),)


def test_pixels_and_labels_are_those_of_the_files(small: Digits) -> None:
    images, labels = small_digits(TEST, 2)
    assert torch.equal(small.test.images, images.unsqueeze(1))
    assert torch.equal(small.test.labels, labels)
    images, labels = small_digits(TRAIN, 1)
    assert rows(DigitSet(images, labels)) == sorted(rows(small.train) + rows(small.validation))


def test_root_comes_from_the_environment(mnist_root: Path, small: Digits) -> None:
    assert rows(data.load_digits("auto").train) == rows(small.train)
    with pytest.raises(DataError, match="elsewhere"):
        data.load_digits("mnist", root=mnist_root / "elsewhere")


@pytest.mark.parametrize("value", [None, ""])
def test_root_is_data_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    if value is None:
        monkeypatch.delenv("MNIST_ROOT", raising=False)
    else:
        monkeypatch.setenv("MNIST_ROOT", value)
    expected = str(mnist_files.raw_folder(Path("data")) / TRAIN_IMAGES)
    assert data.load_digits("auto").notice.startswith(f"{expected} is missing")


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "another number of dimensions": lambda content: content[:3] + b"\x02" + content[4:],
    "no dimensions": lambda content: content[:3] + b"\x00" + content[4:],
    "type below the known ones": lambda content: b"\x00\x00\x07" + content[3:],
    "type that is none": lambda content: b"\x00\x00\x0a" + content[3:],
    "signed bytes": lambda content: b"\x00\x00\x09" + content[3:],
    "floats": lambda content: b"\x00\x00\x0d" + content[3:],
    "no zeros at the start": lambda content: b"\xff" + content[1:],
    "still packed": lambda content: b"\x1f\x8b\x08\x08" + content[4:],
    "sizes beyond all bounds": lambda content: (
        content[:4] + b"\xff" * 4 * content[3] + content[4 + 4 * content[3] :]
    ),
    "cut short": lambda content: content[:-1],
    "too long": lambda content: content + b"\x00",
    "header only": lambda content: content[: 4 + 4 * content[3]],
    "half a header": lambda content: content[:6],
    "nothing": lambda content: b"",
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("name", list(mnist_files.FILES))
def test_file_in_another_format_is_one_sentence(
    mnist_root: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    folder = mnist_files.raw_folder(mnist_root)
    (folder / name).write_bytes(BROKEN[fault]((folder / name).read_bytes()))
    record_sums(folder, monkeypatch)
    with pytest.raises(DataError) as caught:
        data.load_digits("mnist")
    assert_helpful(str(caught.value), str(folder), "MNIST_ROOT")
    found = data.load_digits("auto")
    assert found.name == "embedded digits"
    assert found.notice == str(caught.value)


@pytest.mark.parametrize(
    ("name", "counts"), [(TRAIN_LABELS, ("240", "230")), (TEST_LABELS, ("60", "230"))]
)
def test_labels_of_another_length_are_one_sentence(
    mnist_root: Path, monkeypatch: pytest.MonkeyPatch, name: str, counts: tuple[str, str]
) -> None:
    folder = mnist_files.raw_folder(mnist_root)
    write_idx(folder / name, torch.arange(230) % 10)
    record_sums(folder, monkeypatch)
    with pytest.raises(DataError) as caught:
        data.load_digits("mnist")
    assert_helpful(str(caught.value), *counts, "delete")


def test_old_pickled_copy_is_ignored(mnist_root: Path, small: Digits) -> None:
    processed = mnist_root / "MNIST" / "processed"
    processed.mkdir()
    other = torch.zeros(TRAIN, 28, 28, dtype=torch.uint8), torch.arange(TRAIN) % 10
    for name in ("training.pt", "test.pt"):
        torch.save(other, processed / name)
    found = data.load_digits("mnist")
    assert rows(found.train) == rows(small.train)
    assert rows(found.test) == rows(small.test)


def test_unequal_numbers_of_images_and_labels_make_no_set() -> None:
    with pytest.raises(DataError, match="3 images but 2 labels"):
        DigitSet(torch.zeros(3, 1, 28, 28), torch.zeros(2))


def test_split_has_everything_once(small: Digits, digits: Digits) -> None:
    images, labels = small_digits(TRAIN, 1)
    assert len(set(rows(small.train)) & set(rows(small.validation))) == 0
    assert rows(DigitSet(images, labels)) == sorted(rows(small.train) + rows(small.validation))
    parts = [set(rows(part)) for part in (digits.train, digits.validation, digits.test)]
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


def test_digits_are_split_the_same_each_time(small: Digits, mnist_root: Path) -> None:
    again = data.load_digits("mnist", root=mnist_root)
    assert torch.equal(again.train.images, small.train.images)
    assert torch.equal(again.validation.images, small.validation.images)


def test_embedded_digits_are_split_stratified(digits: Digits) -> None:
    parts = digits.train, digits.validation, digits.test
    assert [len(part) for part in parts] == [1412, 128, 257]
    labels = torch.cat([part.labels for part in parts])
    shares = labels.bincount(minlength=10) / len(labels)
    for part in parts:
        counts = part.labels.bincount(minlength=10)
        assert (counts - shares * len(part)).abs().max() < 1.5


@pytest.mark.parametrize("name", ["small", "digits"])
def test_mean_and_std_are_torchs(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name)
    pixels = found.train.images.double() / 255
    assert found.mean == pytest.approx(pixels.mean().item(), abs=1e-6)
    assert found.std == pytest.approx(pixels.std(correction=0).item(), abs=1e-6)


def test_mean_and_std_see_the_training_part_alone() -> None:
    images, labels = small_digits(TRAIN, 1)
    test_images, test_labels = small_digits(TEST, 2)
    before = data.split_digits("", "", images, labels, test_images, test_labels)
    train, validation = data.split_indices(labels, 20)

    others = images.clone()
    others[validation] = 255
    after = data.split_digits("", "", others, labels, torch.zeros_like(test_images), test_labels)
    assert not torch.equal(after.validation.images, before.validation.images)
    assert (after.mean, after.std) == (before.mean, before.std)

    others = images.clone()
    others[train[0]] = 255
    after = data.split_digits("", "", others, labels, test_images, test_labels)
    assert after.mean != before.mean
    assert after.std != before.std


def usual_batches(root: Path, small: Digits) -> DataLoader:
    """What every torchvision text does: one picture after the other, then collated."""
    steps = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]
    steps.append(v2.Normalize([small.mean], [small.std]))
    digits = datasets.MNIST(root, train=True, transform=v2.Compose(steps))
    train, _ = data.split_indices(digits.targets, 20)
    return DataLoader(Subset(digits, train.tolist()), batch_size=64)


def test_whole_batches_equal_the_usual_path_bit_for_bit(mnist_root: Path, small: Digits) -> None:
    usual = list(usual_batches(mnist_root, small))
    transformed = small.train.with_transform(Normalize(small.mean, small.std))
    assert [len(images) for images, _ in usual] == [64, 64, 64, 28]
    assert same_bits(list(data.batches(transformed, 64)), usual)
    assert same_bits(list(DataLoader(transformed, batch_size=64)), usual)


def test_shuffled_batches_equal_the_usual_path_bit_for_bit(mnist_root: Path, small: Digits) -> None:
    usual = usual_batches(mnist_root, small).dataset
    transform = Normalize(small.mean, small.std)
    order = DigitSet(torch.arange(220), torch.arange(220))
    for (images, labels), (indices, _) in zip(
        data.batches(small.train.with_transform(transform), 64, shuffle=True, seed=3),
        data.batches(order, 64, shuffle=True, seed=3),
        strict=True,
    ):
        assert torch.equal(images, torch.stack([usual[index][0] for index in indices]))
        assert labels.tolist() == [usual[index][1] for index in indices]


def test_network_input_is_centred_on_the_training_part(small: Digits) -> None:
    images = Normalize(small.mean, small.std)(small.train.images)
    assert images.mean().abs() < 1e-4
    assert (images.std() - 1).abs() < 1e-4


def test_another_transform_shares_the_bytes(digits: Digits) -> None:
    other = digits.train.with_transform(Normalize(digits.mean, digits.std))
    assert other.all_images.data_ptr() == digits.train.all_images.data_ptr()
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


def test_length_of_a_share_is_the_number_of_all_batches(digits: Digits) -> None:
    assert len(data.batches(digits.validation, 50, part=(1, 3))) == 3


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_leave_the_global_random_state_alone(digits: Digits, shuffle: bool) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for _ in data.batches(digits.validation, 50, shuffle=shuffle):
        pass
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("size", "sizes"), [(1, [1] * 128), (50, [50, 50, 28]), (64, [64, 64]), (500, [128])]
)
def test_length_is_the_number_of_batches(digits: Digits, size: int, sizes: list[int]) -> None:
    loader = data.batches(digits.validation, size)
    assert len(loader) == len(sizes)
    assert [len(labels) for _, labels in loader] == sizes


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
    bunch = load_embedded_digits()
    labels = torch.from_numpy(bunch.target)
    rest, test = data.split_indices(labels, 257)
    train = rest[data.split_indices(labels[rest], 128)[0]]
    for part, indices in ((digits.train, train), (digits.test, test)):
        assert torch.equal(part.labels, labels[indices])
        expected = torch.from_numpy(bunch.images)[indices].sum((1, 2)) / 16 * 255 * (20 / 8) ** 2
        ratio = part.images.double().sum((1, 2, 3)) / expected
        assert (ratio - 1).abs().max() < 0.2


def test_notice_says_why_it_is_not_mnist(mnist_root: Path, digits: Digits) -> None:
    assert digits.notice == "It was asked for."
    name = TEST_IMAGES
    (mnist_files.raw_folder(mnist_root) / name).unlink()
    notice = data.load_digits("auto").notice
    assert_helpful(notice, f"{name} is missing", "MNIST_OFFLINE", "MNIST_ROOT")


def test_mnist_that_was_asked_for_is_never_replaced(mnist_root: Path) -> None:
    (mnist_files.raw_folder(mnist_root) / TRAIN_LABELS).unlink()
    with pytest.raises(DataError, match=f"{TRAIN_LABELS} is missing"):
        data.load_digits("mnist")


def test_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'MNIST'.*auto, mnist, embedded"):
        data.load_digits("MNIST")


def test_real_files_split_as_the_tutorial_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    try:
        found = data.load_digits("mnist")
    except DataError as error:
        pytest.skip(str(error))
    parts = found.train, found.validation, found.test
    assert [len(part) for part in parts] == [55_000, 5_000, 10_000]
    counts = (found.train.labels.bincount() + found.validation.labels.bincount()).tolist()
    assert tuple(counts) == MNIST_COUNTS
    assert (found.mean, found.std) == pytest.approx((0.1307, 0.3081), abs=2e-4)
