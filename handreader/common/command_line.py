"""What all command lines share: one sentence for an error, no traceback, honest exit codes."""

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

LARGEST_NUMBER = 1e30  # far beyond any use, and a network can still compute with it in 32 bits
WHOLE = re.compile(r"-?[0-9]{1,18}")  # thousands of figures would take long to convert
FAILED = 1
WRONG_OPTIONS = 2  # what argparse, too, ends with
SIGNALLED = 128  # plus the signal's number, is what shells expect of a program that one stopped
STOPS = [  # Ctrl-C, a request to end, a terminal that is closed, and Windows' Ctrl-Break
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the options and where to read on."""
        for name in sys.argv[1:]:
            if name.startswith("-") and Path(name).is_file():
                message = f"to name the file {name}, write ./{name}"
        self.exit(WRONG_OPTIONS, f"{self.prog}: {message}; see --help.\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End here and not later, where nobody could tell that who reads the help has gone."""
        sys.stdout.flush()
        super().exit(status, message)


def parser_of(text: str | None) -> Parser:
    """A parser that is described by what a program says of itself: a line, then examples."""
    head, _, examples = (text or "").partition("\n\n")  # `python -OO` has no such texts
    style = argparse.RawDescriptionHelpFormatter
    return Parser(description=head, epilog=examples, formatter_class=style)


def file_name(text: str) -> str:
    """The type of an option that names a file or folder: an unset variable names none."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


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


def importing() -> None:
    """While `python -m` imports a program, let Ctrl-C be quiet, and tell what is not installed."""
    if sys.argv[0] == "-m":
        draw_without_windows()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.excepthook = tell_missing


def draw_without_windows() -> None:
    """Let no MPLBACKEND, perhaps a wrong one, keep figures from files and notebooks."""
    os.environ.pop("MPLBACKEND", None)


def tell_missing(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Show an error that nobody caught, but say in a sentence what is not installed."""
    if isinstance(error, ModuleNotFoundError):
        complain(missing(error), FAILED)
    else:
        sys.__excepthook__(kind, error, trace)


def missing(error: ModuleNotFoundError) -> str:
    """Say what to do about a module that is not installed."""
    return f"{error.name} is not installed: call 'make run', or 'pip install -r requirements.txt'."


@contextmanager
def loading() -> Iterator[None]:
    """While PyTorch is imported, for seconds, a stop is quiet; later, threads that wait don't spin.

    Spinning threads make each other wait for seconds when anything else computes.
    """
    draw_without_windows()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    install_handlers(signal.SIG_DFL)
    raise_pending_stop()
    yield
    interruptible()


def work_in(folder: Path) -> None:
    """Go to a folder; a relative MNIST_ROOT still means what it meant to the caller."""
    if root := os.environ.get("MNIST_ROOT"):
        os.environ["MNIST_ROOT"] = str(Path(root).resolve())
    os.chdir(folder)


def interruptible() -> None:
    """From now on, whatever asks to stop is a KeyboardInterrupt, which knows the signal."""
    asked.clear()
    install_handlers(partial(interrupt, os.getpid()))


def install_handlers(handler: Callable[[int, Any], None] | signal.Handlers) -> None:
    """Have a handler called by whatever asks to stop, unless the caller ignores it, as by nohup."""
    for number in STOPS:
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def uninterruptible() -> None:
    """Let what follows come to its end: impatience must not cost what is being saved."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def leave_stops_to_first_thread() -> None:
    """In another thread: neither it nor the processes it starts hear of a stop, from the start."""
    if sys.platform != "win32":
        from multiprocessing import resource_tracker  # imported late: few programs need it

        resource_tracker.ensure_running()  # begun later, it would let them be heard again
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


@contextmanager
def unheard_by_others() -> Iterator[None]:
    """Let processes that begin in here leave Ctrl-C to this one, even while they load."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # imported late: few programs need it

    resource_tracker.ensure_running()  # begun later, it would let Ctrl-C be heard again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


asked: list[int] = []  # the signals that came, for Python swallows what is raised in a destructor


def interrupt(process: int, number: int, _frame: object) -> None:
    """What a signal does; a process that was forked leaves Ctrl-C to the one that began it."""
    if os.getpid() == process:
        asked.append(number)
        raise KeyboardInterrupt(number)
    if number != signal.SIGINT:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


def raise_pending_stop() -> None:
    """Stop if that was asked for and came to nothing."""
    if asked:
        raise KeyboardInterrupt(asked[0])


def code_of(stop: KeyboardInterrupt) -> int:
    """The exit code of a program that was stopped."""
    return SIGNALLED + (stop.args[0] if stop.args else signal.SIGINT)


def run(main: Callable[[], int], stopped: str = "Stopped by you.") -> NoReturn:
    """Call `main` and end the program with its exit code, whatever happens."""
    mend_streams()
    tell = sys.unraisablehook
    try:
        sys.unraisablehook = partial(tell_unless_stopped, tell)
        code = exit_code(main, stopped)
    finally:
        sys.unraisablehook = tell
    sys.exit(code)


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
        code = done(main)
    except UserError as error:
        code = complain(str(error), FAILED)
    except ModuleNotFoundError as error:
        code = complain(missing(error), FAILED)
    except ImportError as error:  # a library is there, but can't be loaded
        reason = " ".join(str(error).split())
        code = complain(f"What is installed can't be loaded ({reason}): install it again.", FAILED)
    except KeyboardInterrupt as stop:
        code = complain(stopped, code_of(stop))
    except BrokenPipeError:  # whoever was reading has gone: `| head` does that
        code = FAILED
        drop_rest()
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        code = complain(f"{what}{error.strerror or error}.", FAILED)
        drop_rest()
    except Exception:
        if not asked:
            raise
        code = complain(stopped, SIGNALLED + asked[0])  # a library lost the stop, and its way
    return code


def done(main: Callable[[], int]) -> int:
    """What `main` returns; a stop after it comes too late, and would disturb how Python ends."""
    try:
        interruptible()
        check_folder()
        code = main()
        sys.stdout.flush()
        return code
    finally:
        uninterruptible()


def tell_unless_stopped(tell: Callable[[Any], object], dropped: Any) -> None:
    """Tell of an error that Python drops, as in a destructor; a stop leaves things half done."""
    if not asked:
        tell(dropped)


def check_folder() -> None:
    """Refuse to work in a folder that is gone: libraries would each say so in their own way."""
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise UserError("The working folder is gone: change to another one.") from error


def drop_rest() -> None:
    """Give up what cannot be written, or Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(sentence: str, code: int) -> int:
    """Say it once, even where several processes have the same to say."""
    if "TORCHELASTIC_RUN_ID" not in os.environ or os.environ.get("RANK", "0") == "0":
        with suppress(OSError):  # its terminal may be closed
            print(sentence, file=sys.stderr)
    return code
