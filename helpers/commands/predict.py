"""What `predict.py` does: find the pictures, read them, and say what they show."""

import io
import json
import os
import sys
import unicodedata
import warnings
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from helpers.common import command_line
from helpers.common.errors import UserError
from helpers.common.files import check_writable, write_atomically
from helpers.common.progress import progress_bar
from helpers.reading import picture_files
from helpers.reading.digit import ways_to_see
from helpers.reading.picture_files import PictureError
from helpers.reading.reader import WEIGHTS, Reader, Reading

BATCH = 8  # pictures read at a time: more would be no faster, and all are kept till then
MOST_SHOWN = 20  # pictures whose steps fit into one figure

Shown = list[tuple[str, object, object]]  # a name, what was made of the picture, and the reading


def answer(options: Namespace) -> int:
    """Do what the command line asks for; the exit code is returned."""
    names = [name for given in options.images for name in files_of(given)]
    model = options.model or WEIGHTS / "cnn.pt"
    if options.show:
        check_shown(options, [*names, model])
    reader = Reader.load(model)
    command_line.interruptible()
    read, size = (read_pages, 1) if options.page else (read_digits, BATCH)
    shown, failed = [], 0
    with progress_bar(len(names), "reading", "picture") as bar:
        for start in range(0, len(names), size):
            batch = names[start : start + size]
            found = [look(name, options.page) for name in batch]
            for name, (steps, result) in zip(batch, read(found, reader), strict=True):
                bar.clear()
                tell(name, result, options)
                if isinstance(result, UserError):
                    failed += 1
                elif options.show:
                    shown.append((legible(name), steps, result))
            bar.update(len(batch))
    if shown:
        draw(shown, options)
    return 1 if failed else 0


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


def check_shown(options: Namespace, read: list[str | Path]) -> None:
    """Find out before the work whether its figure can be drawn and written."""
    check_writable(options.show)
    if any(is_same(options.show, each) for each in read):
        raise UserError(f"{options.show} is read, so it can't be written: name another file.")
    count = len(read) - 1  # all but the network
    if count > MOST_SHOWN or (options.page and count > 1):
        most = "one page" if options.page else f"{MOST_SHOWN} pictures"
        raise UserError(f"--show draws at most {most}: name fewer.")


def is_same(one: str, other: str | Path) -> bool:
    """Whether two names are those of the same file, if there is one."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def look(name: str, page: bool) -> object:
    """What can be found out about a picture without the network, or the error that prevents it."""
    try:
        if is_folder(name):
            next(Path(name).iterdir(), None)  # it may be forbidden
            raise PictureError("there is no picture in this folder.")
        picture = picture_files.open_picture(io.BytesIO(from_stdin()) if name == "-" else name)
        return picture if page else ways_to_see(picture)
    except UserError as error:
        return error
    except MemoryError:
        return PictureError("is too large for this machine's memory: reduce it.")
    except OSError as error:
        return PictureError(f"can't be read ({error.strerror or error}).")


def from_stdin() -> bytes:
    """All that comes, up to the size of the largest file that is read."""
    if sys.stdin is None:
        raise PictureError("is closed.")
    content = sys.stdin.buffer.read(picture_files.MAX_FILE_BYTES + 1)
    if not content:
        raise PictureError("is empty.")
    if len(content) > picture_files.MAX_FILE_BYTES:
        raise PictureError(f"is larger than {picture_files.MAX_FILE_BYTES // 2**20} MB: reduce it.")
    return content


def read_digits(found: list, reader: Reader) -> list[tuple[object, object]]:
    """Steps and a reading for each picture that could be prepared, and the error for each other."""
    read = iter(reader.read_pictures([each for each in found if not isinstance(each, UserError)]))
    return [(each, each) if isinstance(each, UserError) else next(read) for each in found]


def read_pages(found: list, reader: Reader) -> list[tuple[object, object]]:
    """The lines on each page, or the error."""
    from helpers.reading.pages.page import read_page

    def lines(picture: object) -> object:
        try:
            return picture if isinstance(picture, UserError) else read_page(picture, reader)
        except UserError as error:
            return error

    return [(each, lines(each)) for each in found]


def tell(name: str, result: object, options: Namespace) -> None:
    """One answer, for people or for programs; what went wrong goes to the error stream."""
    shown = legible(name)
    if isinstance(result, UserError):
        print(f"{shown}: {result}", file=sys.stderr)
        if options.json:
            print(json.dumps({"file": name, "error": str(result)}))
    elif options.json:
        print(json.dumps({"file": name} | (page_dict if options.page else as_dict)(result)))
    elif options.page:
        print(f"{shown}:", *[text_of(line) for line in result], sep="\n")
    else:
        print(f"{shown}: {result}")
    sys.stdout.flush()


def legible(name: str) -> str:
    """A file's name without what would break the line or command the terminal."""
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign)[0] == "C" else sign
        for sign in name
    )


def as_dict(reading: Reading) -> dict:
    """A reading as plain values."""
    probabilities = [round(value, 4) for value in reading.probabilities]
    return {**brief(reading), "probabilities": probabilities}


def brief(reading: Reading) -> dict:
    """The part of it that matters most."""
    return {
        "digit": reading.digit,
        "confidence": round(reading.confidence, 4),
        "unsure": reading.unsure,
    }


def page_dict(lines: list) -> dict:
    """A page as plain values."""
    digits = [digit for line in lines for digit in line.digits]
    return {
        "lines": ["".join(str(digit.reading.digit) for digit in line.digits) for line in lines],
        "digits": [{**brief(digit.reading), "box": list(digit.box)} for digit in digits],
    }


def text_of(line: object) -> str:
    """A line for people: a question mark follows what is only a guess."""
    readings = [digit.reading for digit in line.digits]
    return "".join(f"{reading.digit}{'?' * reading.unsure}" for reading in readings)


def draw(shown: Shown, options: Namespace) -> None:
    """Write the figure that --show asks for."""
    from helpers import plotting

    figure = plotting.show_page(*shown[0][1:]) if options.page else plotting.show_steps(shown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no font has every sign that names may have
        write_atomically(options.show, lambda file: figure.savefig(file, format="png", dpi=120))
