"""Sets to train on: synthetic photographs of digits and non-digits, and synthetic lines."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.progress import progress_bar
from handreader.framing import SIDE
from handreader.ink.segmentation import NoInkError
from handreader.ink.strokes import ways_to_see
from handreader.lines import LINE_STEP, fitted
from helpers.data import Digits, DigitSet
from trainer.line_set import Lines, LineSet, labels_of
from trainer.synthesis.camera import photograph
from trainer.synthesis.glyphs import Bank
from trainer.synthesis.hands import USUAL_HABITS, Habits
from trainer.synthesis.lines import compose
from trainer.synthesis.scenes import SCENES
from trainer.synthesis.subjects import NOTHING, Source, Subject, some_ink
from trainer.synthesis.texts import columns_needed

CHUNK = 250  # pictures at a time: few enough that the bar moves and all processes end together
DIGITS_IN_BANK = 25_000  # digits to write with: every process has to prepare each of them
HELD_BACK = 2000  # lines for validation, and for the test, so that 1 % is 20 of them
WIDEST = 640  # pixels, 32 high: wider lines are rare, and slow down their whole batch

T = TypeVar("T")
Chunk = tuple[np.ndarray, np.ndarray]  # framed pictures, (count, 28, 28) bytes, and their labels


@dataclass(frozen=True)
class Workers:
    """A pool of processes that make pictures, and the number of pictures in a chunk."""

    pool: Callable[..., Executor] = ProcessPoolExecutor
    chunk: int = CHUNK

    def make(self, chunk_of: Callable[[int, int], T], count: int, what: str, unit: str) -> list[T]:
        """Return all chunks in order, each made by `chunk_of(number, size)` in a process.

        A stop cancels the chunks that are left.
        """
        sizes = [min(self.chunk, count - start) for start in range(0, count, self.chunk)]
        pool = self.pool(initializer=remember, initargs=(chunk_of,))
        chunks = []
        try:
            with command_line.unheard_by_others():
                futures = [pool.submit(remembered_chunk, *each) for each in enumerate(sizes)]
            with progress_bar(count, what, unit) as bar:
                for size, future in zip(sizes, futures, strict=True):
                    chunks.append(future.result())
                    bar.update(size)
        except BrokenProcessPool as error:
            raise UserError("A process was ended that made pictures: free some memory.") from error
        finally:
            pool.shutdown(cancel_futures=True)  # unlike `map`, which cancels before the pool knows
        return chunks


# What each process received at its start: with each chunk, the digits would be sent 300 times.
given: dict[str, Callable[[int, int], Any]] = {}


def remember(chunk_of: Callable[[int, int], Any]) -> None:
    """Store in a new process what makes all of its chunks."""
    given["chunks"] = chunk_of


def remembered_chunk(number: int, size: int) -> Any:
    """Return chunk `number`, made by what `remember` stored in this process."""
    return given["chunks"](number, size)


PROCESSES = Workers()  # one per core


@dataclass(frozen=True)
class Practised(Digits):
    """Digits with synthetic photographs added to the training set."""

    photographs: int


def with_photographs(
    digits: Digits, count: int, seed: int, workers: Workers = PROCESSES
) -> Practised:
    """Return the digits with `count` photographs added to the training set; it may take minutes."""
    images, labels = digits.train.images, digits.train.labels
    pictures, shown = practice_set(images[:, 0], labels, count, seed, workers)
    train = DigitSet(torch.cat([images, pictures[:, None]]), torch.cat([labels, shown]))
    return Practised(**vars(digits) | {"train": train}, photographs=count)


def practice_set(
    images: Tensor, labels: Tensor, count: int, seed: int, workers: Workers = PROCESSES
) -> tuple[Tensor, Tensor]:
    """Return framed pictures, (count, 28, 28) bytes, and their labels, the same on any machine.

    They depend on the seed and on the size of a chunk, but not on the number of processes.
    """
    chunk_of = partial(practice_chunk, Source(images.numpy(), labels.numpy()), seed)
    chunks = workers.make(chunk_of, count, "photos", "picture")
    pictures, shown = (torch.from_numpy(np.concatenate(each)) for each in zip(*chunks, strict=True))
    return pictures, shown


def practice_chunk(source: Source, seed: int, number: int, count: int) -> Chunk:
    """Return chunk `number` of a practice set, drawn with random numbers of its own."""
    cv2.setNumThreads(1)  # there are as many processes as cores
    random = np.random.default_rng([seed, number])
    framed, shown = zip(*(practice_picture(source, random) for _ in range(count)), strict=True)
    return np.array(framed), np.array(shown, np.int64)


def practice_picture(source: Source, random: np.random.Generator) -> Subject:
    """Return a synthetic photograph, framed as when it is read, and its label.

    A picture in which no ink is found is blank and labelled NOTHING.
    """
    scene = SCENES[random.integers(len(SCENES))]
    ink, label = some_ink(source, scene, random)
    try:
        return next(ways_to_see(photograph(ink, scene, random))).framed, label
    except NoInkError:
        return np.zeros((SIDE, SIDE), np.uint8), NOTHING


def with_lines(digits: Digits, count: int, seed: int, workers: Workers = PROCESSES) -> Lines:
    """Return `count` lines for training, and fewer for validation and test; this takes minutes."""
    made = partial(line_set, workers=workers)
    held_back = min(HELD_BACK, count)
    parts = {
        "train": made(digits.train, count, (seed, 0)),
        "validation": made(digits.validation, held_back, (seed, 1)),
        "test": made(digits.test, held_back, (seed, 2)),
    }
    return Lines(**vars(digits) | parts, photographs=count)


def line_set(
    digits: DigitSet,
    count: int,
    seed: Sequence[int],
    workers: Workers = PROCESSES,
    habits: Habits = USUAL_HABITS,
) -> LineSet:
    """Return `count` lines written with the given digits, the same on any machine."""
    chunk_of = partial(line_chunk, bank_of(digits), tuple(seed), habits)
    lines = [line for chunk in workers.make(chunk_of, count, "lines", "line") for line in chunk]
    pictures = [torch.from_numpy(picture) for picture, _ in lines]
    return LineSet(pictures, labels_of([text for _, text in lines]))


def bank_of(digits: DigitSet) -> Bank:
    """Return a bank of the digits to write with, at most DIGITS_IN_BANK of them."""
    few = torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))[:DIGITS_IN_BANK]
    return Bank(Source(digits.images[few, 0].numpy(), digits.labels[few].numpy()))


def line_chunk(
    bank: Bank, seed: tuple[int, ...], habits: Habits, number: int, count: int
) -> list[tuple[np.ndarray, str]]:
    """Return chunk `number` of a set of lines, drawn with random numbers of its own."""
    cv2.setNumThreads(1)  # there are as many processes as cores
    random = np.random.default_rng([*seed, number])
    return [readable_line(bank, random, habits) for _ in range(count)]


def readable_line(
    bank: Bank, random: np.random.Generator, habits: Habits
) -> tuple[np.ndarray, str]:
    """Return a line as the network sees it, (32, width) bytes, and its text.

    Lines are drawn until one is at most WIDEST wide and has enough columns for CTC.
    """
    while True:
        picture, text = compose(bank, random, habits)
        small = fitted(picture)
        if small.shape[1] <= WIDEST and small.shape[1] // LINE_STEP >= columns_needed(text):
            return small, text
