"""Mirrors that are missing, silent, slow or broken: others are tried, and none for ever."""

import queue
import socket
import time
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler

import pytest
from mirrors import (
    LONG,
    NAMES,
    TRAIN_IMAGES,
    Answer,
    SmallMnist,
    absent,
    another_file,
    cut_short,
    cut_short_in_chunks,
    garbage,
    not_http,
    stalls,
    whole,
)

from helpers import mnist_files
from helpers.common.progress import progress_bar
from helpers.mnist_files import MNIST_ORIGIN


@pytest.mark.parametrize(
    "bad", [garbage, another_file, cut_short, absent, cut_short_in_chunks, not_http]
)
def test_bad_mirror_is_passed_over(mnist: SmallMnist, bad: Answer) -> None:
    first, second = mnist.serve_in_order(bad, whole)
    mnist.remove()
    mnist.ensure()
    assert mnist.present() == mnist.contents
    assert first.asked == second.asked == [f"{name}.gz" for name in NAMES]


def test_mirror_without_the_file_is_not_even_tried(mnist: SmallMnist) -> None:
    first, _ = mnist.serve(absent, whole)
    mnist.remove()
    mnist.ensure()
    assert mnist.present() == mnist.contents
    assert first.asked == []


def test_silent_mirror_is_given_up(mnist: SmallMnist) -> None:
    mnist.remove()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mnist.redirect([f"http://127.0.0.1:{silent.getsockname()[1]}/"], patience=0.3)
        mnist.assert_refused(TRAIN_IMAGES, "no mirror")
    assert mnist.present() == {}


def test_mirror_that_falls_silent_in_the_middle_is_given_up(mnist: SmallMnist) -> None:
    (mirror,) = mnist.serve_in_order(stalls)
    mnist.redirect([mirror.address], patience=0.3)
    mnist.remove()
    mnist.assert_refused(TRAIN_IMAGES, mirror.address)
    assert mnist.present() == {}


def test_unreachable_mirrors_are_one_sentence(mnist: SmallMnist) -> None:
    mnist.remove()
    with socket.socket() as closed:  # bound, so that nobody else takes it, but not listening
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        mnist.redirect([address, address], patience=LONG)
        mnist.assert_refused(TRAIN_IMAGES, "no mirror")
    assert mnist.present() == {}


def test_slow_mirror_is_waited_for_although_another_failed_at_once(mnist: SmallMnist) -> None:
    def slow(request: BaseHTTPRequestHandler, packed: bytes) -> None:
        if request.command == "HEAD":
            request.server.closing.wait(1.0)
        whole(request, packed)

    mnist.serve(absent, slow)
    mnist.remove()
    mnist.ensure()
    assert mnist.present() == mnist.contents


def replies(*mirrors: str | None) -> queue.Queue[str | None]:
    """What mirrors have answered so far."""
    waiting: queue.Queue[str | None] = queue.Queue()
    for mirror in mirrors:
        waiting.put(mirror)
    return waiting


def test_mirrors_are_used_as_they_answered() -> None:
    found = mnist_files.wait_for(replies("quick", None, "slow"), 3, LONG)
    assert found == ["quick", "slow"]


def test_name_server_that_hangs_is_not_waited_for_beyond_patience() -> None:
    assert mnist_files.wait_for(replies(), 1, 0.1) == []
    assert mnist_files.wait_for(replies("quick"), 2, LONG) == ["quick"]


def test_nobody_waits_long_for_a_network_that_is_not_there_or_trickles() -> None:
    assert 2 < MNIST_ORIGIN.patience < 5
    assert mnist_files.RUN_UP * MNIST_ORIGIN.patience < 8


class Drops(HTTPResponse):
    """So many pieces, with a pause before each and no connection behind them."""

    def __init__(self, piece: bytes, count: int, pause: float = 0.0):
        self.piece, self.left, self.pause = piece, count, pause

    def read1(self, _count: int = -1) -> bytes:
        time.sleep(self.pause)
        self.left -= 1
        return self.piece if self.left >= 0 else b""


def read(drops: Drops, patience: float) -> bytes:
    with progress_bar(0, "test", "B") as bar:
        return mnist_files.read_pieces(drops, bar, patience)


def test_pieces_are_put_together() -> None:
    assert read(Drops(b"ab", 3), LONG) == b"ababab"
    assert read(Drops(b"ab", 0), LONG) == b""


def test_mirror_that_sends_without_end_is_stopped() -> None:
    with pytest.raises(OSError, match="far more came"):
        read(Drops(bytes(10_000_000), 1000), LONG)


def test_mirror_that_sends_drop_by_drop_is_given_up_after_a_while() -> None:
    assert len(read(Drops(b"?", 20, pause=0.002), LONG)) == 20
    with pytest.raises(OSError, match=r"only .* bytes came in 0 seconds"):
        read(Drops(b"?", 10_000, pause=0.002), 0.01)


def test_mirror_that_sends_fast_enough_may_take_its_time() -> None:
    assert len(read(Drops(bytes(500_000), 20, pause=0.002), 0.01)) == 10_000_000
