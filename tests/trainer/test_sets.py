"""Sets to practise on: the same everywhere, all different, and made of what they should be."""

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from time import sleep

import numpy as np
import pytest
import torch
from support import assert_as_recorded, first_way

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.ink.crops import tones_of
from helpers.data import Digits
from trainer.sets import (
    Workers,
    practice_chunk,
    practice_picture,
    practice_set,
    with_photographs,
)
from trainer.synthesis.camera import photograph
from trainer.synthesis.scenes import SCENES
from trainer.synthesis.subjects import NOTHING, Source, some_ink

COUNT = 120
SEED = 4
THREADS = Workers(ThreadPoolExecutor)


def source(digits: Digits) -> Source:
    """Digits to photograph, and what they are."""
    return Source(digits.train.images[:, 0].numpy(), digits.train.labels.numpy())


@pytest.fixture(scope="module")
def chunk(digits: Digits) -> tuple[np.ndarray, np.ndarray]:
    """Some pictures to practise on."""
    return practice_chunk(source(digits), SEED, 0, COUNT)


def test_practice_holds_all_digits_and_what_is_none(chunk: tuple[np.ndarray, np.ndarray]):
    pictures, shown = chunk
    assert pictures.shape == (COUNT, 28, 28)
    assert pictures.dtype == np.uint8
    assert set(shown.tolist()) == {NOTHING, *range(10)}
    assert 0.1 < (shown == NOTHING).mean() < 0.45
    assert (pictures[shown != NOTHING].max((1, 2)) == 255).all()


def test_photographs_all_differ(chunk: tuple[np.ndarray, np.ndarray]):
    pictures, shown = chunk
    known = pictures[shown != NOTHING]
    assert len({picture.tobytes() for picture in known}) == len(known)


def test_pictures_are_framed_as_they_are_when_they_are_read(digits: Digits):
    random, same = (np.random.default_rng(5) for _ in "ab")
    crops = 0
    for _ in range(40):
        made, label = practice_picture(source(digits), random)
        scene = SCENES[same.integers(len(SCENES))]
        ink, shown = some_ink(source(digits), scene, same)
        picture = photograph(ink, scene, same)
        if label != NOTHING:
            assert label == shown
            assert np.array_equal(made, first_way(picture).framed)
            crops += any(tone.is_plain for tone in tones_of(picture)[:1])
    assert crops > 2


def test_photographed_digits_look_like_their_class(
    chunk: tuple[np.ndarray, np.ndarray], digits: Digits
):
    pictures, shown = chunk
    images, labels = source(digits)
    means = np.stack([images[labels == digit].mean(0).ravel() for digit in range(10)])
    rows = pictures[shown != NOTHING].reshape(-1, 784).astype(float)
    nearest = np.linalg.norm(rows[:, None] - means, axis=2).argmin(1)
    assert (nearest == shown[shown != NOTHING]).mean() > 0.5  # five times as often as by chance


def test_same_seed_gives_the_same_set_however_many_processes_make_it(digits: Digits):
    images, labels = digits.train.images[:, 0], digits.train.labels
    pictures, shown = practice_set(images, labels, 30, 5, Workers(chunk=12))
    assert pictures.shape == (30, 28, 28)
    assert (pictures.dtype, shown.dtype) == (torch.uint8, torch.int64)
    made = [practice_chunk(source(digits), 5, *part) for part in ((0, 12), (1, 12), (2, 6))]
    assert np.array_equal(pictures.numpy(), np.concatenate([each for each, _ in made]))
    assert np.array_equal(shown.numpy(), np.concatenate([each for _, each in made]))
    assert not np.array_equal(made[0][0], made[1][0])
    other, _ = practice_chunk(source(digits), 6, 0, 12)
    assert not np.array_equal(made[0][0], other)


def remember_nothing() -> None:
    """For chunks that need nothing."""


def killed(_number: int, _size: int) -> None:
    """A chunk whose process takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_process_that_is_killed_while_it_makes_pictures_is_one_sentence():
    with pytest.raises(UserError, match="free some memory"):
        list(Workers(chunk=1).made(killed, 4, remember_nothing, ()))


def slow(_number: int, _size: int) -> None:
    """A chunk that takes a while."""
    sleep(0.1)


def ended(main: Callable[[], int]) -> int:
    """The exit code of a program in a process, and a group of processes, of its own."""
    child = os.fork()
    if not child:
        from multiprocessing import forkserver  # which Windows has not

        forkserver._forkserver._forkserver_pid = None  # 3.14 would ask the parent's server
        os.setsid()
        os._exit(command_line.exit_code(main, "Stopped by you."))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


NEEDS_GROUPS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such groups")


@NEEDS_GROUPS
@pytest.mark.parametrize("number", command_line.STOPS)
def test_stop_of_all_processes_that_make_pictures_is_said_once(
    number: signal.Signals, capfd: pytest.CaptureFixture
):
    def main() -> int:
        for _ in Workers(chunk=1).made(slow, 20, remember_nothing, ()):
            os.killpg(0, number)
        return 0

    assert ended(main) == 128 + number
    assert capfd.readouterr() == ("", "Stopped by you.\n")


class StopOnArrival:
    """What stops the whole group of the process that it is sent to, which still loads then."""

    def __reduce__(self) -> tuple:
        return os.killpg, (0, signal.SIGINT)


@NEEDS_GROUPS
def test_ctrl_c_while_processes_load_that_are_no_copies_of_the_first_is_said_once(
    capfd: pytest.CaptureFixture,
):
    def main() -> int:
        list(Workers(spawned, chunk=1).made(max, 20, repr, (StopOnArrival(),)))
        return 0

    spawned = partial(ProcessPoolExecutor, 1, get_context("spawn"))  # as on macOS
    assert ended(main) == 130
    assert capfd.readouterr() == ("", "Stopped by you.\n")


def test_making_practice_leaves_the_global_random_state_alone(digits: Digits):
    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    practice_chunk(source(digits), 0, 0, 5)
    assert np.array_equal(np.random.get_state()[1], before[0])
    assert torch.equal(torch.get_rng_state(), before[1])


def test_photographs_come_beside_the_digits(digits: Digits):
    both = with_photographs(digits, 20, 1, THREADS).train
    assert len(both) == 4020
    assert torch.equal(both.images[:4000], digits.train.images)
    assert torch.equal(both.labels[:4000], digits.train.labels)
    assert both.images[4000:].shape == (20, 1, 28, 28)
    assert both.images.dtype == torch.uint8
    again = with_photographs(digits, 20, 1, THREADS).train
    assert torch.equal(again.images, both.images)


def test_set_remembers_how_many_photographs_it_holds(digits: Digits):
    assert with_photographs(digits, 3, 1, THREADS).photographs == 3


def test_what_has_no_ink_is_no_digit_and_an_empty_frame(chunk: tuple[np.ndarray, np.ndarray]):
    pictures, shown = chunk
    empty = pictures.max((1, 2)) == 0
    assert empty.any()
    assert (shown[empty] == NOTHING).all()


def test_sets_are_those_that_networks_have_practised_on(chunk: tuple[np.ndarray, np.ndarray]):
    pictures, shown = chunk
    assert_as_recorded("set", pictures)
    assert_as_recorded("labels of a set", [shown[None] + 1])
