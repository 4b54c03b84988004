"""What `predict.py` does: find the pictures, read them, and say what they show."""

import io
import json
import os
import sys
import unicodedata
import warnings
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from helpers.common import command_line
from helpers.common.errors import UserError
from helpers.common.files import check_writable, write_atomically
from helpers.common.progress import progress_bar
from helpers.reading import picture_files
from helpers.reading.digit import Steps
from helpers.reading.door import DIGIT_WEIGHTS, PictureReader, View
from helpers.reading.numbers import Page
from helpers.reading.picture_files import PictureError
from helpers.reading.reader import Reading

if TYPE_CHECKING:  # importing it takes a second, and few ask for a figure
    from matplotlib.figure import Figure

MOST_DRAWN = 20  # pictures of one digit whose steps fit into one figure
DOTS_AN_INCH = 120  # of a figure: its smallest print, in points of 1/72 inch, can be read


@dataclass(frozen=True)
class Answer:
    """What is said of one picture, in words and as plain values; it may be what is wrong."""

    name: str
    words: str
    values: dict
    is_error: bool = False

    def as_dict(self) -> dict:
        """Plain values, ready for JSON."""
        name = self.name.encode("utf-8", "backslashreplace")  # strict readers want whole signs
        return {"file": name.decode("utf-8")} | self.values


def refusal(name: str, error: UserError) -> Answer:
    """The answer for a picture that can't be read."""
    return Answer(name, f" {error}", {"error": str(error)}, is_error=True)


class Looker:
    """Looks at one picture after the other, and keeps what is to be drawn."""

    def __init__(self, reader: PictureReader, view: View, keep: bool = False):
        self.reader, self.view, self.keep = reader, view, keep
        self.digits: list[tuple[str, Steps, Reading]] = []
        self.pages: list[tuple[np.ndarray, Page]] = []

    def answer(self, name: str) -> Answer:
        """What is said of one picture; a UserError is raised if it can't be read."""
        picture = picture_of(name)
        seen = self.reader.look(picture, self.view)
        if isinstance(seen, Page):
            self.pages += [(picture, seen)] if self.keep else []
            return Answer(name, in_place(seen), seen.as_dict())
        steps, reading = seen
        self.digits += [(legible(name), steps, reading)] if self.keep else []
        return Answer(name, f" {reading}", reading.as_dict())

    def figure(self) -> "Figure":
        """The steps that pictures of one digit went through, or a page with its digits in boxes."""
        from helpers import plotting

        for picture, page in self.pages:
            return plotting.show_page(picture, page.lines)
        return plotting.show_steps(self.digits)


def in_place(page: Page) -> str:
    """What a page says, behind the name of its picture: one line there, several below it."""
    return f" {page}" if len(page.lines) == 1 else f"\n{page}"


def carry_out(options: Namespace, usual: Path = DIGIT_WEIGHTS) -> int:
    """Do what the command line asks for; the exit code is returned."""
    names = [name for given in options.images for name in files_of(given)]
    network = options.model or usual
    if options.show:
        check_figure(options.show, [*names, network])
        check_count(len(names), options.view)
    looker = Looker(PictureReader.load(network), options.view, keep=bool(options.show))
    command_line.interruptible()
    failed = [answer.is_error for answer in tell_all(names, looker, options.json)]
    if options.show and not all(failed):
        write_figure(options.show, looker.figure())
    return int(any(failed))


def tell_all(names: list[str], looker: Looker, as_json: bool) -> Iterator[Answer]:
    """Say every answer as soon as it is known, and hand it on."""
    with progress_bar(len(names), "reading", "picture") as bar:
        for name in names:
            answer = answer_of(name, looker)
            bar.clear()
            tell(answer, as_json)
            yield answer
            bar.update()
            command_line.heed()


def answer_of(name: str, looker: Looker) -> Answer:
    """The answer for one picture, whatever goes wrong: others are waiting."""
    try:
        with trouble_as_sentence():
            return looker.answer(name)
    except UserError as error:
        return refusal(name, error)


