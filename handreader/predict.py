"""Run the command line: find the pictures, read them, and print the answers."""

import importlib.util
import os
import sys
import unicodedata
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handreader.answers import Answer, answer_of
from handreader.common import command_line
from handreader.common.errors import PictureError, UserError
from handreader.common.files import check_replaceable, check_writable, write_atomically
from handreader.ink import picture_files
from handreader.ink.strokes import Steps
from handreader.networks import Network
from handreader.reader import Reader, Seen, View
from handreader.results import Page, Reading

if TYPE_CHECKING:  # importing it takes a second, and few users ask for a figure
    from matplotlib.figure import Figure

NetworkFile = Callable[[str], Network | str]
MOST_DRAWN = 20  # pictures of one digit that fit into one figure
MADE_BY = "handwritten-classifier"  # a figure's "Software" entry: such a file may be overwritten
HEAD = 1000  # bytes at the start of a PNG file that contain this entry
DOTS_AN_INCH = 120  # resolution of a figure: its smallest print is legible


class PictureReader:
    """A reader of one picture after another that keeps what is to be drawn."""

    def __init__(self, reader: Reader, view: View, keep: bool = False):
        self.reader, self.view, self.keep = reader, view, keep
        self.digits: list[tuple[str, Steps, Reading]] = []
        self.pages: list[tuple[np.ndarray, Page]] = []

    def look(self, name: str) -> Seen:
        """Read one picture; raise a UserError if it can't be read."""
        picture = picture_of(name)
        seen = self.reader.read_with_steps(picture, self.view)
        if isinstance(seen, Page):
            self.pages += [(picture, seen)] if self.keep else []
        else:
            self.digits += [(legible(name), *seen)] if self.keep else []
        return seen

    def figure(self) -> "Figure":
        """Draw a page with boxes round its digits, or the steps of pictures of one digit."""
        from handreader import figures

        for picture, page in self.pages:
            return figures.show_page(picture, page.lines)
        return figures.show_steps(self.digits)


def run(options: Namespace, open_network: NetworkFile = str) -> int:
    """Do what the command line asks for, and return the exit code."""
    names = [name for given in options.images for name in files_of(given)]
    if options.show:
        check_can_draw()
        check_figure(options.show, [*names, *([options.model] if options.model else [])])
        check_count(len(names), options.view)
    reader = Reader(open_network(options.model)) if options.model else Reader()
    looker = PictureReader(reader, options.view, keep=bool(options.show))
    failed = [answer.is_error for answer in tell_all(names, looker, options.json)]
    if options.show and not all(failed):
        write_figure(options.show, looker.figure())
    return int(any(failed))


def tell_all(names: list[str], reader: PictureReader, as_json: bool) -> Iterator[Answer]:
    """Print each answer as soon as it is known, and yield it."""
    from handreader.common.progress import progress_bar  # imported late, so that --help is quick

    with progress_bar(len(names), "reading", "picture") as bar:
        for name in names:
            answer = answer_of(name, reader.look)
            bar.clear()
            tell(answer, as_json)
            yield answer
            bar.update()
            command_line.raise_pending_stop()


def files_of(given: str) -> Iterator[str]:
    """Yield a file, or the pictures in a folder; yield the folder itself if it has none."""
    inside = []
    try:
        if is_folder(given):
            inside = [each for each in Path(given).iterdir() if is_picture(each)]
    except OSError:
        yield given
    else:
        yield from sorted(map(str, inside)) or [given]


def is_folder(name: str) -> bool:
    """Tell whether a name is that of a folder: not a file, and not standard input."""
    return name != "-" and Path(name).is_dir()


def is_picture(path: Path) -> bool:
    """Tell whether a file in a folder should be read, going by its name."""
    wanted = path.suffix.lower() in picture_files.SUFFIXES and not path.name.startswith(".")
    return wanted and not path.is_dir()


def check_figure(path: str, read: list[str | Path]) -> None:
    """Check before the work that the figure can be written, and replaces only a figure of ours.

    The shell expands `--show *.jpg` to several photos: the first would be overwritten, the others
    read.
    """
    check_writable(path)
    if any(is_same(path, each) for each in read):
        raise UserError(f"{path} is read, so it can't be written: name another file.")
    check_replaceable(path, is_figure, "a figure that --show drew")


def is_figure(path: Path) -> bool:
    """Tell whether a file was written by `write_figure`."""
    with path.open("rb") as file:
        return f"Software\0{MADE_BY}".encode() in file.read(HEAD)


def check_can_draw() -> None:
    """Refuse --show before the work where matplotlib, which draws the figure, is missing."""
    if not importlib.util.find_spec("matplotlib"):
        raise UserError("--show needs matplotlib: call pip install '.[show]' in the checkout.")


def check_count(count: int, view: View) -> None:
    """Check before the work that all pictures fit into one figure."""
    if count > (MOST_DRAWN if view == "digit" else 1):
        raise UserError(
            f"--show draws one picture, or up to {MOST_DRAWN} with --digit: name fewer."
        )


def is_same(one: str, other: str | Path) -> bool:
    """Tell whether two names are those of the same existing file."""
    try:
        return os.path.samefile(one, 0 if other == "-" else other)  # 0 is the standard input
    except (OSError, ValueError):
        return False


def picture_of(name: str) -> np.ndarray:
    """Return the picture in a file or on standard input as (H, W, 3) bytes."""
    if is_folder(name):
        next(Path(name).iterdir(), None)  # raises an error if the folder can't be read
        raise PictureError("there is no picture in this folder.")
    return picture_files.open_picture(from_stdin() if name == "-" else name)


def from_stdin(most: int = picture_files.MAX_FILE_BYTES) -> bytes:
    """Read all of standard input, up to the size limit for files."""
    if sys.stdin is None:
        raise PictureError("is closed.")
    content = sys.stdin.buffer.read(most + 1)
    if len(content) > most:
        raise PictureError(f"is larger than {most // 2**20} MB: reduce it.")
    return content


def tell(answer: Answer, as_json: bool) -> None:
    """Print an answer for people or programs; errors also go to the error stream."""
    in_words = f"{legible(answer.name)}:{answer.words}"
    if answer.is_error:
        print(in_words, file=sys.stderr)
    if as_json:
        print(answer.as_json())
    elif not answer.is_error:
        print(in_words)
    sys.stdout.flush()


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
