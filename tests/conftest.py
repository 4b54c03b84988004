"""What tests ask for by name; nothing here touches the network."""

import errno
import io
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from checkpoint_files import save_small
from mirrors import SmallMnist
from sklearn.datasets import load_digits as load_sklearn_digits
from support import TINY, Outcome

from handreader import cli, frame
from handreader.common import command_line
from handreader.framing import CLASSES
from helpers import checkpoints, data, training
from helpers.checkpoints import Checkpoint
from helpers.network_files import open_network
from helpers.runs import train_recipe

training.use_one_thread()  # so that tests take as long on a busy machine as on an idle one


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallMnist]:
    """Small files below the root that the environment names, and leave to start servers."""
    found = SmallMnist(tmp_path / "mnist")
    monkeypatch.setenv("MNIST_ROOT", str(found.root))
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with found.running:
        yield found


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Record every attempt to open a connection, and let none succeed."""
    opened: list[object] = []

    def refuse(address: object, *_: object, **__: object) -> None:
        opened.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return opened


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with room for a few bytes, but not for a file."""
    sync = os.fsync

    def fsync(handle: int) -> None:
        if os.fstat(handle).st_size > 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk where nobody may try to write; permissions alone wouldn't stop an administrator."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)


@pytest.fixture(scope="session")
def digits() -> data.Digits:
    """The small set: real handwriting, here on every machine."""
    return data.load_digits("small")


@pytest.fixture
def real_mnist(monkeypatch: pytest.MonkeyPatch) -> data.Digits:
    """MNIST itself, on machines that have its files."""
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    try:
        return data.load_digits("mnist")
    except data.DataError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def foreign_digits() -> tuple[np.ndarray, list[int]]:
    """Scikit-learn's digits, framed as MNIST's: no network here was trained on these."""
    bunch = load_sklearn_digits()
    large = [cv2.resize(image / 16, (20, 20)) for image in bunch.images]
    return np.stack([frame(np.clip(each, 0, 1)) for each in large]), bunch.target.tolist()


@pytest.fixture(scope="session")
def few_digits(digits: data.Digits) -> data.Digits:
    """Enough digits for several batches."""
    images, labels = digits.train.images[:320], digits.train.labels[:320]
    return replace(digits, train=data.DigitSet(images, labels))


@pytest.fixture
def program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Iterator[Callable[..., Outcome]]:
    """Call a program's `main` with options, as a terminal would, but in this process."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # put back after a stop
    before = {number: signal.getsignal(number) for number in command_line.STOPS}

    def called(main: Callable[[], int], *options: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["program.py", *map(str, options)])
        with pytest.raises(SystemExit) as caught:
            command_line.run(main)
        said = capsys.readouterr()
        return Outcome(caught.value.code, said.out, said.err)

    yield called
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def small_network(digits: data.Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network trained in a moment; what it makes of a digit does not matter much."""
    model, _ = train_recipe(TINY, digits)
    network = Checkpoint(model, digits.mean, digits.std, CLASSES, digits.name, {})
    trusted = replace(network, temperature=1.25, sure_from=0.5)
    return checkpoints.save(tmp_path_factory.mktemp("weights") / "tiny.pt", trusted)


@pytest.fixture
def predict_py(
    tmp_path: Path,
    small_network: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: Callable[..., Outcome],
) -> Callable[..., Outcome]:
    """Call `predict.py` in a folder of its own; the small network stands for the usual one."""
    monkeypatch.chdir(tmp_path)

    def called(
        *options: object, stdin: bytes | None = b"", usual: Path | None = small_network
    ) -> Outcome:
        source = SimpleNamespace(buffer=io.BytesIO(stdin)) if stdin is not None else None
        monkeypatch.setattr(sys, "stdin", source)
        network = () if "--model" in options or usual is None else ("--model", usual)
        return program(lambda: cli.read(sys.argv[1:], open_network), *network, *options)

    return called


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """A good checkpoint of `small_model()`."""
    return save_small(tmp_path / "small.pt")
