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
from handreader.lines import LINE_HEIGHT, LINE_STEP, SIGNS
from helpers.data import Digits
from trainer.sets import (
    WIDEST,
    Workers,
    bank_of,
    line_chunk,
    line_set,
    practice_chunk,
    practice_picture,
    practice_set,
    with_lines,
    with_photographs,
)
from trainer.synthesis.camera import photograph
from trainer.synthesis.hands import PLAIN, USUAL_HABITS, Habits
from trainer.synthesis.scenes import SCENES
from trainer.synthesis.subjects import NOTHING, Source, some_ink

FEW = Workers(ThreadPoolExecutor, chunk=10)
COUNT = 120
SEED = 4
NEEDS_GROUPS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such groups")


@pytest.fixture(scope="module")
def source(digits: Digits) -> Source:
    """Digits to photograph, and what they are."""
    return Source(digits.train.images[:, 0].numpy(), digits.train.labels.numpy())


def test_practice_is_what_networks_have_practised_on(source: Source):
    pictures, shown = practice_chunk(source, SEED, 0, COUNT)
    assert_as_recorded("set", pictures)
    assert_as_recorded("labels of a set", [shown[None] + 1])
    assert set(shown.tolist()) == {NOTHING, *range(10)}
    known, empty = pictures[shown != NOTHING], pictures.max((1, 2)) == 0
    assert (known.max((1, 2)) == 255).all()
    assert len({picture.tobytes() for picture in known}) == len(known)
    assert empty.any()
    assert (shown[empty] == NOTHING).all()


def test_pictures_are_framed_as_they_are_when_they_are_read(source: Source):
    random, same = (np.random.default_rng(5) for _ in "ab")
    for _ in range(12):
        made, label = practice_picture(source, random)
        scene = SCENES[same.integers(len(SCENES))]
        ink, shown = some_ink(source, scene, same)
        picture = photograph(ink, scene, same)
        if label != NOTHING:
            assert label == shown
            assert np.array_equal(made, first_way(picture).framed)


def test_same_seed_gives_the_same_set_however_many_processes_make_it(
    digits: Digits, source: Source
):
    images, labels = digits.train.images[:, 0], digits.train.labels
    pictures, shown = practice_set(images, labels, 30, 5, Workers(chunk=12))
    assert pictures.shape == (30, 28, 28)
    assert (pictures.dtype, shown.dtype) == (torch.uint8, torch.int64)
    made = [practice_chunk(source, 5, *part) for part in ((0, 12), (1, 12), (2, 6))]
    assert np.array_equal(pictures.numpy(), np.concatenate([each for each, _ in made]))
    assert np.array_equal(shown.numpy(), np.concatenate([each for _, each in made]))
    assert not np.array_equal(made[0][0], made[1][0])
    other, _ = practice_chunk(source, 6, 0, 12)
    assert not np.array_equal(made[0][0], other)


def test_photographs_come_beside_the_digits(digits: Digits):
    both = with_photographs(digits, 20, 1, FEW)
    assert both.photographs == 20
    assert torch.equal(both.train.images[:4000], digits.train.images)
    assert torch.equal(both.train.labels[:4000], digits.train.labels)
    assert both.train.images[4000:].shape == (20, 1, 28, 28)
    assert both.train.images.dtype == torch.uint8


def killed(_number: int, _size: int) -> None:
    """A chunk whose process takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@NEEDS_GROUPS
def test_process_that_is_killed_while_it_makes_pictures_is_one_sentence():
    with pytest.raises(UserError, match="free some memory"):
        Workers(chunk=1).make(killed, 4, "photos", "picture")


def stop_all(number: signal.Signals, chunk: int, _size: int) -> None:
    """A chunk that takes a while, during which all processes are stopped."""
    if not chunk:
        os.killpg(0, number)
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


class StopOnArrival:
    """An argument that stops the whole group of the process that it is sent to, as it loads."""

    def __reduce__(self) -> tuple:
        return os.killpg, (0, signal.SIGINT)


@NEEDS_GROUPS
@pytest.mark.parametrize("number", command_line.STOPS)
def test_stop_of_all_processes_that_make_pictures_is_said_once(
    number: signal.Signals, capfd: pytest.CaptureFixture
):
    stopping = partial(stop_all, number)
    assert ended(lambda: len(Workers(chunk=1).make(stopping, 20, "photos", "picture"))) == (
        128 + number
    )
    assert capfd.readouterr() == ("", "Stopped by you.\n")


@NEEDS_GROUPS
def test_ctrl_c_while_processes_load_that_are_no_copies_of_the_first_is_said_once(
    capfd: pytest.CaptureFixture,
):
    def main() -> int:
        spawn = get_context("spawn")  # as on macOS
        with ProcessPoolExecutor(1, spawn, repr, (StopOnArrival(),)) as pool:
            with command_line.unheard_by_others():
                made = pool.submit(max, 1, 2)
            return made.result()

    assert ended(main) == 130
    assert capfd.readouterr() == ("", "Stopped by you.\n")


def test_lines_are_32_pixels_high_and_have_room_for_their_text(digits: Digits):
    for picture, text in line_chunk(bank_of(digits.validation), (0,), USUAL_HABITS, 0, 25):
        assert picture.shape[0] == LINE_HEIGHT
        assert len(text) * LINE_STEP <= picture.shape[1] <= WIDEST


@pytest.mark.parametrize("habits", [USUAL_HABITS, PLAIN])
def test_same_seed_gives_the_same_lines_however_many_processes_make_them(
    digits: Digits, habits: Habits
):
    one, bank = line_set(digits.validation, 16, (5, 1), FEW, habits), bank_of(digits.validation)
    parts = [line_chunk(bank, (5, 1), habits, *part) for part in ((0, 10), (1, 6))]
    lines = [line for part in parts for line in part]
    for picture, (again, _) in zip(one.pictures, lines, strict=True):
        assert picture.dtype == torch.uint8
        assert np.array_equal(picture.numpy(), again)
    texts = ["".join(SIGNS[sign - 1] for sign in row if sign > 0) for row in one.labels.tolist()]
    assert texts == [text for _, text in lines]


def test_each_set_of_lines_has_digits_of_its_own(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trainer.sets.line_set", lambda part, *_, **__: part)
    lines = with_lines(digits, 3, 0, FEW)
    assert (lines.train, lines.validation, lines.test) == (
        digits.train,
        digits.validation,
        digits.test,
    )
    assert (lines.mean, lines.std, lines.name) == (digits.mean, digits.std, digits.name)
