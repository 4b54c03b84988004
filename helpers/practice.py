"""Practice: digits photographed by code and framed again, and things that are no digits."""

from concurrent.futures import ProcessPoolExecutor

import cv2
import numpy as np
import torch
from torch import Tensor

from helpers import images, photos, scrawls, strokes
from helpers.ink import NoInkError
from helpers.progress import progress_bar

NOTHING = -1  # the label of what is no digit
CHUNK = 250  # pictures made at a time; each chunk has random numbers of its own


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
    framed, shown = np.zeros((count, images.SIDE, images.SIDE), np.uint8), []
    for place in range(count):
        scene = photos.SCENES[random.integers(len(photos.SCENES))]
        ink, label = some_ink(digits, labels, scene, random)
        try:
            framed[place] = images.prepare(photos.photograph(ink, scene, random)).framed
            shown.append(label)
        except NoInkError:
            shown.append(NOTHING)
    return framed, np.array(shown, np.int64)


def some_ink(
    digits: np.ndarray, labels: np.ndarray, scene: photos.Scene, random: np.random.Generator
) -> tuple[np.ndarray, int]:
    """A digit of MNIST, one written or printed by code, or something else, and its label."""
    kind = random.random()
    if kind < 0.55:
        return any_of(digits, labels, scene, random)
    if kind < 0.59:
        pair = [any_of(digits, labels, scene, random) for _ in range(2)]
        return photos.beside(*(ink for ink, _ in pair), random), NOTHING
    height = round(random.uniform(*scene.height))
    thickness = height * random.uniform(*scene.width)
    digit = int(random.integers(10))
    if kind < 0.8:
        return strokes.draw(strokes.write_digit(digit, random), height, thickness), digit
    if kind < 0.84:
        return strokes.printed(str(digit), random, height, thickness), digit
    return scrawls.write_nothing(random, height, thickness), NOTHING


def any_of(
    digits: np.ndarray, labels: np.ndarray, scene: photos.Scene, random: np.random.Generator
) -> tuple[np.ndarray, int]:
    """One of the digits, with the strokes that a scene wants."""
    which = random.integers(len(labels))
    label = int(labels[which])
    return photos.ink_of(digits[which], label, scene, random), label
