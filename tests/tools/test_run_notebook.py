"""`make run` and `make refresh`: what they write, and how they stop."""

import base64
import errno
import io
import logging
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from support import ROOT, Outcome, assert_refused, at_sync

from handreader.common.errors import UserError
from helpers.plotting.style import BLUE, GREEN, ORANGE, PINK
from tools import run_notebook
from tools.run_notebook import Places

FIGURE = """
from handreader.common import errors  # which is found only where the notebook belongs
from matplotlib import pyplot
pyplot.plot([0, 1]);
"""
SUMMARY = 'print("data: MNIST")\nprint("test accuracy: 12 %")'


Ended = Callable[..., Outcome]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """A notebook, a build folder and a folder of pictures that are the test's own."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "pictures").mkdir()
    yield Places(tmp_path / "small.ipynb", tmp_path / "build", tmp_path / "pictures")
    logging.disable(logging.NOTSET)


def have_mnist() -> None:
    """What a machine says that has MNIST."""


@pytest.fixture
def ended(places: Places, program: Ended) -> Ended:
    """Call the runner as the command line does."""

    def called(*options: str, check_data: Callable[[], None] = have_mnist) -> Outcome:
        return program(lambda: run_notebook.main(places, check_data), *options)

    return called


def write_notebook(places: Places, *sources: str) -> bytes:
    """A small story of one chapter; return its bytes, to see later whether it was touched."""
    cells = [new_markdown_cell("## 1. A chapter"), *(new_code_cell(code) for code in sources)]
    cells.append(new_code_cell(SUMMARY, metadata={"tags": ["summary"]}))
    nbformat.write(new_notebook(cells=cells), places.notebook)
    return places.notebook.read_bytes()


def test_run_writes_both_files_and_says_what_came_out(places: Places, ended: Ended) -> None:
    before = write_notebook(places, FIGURE)
    code, said, _ = ended()
    assert code == 0
    for part in ("cell 1 of 2, 1. A chapter", "data: MNIST", "test accuracy: 12 %", "time: "):
        assert part in said
    assert re.search(r"wrote .*small\.ipynb\nwrote .*small\.html", said)
    written = nbformat.read(places.build / "small.ipynb", as_version=4)
    assert [cell.execution_count for cell in written.cells[1:]] == [1, 2]
    assert places.notebook.read_bytes() == before


def png(colour: str, side: int = 4) -> str:
    """A picture, as a notebook holds it."""
    drawn = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(drawn, "PNG")
    return base64.b64encode(drawn.getvalue()).decode()


def test_page_needs_nothing_from_elsewhere_and_describes_its_pictures(places: Places) -> None:
    (places.pictures / "end.png").write_bytes(b"a picture")
    write_notebook(places, FIGURE)
    notebook = nbformat.read(places.notebook, as_version=4)
    notebook.cells[0].source += '\n\n![What "the end" looks like](readme-img/end.png)\n'
    notebook.cells[0].source += "\n<details><summary>S</summary>\n\nhidden\n\n</details>"
    notebook.cells[1].metadata.alt = 'A line that rises, "steep" & straight'
    notebook.cells[1].outputs = [new_output("display_data", {"image/png": png(BLUE)})]
    page = run_notebook.as_page(notebook, places.pictures)
    fetched = re.findall(
        r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']([^"']*)""", page
    )
    own = f"data:image/png;base64,{png(BLUE)}"
    assert fetched == ["data:image/png;base64,YSBwaWN0dXJl", own]
    assert not re.search(r"""import\s[^;]{0,80}["']https?://|@import|url\(["']?https?:""", page)
    assert page.index("hidden") < page.index("</details>")
    described = [picture["alt"] for picture in BeautifulSoup(page, "html.parser")("img")]
    assert described == ['What "the end" looks like', 'A line that rises, "steep" & straight']
    assert "No description has been provided" not in page


def test_failing_cell_stops_it_and_is_shown(places: Places, ended: Ended) -> None:
    before = write_notebook(places, "x = 1", "y = x / 0", "print('never')")
    code, _, said = ended()
    assert code == 1
    assert "Failed at cell 2 of 4, 1. A chapter" in said
    assert "y = x / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert list(places.build.iterdir()) == []
    assert places.notebook.read_bytes() == before


def test_claim_that_fails_costs_no_one_the_notebook(places: Places, ended: Ended) -> None:
    write_notebook(places, "assert 1 > 2", "print('the rest')")
    code, said, complaint = ended()
    assert code == 1
    assert complaint == "1 of 1 claims did not hold here:\n- 1. A chapter: 1 > 2\n"
    for name in ("small.ipynb", "small.html"):
        written = (places.build / name).read_text(encoding="utf-8")
        assert "This claim did not hold here: 1" in written
        assert "the rest" in written
    assert "wrote" in said


def test_notebook_is_not_committed_with_a_claim_that_fails(places: Places, ended: Ended) -> None:
    before = write_notebook(places, "assert 1 > 2")
    code, _, complaint = ended("--refresh")
    assert code == 1
    assert "1. A chapter: 1 > 2\nThe committed notebook must be true, so nothing" in complaint
    assert places.notebook.read_bytes() == before


def test_refresh_executes_in_place_and_drops_what_tells_of_a_machine(
    places: Places, ended: Ended
) -> None:
    write_notebook(places, FIGURE)
    notebook = nbformat.read(places.notebook, as_version=4)
    notebook.cells[1].metadata.update(alt="a bar", collapsed=True, execution={"started": "now"})
    nbformat.write(notebook, places.notebook)
    assert ended("--refresh").code == 0
    fresh = nbformat.read(places.notebook, as_version=4)
    assert fresh.cells[1].metadata == {"alt": "a bar"}
    assert set(fresh.metadata) == {"kernelspec", "language_info"}
    assert "version" not in fresh.metadata.language_info
    assert fresh.cells[1].outputs[0].data["image/png"]


