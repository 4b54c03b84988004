"""Files that are fetched from servers on this machine: whole or not at all, nothing thrown away."""

import errno
import os
import shutil
from http.server import BaseHTTPRequestHandler

import pytest
from mirrors import (
    NAMES,
    TEST_IMAGES,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    Answer,
    SmallMnist,
    absent,
    another_file,
    cut_short,
    garbage,
    whole,
)

from helpers.mnist_files import DataError


def test_missing_files_are_downloaded_into_a_new_folder(mnist: SmallMnist) -> None:
    (mirror,) = mnist.serve(whole)
    shutil.rmtree(mnist.root)
    mnist.ensure()
    assert mnist.present() == mnist.contents
    assert sorted(mirror.asked) == sorted(f"{name}.gz" for name in NAMES)


def test_only_what_is_missing_is_downloaded(mnist: SmallMnist) -> None:
    (mirror,) = mnist.serve(whole)
    mnist.remove(TRAIN_LABELS)
    mnist.ensure()
    assert mnist.present() == mnist.contents
    assert mirror.asked == [f"{TRAIN_LABELS}.gz"]


@pytest.mark.parametrize("bad", [garbage, another_file, cut_short, absent])
def test_failed_download_leaves_nothing_and_the_next_start_succeeds(
    mnist: SmallMnist, bad: Answer
) -> None:
    mnist.serve(bad, bad)
    mnist.remove()
    mnist.assert_refused(TRAIN_IMAGES, "is missing")
    assert mnist.present() == {}
    mnist.serve(whole)
    mnist.ensure()
    assert mnist.present() == mnist.contents


@pytest.mark.parametrize(
    ("answer", "trouble"), [(cut_short, "broke off after"), (another_file, "something else")]
)
def test_connection_that_broke_off_is_told_from_a_wrong_file(
    mnist: SmallMnist, answer: Answer, trouble: str
) -> None:
    (mirror,) = mnist.serve_in_order(answer)
    mnist.remove(TRAIN_LABELS)
    mnist.assert_refused(TRAIN_LABELS, mirror.address, trouble)


def test_files_that_arrived_whole_are_kept_when_a_later_one_fails(mnist: SmallMnist) -> None:
    def only_labels(request: BaseHTTPRequestHandler, packed: bytes) -> None:
        (whole if "labels" in request.path else cut_short)(request, packed)

    mnist.serve_in_order(only_labels)
    mnist.remove(TRAIN_LABELS, TEST_IMAGES)
    with pytest.raises(DataError):
        mnist.ensure()
    del mnist.contents[TEST_IMAGES]
    assert mnist.present() == mnist.contents


def test_damaged_file_is_set_aside_and_replaced(mnist: SmallMnist) -> None:
    mnist.serve(whole)
    damaged = mnist.flip_byte(TRAIN_IMAGES, 100)
    mnist.ensure()
    assert mnist.present() == mnist.contents | {f"{TRAIN_IMAGES}.damaged": damaged}


def test_file_that_somebody_else_fetched_meanwhile_is_left_alone(mnist: SmallMnist) -> None:
    def outrun(request: BaseHTTPRequestHandler, packed: bytes) -> None:
        mnist.path(TRAIN_LABELS).write_bytes(mnist.contents[TRAIN_LABELS])
        os.utime(mnist.path(TRAIN_LABELS), (1, 1))
        whole(request, packed)

    mnist.serve_in_order(outrun)
    mnist.remove(TRAIN_LABELS)
    mnist.ensure()
    assert mnist.present() == mnist.contents
    assert mnist.path(TRAIN_LABELS).stat().st_mtime == 1


@pytest.mark.usefixtures("full_disk")
def test_disk_that_fills_up_is_one_sentence_and_leaves_nothing(mnist: SmallMnist) -> None:
    mnist.serve(whole)
    mnist.remove()
    mnist.assert_refused(TRAIN_IMAGES, os.strerror(errno.ENOSPC))
    assert mnist.present() == {}
