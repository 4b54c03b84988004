"""What tests ask for by name; nothing here touches the network."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import TEST, TRAIN, Outcome, record_sums, small_digits, write_idx

from helpers import data, mnist_files, training
from helpers.common import command_line

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


@pytest.fixture
def program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Iterator[Callable[..., Outcome]]:
    """Call a program's `main` with options, as a terminal would, but in this process."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def called(main: Callable[[], int], *options: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["program.py", *map(str, options)])
        with pytest.raises(SystemExit) as caught:
            command_line.run(main)
        said = capsys.readouterr()
        return Outcome(caught.value.code, said.out, said.err)

    yield called
    for number, handler in before.items():
        signal.signal(number, handler)
