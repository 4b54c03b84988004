"""Answers for one picture, in words and as JSON: what was read, or what went wrong."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2

from handreader.common.errors import PictureError, UserError
from handreader.reader import Seen
from handreader.results import Page


@dataclass(frozen=True)
class Answer:
    """The answer for one picture, in words and as plain values; it may be an error."""

    name: str
    words: str
    values: dict
    digits: int = 0  # the number of digits read
    is_error: bool = False

    def to_dict(self) -> dict:
        """Return the file's name and the answer as plain values, ready for JSON."""
        name = self.name.encode("utf-8", "backslashreplace")  # JSON allows no lone surrogates
        return {"file": name.decode("utf-8")} | self.values

    def as_json(self) -> str:
        """Return the answer as one line of JSON."""
        return json.dumps(self.to_dict())


def answer_of(name: str, look: Callable[[str], Seen]) -> Answer:
    """Return the answer for one picture; an error becomes an answer, so that others can follow."""
    try:
        with library_errors_explained():
            return answer_for(name, look(name))
    except UserError as error:
        return Answer(name, f" {error}", {"error": str(error)}, is_error=True)


def answer_for(name: str, seen: Seen) -> Answer:
    """Return the answer for a picture that was read."""
    if isinstance(seen, Page):
        count = sum(len(line.digits) for line in seen.lines)
        return Answer(name, in_place(seen), seen.to_dict(), count)
    _, reading = seen
    return Answer(name, f" {reading}", reading.to_dict(), digits=1)


def in_place(page: Page) -> str:
    """Format a page to follow its picture's name: one line beside it, several below it."""
    return f" {page}" if len(page.lines) == 1 else f"\n{page}"


@contextmanager
def library_errors_explained() -> Iterator[None]:
    """Turn errors of files, memory and OpenCV into a PictureError with advice."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise PictureError(f"can't be read ({error.strerror or error}).") from error
    except Exception as error:
        if is_of_memory(error):
            raise PictureError("is too large for this machine's memory: reduce it.") from error
        if isinstance(error, cv2.error):
            raise PictureError("shows what can't be read: crop it.") from error
        raise


def is_of_memory(error: Exception) -> bool:
    """Tell whether memory ran out; OpenCV and PyTorch have no error type for that."""
    return isinstance(error, MemoryError) or "memory" in str(error).lower()
