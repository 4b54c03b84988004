"""`train.py`: a stop costs nothing, and what was stopped goes on to the same network."""

import errno
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import torch
from checkpoint_files import save_small
from mirrors import SmallMnist
from support import (
    SMALL_SET,
    Outcome,
    among_processes,
    assert_refused,
    ctrl_c,
    interrupted,
    same_network,
)

from handreader.common import command_line
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.data import load_digits
from trainer.command import how_to_go_on
from trainer.line_network import NETWORKS

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]
FULL = ("--model", "full", *SMALL_SET, "--seed", 7, "--out", "out.pt")
TINY = ("--model", "tiny", *SMALL_SET, "--out", "out.pt")
RESUME = ("--resume", "out.pt.unfinished")


@pytest.mark.parametrize(
    ("name", "moment"),
    [("full", 0), ("full", 3), ("full", "after"), ("practised", 3), ("lines", 2)],
)
def test_stopped_run_is_kept_and_goes_on_to_the_same_network(
    train_py: Call, whole: Whole, name: str, moment: int | str
):
    undisturbed, _ = whole(name)
    out, unfinished = Path("out.pt"), Path("out.pt.unfinished")
    older = save_small(out).read_bytes()
    with ctrl_c(2, moment):
        outcome = train_py("--model", name, *SMALL_SET, "--seed", 7, "--out", out)
    assert (outcome.code, outcome.err) == (130, "")
    assert "after 2 of 4 epochs, which are saved; to go on: " in outcome.out
    assert outcome.out.endswith(f"python train.py --resume {unfinished}\n")
    assert out.read_bytes() == older
    file = checkpoints.load(unfinished, networks=NETWORKS)
    assert file.run["seed"] == 7
    last = file.run["model"]
    assert all(torch.equal(each, last[key]) for key, each in file.model.state_dict().items())

    outcome = train_py("--resume", unfinished, "--metrics", "out.json")
    assert (outcome.code, outcome.err) == (0, "")
    assert "training: epochs 3 to 4" in outcome.out
    assert same_network(out, undisturbed)
    assert not unfinished.exists()
    record = json.loads(Path("out.json").read_text(encoding="utf-8"))
    expected = checkpoints.load(undisturbed, networks=NETWORKS).metrics
    timed = {"train_seconds", "seconds_per_epoch"}
    assert {key: record[key] for key in record.keys() - timed} == {
        key: expected[key] for key in expected.keys() - timed
    }


def test_run_may_be_stopped_twice(train_py: Call, whole: Whole):
    for arguments, stop, done in (
        (FULL, (1, 2), 1),
        (RESUME, (0, 4), 1),  # before another epoch was complete
        (RESUME, (2, "after"), 3),
    ):
        with ctrl_c(*stop):
            outcome = train_py(*arguments)
        assert outcome.code == 130
        assert f"after {done} of 4 epochs" in outcome.out
        assert not Path("out.pt").exists()
    assert train_py(*RESUME).code == 0
    assert same_network(Path("out.pt"), whole("full")[0])


def test_unfinished_file_of_another_name_goes_to_build_or_where_it_is_told(train_py: Call):
    with ctrl_c(2, 0):
        train_py("--model", "tiny", *SMALL_SET)
    renamed = Path("build", "tiny.pt.unfinished").rename("later.pt")
    before = renamed.read_bytes()
    assert train_py("--resume", renamed).code == 0
    assert train_py("--resume", renamed, "--out", "there.pt").code == 0
    assert same_network(Path("build", "tiny.pt"), Path("there.pt"))
    assert renamed.read_bytes() == before


def test_run_on_mnist_goes_on_with_mnist_alone(train_py: Call, mnist: SmallMnist):
    small_mnist = partial(load_digits, origin=mnist.origin)
    with ctrl_c(1):
        options = ("--model", "tiny", "--out", "out.pt")
        assert train_py(*options, load_digits=small_mnist).code == 130
    assert_refused(train_py(*RESUME, "--data", "empty", load_digits=small_mnist), "is missing")
    assert train_py(*RESUME, load_digits=small_mnist).code == 0
    assert checkpoints.load("out.pt").data_name == "MNIST"


