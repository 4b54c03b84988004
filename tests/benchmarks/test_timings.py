"""What is timed is read from wherever the files of MNIST lie."""

import torch
from mirrors import SmallMnist

from benchmarks import timings


def test_first_digits_are_read_wherever_they_lie_packed_or_not(mnist: SmallMnist) -> None:
    images, labels = timings.raw_digits(7)
    assert (images.shape, labels.tolist()) == ((7, 28, 28), list(range(7)))
    mnist.pack(mnist.root)
    for found, known in zip(timings.raw_digits(7), (images, labels), strict=True):
        assert torch.equal(found, known)


def test_small_set_stands_for_files_that_are_missing(
    mnist: SmallMnist,
) -> None:
    mnist.remove()
    images, labels = timings.raw_digits(2000)  # more than there are
    assert (images.shape, labels.shape) == ((2000, 28, 28), (2000,))
