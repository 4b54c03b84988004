"""Writing files so that a crash, a full disk or Ctrl-C never costs what was there before."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from handreader.common.errors import UserError

PART = ".part"  # at the end of a temporary file's name, before which there is that of the file


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Let `write` fill a temporary file, then rename it, so that `path` is always whole."""
    path = Path(path)
    with naming(path), temporary_file(path) as file:
        write(file)
        bring_to_disk(file)
        rename(file, path)
    return path


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say for which file there is trouble: a full disk doesn't, and nobody knows temporary ones."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def temporary_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file in the same folder that is gone at the end, unless it was renamed."""
    check_ordinary(path)
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    file = NamedTemporaryFile(  # noqa: SIM115, it is closed below
        dir=target.parent, prefix=f".{target.name}.", suffix=PART, delete=False
    )
    try:
        yield cast(BinaryIO, file)
    finally:
        file.close()
        with suppress(OSError):  # it has its name by now
            os.unlink(file.name)


def bring_to_disk(file: BinaryIO) -> None:
    """Write what was written so far where it outlasts a crash."""
    file.flush()
    os.fsync(file.fileno())


def rename(file: BinaryIO, path: Path) -> None:
    """Give a temporary file the name that it was written for, and the usual permissions."""
    umask = os.umask(0)
    os.umask(umask)
    with suppress(OSError):  # not every file system knows permissions
        os.chmod(file.name, 0o666 & ~umask)
    file.close()  # on Windows, nothing is renamed while it is open
    os.replace(file.name, os.path.realpath(path))  # a link stays one


def write_text(path: str | Path, text: str) -> Path:
    """Write text as UTF-8 with plain newlines, the same bytes on every system."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write what is there already, whole or not at all."""
    return write_atomically(path, lambda file: file.write(content))


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write all of these files or none: each is on the disk before the first gets its name."""
    with ExitStack() as stack:
        files = {}
        for path, content in contents.items():
            with naming(path):
                file = stack.enter_context(temporary_file(path))
                file.write(content)
                bring_to_disk(file)
            files[path] = file
        for path, file in files.items():
            with naming(path):
                rename(file, path)


def check_writable(path: str | Path) -> None:
    """Find out before the work, not after it, that its result could not be written."""
    path = Path(path)
    try:
        with temporary_file(path) as file:
            file.write(b"\0")
            bring_to_disk(file)
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}).") from error


def check_replaceable(path: str | Path, is_ours: Callable[[Path], bool], what: str) -> None:
    """Refuse to replace a file that this project didn't make; an empty one loses nothing."""
    path = Path(path)
    if path.exists() and path.stat().st_size and not is_ours(path):
        raise UserError(
            f"{path} exists and is not {what}, so it is kept: name another file, or move that one."
        )


def check_ordinary(path: Path) -> None:
    """Refuse to put a file in the place of a folder or a device, which a rename would do."""
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file to be written.")
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not an ordinary file: name another.")
