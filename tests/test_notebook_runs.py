"""The notebook executed: strictly on MNIST, freely on any machine, and with every solution."""

import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from story import CODE, NOTEBOOK, PATH, SANITIZE, SOLUTION, WITHOUT_MNIST, tags
from support import ROOT

from helpers import mnist_files
from tools.claims import INSTRUCTIONS


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cells save their files elsewhere: nobody has to be allowed to write to the project."""
    root = os.environ.get("MNIST_ROOT") or "data"
    monkeypatch.setenv("MNIST_ROOT", str(ROOT / root))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)


def test_every_solution_runs_where_it_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in WITHOUT_MNIST.items():
        monkeypatch.setenv(name, value)
    story = copy.deepcopy(NOTEBOOK)
    cells = []
    for cell in story.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            cells += [new_code_cell(code) for _, code in SOLUTION.findall(cell.source)]
    story.cells = cells
    assert len(cells) - len(NOTEBOOK.cells) >= 20
    NotebookClient(story, kernel_name="python3").execute()
    assert (tmp_path / "build" / "digits.pt").is_file()


def validate(mode: str, **settings: str) -> None:
    """Run every cell under nbval in a process of its own, and show its report if one fails."""
    copied = shutil.copy(PATH, ".")  # nbval works where it finds the notebook
    command = [sys.executable, "-m", "pytest", mode, "--nbval-current-env", copied]
    command += ["--nbval-sanitize-with", str(SANITIZE), "-p", "no:cacheprovider"]
    environment = os.environ | {"TQDM_DISABLE": "1"} | settings
    run = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    report = run.stdout[-6000:] + run.stderr[-2000:]
    assert run.returncode == 0, report
    assert f"{len(CODE)} passed" in run.stdout, report


def mnist_is_here() -> bool:
    try:
        mnist_files.ensure(ROOT / os.environ.get("MNIST_ROOT", "data"), offline=True)
    except mnist_files.DataError:
        return False
    return True


@pytest.mark.skipif(not mnist_is_here(), reason="no MNIST on this machine: set MNIST_ROOT")
def test_notebook_gives_its_committed_outputs_on_mnist() -> None:
    validate("--nbval", MNIST_OFFLINE="1")


def test_notebook_keeps_its_facts_without_mnist_network_or_the_newest_instructions() -> None:
    checked = [cell for cell in CODE if "nbval-check-output" in tags(cell)]
    assert len(checked) >= 20
    mine = torch.backends.cpu.get_cpu_capability()
    other = "no vector instructions" if mine == "AVX2" else "AVX2"
    validate("--nbval-lax", **WITHOUT_MNIST, **INSTRUCTIONS[other])
