"""Cells of the notebook on their own: the first one alone, and those that are run again."""

from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from story import CODE
from support import ROOT


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
