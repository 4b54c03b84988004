"""Sets to practise on: digits photographed by code and framed again, and what is no digit."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import torch
from torch import Tensor

from helpers.common.progress import progress_bar
from helpers.data import Digits, DigitSet
from helpers.models import SIDE
from helpers.practice.camera import photograph
from helpers.practice.scenes import SCENES
from helpers.practice.subjects import NOTHING, some_ink
from helpers.reading.digit import ways_to_see
from helpers.reading.ink import NoInkError

CHUNK = 250  # pictures made at a time; each chunk has random numbers of its own


def with_photographs(digits: Digits, count: int, seed: int) -> Digits:
    """The same digits with `count` photographs beside those to learn from; it may take minutes."""
    if not count:
        return digits
    images, labels = digits.train.images, digits.train.labels
    pictures, shown = practice_set(images[:, 0], labels, count, seed)
    train = DigitSet(torch.cat([images, pictures[:, None]]), torch.cat([labels, shown]))
    return replace(digits, train=train, photographs=count)


def practice_set(digits: Tensor, labels: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """`count` framed pictures (bytes, 28 x 28) and what they show, the same on any machine."""
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)]
    pictures, answers = [], []
    shared = {"initializer": remember, "initargs": (digits.numpy(), labels.numpy(), seed)}
    bar = progress_bar(count, "photos", "picture")
    with bar, ProcessPoolExecutor(**shared) as pool:
        for framed, shown in pool.map(remembered_chunk, range(len(sizes)), sizes):
            pictures.append(framed)
            answers.append(shown)
            bar.update(len(shown))
    return torch.from_numpy(np.concatenate(pictures)), torch.from_numpy(np.concatenate(answers))


given: dict = {}  # what each process was told at its start


def remember(*arguments: object) -> None:
    """Keep in a new process what all of its chunks need, so that it is sent only once."""
    given["arguments"] = arguments


def remembered_chunk(number: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A chunk made by a process that was told from what."""
    return practice_chunk(*given["arguments"], number, count)


def practice_chunk(
    digits: np.ndarray, labels: np.ndarray, seed: int, number: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Some of the pictures of a practice set."""
    cv2.setNumThreads(1)
    random = np.random.default_rng([seed, number])
    framed, shown = np.zeros((count, SIDE, SIDE), np.uint8), []
    for place in range(count):
        scene = SCENES[random.integers(len(SCENES))]
        ink, label = some_ink(digits, labels, scene, random)
        try:
            framed[place] = next(ways_to_see(photograph(ink, scene, random))).framed
            shown.append(label)
        except NoInkError:
            shown.append(NOTHING)
    return framed, np.array(shown, np.int64)
