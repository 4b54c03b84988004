"""A time limit for code that may never end, such as a learner's first loops."""

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Overdue(BaseException):
    """The end of the time; as it isn't an Exception, a learner's `except` rarely catches it."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return the result of a call, or raise a TimeoutError if it takes longer.

    The call runs in this thread, where Ctrl-C reaches it. A signal would be simpler, but Windows
    has none for that.
    """
    thread = threading.get_ident()
    timer = threading.Timer(seconds, raise_in, (thread, Overdue))
    timer.daemon = True  # or Python would wait for it before it exits
    try:
        timer.start()
        try:
            return call()
        finally:
            timer.cancel()
            timer.join()
            raise_in(thread, None)  # an error that comes too late must not hit other code
    except Overdue:
        reason = f"it was still running after {seconds:g} seconds, so a loop may never end"
        raise TimeoutError(reason) from None


def raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise an error in a thread as soon as it runs Python code again; None takes that back."""
    argument = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)
