"""Compose pages of validation digits under named conditions, read them, and count what is right."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import commands  # noqa: E402
from helpers.files import check_writable, write_text  # noqa: E402

if __name__ == "__main__":
    commands.prepare()  # before PyTorch is imported

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

from helpers import data, photos, redraw  # noqa: E402
from helpers.ink import NoInkError  # noqa: E402
from helpers.pages import Line, read_page  # noqa: E402
from helpers.progress import progress_bar  # noqa: E402
from helpers.reading import WEIGHTS, Reader  # noqa: E402

OUT = ROOT / "build" / "pages.json"
EACH = 10  # pages of each condition
SEED = 2026

Box = tuple[int, int, int, int]
Source = tuple[np.ndarray, np.ndarray]  # digits and what they are
Truth = list[list[tuple[int, Box]]]  # for each line its digits and their boxes


@dataclass(frozen=True)
class Layout:
    """How digits are put on a page; lengths are in heights of a digit."""

    scene: photos.Scene
    side: tuple[int, int] = (1000, 1600)  # pixels of the longer side of the page
    height: tuple[int, int] = (40, 90)  # pixels of a line's typical digit
    within: float = 1.15  # by which digits of one line may be larger or smaller
    space: tuple[float, float] = (0.15, 0.6)  # between digits
    leading: tuple[float, float] = (1.5, 2.0)  # from line to line
    slant: float = 1.0  # degrees that the page is turned, to either side
    drift: float = 0.05  # by which a line wanders up or down
    specks: int = 0
    broken: float = 0.0  # how often a digit has a gap
    most_digits: int = 40  # of a line
    most_lines: int = 100


PHOTO = replace(
    photos.ANY, lines=("",), through=0, shadow=0, pencil=0, width=(0.06, 0.14), blur=(0, 0.01)
)
PLAIN = Layout(PHOTO)
CONDITIONS = {
    "plain": PLAIN,
    "ruled paper": replace(PLAIN, scene=replace(PHOTO, lines=("ruled",)), slant=3),
    "squared paper": replace(PLAIN, scene=replace(PHOTO, lines=("squared",)), slant=3),
    "slanted": replace(PLAIN, slant=8, drift=0.15),
    "touching": replace(PLAIN, space=(-0.12, 0.1)),
    "broken, dirt": replace(PLAIN, specks=40, broken=0.4),
    "shadow, shows through": replace(
        PLAIN, scene=replace(PHOTO, shadow=1, through=1, shade=(0.3, 0.6))
    ),
    "chalk": replace(PLAIN, scene=replace(photos.DARK, width=(0.06, 0.14), blur=(0, 0.01))),
    "small digits": replace(PLAIN, height=(20, 26), side=(700, 1000), leading=(1.6, 2.4)),
    "many sizes": replace(PLAIN, height=(20, 200), within=1.27, side=(1600, 2600)),
    "one digit": replace(PLAIN, height=(60, 200), side=(200, 400), most_digits=1, most_lines=1),
}


def compose(layout: Layout, source: Source, random: np.random.Generator) -> tuple:
    """A photographed page, and what is written on it where."""
    long = random.integers(*layout.side)
    sides = sorted((long, round(0.72 * long)), reverse=random.random() < 0.5)
    cover = np.zeros(sides, np.float32)
    pen = random.uniform(*layout.scene.width), random.uniform(0.3, 0.6)
    angle = np.radians(random.uniform(-layout.slant, layout.slant))
    lean = abs(np.tan(angle)) * sides[1] / 2
    lines, sizes, top = [], [], lean
    while len(lines) < layout.most_lines:
        height = round(np.exp(random.uniform(*np.log(layout.height))))
        highest = height * layout.within
        top += (random.uniform(*layout.leading) - 1) * height
        if top + highest + lean > sides[0] - 0.3 * height:
            break
        line = write_line(layout, cover, (top + highest, height, angle), source, pen, random)
        if line:
            lines.append(line)
            sizes.append(height)
        top += highest
    if not lines:
        return compose(layout, source, random)
    size = round(np.median(sizes))
    for _ in range(layout.specks):
        at = tuple(int(random.integers(side)) for side in sides[::-1])
        cv2.circle(cover, at, int(random.integers(1, max(2, size // 14))), 1, -1, cv2.LINE_AA)
    return develop(layout.scene, cover, size, random), lines


def write_line(
    layout: Layout,
    cover: np.ndarray,
    place: tuple[float, int, float],
    source: Source,
    pen: tuple[float, float],
    random: np.random.Generator,
) -> list[tuple[int, Box]]:
    """Write digits from left to right until chance or the page ends the line."""
    (base, height, angle), (digits, labels) = place, source
    high, wide = cover.shape
    right, phase = wide * random.uniform(0.04, 0.12), random.uniform(0, 6)
    line: list[tuple[int, Box]] = []
    for _ in range(random.integers(min(3, layout.most_digits), layout.most_digits + 1)):
        which = random.integers(len(labels))
        size = round(height * layout.within ** random.uniform(-1, 1))
        ink = written(digits[which], int(labels[which]), size, pen, random)
        if random.random() < layout.broken:
            ink = with_gap(ink, random)
        left, drift = round(right), layout.drift * np.sin(phase + right / height / 6)
        drift += random.normal(0, 0.04)
        bottom = round(base + drift * height + (left - wide / 2) * np.tan(angle))
        top, right = bottom - ink.shape[0], left + ink.shape[1]
        if right > wide * 0.97 or top < 0 or bottom > high:
            break
        part = cover[top:bottom, left:right]
        np.maximum(part, ink.astype(np.float32) / 255, out=part)
        line.append((int(labels[which]), (left, top, ink.shape[1], ink.shape[0])))
        right += height * random.uniform(*layout.space)
    return line


def written(
    digit: np.ndarray,
    label: int,
    size: int,
    pen: tuple[float, float],
    random: np.random.Generator,
) -> np.ndarray:
    """A digit as ink, cut out: as its writer wrote it, or, if there is room, with this pen."""
    thickness, weight = pen
    if size < 60 or random.random() < 0.5 or not redraw.has_strokes(digit, label):
        ink = redraw.enlarge(digit, size, weight)
    else:
        ink = redraw.with_pen(digit, size, size * thickness)
    rows, columns = np.flatnonzero(ink.max(1) > 60), np.flatnonzero(ink.max(0) > 60)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def with_gap(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A digit whose pen skipped somewhere: a straight gap through part of it."""
    high, wide = ink.shape
    broken = ink.copy()
    y = round(high * random.uniform(0.2, 0.8))
    start = random.integers(0, max(1, wide // 2))
    thick = max(2, round(high * random.uniform(0.03, 0.07)))
    tilt = round(high * random.normal(0, 0.1))
    cv2.line(broken, (int(start), y), (int(start) + wide // 2, y + tilt), 0, thick)
    return broken if broken.sum() > 0.6 * ink.sum() else ink


def develop(
    scene: photos.Scene, cover: np.ndarray, size: int, random: np.random.Generator
) -> np.ndarray:
    """The page as photographed."""
    paper, colour = photos.ink_and_paper(scene, random)
    picture = photos.sheet(paper, list(cover.shape), size, scene, random)
    cover = cover[..., None] * random.uniform(*scene.contrast)
    picture = picture * (1 - cover) + colour * cover
    picture *= photos.light(list(cover.shape[:2]), size, scene, random)
    return photos.camera(picture, size, scene, random)


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
    source = digits.validation.images[:, 0].numpy(), digits.validation.labels.numpy()
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
    commands.Parser(description=__doc__).parse_args()
    commands.work_in(ROOT)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    check_writable(OUT)
    commands.interruptible()
    found = measure()
    write_text(OUT, json.dumps(found, indent=1) + "\n")
    print(f"{table(found)}\n\nwrote {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    commands.run(main)
