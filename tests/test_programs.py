"""The programs: their options, what they say of what is missing, and how they end when stopped."""

import ast
import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from support import ROOT, Outcome, assert_refused, called

from handreader import cli

Program = Callable[..., Outcome]
SCRIPTS = ("predict.py", "train.py", "serve.py")
MODULES = ("page", "tools.lab", "tools.run_notebook", "benchmarks")
OLDER = """
import runpy, sys
sys.version_info = (3, 9, 18, "final", 0)
name = sys.argv[1]
if name.endswith(".py"):
    runpy.run_path(name, run_name="__main__")
else:
    runpy.run_module(name, run_name="__main__", alter_sys=True)
"""


def read() -> int:
    """The command line of predict.py, as a terminal calls it."""
    return cli.read(sys.argv[1:], str)


def serve() -> int:
    """The command line of the service, as a terminal calls it."""
    return cli.serve(sys.argv[1:], str)


def draw_one(path: Path) -> Path:
    """Save a photo of a 1."""
    image = Image.new("L", (120, 140), 240)
    ImageDraw.Draw(image).line([(60, 20), (58, 110)], fill=40, width=9)
    image.save(path)
    return path


# ---- options


@pytest.mark.parametrize(
    ("main", "options", "part"),
    [
        (read, [], "IMAGE"),
        (read, [""], "empty"),
        (read, ["a.png", ""], "empty"),
        (read, ["a.png", "--show", ""], "empty"),
        (read, ["a.png", "--model", ""], "empty"),
        (read, ["a.png", "--show"], "--show"),
        (read, ["a.png", "--colour"], "--colour"),
        (read, ["a.png", "--json=yes"], "--json"),
        (read, ["-", "-"], "only once"),
        (serve, ["--port", "99999"], "65535"),
        (serve, ["--workers", "0"], "1 to 64"),
        (serve, ["--host", ""], "empty"),
        (serve, ["--model", ""], "empty"),
        (serve, ["a.png"], "a.png"),
    ],
)
def test_wrong_option_is_one_sentence(
    program: Program, main: Callable[[], int], options: list[str], part: str
) -> None:
    outcome = program(main, *options)
    assert_refused(outcome, part, "--help", code=2)
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("main", "parts"),
    [
        (read, ("IMAGE", "--page", "--model FILE", "--show FILE", "--json", "python program.py")),
        (serve, ("--host", "--port", "--model FILE", "--workers", "python program.py")),
    ],
)
def test_help_shows_examples_and_every_option(
    program: Program, main: Callable[[], int], parts: tuple[str, ...]
) -> None:
    outcome = program(main, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    for part in parts:
        assert part in outcome.out


# ---- what is missing


def test_missing_libraries_of_the_service_are_one_sentence(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert_refused(program(serve), "make serve", "[serve]")


@pytest.mark.parametrize("name", [*SCRIPTS, *MODULES])
def test_missing_requirements_and_older_python_are_one_sentence(name: str) -> None:
    start = (name,) if name in SCRIPTS else ("-m", name)
    options = {"predict.py": ("a.png",), "benchmarks": ("speed",)}.get(name, ())
    assert_refused(called("-S", *start, *options), "'make ", "install")
    assert_refused(called("-c", OLDER, name), "Python 3.11 or newer is needed, but this is 3.9")


def test_older_python_can_read_as_far_as_that_sentence() -> None:
    packages = [f"{name}/__init__.py" for name in ("helpers", "page", "tools", "benchmarks")]
    for path in (*SCRIPTS, *packages, "page/__main__.py", "benchmarks/__main__.py"):
        ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_finds_its_parts_where_python_looks_in_no_unsafe_folder(script: str) -> None:
    assert called(script, "--help", PYTHONSAFEPATH="1").code == 0


def test_window_that_matplotlib_should_open_and_cannot_is_not_needed(tmp_path: Path) -> None:
    photo, figure = draw_one(tmp_path / "photo.png"), tmp_path / "figure.png"
    assert called("predict.py", str(photo), "--show", str(figure), MPLBACKEND="no").err == ""
    assert figure.stat().st_size > 1000
    code = "import sys; sys.argv[0] = '-m'; import tools, matplotlib"
    assert called("-c", code, MPLBACKEND="no").err == ""


def test_mistake_in_a_tool_is_not_hidden() -> None:
    code = "import sys; sys.argv[0] = '-m'; import tools; {}['key']"
    assert "KeyError: 'key'" in called("-c", code).err


# ---- stops


def test_stop_while_the_place_for_the_figure_is_tried_leaves_nothing_behind(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: signal.raise_signal(signal.SIGINT))
    outcome = program(read, "a.png", "--show", "figure.png")
    assert (outcome.code, outcome.err) == (130, "Stopped by you.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_while_it_waits_for_a_picture_is_quiet_whatever_the_system_takes_for_text(
    tmp_path: Path,
) -> None:
    path = draw_one(tmp_path / os.fsdecode("größe 4.png".encode()))
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
