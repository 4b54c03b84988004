"""Compose pages of validation digits under named conditions, read them, and count what is right."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch

from benchmarks import ROOT
from helpers import data
from helpers.common import command_line
from helpers.common.files import check_writable, write_text
from helpers.common.progress import progress_bar
from helpers.practice import scenes
from helpers.practice.pages import Box, Layout, Truth, compose
from helpers.practice.subjects import Source
from helpers.reading.ink import NoInkError
from helpers.reading.pages.page import Line, read_page
from helpers.reading.reader import WEIGHTS, Reader

OUT = ROOT / "build" / "pages.json"
EACH = 10  # pages of each condition
SEED = 2026

PHOTO = replace(
    scenes.ANY, ruling=("",), through=0, shadow=0, pencil=0, width=(0.06, 0.14), blur=(0, 0.01)
)
PLAIN = Layout(PHOTO)
CONDITIONS = {
    "plain": PLAIN,
    "ruled paper": replace(PLAIN, scene=replace(PHOTO, ruling=("ruled",)), slant=3),
    "squared paper": replace(PLAIN, scene=replace(PHOTO, ruling=("squared",)), slant=3),
    "slanted": replace(PLAIN, slant=8, drift=0.15),
    "touching": replace(PLAIN, space=(-0.12, 0.1)),
    "broken, dirt": replace(PLAIN, specks=40, broken=0.4),
    "shadow, shows through": replace(
        PLAIN, scene=replace(PHOTO, shadow=1, through=1, shade=(0.3, 0.6))
    ),
    "chalk": replace(PLAIN, scene=replace(scenes.DARK, width=(0.06, 0.14), blur=(0, 0.01))),
    "small digits": replace(PLAIN, height=(20, 26), side=(700, 1000), leading=(1.6, 2.4)),
    "many sizes": replace(PLAIN, height=(20, 200), within=1.27, side=(1600, 2600)),
    "one digit": replace(PLAIN, height=(60, 200), side=(200, 400), most_digits=1, most_lines=1),
}


def score(lines: list[Line], truth: Truth) -> dict[str, int]:
    """What of a page was found, and what was read right, by place and by order."""
    wanted = [digit for line in truth for digit in line]
    got = [digit for line in lines for digit in line.digits]
    found = right = 0
    free = set(range(len(got)))
    for label, box in wanted:
        best = max(free, key=lambda n: shared(box, got[n].box), default=None)
        if best is not None and shared(box, got[best].box) > 0.5:
            free.remove(best)
            found, right = found + 1, right + (got[best].reading.digit == label)
    texts = ["".join(str(digit.reading.digit) for digit in line.digits) for line in lines]
    written = ["".join(str(label) for label, _ in line) for line in truth]
    return {
        "digits": len(wanted),
        "found": found,
        "right": right,
        "too_many": len(free),
        "lines": len(written),
        "lines_right": len(written) - distance(written, texts) if texts else 0,
        "errors": distance("\n".join(written), "\n".join(texts)),
    }


def shared(one: Box, other: Box) -> float:
    """How much of two boxes together belongs to both."""
    right = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(0, right) * max(0, down)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def distance(one: Sequence, other: Sequence) -> int:
    """How many insertions, deletions and replacements lead from one to the other."""
    row = list(range(len(other) + 1))
    for n, first in enumerate(one, 1):
        before, row[0] = row[0], n
        for m, second in enumerate(other, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (first != second))
    return row[-1]


def measure() -> dict:
    """For each condition the sums over its pages."""
    digits = data.load_digits()
    shown = digits.validation
    source = Source(shown.images[:, 0].numpy(), shown.labels.numpy())
    reader = Reader.load(WEIGHTS / "cnn.pt")
    rows = {}
    with progress_bar(EACH * len(CONDITIONS), "pages", "page") as bar:
        for number, (name, layout) in enumerate(CONDITIONS.items()):
            results = []
            for page in range(EACH):
                random = np.random.default_rng([SEED, number, page])
                results.append(result_of(*compose(layout, source, random), reader))
                bar.update()
            rows[name] = {what: sum(each[what] for each in results) for what in results[0]}
    return {"data": digits.name, "pages": EACH, "conditions": rows}


def result_of(picture: np.ndarray, truth: Truth, reader: Reader) -> dict[str, float]:
    """How well, and how fast, one page is read."""
    started = time.perf_counter()
    try:
        lines = read_page(picture, reader)
    except NoInkError:
        lines = []
    return {"seconds": time.perf_counter() - started} | score(lines, truth)


def table(found: dict) -> str:
    """The figures in Markdown."""
    rows = [f"{found['pages']} pages for each condition, validation digits of {found['data']}.", ""]
    rows.append(
        "| condition | digits | found | read right | too many | by order | lines exact | s a page |"
    )
    rows.append("| --- " * 8 + "|")
    totals = {"**all**": {}}
    for row in found["conditions"].values():
        for what, value in row.items():
            totals["**all**"][what] = totals["**all**"].get(what, 0) + value
    for name, row in (found["conditions"] | totals).items():
        digits, lines = row["digits"], row["lines"]
        pages = found["pages"] * (len(found["conditions"]) if name in totals else 1)
        rows.append(
            f"| {name} | {digits:,} | {row['found'] / digits:.1%} | {row['right'] / digits:.1%} "
            f"| {row['too_many']} | {1 - row['errors'] / digits:.1%} "
            f"| {row['lines_right']} of {lines} | {row['seconds'] / pages:.2f} |"
        )
    return "\n".join(rows)


def main() -> int:
    """Measure, write the figures down, and print the table."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    check_writable(OUT)
    command_line.interruptible()
    found = measure()
    write_text(OUT, json.dumps(found, indent=1) + "\n")
    print(f"{table(found)}\n\nwrote {OUT.relative_to(ROOT)}")
    return 0
