"""Where digits come from: MNIST's files if they are whole, or else the small set."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mirrors import (
    NAMES,
    TEST,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    SmallMnist,
    assert_helpful,
    small_digits,
    whole,
    write_idx,
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


@pytest.mark.parametrize("names", [NAMES, (TRAIN_IMAGES, TEST_LABELS)], ids=["all", "some"])
def test_packed_files_are_the_same_digits(mnist: SmallMnist, names: tuple[str, ...]) -> None:
    before = load(mnist)
    mnist.pack(mnist.root, *names)
    found = load(mnist)
    assert found.is_mnist
    for part in ("train", "validation", "test"):
        assert as_pairs(getattr(found, part)) == as_pairs(getattr(before, part))


def test_files_are_those_of_the_chosen_folder(mnist: SmallMnist) -> None:
    mnist.remove(TRAIN_LABELS)
    other = SmallMnist(mnist.root.with_name("other"))
    assert data.load_digits("mnist", other.root, mnist.origin).is_mnist
    with pytest.raises(DataError, match="elsewhere"):
        data.load_digits("mnist", other.root / "elsewhere", mnist.origin)


@pytest.mark.parametrize("value", [None, ""])
def test_root_is_data_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    if value is None:
        monkeypatch.delenv("MNIST_ROOT", raising=False)
    else:
        monkeypatch.setenv("MNIST_ROOT", value)
    expected = str(mnist_files.raw_folder(Path("data")) / TRAIN_IMAGES)
    assert data.load_digits("auto").notice.startswith(f"{expected} is missing")


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "another number of dimensions": lambda content: content[:3] + b"\x02" + content[4:],
    "no dimensions": lambda content: content[:3] + b"\x00" + content[4:],
    "type below the known ones": lambda content: b"\x00\x00\x07" + content[3:],
    "type that is none": lambda content: b"\x00\x00\x0a" + content[3:],
    "signed bytes": lambda content: b"\x00\x00\x09" + content[3:],
    "floats": lambda content: b"\x00\x00\x0d" + content[3:],
    "no zeros at the start": lambda content: b"\xff" + content[1:],
    "still packed": lambda content: b"\x1f\x8b\x08\x08" + content[4:],
    "sizes beyond all bounds": lambda content: (
        content[:4] + b"\xff" * 4 * content[3] + content[4 + 4 * content[3] :]
    ),
    "cut short": lambda content: content[:-1],
    "too long": lambda content: content + b"\x00",
    "header only": lambda content: content[: 4 + 4 * content[3]],
    "half a header": lambda content: content[:6],
    "nothing": lambda _content: b"",
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("name", NAMES)
def test_file_in_another_format_is_one_sentence(mnist: SmallMnist, name: str, fault: str) -> None:
    mnist.path(name).write_bytes(BROKEN[fault](mnist.contents[name]))
    mnist.trust()
    with pytest.raises(DataError) as caught:
        load(mnist)
    assert_helpful(str(caught.value), str(mnist.folder), "MNIST_ROOT")
    found = load(mnist, "auto")
    assert found.name == "small set"
    assert found.notice == str(caught.value)


@pytest.mark.parametrize(
    ("name", "parts"),
    [(TRAIN_LABELS, ("training", "240", "230")), (TEST_LABELS, ("test", "60", "230"))],
)
def test_labels_of_another_length_are_one_sentence(
    mnist: SmallMnist, name: str, parts: tuple[str, ...]
) -> None:
    write_idx(mnist.path(name), torch.arange(230) % 10)
    mnist.trust()
    with pytest.raises(DataError) as caught:
        load(mnist)
    assert_helpful(str(caught.value), "The {} files hold {} images but {}".format(*parts), "delete")


def test_old_pickled_copy_is_ignored(mnist: SmallMnist) -> None:
    before = load(mnist)
    processed = mnist.root / "MNIST" / "processed"
    processed.mkdir()
    other = torch.zeros(TRAIN, 28, 28, dtype=torch.uint8), torch.arange(TRAIN) % 10
    for name in ("training.pt", "test.pt"):
        torch.save(other, processed / name)
    found = load(mnist)
    assert as_pairs(found.train) == as_pairs(before.train)
    assert as_pairs(found.test) == as_pairs(before.test)


def test_unequal_numbers_of_images_and_labels_make_no_set() -> None:
    with pytest.raises(DataError, match="3 images but 2 labels"):
        DigitSet(torch.zeros(3, 1, 28, 28), torch.zeros(2))


def test_notice_says_why_it_is_not_mnist(mnist: SmallMnist, digits: Digits) -> None:
    assert digits.notice == "It was asked for."
    mnist.remove(TEST_IMAGES)
    notice = load(mnist, "auto").notice
    assert_helpful(notice, f"{TEST_IMAGES} is missing", "MNIST_OFFLINE", "MNIST_ROOT")


def test_mnist_that_was_asked_for_is_never_replaced(mnist: SmallMnist) -> None:
    mnist.remove(TRAIN_LABELS)
    with pytest.raises(DataError, match=f"{TRAIN_LABELS} is missing"):
        load(mnist)


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


@pytest.mark.parametrize("value", [None, "", "0", "no", "False"])
def test_without_the_offline_variable_a_download_is_tried(
    tmp_path: Path,
    connections: list[object],
    monkeypatch: pytest.MonkeyPatch,
    value: str | None,
) -> None:
    if value is None:
        monkeypatch.delenv("MNIST_OFFLINE", raising=False)
    else:
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


@pytest.mark.usefixtures("full_disk")
def test_load_digits_falls_back_on_a_full_disk(
    mnist: SmallMnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_OFFLINE")
    mnist.serve(whole)
    mnist.remove()
    found = load(mnist, "auto")
    assert found.name == "small set"
    assert_helpful(found.notice, str(mnist.path(TRAIN_IMAGES)), os.strerror(errno.ENOSPC))
