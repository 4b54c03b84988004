"""`train.py`: a stop costs nothing, and what was stopped goes on to the same network."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
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
from helpers.data import load_digits
from trainer import command as train_command
from trainer.command import how_to_go_on

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]
FOUND = ("photo_accuracy", "refused_digits", "refused_others", "calibration_error")


@pytest.mark.parametrize("moment", [0, 3, "after"])
def test_stopped_run_is_kept_and_goes_on_to_the_same_network(
    train_py: Call, whole: Whole, tmp_path: Path, moment: int | str
):
    (undisturbed, _), out, metrics = whole("full"), tmp_path / "out.pt", tmp_path / "out.json"
    unfinished = tmp_path / "out.pt.unfinished"
    older = save_small(out).read_bytes()
    with ctrl_c(2, moment):
        outcome = train_py("--model", "full", *SMALL_SET, "--seed", 7, "--out", out)
    assert (outcome.code, outcome.err) == (130, "")
    assert "after 2 of 4 epochs, which are saved; to go on: " in outcome.out
    assert outcome.out.endswith(f"python train.py --resume {unfinished}\n")
    assert out.read_bytes() == older
    assert checkpoints.load(unfinished).run["seed"] == 7

    outcome = train_py("--resume", unfinished, "--metrics", metrics)
    assert (outcome.code, outcome.err) == (0, "")
    assert "training: epochs 3 to 4" in outcome.out
    assert same_network(out, undisturbed)
    assert not unfinished.exists()
    record = json.loads(metrics.read_text(encoding="utf-8"))
    expected = checkpoints.load(undisturbed).metrics
    for name in ("model", "seed", "epochs", "recipe", "validation_accuracy", "test_accuracy"):
        assert record[name] == expected[name]


def test_mistake_after_a_stop_is_not_taken_for_the_stop(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(train_command, "keep_unfinished", lambda _: 1 // 0)
    with ctrl_c(2, 0), pytest.raises(ZeroDivisionError):
        train_py("--model", "full", *SMALL_SET, "--out", tmp_path / "out.pt")


def test_unfinished_file_is_a_network_as_it_was_after_its_last_whole_epoch(
    train_py: Call, tmp_path: Path
):
    states = []
    for moment in (0, 3):
        out = tmp_path / f"{moment}.pt"
        with ctrl_c(2, moment):
            assert train_py("--model", "full", *SMALL_SET, "--out", out).code == 130
        states.append(tmp_path / f"{moment}.pt.unfinished")
    assert same_network(*states)
    file = checkpoints.load(states[0])
    assert torch.equal(file.model.layers[1].weight, file.run["model"]["layers.1.weight"])


def test_run_may_be_stopped_twice(train_py: Call, whole: Whole, tmp_path: Path):
    out, unfinished = tmp_path / "out.pt", tmp_path / "out.pt.unfinished"
    start = ("--model", "full", *SMALL_SET, "--seed", 7, "--out", out)
    for arguments, stop, done in (
        (start, (1, 2), 1),
        (("--resume", unfinished), (0, 4), 1),  # before another epoch was complete
        (("--resume", unfinished), (2, "after"), 3),
    ):
        with ctrl_c(*stop):
            outcome = train_py(*arguments)
        assert outcome.code == 130
        assert f"after {done} of 4 epochs" in outcome.out
        assert not out.exists()
    assert train_py("--resume", unfinished).code == 0
    assert same_network(out, whole("full")[0])


def test_unfinished_file_of_another_name_goes_to_build_or_where_it_is_told(
    train_py: Call, tmp_path: Path
):
    with ctrl_c(2, 0):
        train_py("--model", "tiny", *SMALL_SET)
    renamed = (tmp_path / "build" / "tiny.pt.unfinished").rename(tmp_path / "later.pt")
    before = renamed.read_bytes()
    assert train_py("--resume", renamed).code == 0
    assert train_py("--resume", renamed, "--out", tmp_path / "there.pt").code == 0
    assert same_network(tmp_path / "build" / "tiny.pt", tmp_path / "there.pt")
    assert renamed.read_bytes() == before


def test_run_on_mnist_goes_on_with_mnist_alone(train_py: Call, mnist: SmallMnist):
    small_mnist = partial(load_digits, origin=mnist.origin)
    with ctrl_c(1):
        options = ("--model", "tiny", "--out", "out.pt")
        assert train_py(*options, load_digits=small_mnist).code == 130
    resume = ("--resume", "out.pt.unfinished")
    assert_refused(train_py(*resume, "--data", "empty", load_digits=small_mnist), "is missing")
    assert train_py(*resume, load_digits=small_mnist).code == 0
    assert checkpoints.load("out.pt").data_name == "MNIST"


def test_stop_before_the_first_epoch_is_complete_saves_nothing(train_py: Call, tmp_path: Path):
    with ctrl_c(0, 4):
        outcome = train_py("--model", "tiny", *SMALL_SET, "--out", tmp_path / "out.pt")
    assert outcome.code == 130
    assert "nothing was saved" in outcome.out
    assert list(tmp_path.iterdir()) == []


def test_stop_while_digits_are_loaded_or_made_leaves_nothing(train_py: Call, tmp_path: Path):
    def load(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    outcome = train_py("--model", "tiny", "--out", "out.pt", load_digits=load)
    assert outcome == (143, "", "Stopped by you.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", command_line.STOPS[1:])
def test_request_to_end_and_a_closed_terminal_cost_nothing_either(
    train_py: Call, tmp_path: Path, number: signal.Signals
):
    with interrupted(2, 1, lambda: signal.raise_signal(number)):
        outcome = train_py("--model", "tiny", *SMALL_SET, "--out", "out.pt")
    assert (outcome.code, outcome.err) == (128 + number, "")
    assert [path.name for path in tmp_path.iterdir()] == ["out.pt.unfinished"]


def test_ctrl_c_that_python_swallows_takes_effect_at_the_end_of_the_epoch(train_py: Call):
    def swallowed() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    with interrupted(1, 2, swallowed):
        outcome = train_py("--model", "tiny", *SMALL_SET)
    assert outcome.code == 130
    assert "Stopped after 2 of 4 epochs" in outcome.out


def test_run_is_kept_while_it_is_trained_and_goes_on_to_the_same_network(
    train_py: Call, whole: Whole, tmp_path: Path
):
    copied = tmp_path / "copy" / "out.pt.unfinished"
    copied.parent.mkdir()

    def copy() -> None:  # what would be there if the process were killed now
        copied.write_bytes((tmp_path / "out.pt.unfinished").read_bytes())

    start = ("--model", "full", *SMALL_SET, "--seed", 7, "--out", "out.pt")
    with interrupted(2, 1, copy):
        outcome = train_py(*start, kept_every=0)
    assert (outcome.code, outcome.err) == (0, "")
    assert not (tmp_path / "out.pt.unfinished").exists()
    outcome = train_py("--resume", copied)
    assert "training: epochs 3 to 4" in outcome.out
    assert same_network(copied.with_name("out.pt"), whole("full")[0])


def test_seconds_of_training_are_not_spent_on_keeping_them(train_py: Call, tmp_path: Path):
    found = []
    with interrupted(2, 1, lambda: found.extend(tmp_path.glob("*.unfinished"))):
        train_py("--model", "tiny", *SMALL_SET, "--out", "out.pt", kept_every=3600)
    assert found == []


def disk_full_from(
    patch: pytest.MonkeyPatch, folder: Path, epoch: int
) -> AbstractContextManager[None]:
    """From an epoch of what is trained in here on, one folder is on a disk that is full."""

    def fill_up() -> None:
        replace = os.replace

        def refuse(source: Path, target: str) -> None:
            if Path(target).parent == folder:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            replace(source, target)

        patch.setattr(os, "replace", refuse)

    return interrupted(epoch, 0, fill_up)


def place_in(complaint: str, name: str) -> Path:
    """Where something was put instead, as it is said."""
    no_room = re.escape(os.strerror(errno.ENOSPC))
    (found,) = re.findall(
        rf"{re.escape(name)} can't be written \({no_room}\): it is (\S+) now\.\n", complaint
    )
    return Path(found)


def test_disk_that_fills_up_meanwhile_costs_nothing(
    train_py: Call, whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    start = ("--model", "full", *SMALL_SET, "--seed", 7, "--out", tmp_path / "out.pt")
    with disk_full_from(monkeypatch, tmp_path, 2):
        outcome = train_py(*start, "--metrics", tmp_path / "out.json", kept_every=0)
    assert outcome.code == 1
    network, metrics = (place_in(outcome.err, name) for name in ("out.pt", "out.json"))
    assert f"saved: {network}\nsaved: {metrics}\n" in outcome.out
    assert same_network(network, whole("full")[0])
    assert json.loads(metrics.read_text(encoding="utf-8"))["model"] == "full"


def test_stopped_run_that_has_no_place_any_more_goes_on_from_another(
    train_py: Call, whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    start = ("--model", "full", *SMALL_SET, "--seed", 7, "--out", tmp_path / "out.pt")
    with monkeypatch.context() as patch, disk_full_from(patch, tmp_path, 1), ctrl_c(2, 1):
        outcome = train_py(*start)
    assert outcome.code == 130
    kept = place_in(outcome.err, "out.pt.unfinished")
    assert outcome.out.endswith(f"to go on: python train.py --resume {kept}\n")
    assert train_py("--resume", kept).code == 0
    assert same_network(kept.with_name("out.pt"), whole("full")[0])


def impatient_while_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whatever is saved from now on meet the signals of somebody who can't wait."""
    save = torch.save

    def slow(*arguments: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        save(*arguments)

    monkeypatch.setattr(torch, "save", slow)


def test_impatience_does_not_cost_what_is_being_saved(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch, ctrl_c(2, 1):
        impatient_while_saving(patch)
        outcome = train_py("--model", "tiny", *SMALL_SET, "--out", tmp_path / "out.pt")
    assert outcome.code == 130
    assert train_py("--resume", tmp_path / "out.pt.unfinished").code == 0


def test_stop_after_the_last_epoch_comes_too_late(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    impatient_while_saving(monkeypatch)
    assert train_py("--model", "tiny", *SMALL_SET, "--out", tmp_path / "out.pt").code == 0
    assert checkpoints.load(tmp_path / "out.pt").run is None


def lose_the_other(patch: pytest.MonkeyPatch) -> None:
    """Be one of two processes from now on, the other of which has ended."""
    among_processes(patch, 0, 2)
    raise RuntimeError("[/gloo/transport/tcp/pair.cc:546] Connection closed by peer")


def test_process_that_is_left_alone_keeps_the_run_for_as_many_as_there_were(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch, interrupted(2, 1, lambda: lose_the_other(patch)):
        outcome = train_py("--model", "tiny", *SMALL_SET, "--out", "out.pt")
    assert (outcome.code, outcome.err) == (1, "")
    way = "torchrun --nproc-per-node 2 train.py --resume out.pt.unfinished"
    assert outcome.out.endswith(f"Stopped after 2 of 4 epochs, which are saved; to go on: {way}\n")
    outcome = train_py("--resume", "out.pt.unfinished")
    assert_refused(outcome, "another number of processes", way)
    assert [path.name for path in tmp_path.iterdir()] == ["out.pt.unfinished"]


def test_process_that_is_started_again_goes_on_with_the_same_run_alone(
    train_py: Call, whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    start = ("--model", "full", *SMALL_SET, "--seed", 7, "--out", tmp_path / "out.pt")
    with ctrl_c(2, 1):
        train_py(*start)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    kept = (tmp_path / "out.pt.unfinished").read_bytes()
    for change in (("--seed", 8), ("--lr", 0.5), ("--model", "tiny")):
        assert_refused(train_py(*start, *change), "holds a run that was stopped")
    assert (tmp_path / "out.pt.unfinished").read_bytes() == kept
    outcome = train_py(*start)
    assert "training: epochs 3 to 4" in outcome.out
    assert same_network(tmp_path / "out.pt", whole("full")[0])


@pytest.mark.parametrize("name", ["run.pt", "two words.pt", "it's.pt"])
def test_file_to_go_on_from_is_named_as_the_shell_takes_it(name: str, tmp_path: Path):
    script = tmp_path / "train.py"
    script.write_text("import sys; print(ascii(sys.argv[1:]))", encoding="ascii")
    command = how_to_go_on(tmp_path / name, 1).partition(": python train.py ")[2]
    said = subprocess.check_output(f'"{sys.executable}" "{script}" {command}', shell=True)
    assert said.decode().strip() == ascii(["--resume", str(tmp_path / name)])


def test_finished_run_has_nothing_to_go_on_with(train_py: Call, tmp_path: Path):
    train_py("--model", "tiny", *SMALL_SET, "--out", tmp_path / "out.pt")
    outcome = train_py("--resume", tmp_path / "out.pt")
    assert_refused(outcome, f"{tmp_path / 'out.pt'}: its training is finished")
    assert outcome.out == ""


def test_stopped_practice_goes_on_to_the_same_network(train_py: Call, whole: Whole, tmp_path: Path):
    (expected, _), out = whole("practised"), tmp_path / "out.pt"
    with ctrl_c(2, 3):
        start = ("--model", "practised", *SMALL_SET, "--seed", 7, "--out", out)
        assert train_py(*start).code == 130
    assert checkpoints.load(tmp_path / "out.pt.unfinished").temperature == 1
    assert train_py("--resume", tmp_path / "out.pt.unfinished").code == 0
    assert same_network(out, expected)
    one, two = (checkpoints.load(path) for path in (expected, out))
    assert (one.temperature, one.sure_from) == (two.temperature, two.sure_from)
    assert [one.metrics[name] for name in FOUND] == [two.metrics[name] for name in FOUND]
