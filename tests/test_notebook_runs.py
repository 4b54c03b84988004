"""The notebook executed: strictly on MNIST; or without it, and then with every solution.

CI asks for both by `NOTEBOOK=both`. Where MNIST is, the first alone takes most of the time of all
tests.
"""

import copy
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from nbformat import NotebookNode
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


def with_solutions() -> NotebookNode:
    """The notebook with each solution run where it stands."""
    story = copy.deepcopy(NOTEBOOK)
    story.cells = []
    for cell in NOTEBOOK.cells:
        story.cells.append(cell)
        if cell.cell_type == "markdown":
            story.cells += [new_code_cell(code) for _, code in SOLUTION.findall(cell.source)]
    return story


def validate(story: NotebookNode, mode: str, **settings: str) -> None:
    """Run every cell under nbval in a process of its own, and show its report if one fails."""
    nbformat.write(story, PATH.name)  # nbval works where it finds the notebook
    command = [sys.executable, "-m", "pytest", mode, "--nbval-current-env", PATH.name]
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
    count = sum(cell.cell_type == "code" for cell in story.cells)
    assert f"{count} passed" in run.stdout, report


def mnist_is_here() -> bool:
    try:
        mnist_files.ensure(ROOT / os.environ.get("MNIST_ROOT", "data"), offline=True)
    except mnist_files.DataError:
        return False
    return True


@pytest.mark.skipif(not mnist_is_here(), reason="no MNIST on this machine: set MNIST_ROOT")
def test_notebook_gives_its_committed_outputs_on_mnist() -> None:
    validate(NOTEBOOK, "--nbval", MNIST_OFFLINE="1")


@pytest.mark.skipif(
    mnist_is_here() and os.environ.get("NOTEBOOK") != "both",
    reason="MNIST is here: set NOTEBOOK=both to run the notebook without it, too",
)
def test_notebook_keeps_its_facts_and_solutions_run_without_mnist_or_the_newest_instructions(
    tmp_path: Path,
) -> None:
    story = with_solutions()
    assert len(story.cells) - len(NOTEBOOK.cells) >= 20
    checked = [cell for cell in CODE if "nbval-check-output" in tags(cell)]
    assert len(checked) >= 20
    mine = torch.backends.cpu.get_cpu_capability()
    other = "no vector instructions" if mine == "AVX2" else "AVX2"
    validate(story, "--nbval-lax", **WITHOUT_MNIST, **INSTRUCTIONS[other])
    assert (tmp_path / "build" / "digits.pt").is_file()
