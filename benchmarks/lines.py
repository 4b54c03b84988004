"""Compose lines of validation digits under named conditions, read them, and count what is right.

Real lines, where there are some, are read beside them: REAL_LINES names a folder with pictures and
a `labels.csv`, one `path,label` a line, whose labels are digits alone.
"""

import csv
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks import ROOT
from benchmarks.picture_runs import SEED, kept
from benchmarks.tables import head_of, row_of, show
from helpers import data
from helpers.common.progress import progress_bar
from helpers.practice.glyphs import Bank
from helpers.practice.hands import PLAIN, USUAL_HABITS, Habits
from helpers.practice.line_papers import ORDINARY
from helpers.practice.lines import compose
from helpers.practice.subjects import Source
from helpers.reading.line import LineReader

OUT = ROOT / "build" / "lines.json"
EACH = 200  # lines of each condition: one of them is half a percent
REAL = "REAL_LINES"  # the environment's name for a folder with real ones

ON_CLEAN = replace(USUAL_HABITS, alone=1, neighbours=0, cut=0, papers=PLAIN.papers)
CONDITIONS = {
    "plain": PLAIN,
    "any paper": replace(PLAIN, papers=ORDINARY),
    "security printing": replace(PLAIN, papers=replace(PLAIN.papers, wavy=1)),
    "rules and boxes": replace(PLAIN, papers=replace(PLAIN.papers, ruled=1, boxed=1)),
    "light on dark": replace(PLAIN, papers=replace(PLAIN.papers, negative=1)),
    "narrow crops, cut": replace(PLAIN, tight=1, cut=1),
    "touching": replace(PLAIN, gaps=(0, 0.05)),
    "joined": replace(ON_CLEAN, joining=1),
    "zeros in one stroke": replace(ON_CLEAN, coiling=1),
    "any hand": ON_CLEAN,
    "signs and words beside": replace(ON_CLEAN, alone=0),
    "printed": replace(ON_CLEAN, kinds=(0, 0, 0, 1)),
    "all of it": USUAL_HABITS,
}

Written = tuple[np.ndarray, str]  # a grey picture, and what it says


@dataclass(frozen=True)
class Score:
    """How some lines were read."""

    lines: int
    right: int  # with every mark
    digits_right: int  # marks don't count
    sure: int
    sure_and_right: int
    seconds: float


def score(reader: LineReader, lines: Sequence[Written]) -> Score:
    """Read lines, and count."""
    started = time.perf_counter()
    read = reader.read_all([picture for picture, _ in lines])
    seconds = time.perf_counter() - started
    texts = [text for _, text in lines]
    digits = [line.digits_only == only(text) for line, text in zip(read, texts, strict=True)]
    sure = [right for line, right in zip(read, digits, strict=True) if not line.unsure]
    exact = sum(line.text == text for line, text in zip(read, texts, strict=True))
    return Score(len(lines), exact, sum(digits), len(sure), sum(sure), seconds)


def only(text: str) -> str:
    """The digits of a text."""
    return "".join(sign for sign in text if sign.isdigit())


def composed(habits: Habits, bank: Bank, seed: Sequence[int]) -> list[Written]:
    """Lines of one condition."""
    random = np.random.default_rng(list(seed))
    return [compose(bank, random, habits) for _ in range(EACH)]


def real_lines(folder: str | None) -> Iterator[Written]:
    """Photographed ones, if there are any."""
    if not folder:
        return
    with (Path(folder) / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            picture = cv2.imread(str(Path(folder) / row["path"]), cv2.IMREAD_GRAYSCALE)
            assert picture is not None, row["path"]
            yield picture, row["label"]


def measure() -> dict:
    """For each condition how its lines are read."""
    digits, reader = data.load_digits(), LineReader.load()
    shown = digits.validation
    bank = Bank(Source(shown.images[:, 0].numpy(), shown.labels.numpy()))
    rows = {}
    with progress_bar(len(CONDITIONS), "lines", "condition") as bar:
        for number, (name, habits) in enumerate(CONDITIONS.items()):
            rows[name] = asdict(score(reader, composed(habits, bank, (SEED, number))))
            bar.update()
    if real := list(real_lines(os.environ.get(REAL))):
        rows["real ones"] = asdict(score(reader, real))
    return {"data": digits.name, "conditions": rows}


def table(found: dict) -> list[str]:
    """The figures in Markdown."""
    scores = {name: Score(**row) for name, row in found["conditions"].items()}
    return [
        f"Lines of validation digits of {found['data']}.",
        "",
        *head_of(
            "condition", "lines", "exact", "digits right", "sure", "of those right", "ms each"
        ),
        *(row_of(name, *cells(each)) for name, each in scores.items()),
    ]


def cells(each: Score) -> list[str]:
    """A row of the table."""
    return [
        f"{each.lines}",
        f"{each.right / each.lines:.1%}",
        f"{each.digits_right / each.lines:.1%}",
        f"{each.sure / each.lines:.1%}",
        f"{each.sure_and_right / max(1, each.sure):.1%}",
        f"{1000 * each.seconds / each.lines:.0f}",
    ]


def main() -> int:
    """Measure, write the figures down, and print the table."""
    show(table(kept(OUT, measure)), OUT)
    return 0
