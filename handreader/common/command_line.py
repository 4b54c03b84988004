"""Shared by all command lines: errors in one sentence, no traceback, honest exit codes."""

import argparse
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from handreader.common.errors import UserError

FAILED = 1
WRONG_OPTIONS = 2  # as argparse itself does
SIGNALLED = 128  # plus the signal's number: what shells expect of a program stopped by one
STOPS = [  # Ctrl-C, a request to end, a closed terminal, and Ctrl-Break on Windows
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]


class Parser(argparse.ArgumentParser):
    """A parser that reports errors in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Exit with one sentence on what is wrong with the options."""
        self.exit(WRONG_OPTIONS, f"{self.prog}: {message}; see --help.\n")


def parser_of(text: str | None) -> Parser:
    """Return a parser for a program's docstring: one line that describes it, then examples."""
    head, _, examples = (text or "").partition("\n\n")  # `python -OO` strips docstrings
    style = argparse.RawDescriptionHelpFormatter
    return Parser(description=head, epilog=examples, formatter_class=style)


def file_name(text: str) -> str:
    """Refuse an empty name for a file or folder, as an unset shell variable gives."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def whole_number(lowest: int, highest: int = 2**31 - 1) -> Callable[[str], int]:
    """Return a converter for an option that takes a whole number within limits."""

    def convert(text: str) -> int:
        with suppress(ValueError):
            if lowest <= (value := int(text)) <= highest:
                return value
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a whole number from {lowest} to {highest}"
        )

    return convert


def positive_number(text: str) -> float:
    """Convert an option that takes a number above zero."""
    with suppress(ValueError):
        if 0 < (value := float(text)) < math.inf:
            return value
    raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")


def importing() -> None:
    """Stay quiet on Ctrl-C, and report missing modules, while `python -m` imports a program."""
    if sys.argv[0] == "-m":
        os.environ.pop("MPLBACKEND", None)  # figures are for files and notebooks, not for windows
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.excepthook = tell_missing


def tell_missing(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Report an uncaught error as Python does, but a missing module in one sentence."""
    if isinstance(error, ImportError):
        complain(missing(error), FAILED)
    else:
        sys.__excepthook__(kind, error, trace)


def missing(error: ImportError) -> str:
    """Return a sentence on what to do about a module that can't be imported."""
    problem = "is not installed" if isinstance(error, ModuleNotFoundError) else "can't be loaded"
    return f"{error.name} {problem}: call 'make run', or 'pip install -r requirements.txt'."


@contextmanager
def loading() -> Iterator[None]:
    """Import slow libraries in here: a stop ends the program quietly meanwhile.

    Threads that wait won't spin either. Spinning threads make each other wait for seconds when
    anything else computes.
    """
    os.environ.pop("MPLBACKEND", None)  # figures are for files and notebooks, not for windows
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    install_handlers(signal.SIG_DFL)
    raise_pending_stop()
    yield
    interruptible()


def work_in(folder: Path) -> None:
    """Change to a folder, but first make a relative MNIST_ROOT absolute to keep its meaning."""
    if root := os.environ.get("MNIST_ROOT"):
        os.environ["MNIST_ROOT"] = str(Path(root).resolve())
    os.chdir(folder)


def interruptible() -> None:
    """Turn each stop signal from now on into a KeyboardInterrupt with its number."""
    asked.clear()
    install_handlers(partial(interrupt, os.getpid()))


def install_handlers(handler: Callable[[int, Any], None] | signal.Handlers) -> None:
    """Handle the stop signals, but leave those ignored (as by nohup) except for Ctrl-C."""
    for number in STOPS:
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def uninterruptible() -> None:
    """Ignore stop signals from now on, so that impatience can't cost what is being saved."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def unheard_by_others(*stops: int) -> Iterator[None]:
    """Block Ctrl-C, or these signals, in processes started in here: this one handles them."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # imported late: few programs need it

    resource_tracker.ensure_running()  # started later, it would unblock them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, stops or [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


asked: list[int] = []  # the signals that came: Python swallows errors raised in a destructor


def interrupt(process: int, number: int, _frame: object) -> None:
    """Handle a stop signal: note it, and raise a KeyboardInterrupt with its number.

    A forked process leaves Ctrl-C to its parent, and dies of any other stop signal.
    """
    if os.getpid() == process:
        asked.append(number)
        sys.unraisablehook = lambda _: None  # an interrupted destructor has nothing to tell
        raise KeyboardInterrupt(number)
    if number != signal.SIGINT:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


def raise_pending_stop() -> None:
    """Raise a KeyboardInterrupt if a stop was asked for, but its exception got lost."""
    if asked:
        raise KeyboardInterrupt(asked[0])


def code_of(stop: KeyboardInterrupt) -> int:
    """Return the exit code of a program that was stopped: 128 plus the signal's number."""
    return SIGNALLED + (stop.args[0] if stop.args else signal.SIGINT)


def run(main: Callable[[], int], stopped: str = "Stopped by you.") -> NoReturn:
    """Call `main` and exit with its exit code; report errors in one sentence."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the caller has closed it
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif isinstance(stream := getattr(sys, name), TextIOWrapper):
            stream.reconfigure(errors="replace")  # show another character than one it lacks
    sys.exit(exit_code(main, stopped))


def exit_code(main: Callable[[], int], stopped: str) -> int:
    """Return the exit code of `main`, or report its error and return the code for that."""
    try:
        return run_to_end(main)
    except UserError as error:
        if asked:  # the processes that made pictures were stopped, too: that is no error
            return complain(stopped, SIGNALLED + asked[0])
        return complain(str(error), FAILED)
    except ImportError as error:
        return complain(missing(error), FAILED)
    except KeyboardInterrupt as stop:
        return complain(stopped, code_of(stop))
    except OSError as error:
        drop_rest()
        if isinstance(error, BrokenPipeError):  # the reader of the pipe has gone, as with `| head`
            return FAILED
        what = f"{error.filename}: " if error.filename else ""
        return complain(f"{what}{error.strerror or error}.", FAILED)
    except Exception:
        if not asked:
            raise
        return complain(stopped, SIGNALLED + asked[0])  # a library swallowed the stop, then failed


def run_to_end(main: Callable[[], int]) -> int:
    """Run `main` and write all its output; then ignore stops, which would disturb Python's exit."""
    try:
        interruptible()
        try:
            return main()
        finally:
            sys.stdout.flush()
    finally:
        uninterruptible()


def drop_rest() -> None:
    """Discard output that can't be written, or Python would try again at exit and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(sentence: str, code: int) -> int:
    """Print a sentence, only once if several processes would print it, and return the code."""
    if "TORCHELASTIC_RUN_ID" not in os.environ or os.environ.get("RANK", "0") == "0":
        with suppress(OSError):  # the terminal may be closed
            print(sentence, file=sys.stderr)
    return code
