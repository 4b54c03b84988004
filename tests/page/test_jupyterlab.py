"""The pad in JupyterLab itself: drawn on in a cell's output, its pixels in the kernel."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browsers import resting_box, until
from nbformat.v4 import new_code_cell, new_notebook
from support import ROOT

pytest.importorskip("anywidget", reason="the notebook's pad needs anywidget")
playwright = pytest.importorskip("playwright.sync_api", reason="a browser needs Playwright")

PATIENCE = 180  # seconds, on a busy machine
SHOW = f"""import sys; sys.path.insert(0, {str(ROOT)!r})
from helpers import checkpoints
from page.notebook import Pad
pad = Pad(checkpoints.load({str(ROOT / "weights" / "cnn.pt")!r}))
pad"""
TELL = 'print("ink", pad.picture.shape, pad.picture.max())'


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a notebook with a pad, in a JupyterLab of its own."""
    cells = [new_code_cell(source) for source in (SHOW, TELL)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})  # or it is asked for
    nbformat.write(notebook, tmp_path / "pad.ipynb")
    address = f"http://127.0.0.1:{(port := free_port())}"
    options = ("--no-browser", "--allow-root", f"--port={port}", f"--notebook-dir={tmp_path}")
    quiet = ("--IdentityProvider.token=", "--LabApp.news_url=None")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, *quiet],
        env=os.environ | {"no_proxy": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(f"{address}/api", server)
    yield f"{address}/lab/tree/pad.ipynb?reset"
    server.terminate()
    with suppress(subprocess.TimeoutExpired):  # sometimes it never ends, though its kernels have
        server.wait(PATIENCE / 6)
    server.kill()
    server.wait()


def wait_for(address: str, server: subprocess.Popen) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + PATIENCE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        assert time.monotonic() < end
        assert server.poll() is None
        with suppress(OSError):
            return opener.open(address, timeout=5).close()
        time.sleep(0.2)


def run_until_seen(cell: Any, wanted: Any) -> None:
    """Run a cell, and again if nothing is seen: JupyterLab drops keys while it still loads."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        cell.locator(".cm-content").click()
        cell.page.keyboard.press("Shift+Enter")
        with suppress(playwright.TimeoutError):
            return wanted.wait_for(timeout=1000 * PATIENCE / 6)
    raise AssertionError(f"nothing to see after the cell was run: {cell.inner_text()}")


def test_pad_is_drawn_on_in_jupyterlab_and_its_pixels_are_in_the_kernel(
    new_context: Any, lab: str
) -> None:
    tab = new_context(viewport={"width": 1280, "height": 1000}).new_page()
    tab.set_default_timeout(1000 * PATIENCE)
    tab.goto(lab)
    cells = tab.locator(".jp-Notebook .jp-CodeCell")
    cells.nth(1).wait_for()
    until(tab, "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status==='idle'")
    pad = tab.locator(".digit-pad canvas.pad")
    run_until_seen(cells.first, pad)
    box = resting_box(tab, pad)
    tab.mouse.move(box["x"] + 80, box["y"] + 40)
    tab.mouse.down()
    for x, y in ((200, 42), (150, 150), (120, 240)):
        tab.mouse.move(box["x"] + x, box["y"] + y, steps=5)
    tab.mouse.up()
    until(tab, "document.querySelector('.digit-pad .answer').textContent.startsWith('7')")
    tab.wait_for_timeout(500)  # Python is usually told by then; if not, the cell is run again
    printed = cells.nth(1).locator(".jp-OutputArea-output", has_text="ink (28, 28) 255")
    run_until_seen(cells.nth(1), printed)
