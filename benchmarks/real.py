"""Real handwriting, measured beside pictures made by code; it is optional.

The environment names folders with pictures and a `labels.csv`, whose head is `path,label`:
REAL_LINES, labelled with their digits; REAL_DIGITS, with one digit on each picture; and
REAL_OTHERS, pictures of other things, with any label.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.scores import Shown
from handreader import Reader, open_picture
from handreader.common.errors import UserError

LINES, DIGITS, OTHERS = "REAL_LINES", "REAL_DIGITS", "REAL_OTHERS"


def pictures(name: str) -> Iterator[tuple[np.ndarray, str]]:
    """Yield pictures, (height, width, 3) bytes, and labels of the folder that a variable names."""
    if folder := os.environ.get(name):
        with (Path(folder) / "labels.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield open_picture(str(Path(folder) / row["path"])), row["label"]


def lines() -> list[Shown]:
    """Return real lines, if there are any."""
    return [Shown(picture, [label]) for picture, label in pictures(LINES)]


def digits_read(reader: Reader) -> list[dict]:
    """Return how real digits were read, and how often other pictures were, if there are any."""
    rows: list[dict] = []
    for name, what in ((DIGITS, "real digits"), (OTHERS, "real pictures of no digit")):
        read = [(*read_one(picture, reader), label) for picture, label in pictures(name)]
        if read:
            row = {"what": what, "pictures": len(read)}
            row["unsure"] = fmean(unsure for _, unsure, _ in read)
            if name == DIGITS:
                row["right"] = fmean(digit == label for digit, _, label in read)
            rows.append(row)
    return rows


def read_one(picture: np.ndarray, reader: Reader) -> tuple[str, bool]:
    """Return the digit on a picture, and whether it is unsure; "" if there is no ink."""
    try:
        reading = reader.read_digit(picture)[1]
    except UserError:
        return "", True
    return str(reading.digit), reading.unsure