def test_stop_before_the_first_epoch_is_complete_saves_nothing(train_py: Call, tmp_path: Path):
    with ctrl_c(0, 4):
        outcome = train_py(*TINY)
    assert outcome.code == 130
    assert "nothing was saved" in outcome.out
    assert list(tmp_path.iterdir()) == []


def test_stop_while_digits_are_loaded_or_made_leaves_nothing(train_py: Call, tmp_path: Path):
    def load(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    assert train_py(*TINY, load_digits=load) == (143, "", "Stopped by you.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", command_line.STOPS[1:])
def test_request_to_end_and_a_closed_terminal_cost_nothing_either(
    train_py: Call, tmp_path: Path, number: signal.Signals
):
    with interrupted(2, 1, lambda: signal.raise_signal(number)):
        outcome = train_py(*TINY)
    assert (outcome.code, outcome.err) == (128 + number, "")
    assert [path.name for path in tmp_path.iterdir()] == ["out.pt.unfinished"]


def test_ctrl_c_that_python_swallows_takes_effect_at_the_end_of_the_epoch(train_py: Call):
    def swallowed() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    with interrupted(1, 2, swallowed):
        outcome = train_py(*TINY)
    assert outcome.code == 130
    assert "Stopped after 2 of 4 epochs" in outcome.out


@pytest.mark.parametrize("finished", [True, False])
def test_impatience_does_not_cost_what_is_being_saved(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: bool
):
    save = checkpoints.save

    def slow(path: Path, file: Checkpoint) -> Path:
        if finished == (file.run is None):
            signal.raise_signal(signal.SIGTERM)
        return save(path, file)

    monkeypatch.setattr(checkpoints, "save", slow)
    assert train_py(*TINY).code == (0 if finished else 143)
    names = [path.name for path in tmp_path.iterdir()]
    assert names == ["out.pt" if finished else "out.pt.unfinished"]


def test_run_is_kept_after_each_epoch_even_if_the_disk_fills_up(
    train_py: Call, whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        with interrupted(2, 1, lambda: patch.setattr(os, "replace", refuse)):
            outcome = train_py(*FULL)
        assert_refused(outcome, f"out.pt.unfinished: {os.strerror(errno.ENOSPC)}")
    assert [path.name for path in tmp_path.iterdir()] == ["out.pt.unfinished"]
    assert "training: epochs 3 to 4" in train_py(*RESUME).out
    assert same_network(Path("out.pt"), whole("full")[0])


def lose_the_other(patch: pytest.MonkeyPatch) -> None:
    """Be one of two processes from now on, the other of which has ended."""
    among_processes(patch, 0, 2)
    raise RuntimeError("[/gloo/transport/tcp/pair.cc:546] Connection closed by peer")


def test_process_that_is_left_alone_keeps_the_run_for_as_many_as_there_were(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch, interrupted(2, 1, lambda: lose_the_other(patch)):
        outcome = train_py(*TINY)
    assert (outcome.code, outcome.err) == (1, "")
    way = "torchrun --nproc-per-node 2 train.py --resume out.pt.unfinished"
    assert outcome.out.endswith(f"Stopped after 2 of 4 epochs, which are saved; to go on: {way}\n")
    assert_refused(train_py(*RESUME), "another number of processes", way)
    assert [path.name for path in tmp_path.iterdir()] == ["out.pt.unfinished"]


def test_process_that_is_started_again_goes_on_with_the_same_run(
    train_py: Call, whole: Whole, monkeypatch: pytest.MonkeyPatch
):
    with ctrl_c(2, 1):
        train_py(*FULL)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert "training: epochs 3 to 4" in train_py(*FULL).out
    assert same_network(Path("out.pt"), whole("full")[0])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows quotes in another way")
@pytest.mark.parametrize("name", ["run.pt", "two words.pt", "it's.pt"])
def test_file_to_go_on_from_is_named_as_the_shell_takes_it(name: str):
    command = how_to_go_on(name, 1).removeprefix("to go on: ")
    assert shlex.split(command) == ["python", "train.py", "--resume", name]


def test_finished_run_has_nothing_to_go_on_with(train_py: Call):
    save_small(Path("out.pt"))
    outcome = train_py("--resume", "out.pt")
    assert_refused(outcome, "out.pt: its training is finished")
    assert outcome.out == ""
