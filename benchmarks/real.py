"""Real handwriting, measured beside pictures made by code; it is optional.

The environment names folders with pictures and a `labels.csv`, whose head is `path,label`:
REAL_LINES, labelled with their digits; REAL_DIGITS, with one digit on each picture; and
REAL_OTHERS, pictures of other things, with any label.
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
    """A picture, (height, width, 3) bytes, and what it shows."""

    picture: np.ndarray
    label: str


def pictures(name: str) -> Iterator[Labelled]:
    """Yield the pictures in the folder that a variable names, if it is set."""
    if folder := os.environ.get(name):
        with (Path(folder) / "labels.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield Labelled(open_picture(str(Path(folder) / row["path"])), row["label"])


def lines() -> list[Shown]:
    """Return real lines, if there are any."""
    return [Shown(picture, [label]) for picture, label in pictures(LINES)]


def digits_read(reader: Reader) -> list[dict]:
    """Return how real digits were read, and how often other pictures were, if there are any."""
    rows = []
    for name, what in ((DIGITS, "real digits"), (OTHERS, "real pictures of no digit")):
        if shown := list(pictures(name)):
            read = [read_one(each.picture, reader) for each in shown]
            row = {"what": what, "pictures": len(shown), "unsure": part(doubt for _, doubt in read)}
            right = [digit == label for (digit, _), (_, label) in zip(read, shown, strict=True)]
            rows.append(row | ({"right": part(right)} if name == DIGITS else {}))
    return rows


def part(yes: Iterable[bool]) -> float:
    """Return the share that is true, from 0 to 1."""
    return float(np.mean(list(yes)))


def read_one(picture: np.ndarray, reader: Reader) -> tuple[str, bool]:
    """Return the digit on a picture, and whether it is unsure; "" if there is no ink."""
    try:
        reading = reader.read_digit(picture)[1]
    except UserError:
        return "", True
    return str(reading.digit), reading.unsure
