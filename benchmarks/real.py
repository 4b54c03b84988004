"""Real handwriting, measured beside what is made by code where there is some; never required.

The environment names folders with pictures and a `labels.csv`, one `path,label` a line:
REAL_LINES, whose labels are digits alone; REAL_DIGITS, one on each picture; and REAL_OTHERS,
which are no digits, whatever their labels.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.scores import Shown
from handreader import Reader, open_picture
from handreader.common.errors import UserError

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


def digits_read(reader: Reader) -> list[dict]:
    """How real digits were read, and how often what is no digit was refused, if there are some."""
    rows = []
    for name, what in ((DIGITS, "real digits"), (OTHERS, "real pictures of no digit")):
        if shown := list(pictures(name)):
            read = [read_one(each.picture, reader) for each in shown]
            row = {"what": what, "pictures": len(shown), "unsure": part(doubt for _, doubt in read)}
            right = [digit == label for (digit, _), (_, label) in zip(read, shown, strict=True)]
            rows.append(row | ({"right": part(right)} if name == DIGITS else {}))
    return rows


def part(yes: Iterable[bool]) -> float:
    """How many are true, from 0 to 1."""
    return float(np.mean(list(yes)))


def read_one(picture: np.ndarray, reader: Reader) -> tuple[str, bool]:
    """The digit on a picture, and whether that is only a guess; nothing if there is no ink."""
    try:
        reading = reader.read_digit(picture)[1]
    except UserError:
        return "", True
    return str(reading.digit), reading.unsure
