"""A limit for what may never end, such as the first loops that a learner writes."""

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Overdue(BaseException):
    """Ends what takes too long; as it is no Exception, a learner's `except` rarely catches it."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call does, or raise a TimeoutError if that takes longer.

    The call runs in this thread, where Ctrl-C reaches it. Windows has no signal for that.
    """
    thread = threading.get_ident()
    timer = threading.Timer(seconds, raise_in, (thread, Overdue))
    timer.daemon = True  # or Python would wait for it at its end
    try:
        timer.start()
        try:
            return call()
        finally:
            timer.cancel()
            timer.join()
            raise_in(thread, None)  # what came a moment too late hits nothing else
    except Overdue:
        reason = f"it was still running after {seconds:g} seconds, so a loop may never end"
        raise TimeoutError(reason) from None


def raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise an error in a thread as soon as that runs Python again; None takes it back."""
    argument = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)
