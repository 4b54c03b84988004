"""What all command lines share: one sentence for an error, no traceback, honest exit codes."""

import argparse
import math
import os
import re
import signal
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from helpers.common.errors import UserError

LARGEST_NUMBER = 1e30  # far beyond any use, and a network can still compute with it in 32 bits
WHOLE = re.compile(r"-?[0-9]{1,18}")  # thousands of figures would take long to convert
FAILED = 1
WRONG_OPTIONS = 2  # what argparse, too, ends with
INTERRUPTED = 130  # what shells expect of a program that was stopped with Ctrl-C


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the options and where to read on."""
        self.exit(WRONG_OPTIONS, f"{self.prog}: {message}; see --help.\n")


def whole_number(lowest: int, highest: int = 2**31 - 1) -> Callable[[str], int]:
    """The type of an option that takes a whole number within limits."""

    def convert(text: str) -> int:
        value = int(text) if WHOLE.fullmatch(text) else None
        if value is None or not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(
                f"'{text}' is not a whole number from {lowest} to {highest}"
            )
        return value

    return convert


def positive_number(text: str) -> float:
    """The type of an option that takes a number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number above 0 and up to {LARGEST_NUMBER:g}"
        )
    return value


def prepare() -> None:
    """Before PyTorch is imported: threads that wait don't spin, and Ctrl-C is quiet.

    Spinning threads make each other wait for seconds when anything else computes.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # importing PyTorch takes seconds


def work_in(folder: Path) -> None:
    """Go to a folder; a relative MNIST_ROOT still means what it meant to the caller."""
    if root := os.environ.get("MNIST_ROOT"):
        os.environ["MNIST_ROOT"] = str(Path(root).resolve())
    os.chdir(folder)


def interruptible() -> None:
    """From now on, Ctrl-C and a request to end are both a KeyboardInterrupt."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def uninterruptible() -> None:
    """Let what follows come to its end: impatience must not cost what is being saved."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def interrupt(*_: object) -> None:
    """What a signal does."""
    raise KeyboardInterrupt


def run(main: Callable[[], int], stopped: str = "Stopped by you.") -> NoReturn:
    """Call `main` and end the program with its exit code, whatever happens."""
    mend_streams()
    sys.exit(exit_code(main, stopped))


def mend_streams() -> None:
    """Let nothing fail because the caller has closed a stream, or a terminal lacks a sign."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # another sign is shown


def exit_code(main: Callable[[], int], stopped: str) -> int:
    """What `main` returns, or what stands for the error that it ends with, which is told."""
    try:
        code = main()
        sys.stdout.flush()
    except UserError as error:
        code = complain(str(error), FAILED)
    except KeyboardInterrupt:
        code = complain(stopped, INTERRUPTED)
    except BrokenPipeError:  # whoever was reading has gone: `| head` does that
        code = FAILED
        drop_rest()
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        code = complain(f"{what}{error.strerror or error}.", FAILED)
        drop_rest()
    return code


def drop_rest() -> None:
    """Give up what cannot be written, or Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(sentence: str, code: int) -> int:
    """Say it once, even where several processes have the same to say."""
    if os.environ.get("RANK", "0") == "0":
        print(sentence, file=sys.stderr)
    return code
