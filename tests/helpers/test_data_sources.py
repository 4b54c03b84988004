"""Where digits come from: MNIST's files if they are whole, or else the small set."""

import errno
import os
from pathlib import Path

import pytest
import torch
from mirrors import (
    TEST,
    TEST_IMAGES,
    TRAIN,
    TRAIN_IMAGES,
    SmallMnist,
    assert_helpful,
    small_digits,
    whole,
)
from support import as_pairs

from helpers import data, mnist_files
from helpers.data import Digits, DigitSet
from helpers.mnist_files import MNIST_ORIGIN, DataError


def load(mnist: SmallMnist, source: str = "mnist") -> Digits:
    """The small files, or what takes their place."""
    return data.load_digits(source, origin=mnist.origin)


def test_files_become_digits(mnist: SmallMnist) -> None:
    small = load(mnist)
    assert (small.name, small.notice, small.is_mnist) == ("MNIST", "", True)
    assert [len(part) for part in (small.train, small.validation, small.test)] == [220, 20, 60]
    for part in (small.train, small.validation, small.test):
        assert part.images.dtype == torch.uint8
        assert part.images.shape == (len(part), 1, 28, 28)
        assert part.labels.dtype == torch.int64
        assert part.labels.shape == (len(part),)


def test_pixels_and_labels_are_those_of_the_files(mnist: SmallMnist) -> None:
    small = load(mnist)
    images, labels = small_digits(TEST, 2)
    assert torch.equal(small.test.images, images.unsqueeze(1))
    assert torch.equal(small.test.labels, labels)
    everything = DigitSet(*small_digits(TRAIN, 1))
    assert as_pairs(everything) == sorted(as_pairs(small.train) + as_pairs(small.validation))


def test_root_is_data_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    monkeypatch.setenv("MNIST_ROOT", "")
    expected = str(mnist_files.raw_folder(Path("data")) / TRAIN_IMAGES)
    assert data.load_digits("auto").notice.startswith(f"{expected} is missing")


def test_unequal_numbers_of_images_and_labels_make_no_set() -> None:
    with pytest.raises(DataError, match="3 images but 2 labels"):
        DigitSet(torch.zeros(3, 1, 28, 28), torch.zeros(2))


def test_notice_says_why_it_is_not_mnist(mnist: SmallMnist, digits: Digits) -> None:
    assert digits.notice == "It was asked for."
    mnist.remove(TEST_IMAGES)
    notice = load(mnist, "auto").notice
    assert_helpful(notice, f"{TEST_IMAGES} is missing", "MNIST_OFFLINE", "MNIST_ROOT")


def test_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'MNIST'.*auto, mnist, small"):
        data.load_digits("MNIST")


# The network


def test_offline_variable_keeps_load_digits_from_the_network(
    tmp_path: Path, connections: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    found = data.load_digits("auto", root=tmp_path / "nowhere")
    assert found.name == "small set"
    assert_helpful(found.notice, TRAIN_IMAGES, "MNIST_OFFLINE")
    assert connections == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("value", ["", "0", "no", "False"])
def test_without_the_offline_variable_a_download_is_tried(
    tmp_path: Path, connections: list[object], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("MNIST_OFFLINE", value)
    found = data.load_digits("auto", root=tmp_path / "nowhere")
    assert found.name == "small set"
    assert_helpful(found.notice, TRAIN_IMAGES, "no mirror")
    assert len(connections) == len(MNIST_ORIGIN.mirrors)


def test_missing_files_are_downloaded_before_they_are_read(
    mnist: SmallMnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_OFFLINE")
    mnist.serve(whole)
    mnist.remove()
    assert load(mnist).is_mnist
    assert mnist.present() == mnist.contents


@pytest.mark.usefixtures("read_only")
def test_load_digits_falls_back_where_it_may_not_write(
    mnist: SmallMnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_OFFLINE")
    mnist.remove()
    found = load(mnist, "auto")
    assert found.name == "small set"
    assert_helpful(found.notice, str(mnist.path(TRAIN_IMAGES)), os.strerror(errno.EACCES))
    with pytest.raises(DataError, match=os.strerror(errno.EACCES)):
        load(mnist)
