"""Read the world's pictures, and say for each kind how well; or keep the pictures in a folder."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple, get_args

import cv2

from benchmarks import ROOT
from benchmarks.tables import table_of
from benchmarks.world.kinds import Shown, kinds_of, pictures
from benchmarks.world.registry import GROUPS, Half
from benchmarks.world.scoring import RIGHT, UNSURE, WRONG, Answer, Score, Truth, score
from handreader import Reader
from handreader.common.errors import PictureError
from handreader.common.files import check_writable, write_bytes, write_text
from handreader.common.progress import progress_bar

HEAD = "pictures", RIGHT, UNSURE, WRONG, "one digit for many", "median s"


class Scored(NamedTuple):
    """A picture's kind, its group, its score and the seconds that reading took."""

    kind: str
    group: str
    score: Score
    seconds: float


def read(reader: Reader, shown: Shown) -> Scored:
    """Read and score a picture."""
    picture, started = shown.drawn.picture, time.perf_counter()
    try:
        answer: Answer = reader.read(picture)
    except PictureError as refusal:
        answer = refusal
    seconds = time.perf_counter() - started
    drawn, kind = shown.drawn, shown.kind
    return Scored(kind.name, kind.group, score(Truth(drawn.lines, drawn.ok), answer), seconds)


def summary(scored: list[Scored]) -> dict:
    """Return the counts and the median time of some pictures."""
    outcomes = [each.score.outcome for each in scored]
    return {
        "pictures": len(scored),
        **{name: outcomes.count(name) for name in (RIGHT, UNSURE, WRONG)},
        "one digit for many": sum(each.score.one_for_many for each in scored),
        "median s": round(median(each.seconds for each in scored), 3),
        "sure": sum(each.score.sure for each in scored),
        "sure and right": sum(each.score.sure_right for each in scored),
    }


def measure(half: Half, each: int) -> dict:
    """Read so many pictures of each kind of a half; return counts by kind, by group, in all."""
    cv2.setNumThreads(1)  # so that times can be compared
    reader = Reader()
    scored = [read(reader, shown) for shown in with_progress(half, each)]
    kinds = {kind.name: [one for one in scored if one.kind == kind.name] for kind in kinds_of(half)}
    groups = {group: [one for one in scored if one.group == group] for group in GROUPS}
    return {
        "half": half,
        "kinds": {name: summary(some) for name, some in kinds.items()},
        "groups": {name: summary(some) for name, some in groups.items()},
        "all": summary(scored),
        "peak MiB": peak_memory(),
    }


def peak_memory() -> int | None:
    """Return the most memory that this process has held, in MiB; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes, or KiB
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def with_progress(half: Half, each: int) -> Iterator[Shown]:
    """Yield a half's pictures, and show how many are done."""
    with progress_bar(each * len(kinds_of(half)), half, "picture") as bar:
        for shown in pictures(half, each):
            yield shown
            bar.update()


def table(found: dict) -> list[str]:
    """Return the results as Markdown."""
    groups = {**found["groups"], "in all": found["all"]}
    return [
        f"Half: {found['half']}; peak memory, with the drawing: {found['peak MiB']} MiB.",
        "",
        *table_of(("kind", *HEAD), (cells(*each) for each in found["kinds"].items())),
        "",
        *table_of(
            ("group", *HEAD, "sure numbers", "right of these"),
            ([*cells(name, row), *sure_cells(row)] for name, row in groups.items()),
        ),
    ]


def cells(name: str, row: dict) -> list[str]:
    """Return a row of the table."""
    return [name, *(str(row[column]) for column in HEAD)]


def sure_cells(row: dict) -> list[str]:
    """Return how many numbers were sure, and which share of them was right."""
    return [str(row["sure"]), f"{row['sure and right'] / row['sure']:.1%}" if row["sure"] else ""]


def label(shown: Shown, file: str) -> dict:
    """Return a picture's line for labels.jsonl."""
    drawn, kind = shown.drawn, shown.kind
    return {
        "file": file,
        "kind": kind.name,
        "lines": list(drawn.lines),
        "texts": drawn.texts and list(drawn.texts),
        "ok": list(drawn.ok),
        "group": kind.group,
        "half": kind.half,
    }


def keep_pictures(half: Half, each: int, folder: Path) -> None:
    """Write a half's pictures into a folder, and what is to be read on them."""
    folder.mkdir(parents=True, exist_ok=True)
    names, labels = [kind.name for kind in kinds_of(half)], []
    for shown in with_progress(half, each):
        words = "".join(sign if sign.isalnum() else " " for sign in shown.kind.name).split()
        file = f"{names.index(shown.kind.name):02}-{'-'.join(words)}-{shown.number:02}.jpg"
        write_bytes(folder / file, shown.drawn.file)
        labels.append(json.dumps(label(shown, file), ensure_ascii=False))
    write_text(folder / "labels.jsonl", "\n".join(labels) + "\n")


def run(half: Half | None, each: int, keep: Path | None, record_it: bool) -> int:
    """Measure one half, or both; or keep their pictures."""
    for one in [half] if half else get_args(Half):
        if keep:
            keep_pictures(one, each, keep if half else keep / one)
            continue
        out = ROOT / "results" / f"world-{one}.json"
        if record_it:
            check_writable(out)  # fails now, not after all the work
        found = measure(one, each)
        print(*table(found), "", sep="\n")
        if record_it:
            write_text(out, json.dumps(found, indent=1) + "\n")
    return 0
