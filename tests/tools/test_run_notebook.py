"""`make run` and `make refresh`: what they write, and how they stop."""

import importlib.util
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from support import ROOT

from helpers import data
from helpers.common import command_line

FIGURE = """
from helpers.common import errors  # which is found only where the notebook belongs
from matplotlib import pyplot
pyplot.plot([0, 1]);
"""
SUMMARY = 'print("data: MNIST")\nprint("test accuracy: 12 %")'


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The runner, with a notebook and a build folder of its own."""
    spec = importlib.util.spec_from_file_location("runner", ROOT / "tools" / "run_notebook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "NOTEBOOK", tmp_path / "small.ipynb")
    monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    monkeypatch.setattr("sys.argv", ["run_notebook.py"])
    monkeypatch.chdir(ROOT)
    yield module
    logging.disable(logging.NOTSET)


def ended(runner: ModuleType) -> int:
    """Call the runner as the command line does; return its exit code."""
    with pytest.raises(SystemExit) as caught:
        command_line.run(runner.main)
    return caught.value.code


def write_notebook(runner: ModuleType, *sources: str) -> bytes:
    """A small story of one chapter; return its bytes, to see later whether it was touched."""
    cells = [new_markdown_cell("## 1. A chapter"), *(new_code_cell(code) for code in sources)]
    cells.append(new_code_cell(SUMMARY, metadata={"tags": ["summary"]}))
    nbformat.write(new_notebook(cells=cells), runner.NOTEBOOK)
    return runner.NOTEBOOK.read_bytes()


def test_run_writes_both_files_and_says_what_came_out(
    runner: ModuleType, capsys: pytest.CaptureFixture
) -> None:
    before = write_notebook(runner, FIGURE)
    assert ended(runner) == 0
    said = capsys.readouterr().out
    for part in ("cell 1 of 2, 1. A chapter", "data: MNIST", "test accuracy: 12 %", "time: "):
        assert part in said
    assert re.search(r"wrote .*small\.ipynb\nwrote .*small\.html", said)
    written = nbformat.read(runner.BUILD / "small.ipynb", as_version=4)
    assert [cell.execution_count for cell in written.cells[1:]] == [1, 2]
    assert runner.NOTEBOOK.read_bytes() == before


def test_page_needs_nothing_from_elsewhere(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    (tmp_path / "readme-img").mkdir()
    (tmp_path / "readme-img" / "end.png").write_bytes(b"a picture")
    write_notebook(runner, FIGURE)
    notebook = nbformat.read(runner.NOTEBOOK, as_version=4)
    notebook.cells[0].source += "\n\n![the end](readme-img/end.png)\n"
    notebook.cells[0].source += "\n<details><summary>S</summary>\n\nhidden\n\n</details>"
    page = runner.as_page(notebook)
    fetched = re.findall(
        r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']([^"']*)""", page
    )
    assert fetched == ["data:image/png;base64,YSBwaWN0dXJl"]
    assert not re.search(r"""import\s[^;]{0,80}["']https?://|@import|url\(["']?https?:""", page)
    assert page.index("hidden") < page.index("</details>")


@pytest.mark.parametrize("options", [[], ["--refresh"]])
def test_failing_cell_stops_it_and_is_shown(
    runner: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    options: list[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["run_notebook.py", *options])
    monkeypatch.setattr(data, "load_digits", lambda source: None)
    before = write_notebook(runner, "x = 1", "y = x / 0", "print('never')")
    assert ended(runner) == 1
    said = capsys.readouterr().err
    assert "Failed at cell 2 of 4, 1. A chapter" in said
    assert "y = x / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert list(runner.BUILD.iterdir()) == []
    assert runner.NOTEBOOK.read_bytes() == before


def test_refresh_executes_in_place_and_drops_what_tells_of_a_machine(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.argv", ["run_notebook.py", "--refresh"])
    monkeypatch.setattr(data, "load_digits", lambda source: None)
    write_notebook(runner, FIGURE)
    notebook = nbformat.read(runner.NOTEBOOK, as_version=4)
    notebook.cells[1].metadata.update(alt="a bar", collapsed=True, execution={"started": "now"})
    nbformat.write(notebook, runner.NOTEBOOK)
    assert ended(runner) == 0
    fresh = nbformat.read(runner.NOTEBOOK, as_version=4)
    assert fresh.cells[1].metadata == {"alt": "a bar"}
    assert set(fresh.metadata) == {"kernelspec", "language_info"}
    assert "version" not in fresh.metadata.language_info
    assert fresh.cells[1].outputs[0].data["image/png"]


def test_refresh_refuses_to_commit_other_data(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def no_mnist(source: str) -> None:
        raise data.DataError("It is not here.")

    monkeypatch.setattr("sys.argv", ["run_notebook.py", "--refresh"])
    monkeypatch.setattr(data, "load_digits", no_mnist)
    before = write_notebook(runner, "x = 1")
    assert ended(runner) == 1
    assert "executed on MNIST only. It is not here." in capsys.readouterr().err
    assert runner.NOTEBOOK.read_bytes() == before


def test_refresh_keeps_the_notebook_if_it_ran_on_other_data(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.argv", ["run_notebook.py", "--refresh"])
    monkeypatch.setattr(data, "load_digits", lambda source: None)
    write_notebook(runner, "x = 1")
    text = runner.NOTEBOOK.read_text().replace("data: MNIST", "data: other")
    runner.NOTEBOOK.write_text(text)
    assert ended(runner) == 1
    assert "did not run on MNIST" in capsys.readouterr().err
    assert runner.NOTEBOOK.read_text() == text


def test_relative_data_folder_means_the_same_to_the_check_and_to_the_notebook(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_ROOT", "here")
    write_notebook(runner, "import os; assert os.path.isabs(os.environ['MNIST_ROOT'])")
    assert ended(runner) == 0
    assert os.environ["MNIST_ROOT"] == str((tmp_path / "here").resolve())


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"cells": 5}', b"not a notebook"])
def test_notebook_that_cannot_be_read_is_one_sentence(
    runner: ModuleType, capsys: pytest.CaptureFixture, content: bytes | None
) -> None:
    if content is not None:
        runner.NOTEBOOK.write_bytes(content)
    assert ended(runner) == 1
    said = capsys.readouterr().err.strip()
    assert "small.ipynb" in said
    assert "\n" not in said
