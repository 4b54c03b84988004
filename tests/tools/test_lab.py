"""`make lab`: a fresh copy to guess in, and work that is never overwritten."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from support import ROOT

from tools import lab

Opened = Callable[[], list[list[str]]]


def write(path: Path, text: str = "Guess!", printed: str = "42") -> NotebookNode:
    """A notebook that was executed."""
    out = new_output("stream", name="stdout", text=printed)
    cell = new_code_cell("print(42)", execution_count=3, outputs=[out])
    cell.metadata.update(tags=["summary"], alt="a picture in words")
    notebook = new_notebook(cells=[new_markdown_cell(text), cell])
    nbformat.write(notebook, path)
    return notebook


@pytest.fixture
def original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed notebook of a test."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["lab.py", "--no-browser"])
    write(tmp_path / "original.ipynb")
    return tmp_path / "original.ipynb"


@pytest.fixture
def opened(original: Path) -> Opened:
    """Call the command; return what JupyterLab was started with."""

    def called() -> list[list[str]]:
        started: list[list[str]] = []
        assert lab.main(original, original.with_name("mine.ipynb"), started.append) == 0
        return started

    return called


def test_copy_has_no_outputs_or_counts_and_is_opened(
    original: Path, opened: Opened, capsys: pytest.CaptureFixture
) -> None:
    before = original.read_bytes()
    mine = original.with_name("mine.ipynb")
    assert opened() == [[str(mine), "--no-browser"]]
    assert "mine.ipynb is a fresh copy" in capsys.readouterr().out
    copy = nbformat.read(mine, as_version=4)
    nbformat.validate(copy)
    assert [cell.source for cell in copy.cells] == ["Guess!", "print(42)"]
    assert copy.cells[1].outputs == []
    assert copy.cells[1].execution_count is None
    assert copy.cells[1].metadata == {"tags": ["summary"], "alt": "a picture in words"}
    assert original.read_bytes() == before
    assert sorted(path.name for path in original.parent.iterdir()) == [mine.name, original.name]


def test_work_is_opened_as_it_was_left(
    original: Path, opened: Opened, capsys: pytest.CaptureFixture
) -> None:
    opened()
    mine = original.with_name("mine.ipynb")
    work = nbformat.read(mine, as_version=4)
    work.cells[1].source = "answer = 42"
    work.cells.append(new_code_cell("my own cell"))
    nbformat.write(work, mine)
    before = mine.read_bytes()
    write(original, printed="43")  # executed again, but the same story
    capsys.readouterr()
    assert opened()
    assert capsys.readouterr().out.startswith("mine.ipynb is opened as you left it; rename it")
    assert mine.read_bytes() == before


def test_newer_notebook_is_told_and_overwrites_nothing(
    original: Path, opened: Opened, capsys: pytest.CaptureFixture
) -> None:
    opened()
    mine = original.with_name("mine.ipynb")
    before = mine.read_bytes()
    write(original, "Guess again!")
    capsys.readouterr()
    assert opened()
    said = capsys.readouterr().out
    assert "original.ipynb is another one now: to get that, rename yours" in said
    assert said.count("\n") == 1
    assert mine.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"cells": 5}', b"[]"])
def test_file_that_is_no_notebook_is_left_alone(
    original: Path, opened: Opened, content: bytes
) -> None:
    mine = original.with_name("mine.ipynb")
    mine.write_bytes(content)
    assert opened()
    assert mine.read_bytes() == content


def test_copy_of_the_real_notebook_is_ignored_by_git_and_lies_beside_it() -> None:
    assert lab.COPY.parent == lab.ORIGINAL.parent == ROOT
    assert lab.COPY.name in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
