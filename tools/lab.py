"""Open your own copy of the notebook, without outputs, in JupyterLab; it gets all options."""

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import write_together
from tools import run_notebook

ORIGINAL = run_notebook.USUAL.notebook
COPY = ORIGINAL.with_name("my_classifier.ipynb")  # beside it, where helpers and pictures are found
MADE_FROM = "made_from"  # a key of the copy's metadata, which JupyterLab keeps


def fingerprint(notebook: NotebookNode) -> str:
    """Return a checksum of a notebook's text and code, whatever its outputs are."""
    sources = "\0".join(cell.source for cell in notebook.cells)
    return hashlib.sha256(sources.encode("utf-8")).hexdigest()[:16]


def prepare(original: Path, copy: Path) -> str:
    """Make the copy if there is none; return what a learner should know about it."""
    notebook = run_notebook.read(original)
    made_from = fingerprint(notebook)
    if not copy.exists():
        notebook.metadata[MADE_FROM] = made_from
        ClearOutputPreprocessor().preprocess(notebook, {})
        write_together({copy: run_notebook.as_file(notebook)})
        return f"{copy.name} is a fresh copy, without outputs, and yours: it stays as you leave it."
    with suppress(UserError):  # JupyterLab will explain what is wrong with a copy
        if run_notebook.read(copy).metadata.get(MADE_FROM) == made_from:
            return f"{copy.name} is opened as you left it; rename it if you want to begin afresh."
    return (
        f"{copy.name} is opened as you left it, but {original.name} is another one now: to get "
        "that, rename yours and call this again."
    )


def open_lab(arguments: list[str]) -> None:
    """Start JupyterLab, and wait until it is stopped."""
    from jupyterlab import labapp  # only here, because it takes seconds

    labapp.main(arguments)


def main(
    original: Path = ORIGINAL, copy: Path = COPY, start: Callable[[list[str]], None] = open_lab
) -> int:
    """Prepare the copy and open it."""
    command_line.work_in(original.parent)
    print(prepare(original, copy), flush=True)
    start([str(copy), *sys.argv[1:]])
    return 0


if __name__ == "__main__":
    command_line.run(main)
