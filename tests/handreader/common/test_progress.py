"""A progress bar shows itself where somebody watches, and nowhere else."""

import contextlib
import io
import subprocess
import sys
import threading

import pytest
from support import ROOT, Screen
from tqdm.auto import tqdm

from handreader.common.progress import progress_bar


def shown(stream: io.StringIO, count: int = 3, unit: str = "batch", **more: bool) -> str:
    """What becomes visible on the error stream while a bar of so many goes to its end."""
    with contextlib.redirect_stderr(stream), progress_bar(count, "train", unit, **more) as bar:
        bar.update(count)
        bar.refresh()
    return stream.getvalue()


@pytest.fixture(autouse=True)
def bars_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may want no bars."""
    monkeypatch.delenv("TQDM_DISABLE", raising=False)


@pytest.mark.parametrize("disabled", ["", "0"])
def test_terminal_shows_how_far_it_has_come(disabled: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TQDM_DISABLE", disabled)
    text = shown(Screen(), 1200, unit="batch")
    assert "train: 100%" in text
    assert "1200/1200" in text
    assert "batch/s" in text


def test_no_thread_is_begun_that_a_stop_could_disturb(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tqdm, "monitor", None)  # as before the first bar
    before = set(threading.enumerate())
    with contextlib.redirect_stderr(Screen()), progress_bar(3, "train", "batch"):
        assert set(threading.enumerate()) == before


def test_bytes_are_counted_in_thousands_and_nothing_of_a_bar_stays():
    text = shown(Screen(), 1200, unit="B", in_bytes=True)
    assert "1.20k/1.20k" in text
    assert text.endswith("\r")
    assert text.split("\r")[-2].isspace()


@pytest.mark.parametrize(
    ("stream", "disabled"), [(Screen, "1"), (io.StringIO, "1"), (io.StringIO, "")]
)
def test_bar_stays_hidden_where_nobody_watches_or_wants_it(
    stream: type[io.StringIO], disabled: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TQDM_DISABLE", disabled)
    assert shown(stream()) == ""


def test_notebook_shows_it_although_its_streams_are_no_terminal():
    code = (
        "import ipykernel.zmqshell\n"
        "from handreader.common.progress import progress_bar\n"
        "from tqdm.notebook import tqdm_notebook\n"
        "bar = progress_bar(3, 'train', 'batch')\n"
        "print(isinstance(bar, tqdm_notebook), bar.disable)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "True False"
