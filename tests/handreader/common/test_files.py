"""Whether a file could be written is known before the work, and asking changes nothing."""

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

import pytest
from support import at_sync

from handreader.common import files
from handreader.common.errors import UserError
from handreader.common.files import (
    check_writable,
    write_atomically,
    write_text,
    write_together,
)


def assert_unwritable(path: Path, reason: str) -> None:
    """One sentence that names the file."""
    with pytest.raises(UserError) as caught:
        check_writable(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert reason in message
    assert message.endswith(".")
    assert "\n" not in message


def test_file_that_can_be_written_passes_and_nothing_changes(tmp_path: Path):
    path = write_text(tmp_path / "old.pt", "old")
    before = path.stat()
    check_writable(path)
    check_writable(str(tmp_path / "new.pt"))
    check_writable(tmp_path / "deep" / "er" / "new.pt")
    assert path.read_text(encoding="utf-8") == "old"
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


def test_nothing_can_be_written_to_a_folder_or_below_a_file(tmp_path: Path):
    assert_unwritable(tmp_path, "is a folder")
    path = write_text(tmp_path / "file", "text")
    assert_unwritable(path / "deep" / "new.pt", "can't be written")


def test_disk_can_be_read_only_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(files, "NamedTemporaryFile", refuse)
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


def test_writing_creates_folders_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "file"
    assert write_atomically(path, lambda file: file.write(b"old")) == path
    write_text(path, "né\n")
    assert path.read_bytes() == b"n\xc3\xa9\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_failure_while_writing_keeps_the_old_content(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def break_off(file: BinaryIO) -> None:
        file.write(b"half of the new")
        file.flush()
        raise error

    with pytest.raises(type(error)) as caught:
        write_atomically(path, break_off)
    assert getattr(caught.value, "filename", str(path)) == str(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_new_file_may_be_read_by_whom_any_new_file_may(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    path = write_text(tmp_path / "file", "new")
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_content_is_on_the_disk_before_the_older_file_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = write_text(tmp_path / "file", "older"), []

    def fsync(handle: int) -> None:
        synced.append((os.fstat(handle).st_size, path.read_text(encoding="utf-8")))

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(path, "newer text")
    assert synced == [(10, "older")]


@pytest.mark.parametrize("call", range(1, 4))
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_files_that_belong_together_are_all_written_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, error: BaseException
) -> None:
    paths = [tmp_path / name for name in ("a.png", "new/b.png", "c.ipynb")]
    before = [write_text(path, "old") for path in (paths[0], paths[2])]

    def fail() -> None:
        raise error

    at_sync(monkeypatch, call, fail)
    with pytest.raises(type(error)):
        write_together(dict.fromkeys(paths, b"new"))
    assert [path.read_text(encoding="utf-8") for path in before] == ["old", "old"]
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before
    monkeypatch.undo()
    write_together(dict.fromkeys(paths, b"new"))
    assert [path.read_bytes() for path in paths] == [b"new"] * 3
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(paths)
