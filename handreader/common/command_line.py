"""Shared by all command lines: errors in one sentence, no traceback, honest exit codes."""

import argparse
import math
import os
import re
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

LARGEST_NUMBER = 1e30  # far beyond any use, but 32-bit floats can still hold it
WHOLE = re.compile(r"-?[0-9]{1,18}")  # thousands of digits would take long to convert
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
        for name in sys.argv[1:]:
            if name.startswith("-") and Path(name).is_file():
                message = f"to name the file {name}, write ./{name}"
        self.exit(WRONG_OPTIONS, f"{self.prog}: {message}; see --help.\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Flush first, so that a closed pipe (`--help | head`) fails where it is handled."""
        sys.stdout.flush()
        super().exit(status, message)


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
        value = int(text) if WHOLE.fullmatch(text) else None
        if value is None or not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(
                f"'{text}' is not a whole number from {lowest} to {highest}"
            )
        return value

    return convert


def positive_number(text: str) -> float:
    """Convert an option that takes a number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number above 0 and up to {LARGEST_NUMBER:g}"
        )
    return value


def importing() -> None:
    """Stay quiet on Ctrl-C, and report missing modules, while `python -m` imports a program."""
    if sys.argv[0] == "-m":
        draw_without_windows()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.excepthook = tell_missing


def draw_without_windows() -> None:
    """Drop MPLBACKEND, perhaps a wrong one: figures are for files and notebooks."""
    os.environ.pop("MPLBACKEND", None)


def tell_missing(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Report an uncaught error as Python does, but a missing module in one sentence."""
    if isinstance(error, ModuleNotFoundError):
        complain(missing(error), FAILED)
    else:
        sys.__excepthook__(kind, error, trace)


def missing(error: ModuleNotFoundError) -> str:
    """Return a sentence on what to do about a module that is not installed."""
    return f"{error.name} is not installed: call 'make run', or 'pip install -r requirements.txt'."


@contextmanager
def loading() -> Iterator[None]:
    """Import slow libraries in here: a stop ends the program quietly meanwhile.

    Threads that wait won't spin either. Spinning threads make each other wait for seconds when
    anything else computes.
    """
    draw_without_windows()
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


def leave_stops_to_first_thread() -> None:
    """Block stop signals in this thread and in the processes that it starts."""
    if sys.platform != "win32":
        from multiprocessing import resource_tracker  # imported late: few programs need it

        resource_tracker.ensure_running()  # started later, it would unblock them
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


@contextmanager
def unheard_by_others() -> Iterator[None]:
    """Block Ctrl-C in processes started in here, even while they load: this one handles it."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # imported late: few programs need it

    resource_tracker.ensure_running()  # started later, it would unblock Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
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
    mend_streams()
    tell = sys.unraisablehook
    try:
        sys.unraisablehook = partial(tell_unless_stopped, tell)
        code = exit_code(main, stopped)
    finally:
        sys.unraisablehook = tell
    sys.exit(code)


def mend_streams() -> None:
    """Replace closed streams, and characters that a terminal lacks, so that nothing fails."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # show another character instead


def exit_code(main: Callable[[], int], stopped: str) -> int:
    """Return the exit code of `main`, or report its error and return the code for that."""
    try:
        code = done(main)
    except UserError as error:
        code = complain(str(error), FAILED)
    except ModuleNotFoundError as error:
        code = complain(missing(error), FAILED)
    except ImportError as error:  # a library is installed, but can't be loaded
        reason = " ".join(str(error).split())
        code = complain(f"What is installed can't be loaded ({reason}): install it again.", FAILED)
    except KeyboardInterrupt as stop:
        code = complain(stopped, code_of(stop))
    except BrokenPipeError:  # the reader of the pipe has gone, as with `| head`
        code = FAILED
        drop_rest()
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        code = complain(f"{what}{error.strerror or error}.", FAILED)
        drop_rest()
    except Exception:
        if not asked:
            raise
        code = complain(stopped, SIGNALLED + asked[0])  # a library swallowed the stop, then failed
    return code


def done(main: Callable[[], int]) -> int:
    """Run `main` and return its exit code; then ignore stops, which would disturb Python's exit."""
    try:
        interruptible()
        check_folder()
        code = main()
        sys.stdout.flush()
        return code
    finally:
        uninterruptible()


def tell_unless_stopped(tell: Callable[[Any], object], dropped: Any) -> None:
    """Report an error that Python drops, as in a destructor, unless a stop caused it."""
    if not asked:
        tell(dropped)


def check_folder() -> None:
    """Refuse to work in a folder that is gone: each library would fail in its own way."""
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise UserError("The working folder is gone: change to another one.") from error


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
