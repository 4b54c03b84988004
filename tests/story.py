"""The notebook as it is committed, taken apart for the tests."""

import re

import nbformat
from nbformat import NotebookNode
from support import ROOT

PATH = ROOT / "handwritten_classifier.ipynb"
SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"
NOTEBOOK = nbformat.read(PATH, as_version=4)
WITHOUT_MNIST = {"MNIST_OFFLINE": "1", "MNIST_ROOT": "no/such/folder", "TQDM_DISABLE": "1"}
SOLUTION = re.compile(r"<summary>Solution of (\d+\.\d)</summary>\s+```python\n(.*?)```", re.S)
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
PROSE = "\n\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def by_id(name: str) -> NotebookNode:
    return next(cell for cell in NOTEBOOK.cells if cell.id == name)


def text_outputs(cell: NotebookNode) -> str:
    """All that an output says in words, without the pictures."""
    parts = []
    for output in cell.outputs:
        parts += [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
        parts += [text for kind, text in output.get("data", {}).items() if kind != "image/png"]
    return "\n".join(map(str, parts))


def pictures(cell: NotebookNode) -> list[str]:
    return [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]
