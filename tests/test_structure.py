"""Who may use whom in helpers/, and that looking at it costs nothing."""

import ast
import importlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent
ROOMS = sorted((ROOT / "helpers").rglob("*.py"))
MAY_USE = {
    "__init__": set(),
    "errors": set(),
    "paper": set(),
    "files": {"errors"},
    "progress": set(),
    "commands": {"errors"},
    "parallel": set(),
    "mnist_files": {"errors", "files", "progress"},
    "embedded": set(),
    "data": {"embedded", "mnist_files"},
    "models": set(),
    "recipes": set(),
    "augment": {"recipes"},
    "pictures": {"errors"},
    "ink": {"errors", "paper"},
    "sheets": {"ink", "paper"},
    "images": {"ink", "paper", "sheets"},
    "strokes": set(),
    "scrawls": {"strokes"},
    "redraw": {"strokes"},
    "photos": {"redraw", "strokes"},
    "practice": {"images", "ink", "photos", "progress", "scrawls", "strokes"},
    "reading": {"checkpoints", "images"},
    "calibration": {"data", "practice", "training"},
    "page_ink": {"ink", "paper"},
    "segments": {"ink"},
    "cuts": {"segments"},
    "rows": {"segments"},
    "pages": {"cuts", "images", "ink", "page_ink", "paper", "reading", "rows", "segments"},
    "answers": {
        "commands",
        "errors",
        "files",
        "images",
        "pages",
        "pictures",
        "plotting",
        "progress",
        "reading",
    },
    "records": {"errors", "recipes"},
    "training": {"files", "parallel", "progress"},
    "runs": {
        "augment",
        "data",
        "errors",
        "models",
        "parallel",
        "practice",
        "progress",
        "recipes",
        "training",
    },
    "checkpoints": {"errors", "files", "models"},
    "outcome": {"checkpoints", "data", "models", "runs", "training"},
    "jobs": {
        "outcome",
        "calibration",
        "checkpoints",
        "commands",
        "data",
        "errors",
        "files",
        "models",
        "parallel",
        "recipes",
        "runs",
        "training",
    },
    "exercises": set(),
    "plotting": {"plotting"},
}


def room_of(path: Path) -> str:
    """A module's room: its own name, or that of the folder it lies in."""
    return path.stem if path.parent.name == "helpers" else path.parent.name


def rooms_used(path: Path) -> set[str]:
    """The rooms of helpers/ that a file imports, at its top or anywhere else."""
    used = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            used |= {a.name.split(".")[1] for a in node.names if a.name.startswith("helpers.")}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            if node.module == "helpers":
                used |= {alias.name for alias in node.names}
            elif (node.module or "").startswith("helpers."):
                used.add(node.module.split(".")[1])
    return used


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_room_uses_only_the_rooms_below_it(path: Path) -> None:
    assert rooms_used(path) <= MAY_USE[room_of(path)]


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_room_owns_one_idea_and_says_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 260
    assert ast.get_docstring(ast.parse(text))


def test_importing_the_package_alone_is_cheap() -> None:
    code = "import sys, helpers; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("False\n", "")


@pytest.fixture
def not_imported() -> Iterator[None]:
    """No room has been imported yet; the rooms that others hold are put back afterwards."""
    names = [name for name in sys.modules if name.split(".")[0] == "helpers"]
    before = {name: sys.modules.pop(name) for name in names}
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
        del sys.modules[name]
    sys.modules.update(before)


def test_importing_a_room_downloads_trains_and_draws_nothing(
    not_imported: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened, or a network was trained")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(torch.Tensor, "backward", refuse)
    monkeypatch.chdir(tmp_path)
    drawn = plt.get_fignums()
    for room in [name for name in MAY_USE if name != "__init__"]:
        importlib.import_module(f"helpers.{room}")
        assert Path(sys.modules[f"helpers.{room}"].__file__).is_relative_to(ROOT)
    assert plt.get_fignums() == drawn
    assert list(tmp_path.iterdir()) == []


def test_code_is_linted_and_formatted() -> None:
    for arguments in (["check"], ["format", "--check"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "."],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout + run.stderr
