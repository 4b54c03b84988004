"""Run the command line: find the pictures, read them, and print the answers."""

import importlib.util
import os
import sys
import unicodedata
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handreader.answers import Answer, answer_of
from handreader.common.errors import PictureError, UserError
from handreader.common.files import check_replaceable, check_writable, write_atomically
from handreader.common.progress import progress_bar
from handreader.ink import picture_files
from handreader.networks import Network
from handreader.reader import Reader, Seen
from handreader.results import Page

if TYPE_CHECKING:  # importing it takes a second, and few users ask for a figure
    from matplotlib.figure import Figure

NetworkFile = Callable[[str], Network | str]
MOST_DRAWN = 20  # pictures of one digit that fit into one figure
MADE_BY = "handwritten-classifier"  # a figure's "Software" entry: such a file may be overwritten
HEAD = 1000  # bytes at the start of a PNG file that contain this entry
DOTS_AN_INCH = 120  # resolution of a figure: its smallest print is legible


def run(options: Namespace, open_network: NetworkFile = str) -> int:
    """Do what the command line asks for, and return the exit code."""
    names = [name for given in options.images for name in files_of(given)]
    if options.show:
        check_figure(options.show, names)
        if len(names) > (MOST_DRAWN if options.view == "digit" else 1):
            raise UserError(
                f"--show draws one picture, or up to {MOST_DRAWN} with --digit: name fewer."
            )
    reader = Reader(open_network(options.model)) if options.model else Reader()
    shown: list[tuple[str, np.ndarray, Seen]] = []

    def look(name: str) -> Seen:
        picture = picture_of(name)
        seen = reader.read_with_steps(picture, options.view)
        if options.show:
            shown.append((name, picture, seen))
        return seen

    failed = [tell(answer, options.json) for answer in answers(names, look)]
    if shown:
        write_figure(options.show, draw(shown))
    return int(any(failed))


def answers(names: list[str], look: Callable[[str], Seen]) -> Iterator[Answer]:
    """Yield the answer for each picture as soon as it is known, and show how many are done."""
    with progress_bar(len(names), "reading", "picture") as bar:
        for name in names:
            answer = answer_of(name, look)
            bar.clear()
            yield answer
            bar.update()


def draw(shown: list[tuple[str, np.ndarray, Seen]]) -> "Figure":
    """Draw a page with boxes round its digits, or the steps of pictures of one digit."""
    from handreader import figures

    _, picture, first = shown[0]
    if isinstance(first, Page):
        return figures.show_page(picture, first.lines)
    return figures.show_steps(
        [(legible(name), *seen) for name, _, seen in shown if not isinstance(seen, Page)]
    )


def files_of(given: str) -> list[str]:
    """Return a file's name, or those of the pictures in a folder; its own if it has none."""
    inside = []
    if is_folder(given):
        with suppress(OSError):  # `picture_of` will say why
            inside = [each for each in Path(given).iterdir() if is_picture(each)]
    return sorted(map(str, inside)) or [given]


def is_folder(name: str) -> bool:
    """Tell whether a name is that of a folder: not a file, and not standard input."""
    return name != "-" and os.path.isdir(name)


def is_picture(path: Path) -> bool:
    """Tell whether a file in a folder should be read, going by its name."""
    wanted = path.suffix.lower() in picture_files.SUFFIXES and not path.name.startswith(".")
    return wanted and not path.is_dir()


def check_figure(path: str, read: list[str]) -> None:
    """Check before the work that the figure can be drawn, and replaces only a figure of ours.

    It never replaces what is read: the shell expands `--show *.jpg` to several photos.
    """
    if any(is_same(path, each) for each in read):
        raise UserError(f"{path} is read, so it can't be written: name another file.")
    if not importlib.util.find_spec("matplotlib"):
        raise UserError("--show needs matplotlib: call pip install '.[show]' in the checkout.")
    check_writable(path)
    check_replaceable(path, is_figure, "a figure that --show drew")


def is_same(one: str, other: str) -> bool:
    """Tell whether two names are those of the same existing file."""
    try:
        return os.path.samefile(one, 0 if other == "-" else other)  # 0 is the standard input
    except (OSError, ValueError):
        return False


def is_figure(path: Path) -> bool:
    """Tell whether a file was written by `write_figure`."""
    with path.open("rb") as file:
        return f"Software\0{MADE_BY}".encode() in file.read(HEAD)


def picture_of(name: str) -> np.ndarray:
    """Return the picture in a file or on standard input as (H, W, 3) bytes."""
    if name == "-":
        if sys.stdin is None:
            raise PictureError("is closed.")
        return picture_files.open_picture(sys.stdin.buffer.read(picture_files.MAX_FILE_BYTES + 1))
    if is_folder(name):
        next(Path(name).iterdir(), None)  # raises an error if the folder can't be read
        raise PictureError("there is no picture in this folder.")
    return picture_files.open_picture(name)


def tell(answer: Answer, as_json: bool) -> bool:
    """Print an answer for people or programs, and errors to the error stream; tell if it is one."""
    in_words = f"{legible(answer.name)}:{answer.words}"
    if answer.is_error:
        print(in_words, file=sys.stderr)
    if as_json:
        print(answer.as_json())
    elif not answer.is_error:
        print(in_words)
    sys.stdout.flush()
    return answer.is_error


def legible(name: str) -> str:
    """Escape what would break the line or control the terminal in a file's name."""
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign)[0] == "C" else sign
        for sign in name
    )


def write_figure(path: str, figure: "Figure") -> None:
    """Write the figure of --show as PNG, marked as made by this program."""
    draw = partial(figure.savefig, format="png", dpi=DOTS_AN_INCH, metadata={"Software": MADE_BY})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no font has every character that names may have
        write_atomically(path, draw)
