"""Write files so that a crash, a full disk or Ctrl-C never destroys what was there before."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from handreader.common.errors import UserError


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Let `write` fill a temporary file, then rename it: `path` is never half written."""
    path = Path(path)
    with naming(path), temporary_file(path) as file:
        write(file)
        bring_to_disk(file)
        rename(file, path)
    return path


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name this file in an OSError, which else names a temporary file, or none (full disk)."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def temporary_file(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file in the same folder, and delete it at the end if not renamed."""
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file to be written.")
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not an ordinary file: name another.")
    folder = Path(os.path.realpath(path)).parent
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield cast(BinaryIO, file)
        finally:
            file.close()  # on Windows, nothing is deleted while it is open
            Path(file.name).unlink(missing_ok=True)


def bring_to_disk(file: BinaryIO) -> None:
    """Force what was written onto the disk, so that it survives a crash."""
    file.flush()
    os.fsync(file.fileno())


def rename(file: BinaryIO, path: Path) -> None:
    """Give a temporary file its final name and the usual permissions."""
    umask = os.umask(0)
    os.umask(umask)
    with suppress(OSError):  # not every file system knows permissions
        os.chmod(file.name, 0o666 & ~umask)
    file.close()  # on Windows, nothing is renamed while it is open
    os.replace(file.name, os.path.realpath(path))  # a symbolic link stays a link


def write_text(path: str | Path, text: str) -> Path:
    """Write text as UTF-8 with plain newlines, the same bytes on every system."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write bytes to a file, completely or not at all."""
    return write_atomically(path, lambda file: file.write(content))


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write all of these files or none: all are on the disk before the first is renamed."""
    files = []
    with ExitStack() as stack:
        for path, content in contents.items():
            with naming(path):
                files.append(stack.enter_context(temporary_file(path)))
                files[-1].write(content)
                bring_to_disk(files[-1])
        for file, path in zip(files, contents, strict=True):
            with naming(path):
                rename(file, path)


def check_writable(path: str | Path) -> None:
    """Check before the work that its result can be written; raise UserError if not."""
    path = Path(path)
    try:
        with temporary_file(path) as file:
            file.write(b"\0")
            bring_to_disk(file)
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}).") from error


def check_replaceable(path: str | Path, is_ours: Callable[[Path], bool], what: str) -> None:
    """Refuse to replace a file that isn't ours; an empty one loses nothing."""
    path = Path(path)
    if path.exists() and path.stat().st_size and not is_ours(path):
        raise UserError(
            f"{path} exists and is not {what}, so it is kept: name another file, or move that one."
        )
