"""Writing files so that a crash, a full disk or Ctrl-C never costs what was there before."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from helpers.errors import UserError


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Let `write` fill a temporary file, then rename it, so that `path` is always whole."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def write_text(path: str | Path, text: str) -> Path:
    """Write text as UTF-8 with plain newlines, the same bytes on every system."""
    return write_atomically(path, lambda file: file.write(text.encode("utf-8")))


def check_writable(path: str | Path) -> None:
    """Find out before the work, not after it, that its result could not be written."""
    path = Path(path)
    if path.is_dir():
        raise UserError(f"{path} is a folder: name a file to be written.")
    trial = path.with_name(f".{path.name}.try")
    try:
        write_atomically(trial, lambda file: file.write(b"?")).unlink()
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror}).") from error
