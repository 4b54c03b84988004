"""Cells of the notebook on their own: the first one alone, and those that are run again."""

import contextlib
import io
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import torch
from names import names_of
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from story import CODE, NOTEBOOK, WITHOUT_MNIST
from support import ROOT

from tools.asserts import MAGIC

LAST = 6  # of the chapters whose cells are cheap, as there is little to train yet
TAKE_LONG = {"quick", "ten-score", "shuffled-learn", "normalised-learn", "no-bend"}  # of them


def test_first_cell_says_what_mends_a_notebook_that_was_opened_alone(tmp_path: Path) -> None:
    first, elsewhere = CODE[0].source, f"%cd {ROOT}"
    story = new_notebook(cells=[new_code_cell(code) for code in (first, elsewhere, first)])
    where = {"metadata": {"path": tmp_path}}
    NotebookClient(story, kernel_name="python3", resources=where).execute()
    alone, _, mended = (cell.outputs for cell in story.cells)
    assert [(output.output_type, output.name) for output in alone] == [("stream", "stdout")]
    assert alone[0].text == (
        "helpers/ must stand beside this notebook: run these two lines in a new cell,\n"
        "with the address of the notebook's repository, and go on from there.\n\n"
        "!git clone ADDRESS digits\n%cd digits\n"
    )
    assert mended == []


def beginning() -> list[NotebookNode]:
    """The code cells of the first chapters."""
    places = [place for place, cell in enumerate(NOTEBOOK.cells) if cell.source.startswith("## ")]
    return [cell for cell in NOTEBOOK.cells[: places[LAST + 1]] if cell.cell_type == "code"]


def run(cell: NotebookNode, names: dict[str, Any]) -> str:
    """What a cell prints, and the error that it stops with."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(MAGIC.sub(r"\1pass", cell.source), names)
        except Exception as error:  # one cell makes one on purpose
            print(f"{type(error).__name__}: {error}")
    return printed.getvalue()


def plain(value: Any) -> Any:
    """A value so that two can be compared; of what can't be, its type."""
    if isinstance(value, torch.Tensor):
        return str(value.dtype), tuple(value.shape), value.detach().numpy().tobytes()
    if isinstance(value, torch.nn.Module):
        return plain(value.state_dict())
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return type(value).__name__, [plain(each) for each in value]
    return value if isinstance(value, int | float | str | bytes) else type(value).__name__


def state(names: dict[str, Any]) -> dict[str, Any]:
    """All that the cells have made."""
    hidden = (types.ModuleType, types.FunctionType, type)
    found = {name: value for name, value in names.items() if name != "__builtins__"}
    return {name: plain(value) for name, value in found.items() if not isinstance(value, hidden)}


def is_timed(cell: NotebookNode) -> bool:
    """Tell whether a cell measures seconds."""
    return "perf_counter" in cell.source or "process_time" in cell.source


def names_timed(cell: NotebookNode) -> set[str]:
    """What is never the same again."""
    return names_of(cell.source).assigned if is_timed(cell) else set()


@pytest.fixture
def as_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the right folder, without MNIST, without windows; settings are put back."""
    monkeypatch.chdir(ROOT)
    for name, value in WITHOUT_MNIST.items():
        monkeypatch.setenv(name, value)
    threads, generator = torch.get_num_threads(), torch.get_rng_state()
    with mpl.rc_context({"backend": "agg"}):
        yield
    torch.set_num_threads(threads)
    torch.set_rng_state(generator)


@pytest.mark.usefixtures("as_in_a_notebook")
def test_cell_that_is_run_again_later_gives_the_same_and_changes_nothing() -> None:
    names: dict[str, Any] = {}
    cells = beginning()
    printed = {cell.id: run(cell, names) for cell in cells}
    timed = {each for cell in cells for each in names_timed(cell)}
    before, changed = state(names), []
    for cell in reversed(cells):
        if cell.id in TAKE_LONG:
            continue
        again, after = run(cell, names), state(names)
        if again != printed[cell.id] and not is_timed(cell):
            changed.append(f"{cell.id} prints something else")
        names_changed = {name for name in before if before[name] != after[name]} - timed
        changed += [f"{cell.id} changes {name}" for name in sorted(names_changed)]
        before = after
    assert changed == [], "\n".join(changed)
    assert len(cells) > 60