def files_of(given: str) -> Iterator[str]:
    """A file, or the pictures in a folder; a folder without any is left to be complained about."""
    inside = []
    try:
        if is_folder(given):
            inside = [each for each in Path(given).iterdir() if is_picture(each)]
    except OSError:
        yield given
    else:
        yield from sorted(map(str, inside)) or [given]


def is_folder(name: str) -> bool:
    """Whether that is a folder and not a file, or the standard input."""
    return name != "-" and Path(name).is_dir()


def is_picture(path: Path) -> bool:
    """Whether a file in a folder is meant, going by its name."""
    wanted = path.suffix.lower() in picture_files.SUFFIXES and not path.name.startswith(".")
    return wanted and not path.is_dir()


def check_figure(path: str, read: list[str | Path]) -> None:
    """Find out before the work whether the figure can be written, and over nothing that is read."""
    check_writable(path)
    if any(is_same(path, each) for each in read):
        raise UserError(f"{path} is read, so it can't be written: name another file.")


def check_count(count: int, view: View) -> None:
    """Find out before the work whether all pictures fit into one figure."""
    if count > (MOST_DRAWN if view == "digit" else 1):
        raise UserError(
            f"--show draws one picture, or up to {MOST_DRAWN} with --digit: name fewer."
        )


def is_same(one: str, other: str | Path) -> bool:
    """Whether two names are those of the same file, if there is one."""
    try:
        return os.path.samefile(one, 0 if other == "-" else other)  # 0 is the standard input
    except (OSError, ValueError):
        return False


def picture_of(name: str) -> np.ndarray:
    """The picture in a file or on the standard input as (high, wide, 3) bytes."""
    if is_folder(name):
        next(Path(name).iterdir(), None)  # it may be forbidden
        raise PictureError("there is no picture in this folder.")
    return picture_files.open_picture(io.BytesIO(from_stdin()) if name == "-" else name)


@contextmanager
def trouble_as_sentence() -> Iterator[None]:
    """Turn what the machine may lack, and what libraries refuse, into what to say of a picture."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise PictureError(f"can't be read ({error.strerror or error}).") from error
    except (MemoryError, RuntimeError, cv2.error) as error:
        if is_of_memory(error):
            raise PictureError("is too large for this machine's memory: reduce it.") from error
        if isinstance(error, cv2.error):
            raise PictureError("shows what can't be read: crop it.") from error
        raise


def is_of_memory(error: Exception) -> bool:
    """Whether there was too little memory; OpenCV and PyTorch have no error of their own for it."""
    return isinstance(error, MemoryError) or "memory" in str(error).lower()


def from_stdin(most: int = picture_files.MAX_FILE_BYTES) -> bytes:
    """All that comes, up to the size of the largest file that is read."""
    if sys.stdin is None:
        raise PictureError("is closed.")
    content = sys.stdin.buffer.read(most + 1)
    if not content:
        raise PictureError("is empty.")
    if len(content) > most:
        raise PictureError(f"is larger than {most // 2**20} MB: reduce it.")
    return content


def tell(answer: Answer, as_json: bool) -> None:
    """Say it to people or to programs; what went wrong goes to the error stream, too."""
    in_words = f"{legible(answer.name)}:{answer.words}"
    if answer.is_error:
        print(in_words, file=sys.stderr)
    if as_json:
        print(json.dumps(answer.as_dict()))
    elif not answer.is_error:
        print(in_words)
    sys.stdout.flush()


def legible(name: str) -> str:
    """A file's name without what would break the line or command the terminal."""
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign)[0] == "C" else sign
        for sign in name
    )


def write_figure(path: str, figure: "Figure") -> None:
    """Write what --show asks for, as PNG."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no font has every sign that names may have
        write_atomically(path, lambda file: figure.savefig(file, format="png", dpi=DOTS_AN_INCH))
