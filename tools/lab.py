"""Open your own copy of the notebook, without outputs, in JupyterLab; it gets all options."""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import write_text
from tools import run_notebook

ORIGINAL = run_notebook.USUAL.notebook
COPY = ORIGINAL.with_name("my_classifier.ipynb")  # beside it, where helpers and pictures are found
MADE_FROM = "made_from"  # a key of the copy's metadata, which JupyterLab keeps


def fingerprint(notebook: NotebookNode) -> str:
    """Return a checksum of a notebook's text and code, whatever its outputs are."""
    sources = "\0".join(cell.source for cell in notebook.cells)
    return hashlib.sha256(sources.encode("utf-8")).hexdigest()[:16]


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """Clear a notebook's outputs, and note in its metadata what it was made from."""
    notebook.metadata[MADE_FROM] = fingerprint(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def prepare(original: Path, copy: Path) -> str:
    """Make the copy if there is none; return what a learner should know about it."""
    notebook = run_notebook.read(original)
    if not copy.exists():
        write_text(copy, nbformat.writes(without_outputs(notebook)) + "\n")
        return f"{copy.name} is a fresh copy, without outputs, and yours: it stays as you leave it."
    if was_made_from(copy) == fingerprint(notebook):
        return f"{copy.name} is opened as you left it; rename it if you want to begin afresh."
    return (
        f"{copy.name} is opened as you left it, but {original.name} is another one now: to get "
        "that, rename yours and call this again."
    )


def was_made_from(copy: Path) -> str:
    """Return the fingerprint in a copy; "" if it can't be read, which JupyterLab will explain."""
    try:
        return nbformat.read(copy, as_version=4).metadata.get(MADE_FROM, "")
    except (OSError, ValueError, AttributeError, TypeError, KeyError, nbformat.ValidationError):
        return ""


def open_lab(arguments: list[str]) -> None:
    """Start JupyterLab, and wait until it is stopped."""
    from jupyterlab import labapp  # only here, because it takes seconds

    labapp.main(arguments)


def is_root() -> bool:
    """Tell whether the user is root, as whom JupyterLab doesn't start unless it is told to."""
    return getattr(os, "geteuid", lambda: 1)() == 0


def check_allowed(options: list[str]) -> None:
    """Say in one sentence what JupyterLab would say at the end of a page, and what to do."""
    if is_root() and not any("allow" in option and "root" in option for option in options):
        raise UserError(
            "JupyterLab does not run as root unless it is told to: in a container, where that does "
            "no harm, call `make lab LAB=--allow-root`."
        )


def main(
    original: Path = ORIGINAL, copy: Path = COPY, start: Callable[[list[str]], None] = open_lab
) -> int:
    """Prepare the copy and open it."""
    options = sys.argv[1:]
    check_allowed(options)
    command_line.work_in(original.parent)
    print(prepare(original, copy), flush=True)
    start([str(copy), *options])
    return 0


if __name__ == "__main__":
    command_line.run(main)
