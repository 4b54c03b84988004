"""Mirrors that are missing, silent, slow or broken: others are tried, and none for ever."""

import math
import socket
from dataclasses import replace
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
from helpers.mnist_files import PATIENCE


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


def test_download_has_one_limit_whatever_the_mirrors_do(mnist: SmallMnist) -> None:
    mnist.serve(whole, whole)
    mnist.origin = replace(mnist.origin, longest=0.0)
    mnist.remove()
    mnist.assert_refused(TRAIN_IMAGES, "the whole download took too long")


@pytest.mark.parametrize(
    ("count", "seconds", "trouble"),
    [
        (64_000_001, 1.0, "far more came"),
        (47_999, 8.0, "only 47,999 bytes came in 8 seconds"),
        (6_000 * 60, 60.0, "only 360,000 bytes came in 60 seconds"),
    ],
)
def test_pace_that_leads_nowhere_is_not_followed(count: int, seconds: float, trouble: str) -> None:
    with pytest.raises(OSError, match=trouble):
        mnist_files.check_pace(count, seconds, PATIENCE, deadline=math.inf)
