"""Who may use whom in helpers/, and that looking at it costs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = sorted((ROOT / "helpers").rglob("*.py"))
MAY_USE = {
    "__init__": set(),
    "errors": set(),
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
    "ink": {"errors"},
    "sheets": {"ink"},
    "images": {"ink", "sheets"},
    "strokes": set(),
    "scrawls": {"strokes"},
    "photos": {"strokes"},
    "practice": {"images", "ink", "photos", "progress", "scrawls", "strokes"},
    "reading": {"checkpoints", "images"},
    "calibration": {"data", "practice", "training"},
    "page_ink": {"ink"},
    "segments": {"ink"},
    "cuts": {"segments"},
    "rows": {"segments"},
    "pages": {"cuts", "images", "ink", "page_ink", "reading", "rows", "segments"},
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


def python(code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.strip() + run.stderr.strip()


def test_importing_the_package_alone_is_cheap() -> None:
    assert python("import sys, helpers; print('torch' in sys.modules)") == "False"


def test_importing_a_room_downloads_trains_and_draws_nothing(tmp_path: Path) -> None:
    rooms = ", ".join(f"helpers.{room}" for room in MAY_USE if room != "__init__")
    code = (
        "import urllib.request, socket, os\n"
        "def refuse(*_, **__): raise SystemExit('a connection was opened')\n"
        "socket.socket.connect = refuse\n"
        f"import {rooms}\n"
        "import matplotlib.pyplot as plt\n"
        "print(plt.get_fignums(), os.path.exists('data/MNIST') and 'data' or '')"
    )
    assert python(code).startswith("[]")


def test_code_is_linted_and_formatted() -> None:
    for arguments in (["check"], ["format", "--check"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "."],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout + run.stderr
