"""Real handwriting, measured beside what is made by code where there is some; never required.

The environment names folders with pictures and a `labels.csv`, one `path,label` a line:
REAL_LINES, whose labels are digits alone; REAL_DIGITS, one on each picture; and REAL_OTHERS,
which are no digits, whatever their labels.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.scores import Shown
from helpers.common.errors import UserError
from helpers.reading import PictureReader, open_picture

LINES, DIGITS, OTHERS = "REAL_LINES", "REAL_DIGITS", "REAL_OTHERS"


class Labelled(NamedTuple):
    """A picture, (high, wide, 3) bytes, and what it shows."""

    picture: np.ndarray
    label: str


def pictures(name: str) -> Iterator[Labelled]:
    """The pictures in the folder of that name, if it is set."""
    if folder := os.environ.get(name):
        with (Path(folder) / "labels.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield Labelled(open_picture(str(Path(folder) / row["path"])), row["label"])


def lines() -> list[Shown]:
    """Real lines, if there are some."""
    return [Shown(picture, [label]) for picture, label in pictures(LINES)]


def digits_read(reader: PictureReader) -> list[dict]:
    """How real digits were read, and how often what is no digit was refused, if there are some."""
    rows = []
    for name, what in ((DIGITS, "real digits"), (OTHERS, "real pictures of no digit")):
        if shown := list(pictures(name)):
            rows.append({"what": what} | counted(shown, reader))
    return rows


def counted(shown: list[Labelled], reader: PictureReader) -> dict:
    """The parts of pictures that were read right, not surely, and surely but wrong."""
    read = [read_one(each.picture, reader) for each in shown]
    right = [each[0] == label for each, (_, label) in zip(read, shown, strict=True)]
    unsure = [each[1] for each in read]
    wrong = [not good and not doubted for good, doubted in zip(right, unsure, strict=True)]
    parts = {"right": right, "unsure": unsure, "sure_and_wrong": wrong}
    return {"pictures": len(shown)} | {name: float(np.mean(part)) for name, part in parts.items()}


def read_one(picture: np.ndarray, reader: PictureReader) -> tuple[str, bool]:
    """The digit on a picture, and whether that is only a guess; nothing if there is no ink."""
    try:
        reading = reader.read_digit(picture)[1]
    except UserError:
        return "", True
    return str(reading.digit), reading.unsure
