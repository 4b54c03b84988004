"""Training, validation and test sets of synthetic lines, each written with its own digits."""

from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np
import torch

from handreader.lines import LINE_STEP, fitted
from helpers.data import Digits, DigitSet
from trainer.line_set import Lines, LineSet, labels_of
from trainer.sets import PROCESSES, Workers
from trainer.synthesis.glyphs import Bank
from trainer.synthesis.hands import USUAL_HABITS, Habits
from trainer.synthesis.lines import compose
from trainer.synthesis.subjects import Source
from trainer.synthesis.texts import columns_needed

DIGITS_IN_BANK = 25_000  # digits to write with: every process has to prepare each of them
HELD_BACK = 2000  # lines for validation, and for the test, so that 1 % is 20 of them
WIDEST = 640  # pixels, 32 high: wider lines are rare, and slow down their whole batch


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
