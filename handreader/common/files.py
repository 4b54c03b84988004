"""Writing files so that a crash, a full disk or Ctrl-C never costs what was there before."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

from handreader.common.errors import UserError

PART = ".part"  # at the end of a temporary file's name, before which there is that of the file


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Let `write` fill a temporary file, then rename it, so that `path` is always whole."""
    path = Path(path)
    with naming(path), beside(path, f".{secrets.token_hex(4)}") as file:
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


def bring_to_disk(file: BinaryIO) -> None:
    """Write what was written so far where it outlasts a crash."""
    file.flush()
    os.fsync(file.fileno())


def rename(file: BinaryIO, path: Path) -> None:
    """Give a temporary file the name that it was written for."""
    if sys.platform == "win32":
        file.close()  # nothing is renamed there while it is open
    os.replace(file.name, os.path.realpath(path))  # a link stays one


@contextmanager
def beside(path: Path, tag: str = "") -> Iterator[BinaryIO]:
    """A file in the same folder that ends with this process; what others left there goes, too.

    Without a tag, there is one at a time.
    """
    check_ordinary(path)
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target)
    temporary = target.with_name(f".{target.name}{tag}{PART}")
    try:
        with own(temporary, path) as file:
            try:
                file.truncate(0)
                yield file
            finally:
                if sys.platform == "win32":
                    file.close()  # nothing is removed there while it is open
                with suppress(OSError):  # it has its name by now, or is left to the next save
                    temporary.unlink()
    except KeyboardInterrupt:  # it may have come while the file was begun, or removed
        sweep(target)
        raise


def sweep(target: Path) -> None:
    """Remove what processes left that were killed while they wrote that file."""
    for left in target.parent.glob(f".{escape(target.name)}*{PART}"):
        with suppress(OSError), left.open("r+b") as file:
            lock(file)  # an error if its process lives
            if sys.platform == "win32":
                file.close()
            left.unlink()


def own(temporary: Path, path: Path) -> BinaryIO:
    """Open a file that no other process has until it is closed."""
    while True:
        with ExitStack() as closing:
            file = closing.enter_context(temporary.open("ab"))
            try:
                lock(file)
            except BlockingIOError as error:
                text = f"{path} is being written by another program: name another."
                raise UserError(text) from error
            except OSError:
                pass  # a file system without locks
            if temporary.exists():  # nobody swept it up before it was locked
                closing.pop_all()
                return file


def lock(file: BinaryIO) -> None:
    """Have a file for this process alone until it is closed, however the process ends."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


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
                file = stack.enter_context(beside(path, f".{secrets.token_hex(4)}"))
                file.write(content)
                bring_to_disk(file)
            files[path] = file
        for path, file in files.items():
            with naming(path):
                rename(file, path)


def check_writable(path: str | Path) -> None:
    """Find out before the work, not after it, that its result could not be written."""
    path = Path(path)
    with refusing(path), beside(path, f".{secrets.token_hex(4)}") as file:
        fill(file, 1)


def check_replaceable(path: str | Path, is_ours: Callable[[Path], bool], what: str) -> None:
    """Refuse to replace a file that this project didn't make; an empty one loses nothing."""
    path = Path(path)
    if path.exists() and path.stat().st_size and not is_ours(path):
        raise UserError(
            f"{path} exists and is not {what}, so it is kept: name another file, or move that one."
        )


@contextmanager
def reserved(path: Path, size: int) -> Iterator[BinaryIO]:
    """Keep room for a file, and keep others from it who want to reserve it, too."""
    with ExitStack() as stack:
        with refusing(path):
            file = stack.enter_context(beside(path))
            fill(file, size)
        yield file


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Say of which file it is that it can't be written."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}).") from error


def fill(file: BinaryIO, size: int) -> None:
    """Find out whether there is room for so many bytes: they are on the disk now."""
    file.write(bytes(size))
    bring_to_disk(file)


def check_ordinary(path: Path) -> None:
    """Refuse to put a file in the place of a folder or a device, which a rename would do."""
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file to be written.")
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not an ordinary file: name another.")
