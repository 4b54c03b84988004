"""Practice: digits photographed by code and framed again, and things that are no digits."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial

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
    make = partial(practice_chunk, digits.numpy(), labels.numpy(), seed)
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)]
    pictures, answers = [], []
    with ProcessPoolExecutor() as pool, progress_bar(count, "photos", "picture") as bar:
        for framed, shown in pool.map(make, range(len(sizes)), sizes):
            pictures.append(framed)
            answers.append(shown)
            bar.update(len(shown))
    return torch.from_numpy(np.concatenate(pictures)), torch.from_numpy(np.concatenate(answers))


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
    """A digit of MNIST, one written by code, or something else, and its label."""
    kind = random.random()
    if kind < 0.55:
        which = random.integers(len(labels))
        return photos.ink_of(digits[which], scene, random), int(labels[which])
    height = round(random.uniform(*scene.height))
    thickness = height * random.uniform(*scene.width)
    if kind < 0.8:
        digit = int(random.integers(10))
        return strokes.draw(strokes.write_digit(digit, random), height, thickness), digit
    return scrawls.write_nothing(random, height, thickness), NOTHING
