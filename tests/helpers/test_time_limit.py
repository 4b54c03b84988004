"""A time limit ends a call that may never end, and nothing else."""

import signal
import threading
from collections.abc import Iterator

import pytest

from helpers.time_limit import within

NEVER = 1e6  # seconds


def forever() -> None:
    """A loop without an end."""
    while True:
        pass


def test_what_ends_in_time_is_left_alone() -> None:
    assert within(NEVER, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(NEVER, lambda: 1 // 0)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_what_never_ends_is_ended(seconds: float) -> None:
    with pytest.raises(TimeoutError, match=f"still running after {seconds:g} seconds"):
        within(seconds, forever)


@pytest.fixture
def heard() -> Iterator[None]:
    """Let this process hear of Ctrl-C, which one that a shell began in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_is_not_held_up() -> None:
    with pytest.raises(KeyboardInterrupt):
        within(NEVER, lambda: signal.raise_signal(signal.SIGINT))


def test_end_that_comes_a_moment_too_late_hits_nothing_else() -> None:
    for _ in range(200):
        try:
            assert within(0.0, lambda: 7) == 7
        except TimeoutError:
            continue
