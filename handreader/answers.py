"""Answers for one picture, in words and as JSON: what was read, or what went wrong."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import cv2

from handreader.common.errors import UserError
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

    def as_json(self) -> str:
        """Return the file's name and the answer as one line of JSON."""
        name = self.name.encode("utf-8", "backslashreplace")  # JSON allows no lone surrogates
        return json.dumps({"file": name.decode("utf-8")} | self.values)


def answer_of(name: str, look: Callable[[str], Seen]) -> Answer:
    """Return the answer for one picture; an error becomes an answer, so that others can follow."""
    try:
        return answer_for(name, look(name))
    except Exception as error:
        sentence = explain(error)
        return Answer(name, f" {sentence}", {"error": sentence}, is_error=True)


def answer_for(name: str, seen: Seen) -> Answer:
    """Return the answer for a picture that was read."""
    if isinstance(seen, Page):
        count = sum(len(line.digits) for line in seen.lines)
        words = f" {seen}" if len(seen.lines) == 1 else f"\n{seen}"
        return Answer(name, words, seen.to_dict(), count)
    _, reading = seen
    return Answer(name, f" {reading}", reading.to_dict(), digits=1)


def explain(error: Exception) -> str:
    """Say what went wrong in one sentence; raise again what is a mistake in the program."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"can't be read ({error.strerror or error})."
    if isinstance(error, MemoryError) or "memory" in str(error).lower():  # OpenCV's and PyTorch's
        return "is too large for this machine's memory: reduce it."
    if isinstance(error, cv2.error):
        return "shows what can't be read: crop it."
    raise error
