"""`train.py` itself: its options, and what it does as a process or as several."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest
from checkpoint_files import save_small
from support import ROOT, Outcome, assert_refused, weights

import train
from helpers import checkpoints

Program = Callable[..., Outcome]
SMALL_SET = ("--source", "small")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--model", "rnn"], ("--model", "'rnn'", "mlp")),
        (["--epochs", "0"], ("--epochs", "'0'", "from 1")),
        (["--lr", "0"], ("--lr", "above 0")),
        (["--source", "MNIST"], ("--source", "small")),
        (["--out="], ("--out", "the name is empty")),
        (["digits.pt"], ("digits.pt",)),
        (["--resume", "a.pt.unfinished", "--seed", "0"], ("--resume",)),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_wrong_option_is_one_sentence(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    parts: tuple[str, ...],
):
    monkeypatch.chdir(tmp_path)
    outcome = program(train.main, *arguments)
    assert_refused(outcome, "--help", *parts, code=2)
    assert outcome.out == ""
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_option_and_what_is_done_without_it(program: Program):
    outcome = program(train.main, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    for option in ("model", "epochs", "batch-size", "lr", "seed", "source", "data", "device"):
        assert f"--{option}" in outcome.out
    for option in ("out", "metrics", "resume"):
        assert f"--{option} FILE" in outcome.out
    assert "torchrun" in outcome.out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_keeps_the_epochs_done_and_leaves_the_older_file(tmp_path: Path):
    out, kept = tmp_path / "out.pt", tmp_path / "out.pt.unfinished"
    older = save_small(out).read_bytes()
    with subprocess.Popen(
        [sys.executable, "train.py", *SMALL_SET, "--epochs", "5000", "--out", out],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        while not kept.exists():
            assert process.poll() is None
            sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert out.read_bytes() == older
    done = len(checkpoints.load(kept).run["history"]["seconds"])
    assert f"Stopped after {done} of 5000 epochs" in said
    assert f"--resume {kept}" in said


# What torchrun does with its options; but its processes are forked, and needn't import PyTorch.
KILLED_ONCE = """
import os, signal, torch._dynamo, train
from trainer import command as _
from handreader.common import command_line
from helpers.runs import Run
from torch.distributed.launcher import LaunchConfig, elastic_launch

def killed_once(self, after_epoch, train=Run.train):
    def after():
        after_epoch()
        place = os.environ["RANK"], os.environ["TORCHELASTIC_RESTART_COUNT"]
        if place == ("1", "0") and len(self.history.seconds) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    train(self, after)

def one_of_two():
    command_line.run(train.main)

Run.train = killed_once
here = {"rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0", "run_id": "two"}
elastic_launch(LaunchConfig(1, 1, 2, max_restarts=1, start_method="fork", **here), one_of_two)()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="PyTorch's launcher wants a POSIX system")
def test_two_processes_train_the_network_that_one_would_even_if_one_is_killed(
    program: Program, tmp_path: Path
):
    script = tmp_path / "killed_once.py"
    script.write_text(KILLED_ONCE, encoding="utf-8")
    out, metrics, alone = tmp_path / "two.pt", tmp_path / "two.json", tmp_path / "one.pt"
    options = [*SMALL_SET, "--epochs", "4", "--seed", "2", "--device", "cpu"]
    run = subprocess.run(
        [sys.executable, script, *options, "--out", out, "--metrics", metrics],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,  # or a restart that hangs would hang the tests
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("test accuracy") == 1
    assert run.stdout.count("2 processes") == 2
    assert "Stopped after 2 of 4 epochs, which are saved; to go on: torchrun " in run.stdout
    assert "training: epochs 3 to 4" in run.stdout
    assert "gloo" not in run.stdout + run.stderr
    assert {path.name for path in tmp_path.iterdir()} == {script.name, "two.json", "two.pt"}

    assert program(train.main, *options, "--out", alone).code == 0
    record, expected = json.loads(metrics.read_bytes()), checkpoints.load(alone).metrics
    assert (record["recipe"], record["seed"]) == (expected["recipe"], 2)
    assert record["test_accuracy"] == pytest.approx(expected["test_accuracy"], abs=0.03)
    difference = weights(checkpoints.load(out).model) - weights(checkpoints.load(alone).model)
    assert difference.abs().mean() < 1e-4  # each digit once an epoch, in the same batches