def test_living_output_is_kept_as_its_still_picture() -> None:
    living = {"image/png": png("white"), run_notebook.WIDGET: {"model_id": "12ab"}}
    cell = new_code_cell("Pad(reader)", outputs=[new_output("execute_result", living)])
    notebook = new_notebook(cells=[cell])
    run_notebook.clean(notebook)
    assert list(notebook.cells[0].outputs[0].data) == ["image/png"]


def test_drawing_made_smaller_keeps_its_colours() -> None:
    figure, axes = plt.subplots()
    axes.imshow(np.random.default_rng(0).random((40, 40)), cmap="viridis")  # hundreds of colours
    for place, colour in enumerate((BLUE, ORANGE, GREEN, PINK)):
        axes.plot(5 * place, 10, "o", color=colour, markersize=9)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    small = run_notebook.shrink(base64.b64encode(drawn.getvalue()).decode())
    assert len(small) < 0.8 * len(base64.b64encode(drawn.getvalue()))
    picture = Image.open(io.BytesIO(base64.b64decode(small))).convert("RGB")
    kept = {"#{:02X}{:02X}{:02X}".format(*colour) for _, colour in picture.getcolors(2**24)}
    assert {BLUE, ORANGE, GREEN, PINK} <= kept
    assert len(kept) <= 128


def test_refresh_refuses_to_commit_other_data(places: Places, ended: Ended) -> None:
    def no_mnist() -> None:
        raise UserError("It is not here.")

    before = write_notebook(places, "x = 1")
    outcome = ended("--refresh", check_data=no_mnist)
    assert_refused(outcome, "executed on MNIST only. It is not here.")
    assert places.notebook.read_bytes() == before


def test_relative_data_folder_means_the_same_to_the_check_and_to_the_notebook(
    places: Places, ended: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_ROOT", "here")
    write_notebook(places, "import os; assert os.path.isabs(os.environ['MNIST_ROOT'])")
    assert ended("--refresh").code == 0
    assert os.environ["MNIST_ROOT"] == str((tmp_path / "here").resolve())


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"cells": 5}', b"not a notebook"])
def test_notebook_that_cannot_be_read_is_one_sentence(
    places: Places, ended: Ended, content: bytes | None
) -> None:
    if content is not None:
        places.notebook.write_bytes(content)
    assert_refused(ended(), "small.ipynb")


def write_executed(places: Places, data: str = "MNIST") -> None:
    """A notebook with a figure for the README, as if it had been executed, and an older figure."""
    write_notebook(places, FIGURE)
    notebook = nbformat.read(places.notebook, as_version=4)
    notebook.cells[1].metadata.picture = "end.png"
    notebook.cells[1].outputs = [new_output("display_data", {"image/png": png(BLUE)})]
    notebook.cells[2].outputs = [new_output("stream", text=f"data: {data}")]
    nbformat.write(notebook, places.notebook)
    (places.pictures / "end.png").write_bytes(b"an older picture")


def test_refresh_keeps_the_notebook_if_it_ran_on_other_data(
    places: Places, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_notebook, "execute", lambda *_: [])
    write_executed(places, "other")
    before = places.notebook.read_bytes()
    assert_refused(ended("--refresh"), "did not run on MNIST")
    assert places.notebook.read_bytes() == before


def files_below(root: Path) -> set[tuple[str, bytes]]:
    """Names and contents."""
    return {(path.name, path.read_bytes()) for path in root.rglob("*") if path.is_file()}


Written = Callable[[Callable[[], object], int, str], tuple[Outcome, set[str]]]


@pytest.fixture
def written(places: Places, ended: Ended, monkeypatch: pytest.MonkeyPatch) -> Written:
    """What is said, and which files become others, if something happens while they are written."""

    def called(do: Callable[[], object], call: int, option: str) -> tuple[Outcome, set[str]]:
        monkeypatch.setattr(run_notebook, "execute", lambda *_: [])
        write_executed(places)
        before = files_below(places.notebook.parent)
        at_sync(monkeypatch, call, do)
        outcome = ended(*option.split())
        return outcome, {name for name, _ in files_below(places.notebook.parent) ^ before}

    return called


RUN_AND_REFRESH = {"": {"small.ipynb", "small.html"}, "--refresh": {"small.ipynb", "end.png"}}


@pytest.mark.parametrize("option", RUN_AND_REFRESH)
@pytest.mark.parametrize("call", [1, 2])  # one for each file
def test_stop_while_files_are_written_comes_too_late(
    written: Written, call: int, option: str
) -> None:
    outcome, changed = written(lambda: signal.raise_signal(signal.SIGINT), call, option)
    assert (outcome.code, outcome.err) == (0, "")
    assert changed == RUN_AND_REFRESH[option]
    assert {Path(name).name for name in re.findall("wrote (.*)", outcome.out)} == changed


@pytest.mark.parametrize("option", RUN_AND_REFRESH)
def test_disk_that_fills_up_leaves_files_as_they_were(written: Written, option: str) -> None:
    def fill_up() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    outcome, changed = written(fill_up, 2, option)  # with the second file
    assert_refused(outcome, os.strerror(errno.ENOSPC))
    assert changed == set()
