"""`train.py` itself: its options, and what it does as a process or as several."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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
        (["--epochs", "1.5"], ("--epochs", "'1.5'")),
        (["--epochs", "9" * 40], ("--epochs",)),
        (["--batch-size", "-1"], ("--batch-size",)),
        (["--lr", "nan"], ("--lr", "'nan'")),
        (["--lr", "0"], ("--lr", "above 0")),
        (["--seed", "-1"], ("--seed",)),
        (["--source", "MNIST"], ("--source", "small")),
        (["--device", "tpu"], ("--device", "cpu")),
        (["--out"], ("--out",)),
        (["--out="], ("--out", "the name is empty")),
        (["--metrics="], ("--metrics", "the name is empty")),
        (["--data="], ("--data", "the name is empty")),
        (["--resume="], ("--resume", "the name is empty")),
        (["--optimizer", "sgd"], ("--optimizer",)),
        (["digits.pt"], ("digits.pt",)),
        (["--out", "a", "--metrics", "a"], ("--out", "--metrics")),
        (["--resume", "a.pt.unfinished", "--model", "mlp"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--epochs", "3"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--batch-size", "3"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--lr", "3"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--seed", "0"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--source", "auto"], ("--resume",)),
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


def test_help_can_be_had_from_python_without_docstrings():
    run = subprocess.run(
        [sys.executable, "-OO", "train.py", "--help"], cwd=ROOT, capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")


def wait_for_batch(screen: int, number: int) -> str:
    """Read what a terminal shows until its bar has come so far; return it all."""
    shown = ""
    while not any(int(done) >= number for done in re.findall(r"(\d+)/\d+ \[", shown)):
        shown += os.read(screen, 4096).decode(errors="replace")
        assert len(shown) < 100_000, shown[-1000:]
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither pty nor such signals")
def test_ctrl_c_keeps_the_epochs_done_and_leaves_the_older_file(tmp_path: Path):
    import pty
    import termios

    out = tmp_path / "out.pt"
    older = save_small(out).read_bytes()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("TQDM_DISABLE", None)
    screen, terminal = pty.openpty()  # where the bar shows how far it has come
    termios.tcsetwinsize(screen, (24, 80))
    with subprocess.Popen(
        [sys.executable, "train.py", *SMALL_SET, "--epochs", "5000", "--out", out],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        os.close(terminal)
        shown = wait_for_batch(screen, 2 * 16)  # of the second epoch, so the first is kept
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    os.close(screen)
    assert process.returncode == 130
    assert "Traceback" not in shown + said
    assert out.read_bytes() == older
    file = checkpoints.load(tmp_path / "out.pt.unfinished")
    done = len(file.run["history"]["seconds"])
    assert done >= 1
    assert f"Stopped after {done} of 5000 epochs" in said
    assert f"--resume {tmp_path / 'out.pt.unfinished'}" in said


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
    assert record.keys() == expected.keys()
    for name in ("model", "parameters", "dataset", "seed", "epochs", "recipe"):
        assert record[name] == expected[name]
    for name in ("validation_accuracy", "test_accuracy"):
        assert record[name] == pytest.approx(expected[name], abs=0.03)
    difference = weights(checkpoints.load(out).model) - weights(checkpoints.load(alone).model)
    assert difference.abs().mean() < 1e-4  # each digit once an epoch, in the same batches
