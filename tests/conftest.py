"""What tests ask for by name; nothing here touches the network."""

from pathlib import Path

import pytest
from support import TEST, TRAIN, record_sums, small_digits, write_idx

from helpers import data, mnist_files, training

training.use_one_thread()  # so that tests take as long on a busy machine as on an idle one


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
