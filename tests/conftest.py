"""Small real files and small real digits for all tests; nothing here touches the network."""

import gzip
import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from helpers import data, mnist_files, runs, training
from helpers.recipes import Pens, Recipe, Warps

TRAIN, TEST = 240, 60
TINY = Recipe(sizes=(784, 16, 10), learning_rate=1e-2, epochs=4)
EVERYTHING = TINY.but(
    dropout=0.2,
    batch_norm=True,
    warps=Warps(rotation=10, scale=0.1, shear=0.1, shift=1, elastic=1),
    pens=Pens(width=0.25, blur=1.2, fade=0.3, gaps=0.1),
    label_smoothing=0.1,
    weight_decay=0.1,
    schedule="one-cycle",
    fade=2,
)

training.use_one_thread()  # so that tests take as long on a busy machine as on an idle one


def write_idx(path: Path, values: Tensor) -> Path:
    """Write bytes in the IDX format that MNIST comes in: magic number, sizes, values."""
    header = struct.pack(f">HBB{values.dim()}I", 0, 8, values.dim(), *values.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + values.to(torch.uint8).numpy().tobytes())
    return path


def small_digits(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Random pictures with ten labels in equal parts."""
    images = torch.randint(0, 256, (count, 28, 28), generator=torch.Generator().manual_seed(seed))
    return images.to(torch.uint8), torch.arange(count) % 10


def record_sums(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declare what lies in a folder to be the genuine files."""

    def md5(content: bytes) -> str:
        return hashlib.md5(content, usedforsecurity=False).hexdigest()

    for name in list(mnist_files.FILES):
        content = (folder / name).read_bytes()
        packed = gzip.compress(content, mtime=0)
        monkeypatch.setitem(mnist_files.FILES, name, mnist_files.Sums(md5(packed), md5(content)))


@pytest.fixture
def mnist_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with four small IDX files, whose sums are taken for the genuine ones."""
    root = tmp_path / "mnist"
    folder = mnist_files.raw_folder(root)
    for part, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
        images, labels = small_digits(count, seed)
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)
    record_sums(folder, monkeypatch)
    monkeypatch.setenv("MNIST_ROOT", str(root))
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    return root


@pytest.fixture(scope="session")
def digits() -> data.Digits:
    """The digits that scikit-learn carries: real handwriting, here on every machine."""
    return data.load_digits("embedded")


def weights(model: nn.Module) -> Tensor:
    """All that a network has learned and counted, in one row."""
    return torch.cat([tensor.flatten().double() for tensor in model.state_dict().values()])


def raise_interrupt() -> None:
    """What Python makes of Ctrl-C."""
    raise KeyboardInterrupt


def interrupt_training(
    monkeypatch: pytest.MonkeyPatch,
    epoch: int,
    moment: int | str = "before",
    stop: Callable[[], object] = raise_interrupt,
) -> None:
    """Stop a run in an epoch (0 is the first): before it, at one of its batches, or after it.

    "after" is when the network has changed and the history has grown, but nothing has been kept.
    """
    train_epoch = training.train_epoch

    def cut_short(loader: Iterable) -> Iterator:
        for number, pair in enumerate(loader):
            if number == moment:
                stop()
            yield pair

    def watched(model: nn.Module, loader: Iterable, *rest: object) -> None:
        if len(rest[2].seconds) != epoch:
            train_epoch(model, loader, *rest)
            return
        if moment == "before":
            stop()
        train_epoch(model, cut_short(loader), *rest)
        if moment == "after":
            stop()

    monkeypatch.setattr(runs, "train_epoch", watched)
