"""Writing files so that a crash, a full disk or Ctrl-C never costs what was there before."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from helpers.common.errors import UserError


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Let `write` fill a temporary file, then rename it, so that `path` is always whole."""
    path = Path(path)
    target = Path(os.path.realpath(path))  # a link stays one, and leads to the new content
    check_ordinary(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk doesn't say for which file
        raise
    return path


def write_text(path: str | Path, text: str) -> Path:
    """Write text as UTF-8 with plain newlines, the same bytes on every system."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write what is there already, whole or not at all."""
    return write_atomically(path, lambda file: file.write(content))


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write all of these files or none: each is on the disk before the first gets its name."""
    if not contents:
        return
    (path, content), *others = contents.items()

    def write(file: BinaryIO) -> None:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        write_together(dict(others))

    write_atomically(path, write)


def check_writable(path: str | Path) -> None:
    """Find out before the work, not after it, that its result could not be written."""
    path = Path(path)
    try:
        check_ordinary(path)
        trial = Path(os.path.realpath(path)).with_name(f".{secrets.token_hex(4)}.try")
        write_atomically(trial, lambda file: file.write(b"?")).unlink()
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}).") from error


def check_ordinary(path: Path) -> None:
    """Refuse to put a file in the place of a folder or a device, which a rename would do."""
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file to be written.")
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not an ordinary file: name another.")
