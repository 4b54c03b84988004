"""Sets to practise on: digits photographed by code and framed again, and what is no digit."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TypeVar

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
from helpers.data import Digits, DigitSet
from trainer.synthesis.camera import photograph
from trainer.synthesis.scenes import SCENES
from trainer.synthesis.subjects import NOTHING, Source, Subject, some_ink

CHUNK = 250  # pictures made at a time: few enough that the bar moves and all processes end together

T = TypeVar("T")
Chunk = tuple[np.ndarray, np.ndarray]  # framed pictures, (count, 28, 28) bytes, and what they show
Pool = Callable[..., Executor]


@dataclass(frozen=True)
class Workers:
    """By whom pictures are made, and how many at a time."""

    pool: Pool = ProcessPoolExecutor
    chunk: int = CHUNK

    def made(
        self, make: Callable[[int, int], T], count: int, remember: Callable, told: tuple
    ) -> Iterator[T]:
        """All chunks in their order, each made by its number and size; a stop leaves none."""
        sizes = [min(self.chunk, count - start) for start in range(0, count, self.chunk)]
        pool = self.pool(initializer=remember, initargs=told)
        try:
            with command_line.unheard_by_others():
                chunks = [pool.submit(make, *each) for each in enumerate(sizes)]
            for chunk in chunks:
                yield chunk.result()
        except BrokenProcessPool as error:
            raise UserError("A process was ended that made pictures: free some memory.") from error
        finally:
            pool.shutdown(cancel_futures=True)  # `map` would cancel before the pool knows of it


PROCESSES = Workers()  # one for each core


@dataclass(frozen=True)
class Practised(Digits):
    """Digits with photographs among those to learn from."""

    photographs: int


def with_photographs(
    digits: Digits, count: int, seed: int, workers: Workers = PROCESSES
) -> Practised:
    """The same digits with `count` photographs beside those to learn from; it may take minutes."""
    images, labels = digits.train.images, digits.train.labels
    pictures, shown = practice_set(images[:, 0], labels, count, seed, workers)
    train = DigitSet(torch.cat([images, pictures[:, None]]), torch.cat([labels, shown]))
    return Practised(**vars(digits) | {"train": train}, photographs=count)


def practice_set(
    images: Tensor, labels: Tensor, count: int, seed: int, workers: Workers = PROCESSES
) -> tuple[Tensor, Tensor]:
    """`count` framed pictures (bytes, 28 x 28) and what they show, the same on any machine.

    They depend on the seed and on the size of a chunk, but not on how many processes there are.
    """
    told = Source(images.numpy(), labels.numpy()), seed
    chunks: list[Chunk] = []
    with progress_bar(count, "photos", "picture") as bar:
        for chunk in workers.made(remembered_chunk, count, remember, told):
            chunks.append(chunk)
            bar.update(len(chunk[1]))
    pictures, shown = (torch.from_numpy(np.concatenate(each)) for each in zip(*chunks, strict=True))
    return pictures, shown


# What each worker process was told at its start. It has to be kept in the module, for a process
# can be handed only functions by name: sent with each chunk, the digits would be sent 300 times.
given: dict[str, tuple[Source, int]] = {}


def remember(source: Source, seed: int) -> None:
    """Keep in a new process what all of its chunks need."""
    given["chunks"] = source, seed


def remembered_chunk(number: int, count: int) -> Chunk:
    """A chunk made by a process that was told from what."""
    return practice_chunk(*given["chunks"], number, count)


def practice_chunk(source: Source, seed: int, number: int, count: int) -> Chunk:
    """Some of the pictures of a practice set, by random numbers of their own."""
    cv2.setNumThreads(1)  # there are as many processes as cores
    random = np.random.default_rng([seed, number])
    framed, shown = np.zeros((count, SIDE, SIDE), np.uint8), np.zeros(count, np.int64)
    for row in range(count):
        framed[row], shown[row] = practice_picture(source, random)
    return framed, shown


def practice_picture(source: Source, random: np.random.Generator) -> Subject:
    """A picture as it is framed when it is read, and its label; one without ink is no digit."""
    scene = SCENES[random.integers(len(SCENES))]
    ink, label = some_ink(source, scene, random)
    try:
        return next(ways_to_see(photograph(ink, scene, random))).framed, label
    except NoInkError:
        return np.zeros((SIDE, SIDE), np.uint8), NOTHING
