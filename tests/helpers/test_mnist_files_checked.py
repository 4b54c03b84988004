"""The four files: none is used that isn't whole and genuine, and nothing is asked offline."""

import errno
import os
from pathlib import Path

import pytest
from mirrors import (
    NAMES,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    SmallMnist,
    whole,
)
from torchvision import datasets

from helpers import mnist_files
from helpers.mnist_files import DataError


def test_whole_files_are_accepted_and_left_alone(
    mnist: SmallMnist, connections: list[object]
) -> None:
    mnist.ensure()
    assert mnist.present() == mnist.contents
    assert connections == []


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("inside", ["", "MNIST/raw"])
def test_packed_files_are_accepted_and_stay_packed(
    mnist: SmallMnist, connections: list[object], inside: str
) -> None:
    mnist.pack(mnist.root / inside)
    found = mnist_files.ensure(mnist.root, origin=mnist.origin)
    assert found == mnist.contents
    assert connections == []
    assert len([path for path in mnist.root.rglob("*") if path.is_file()]) == len(NAMES)


def test_files_may_lie_right_in_the_root(mnist: SmallMnist) -> None:
    for name in NAMES:
        mnist.path(name).rename(mnist.root / name)
    mnist.ensure(offline=True)


@pytest.mark.parametrize("position", [0, 30, -6, -1])
def test_damaged_packed_file_is_named(mnist: SmallMnist, position: int) -> None:
    mnist.pack(mnist.folder)
    mnist.flip_byte(f"{TRAIN_IMAGES}.gz", position)
    mnist.assert_refused(f"{TRAIN_IMAGES}.gz", "damaged", offline=True)


def test_sound_packed_file_is_used_instead_of_a_damaged_one(mnist: SmallMnist) -> None:
    mnist.pack(mnist.root, TRAIN_LABELS)
    mnist.path(TRAIN_LABELS).write_bytes(b"damaged")
    mnist.ensure(offline=True)


@pytest.mark.parametrize("name", NAMES)
def test_missing_file_is_named(mnist: SmallMnist, name: str) -> None:
    mnist.remove(name)
    mnist.assert_refused(name, "is missing", offline=True)


@pytest.mark.parametrize("position", [0, 40, -1])
@pytest.mark.parametrize("name", NAMES)
def test_one_flipped_bit_is_noticed(mnist: SmallMnist, name: str, position: int) -> None:
    mnist.flip_byte(name, position)
    mnist.assert_refused(name, "damaged", offline=True)


def test_folder_in_the_place_of_a_file_is_named(mnist: SmallMnist) -> None:
    mnist.remove(TRAIN_LABELS)
    mnist.path(TRAIN_LABELS).mkdir()
    mnist.assert_refused(TRAIN_LABELS, "can't be read", offline=True)


def test_file_far_too_large_is_not_even_read(mnist: SmallMnist) -> None:
    try:
        os.truncate(mnist.path(TRAIN_IMAGES), 2**40)  # no more than a number, where that is known
    except OSError:
        pytest.skip("no files with holes here")
    mnist.assert_refused(TRAIN_IMAGES, "not MNIST", offline=True)


def test_file_in_the_place_of_the_root_is_one_sentence(mnist: SmallMnist) -> None:
    mnist.serve(whole)
    note = mnist.root / "note.txt"
    note.write_bytes(b"not a folder")
    with pytest.raises(DataError, match=TRAIN_IMAGES):
        mnist_files.ensure(note, origin=mnist.origin)
    assert note.read_bytes() == b"not a folder"


def test_offline_opens_no_connection(mnist: SmallMnist, connections: list[object]) -> None:
    mnist.remove()
    mnist.assert_refused(TRAIN_IMAGES, "MNIST_OFFLINE", offline=True)
    assert connections == []


@pytest.mark.usefixtures("read_only")
def test_folder_without_write_permission_is_noticed_before_the_download(
    mnist: SmallMnist, connections: list[object]
) -> None:
    mnist.remove()
    mnist.assert_refused(TRAIN_IMAGES, "folder can't be written", os.strerror(errno.EACCES))
    assert connections == []


def test_files_lie_where_torchvision_looks_for_them(tmp_path: Path) -> None:
    unread = datasets.MNIST.__new__(datasets.MNIST)
    unread.root = tmp_path
    assert mnist_files.raw_folder(tmp_path) == Path(unread.raw_folder)


def test_real_files_are_known_to_be_genuine() -> None:
    root = Path(os.environ.get("MNIST_ROOT") or "data")
    if not all((mnist_files.raw_folder(root) / name).exists() for name in NAMES):
        pytest.skip("no MNIST on this machine: set MNIST_ROOT")
    mnist_files.ensure(root, offline=True)
