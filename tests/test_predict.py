"""`predict.py` itself: its options, and how it ends when it is stopped."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from support import ROOT, Outcome, assert_refused

from handreader import cli

Program = Callable[..., Outcome]


def read() -> int:
    """The command line, as a terminal calls it."""
    return cli.read(sys.argv[1:], str)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ([], "IMAGE"),
        ([""], "empty"),
        (["a.png", ""], "empty"),
        (["a.png", "--show", ""], "empty"),
        (["a.png", "--model", ""], "empty"),
        (["a.png", "--show"], "--show"),
        (["a.png", "--colour"], "--colour"),
        (["a.png", "--json=yes"], "--json"),
        (["-", "-"], "only once"),
    ],
    ids=" ".join,
)
def test_wrong_option_is_one_sentence(program: Program, options: list[str], part: str):
    outcome = program(read, *options)
    assert_refused(outcome, part, "--help", code=2)
    assert outcome.out == ""


def test_help_shows_examples_and_every_option(program: Program):
    outcome = program(read, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    for part in ("IMAGE", "--page", "--model FILE", "--show FILE", "--json", "python program.py"):
        assert part in outcome.out


def test_stop_while_the_place_for_the_figure_is_tried_leaves_nothing_behind(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: signal.raise_signal(signal.SIGINT))
    outcome = program(read, "a.png", "--show", "figure.png")
    assert (outcome.code, outcome.err) == (130, "Stopped by you.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_while_it_waits_for_a_picture_is_quiet_whatever_the_system_takes_for_text(
    tmp_path: Path,
):
    path = tmp_path / os.fsdecode("größe 4.png".encode())
    image = Image.new("L", (120, 140), 240)
    ImageDraw.Draw(image).line([(60, 20), (58, 110)], fill=40, width=9)
    image.save(path)
    with subprocess.Popen(
        [sys.executable, "predict.py", "--json", path, path, "-"],
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = [process.stdout.readline() for _ in range(2)]  # now it waits
        while process.poll() is None:  # Python may swallow one while it clears up
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
        rest, complaint = process.communicate()
    assert [json.loads(line)["file"].endswith(" 4.png") for line in said] == [True] * 2
    assert (process.returncode, rest) == (130, "")
    assert complaint.endswith("Stopped by you.\n")
