"""What several tests use: small files, small recipes, and a way to stop a run in the middle."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, distributed, nn
from torch.nn.modules.module import register_module_forward_pre_hook

from handreader.common.errors import UserError
from handreader.ink.strokes import Steps, ways_to_see
from helpers import checkpoints
from helpers.data import Digits, DigitSet
from helpers.models import Network
from helpers.recipes import Recipe, Warps
from helpers.runs import Run
from trainer.line_network import NETWORKS
from trainer.recipes import LINE, Pens, by_practice

NEEDS_PTY = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")
NEEDS_NAMES = pytest.mark.skipif(
    sys.getfilesystemencoding() != "utf-8", reason="names of files have to be ASCII here"
)
ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "tests" / "trainer" / "recorded.json"
TINY = Recipe(sizes=(784, 16, 10), learning_rate=1e-2, epochs=4)
EVERYTHING = TINY.but(
    dropout=0.2,
    batch_norm=True,
    warps=Warps(rotation=10, scale=0.1, shear=0.1, shift=1, elastic=1),
    label_smoothing=0.1,
    weight_decay=0.1,
    schedule="one-cycle",
    fade=2,
)
PENS = Pens(width=0.25, blur=1.2, fade=0.3, gaps=0.1)
PRACTISED = by_practice(EVERYTHING, pens=PENS, photos=10, label_smoothing=0.0)
SHORT_LINES = LINE.but(sizes=(4, 4, 4, 4, 8, 8), dropout=0.1, photos=24, batch_size=8)
SMALL_SET = ("--source", "small", "--epochs", 4)  # options of `train.py` for a short run


def first_way(picture: np.ndarray) -> Steps:
    """The likeliest way to see a picture."""
    return next(ways_to_see(picture))


def as_pairs(digits: DigitSet) -> list[tuple[bytes, int]]:
    """Each digit and its label as something that can be compared, sorted and counted."""
    images = [image.numpy().tobytes() for image in digits.images]
    return sorted(zip(images, digits.labels.tolist(), strict=True))


def extent(ink: np.ndarray) -> int:
    """The longer side of what is inked."""
    rows, columns = np.flatnonzero(ink.max(1) > 60), np.flatnonzero(ink.max(0) > 60)
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


def parts(mask: np.ndarray) -> int:
    """How many pieces a shape is in."""
    return cv2.connectedComponents(mask.astype(np.uint8))[0] - 1


def described(picture: np.ndarray) -> list[float]:
    """A picture in six numbers: its sides, mean and spread, and where its mass is."""
    values = picture.reshape(*picture.shape[:2], -1).mean(2, dtype=float)
    down, right = (values.sum(axis) @ np.arange(values.shape[1 - axis]) for axis in (1, 0))
    mass = max(values.sum(), 1e-9)
    numbers = (*values.shape, values.mean(), values.std(), down / mass, right / mass)
    return [round(float(number), 3) for number in numbers]


def assert_as_recorded(name: str, pictures: Iterable[np.ndarray]) -> None:
    """The networks in weights/ practised on such pictures: another release must draw the same.

    Where a change is meant, these networks are to be trained anew, and the numbers that this
    function names are to be put into recorded.json.
    """
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[name]
    found = [described(picture) for picture in pictures]
    assert len(found) == len(recorded)
    for now, then in zip(found, recorded, strict=True):
        assert now == pytest.approx(then, rel=2e-4, abs=5e-3), now


def chances(**shares: float) -> list[float]:
    """Ten probabilities, of which some are named: `d4=0.48`."""
    rest = (1 - sum(shares.values())) / (10 - len(shares))
    return [shares.get(f"d{digit}", rest) for digit in range(10)]


def weights(model: nn.Module) -> Tensor:
    """All that a network has learned and counted, in one row."""
    return torch.cat([tensor.flatten().double() for tensor in model.state_dict().values()])


def trained(recipe: Recipe, digits: Digits, seed: int = 0) -> Run:
    """A run that nothing disturbed."""
    run = Run(recipe, digits, seed)
    run.train()
    return run


def among_processes(
    monkeypatch: pytest.MonkeyPatch, rank: int, count: int, others: Tensor | None = None
) -> None:
    """Be one of several processes, the sums of the others being known."""

    def all_reduce(values: Tensor) -> None:
        if others is not None:
            values += others

    monkeypatch.setattr(distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(distributed, "get_rank", lambda: rank)
    monkeypatch.setattr(distributed, "get_world_size", lambda: count)
    monkeypatch.setattr(distributed, "all_reduce", all_reduce)


def shown_on_a_terminal(do: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> str:
    """What somebody sees who calls this on a terminal."""
    import pty
    import termios

    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    screen, keyboard = pty.openpty()
    termios.tcsetwinsize(screen, (24, 80))
    shown, end = b"", "nothing more"  # a terminal may take its time to pass on what was said
    with open(keyboard, "w", encoding="utf-8") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        do()
        print(end, file=terminal, flush=True)
        while end.encode() not in shown:
            shown += os.read(screen, 4096)
    os.close(screen)
    return shown.decode()


def raise_interrupt() -> None:
    """What Python makes of Ctrl-C."""
    raise KeyboardInterrupt


def at_sync(monkeypatch: pytest.MonkeyPatch, call: int, do: Callable[[], object]) -> None:
    """Do something when for the so-manieth time a file is brought to the disk."""
    sync, calls = os.fsync, count(1)

    def fsync(handle: int) -> None:
        if next(calls) == call:
            do()
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@contextmanager
def interrupted(
    epoch: int, moment: int | str = 0, stop: Callable[[], object] = raise_interrupt
) -> Iterator[None]:
    """Stop what is trained in here: in an epoch (0 is the first in here), at one of its batches.

    "after" is when all batches were learned from, but nothing has been kept of the epoch.
    """
    passes = ""

    def watch(module: nn.Module, _inputs: tuple[Tensor]) -> None:
        nonlocal passes
        if not isinstance(module, Network):
            return
        passes += "b" if module.training else "v"  # a batch to learn from, or to validate by
        batch = len(passes) - len(passes.rstrip("b")) - 1
        if passes.count("vb") == epoch and moment == (batch if module.training else "after"):
            stop()

    handle = register_module_forward_pre_hook(watch)
    try:
        yield
    finally:
        handle.remove()


class Outcome(NamedTuple):
    """How a call of a program ended."""

    code: int
    out: str
    err: str


def called(*command: str, **changes: str) -> Outcome:
    """Return how a call of Python ended, in an environment with changes."""
    run = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | changes,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Outcome(run.returncode, run.stdout, run.stderr)


def assert_refused(outcome: Outcome, *parts: str, code: int = 1) -> None:
    """One sentence on the error stream, and nothing that looks like success."""
    assert outcome.code == code
    assert "Traceback" not in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.endswith(".\n")
    for part in parts:
        assert part in outcome.err


class NeverTrained(Run):
    """For what has to be found before the work begins."""

    def train(self, *_: object) -> None:
        raise UserError("It was trained.")


def ctrl_c(epoch: int, moment: int | str = 0) -> AbstractContextManager[None]:
    """What is trained in here gets the very signal that Ctrl-C sends."""
    return interrupted(epoch, moment, lambda: signal.raise_signal(signal.SIGINT))


def same_network(one: Path, other: Path) -> bool:
    """Whether two files hold the same weights, bit for bit."""
    return torch.equal(
        *(weights(checkpoints.load(path, networks=NETWORKS).model) for path in (one, other))
    )


class Screen(io.StringIO):
    """A terminal, and what it was sent."""

    def isatty(self) -> bool:
        return True
