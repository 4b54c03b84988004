"""Compose pages of validation digits under named conditions, read them, and count what is right."""

import time
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace

import numpy as np
import torch
from torchvision.ops import box_convert, box_iou

from benchmarks import ROOT
from benchmarks.picture_runs import PEN, PHOTO, SEED, kept
from benchmarks.tables import head_of, row_of, show
from helpers import data
from helpers.common.errors import UserError
from helpers.common.progress import progress_bar
from helpers.practice import scenes
from helpers.practice.pages import Box, Layout, Truth, compose
from helpers.practice.subjects import Source
from helpers.reading import Number, PictureReader

OUT = ROOT / "build" / "pages.json"
EACH = 10  # pages of each condition
FOUND = 0.5  # of two boxes' union is their intersection, from where on both are the same digit's

BLUR = (0, 0.01)  # in digits; a page is taken from farther away, and digits on it are smaller
PAGE_PHOTO = replace(PHOTO, blur=BLUR)
PLAIN = Layout(PAGE_PHOTO)
CONDITIONS = {
    "plain": PLAIN,
    "ruled paper": replace(PLAIN, scene=replace(PAGE_PHOTO, ruling=("ruled",)), slant=3),
    "squared paper": replace(PLAIN, scene=replace(PAGE_PHOTO, ruling=("squared",)), slant=3),
    "slanted": replace(PLAIN, slant=8, drift=0.15),
    "touching": replace(PLAIN, space=(-0.12, 0.1)),
    "broken, dirt": replace(PLAIN, specks=40, broken=0.4),
    "shadow, shows through": replace(
        PLAIN, scene=replace(PAGE_PHOTO, shadow=1, through=1, shade=(0.3, 0.6))
    ),
    "chalk": replace(PLAIN, scene=replace(scenes.DARK, width=PEN, blur=BLUR)),
    "small digits": replace(PLAIN, height=(20, 26), side=(700, 1000), leading=(1.6, 2.4)),
    "many sizes": replace(PLAIN, height=(20, 200), within=1.27, side=(1600, 2600)),
    "one digit": replace(PLAIN, height=(60, 200), side=(200, 400), most_digits=1, most_lines=1),
}


@dataclass(frozen=True)
class Score:
    """What of some pages was found, and what was read right, by place and by order."""

    digits: int = 0
    found: int = 0
    right: int = 0
    too_many: int = 0
    lines: int = 0
    lines_right: int = 0
    errors: int = 0  # insertions, deletions and replacements that would make the text right
    seconds: float = 0.0

    def __add__(self, other: "Score") -> "Score":
        return Score(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def score(lines: list[Number], truth: Truth) -> Score:
    """What of a page was read right."""
    wanted = [digit for line in truth for digit in line]
    got = [digit for line in lines for digit in line.digits]
    pairs = matched([each.box for each in wanted], [each.box for each in got])
    texts = [line.digits_only for line in lines]
    written = ["".join(str(digit.label) for digit in line) for line in truth]
    return Score(
        digits=len(wanted),
        found=len(pairs),
        right=sum(str(wanted[one].label) == got[other].text for one, other in pairs),
        too_many=len(got) - len(pairs),
        lines=len(written),
        lines_right=len(written) - distance(written, texts) if texts else 0,
        errors=distance("\n".join(written), "\n".join(texts)),
    )


def matched(
    wanted: Sequence[Box], got: Sequence[tuple[int, int, int, int]]
) -> list[tuple[int, int]]:
    """Which boxes are the same, by number: each takes the nearest that no other has taken."""
    if not wanted or not got:
        return []
    overlaps = box_iou(corners(wanted), corners(got))
    pairs = []
    for one, row in enumerate(overlaps):
        other = int(row.argmax())
        if row[other] > FOUND:
            pairs.append((one, other))
            overlaps[:, other] = -1  # taken
    return pairs


def corners(boxes: Sequence[tuple[int, int, int, int]]) -> torch.Tensor:
    """Boxes (left, top, width, height) as (count, 4) floats: left, top, right, bottom."""
    return box_convert(torch.tensor(boxes, dtype=torch.float64), "xywh", "xyxy")


def distance(one: Sequence, other: Sequence) -> int:
    """How many insertions, deletions and replacements lead from one to the other.

    That is V. Levenshtein's distance, 1966.
    """
    row = list(range(len(other) + 1))
    for n, first in enumerate(one, 1):
        before, row[0] = row[0], n
        for m, second in enumerate(other, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (first != second))
    return row[-1]


def measure() -> dict:
    """For each condition the sums over its pages."""
    digits = data.load_digits()
    shown, reader = digits.validation, PictureReader.load()
    source = Source(shown.images[:, 0].numpy(), shown.labels.numpy())
    rows = {}
    with progress_bar(EACH * len(CONDITIONS), "pages", "page") as bar:
        for number, (name, layout) in enumerate(CONDITIONS.items()):
            total = Score()
            for page in range(EACH):
                random = np.random.default_rng([SEED, number, page])
                total += read_and_score(*compose(layout, source, random), reader)
                bar.update()
            rows[name] = asdict(total)
    return {"data": digits.name, "pages": EACH, "conditions": rows}


def read_and_score(picture: np.ndarray, truth: Truth, reader: PictureReader) -> Score:
    """How well, and how fast, one page is read."""
    started = time.perf_counter()
    try:
        lines = reader.read_page(picture).lines
    except UserError:
        lines = []
    seconds = time.perf_counter() - started
    return replace(score(lines, truth), seconds=seconds)


def table(found: dict) -> list[str]:
    """The figures in Markdown."""
    each, scores = found["pages"], {n: Score(**row) for n, row in found["conditions"].items()}
    return [
        f"{each} pages for each condition, validation digits of {found['data']}.",
        "",
        *head_of(
            *("condition", "digits", "found", "read right"),
            *("too many", "by order", "lines exact", "s a page"),
        ),
        *(row_of(name, *cells(one, each)) for name, one in scores.items()),
        row_of("**all**", *cells(sum(scores.values(), Score()), each * len(scores))),
    ]


def cells(total: Score, pages: int) -> list[str]:
    """A row of the table."""
    return [
        f"{total.digits:,}",
        f"{total.found / total.digits:.1%}",
        f"{total.right / total.digits:.1%}",
        f"{total.too_many}",
        f"{1 - total.errors / total.digits:.1%}",
        f"{total.lines_right} of {total.lines}",
        f"{total.seconds / pages:.2f}",
    ]


def main() -> int:
    """Measure, write the figures down, and print the table."""
    show(table(kept(OUT, measure)), OUT)
    return 0
