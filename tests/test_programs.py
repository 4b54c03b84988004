"""Every program says in a sentence what it can't do without, whatever Python it is started by."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from support import ROOT, Outcome, assert_refused

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


def called(*command: str, **changes: str) -> Outcome:
    """Return how a call of Python ended, in an environment with changes."""
    run = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | changes,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(run.returncode, run.stdout, run.stderr)


@pytest.mark.parametrize(
    "program",
    [
        ("predict.py", "a.png"),
        ("train.py",),
        ("serve.py",),
        ("-m", "page"),
        ("-m", "tools.lab"),
        ("-m", "tools.run_notebook"),
        ("-m", "benchmarks", "speed"),
    ],
    ids=" ".join,
)
def test_missing_requirements_are_one_sentence(program: tuple[str, ...]) -> None:
    assert_refused(called("-S", *program), "'make ", "install")


@pytest.mark.parametrize("name", [*SCRIPTS, *MODULES])
def test_older_python_is_one_sentence(name: str) -> None:
    assert_refused(called("-c", OLDER, name), "Python 3.11 or newer is needed, but this is 3.9")


@pytest.mark.parametrize(
    "path",
    [
        *SCRIPTS,
        *(f"{package}/__init__.py" for package in ("helpers", "page", "tools", "benchmarks")),
        *(f"{package}/__main__.py" for package in ("page", "benchmarks")),
    ],
)
def test_older_python_can_read_as_far_as_that_sentence(path: str) -> None:
    ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_finds_its_parts_where_python_looks_in_no_unsafe_folder(script: str) -> None:
    assert called(script, "--help", PYTHONSAFEPATH="1").code == 0


def test_window_that_matplotlib_should_open_and_cannot_is_not_needed(tmp_path: Path) -> None:
    photo, figure = tmp_path / "photo.png", tmp_path / "figure.png"
    image = Image.new("L", (120, 140), 240)
    ImageDraw.Draw(image).line([(60, 20), (58, 110)], fill=40, width=9)
    image.save(photo)
    assert called("predict.py", str(photo), "--show", str(figure), MPLBACKEND="no").err == ""
    assert figure.stat().st_size > 1000
    code = "import sys; sys.argv[0] = '-m'; import tools, matplotlib"
    assert called("-c", code, MPLBACKEND="no").err == ""


def test_mistake_in_a_tool_is_not_hidden() -> None:
    code = "import sys; sys.argv[0] = '-m'; import tools; {}['key']"
    assert "KeyError: 'key'" in called("-c", code).err
