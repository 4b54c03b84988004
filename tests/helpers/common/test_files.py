"""Whether a file could be written is known before the work, and asking changes nothing."""

import errno
import os
import sys
from pathlib import Path

import pytest

from helpers.common.errors import UserError
from helpers.common.files import check_writable, write_text


def assert_unwritable(path: Path, reason: str) -> None:
    """One sentence that names the file."""
    with pytest.raises(UserError) as caught:
        check_writable(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert reason in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("kind", [str, Path])
def test_file_that_can_be_written_passes_and_leaves_no_trace(tmp_path: Path, kind: type):
    check_writable(kind(tmp_path / "new.pt"))
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_there_stays_as_it_is(tmp_path: Path):
    path = write_text(tmp_path / "old.pt", "old")
    before = path.stat()
    check_writable(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_is_missing_is_no_obstacle(tmp_path: Path):
    path = tmp_path / "deep" / "er" / "new.pt"
    check_writable(path)
    assert not path.exists()
    assert write_text(path, "new").read_text(encoding="utf-8") == "new"


def test_folder_is_no_file(tmp_path: Path):
    assert_unwritable(tmp_path, "is a folder")


def test_nothing_can_be_written_below_a_file(tmp_path: Path):
    path = write_text(tmp_path / "file", "text")
    assert_unwritable(path / "new.pt", "can't be written")
    assert_unwritable(path / "deep" / "new.pt", "can't be written")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folders")
def test_folder_can_be_read_only(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert_unwritable(closed / "new.pt", os.strerror(errno.EACCES))


def test_disk_can_be_read_only_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "open", refuse)
    assert_unwritable(tmp_path / "new.pt", os.strerror(errno.EROFS))


def test_link_stays_a_link_and_leads_to_the_new_content(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old", encoding="utf-8")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("links are not allowed here")
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such thing as a pipe with a name here")
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for write in (check_writable, lambda path: write_text(path, "new")):
        with pytest.raises(UserError, match="not an ordinary file"):
            write(pipe)
    assert pipe.is_fifo()
