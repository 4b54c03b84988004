"""An ablation: leave out one part of the practice at a time, and measure what a line network lacks.

A small network learns from few lines each time, so that all of it takes half an hour. All begin
as the same network, which knows plain lines only, in which none of the parts occurs.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import cv2

from benchmarks import ROOT, lines, real
from benchmarks.picture_runs import kept
from benchmarks.scores import REAL, Shown, only_digits
from benchmarks.tables import show, table_of
from handreader import LineReader
from handreader.common.files import check_writable, write_text
from handreader.common.progress import progress_bar
from helpers import data
from helpers.runs import Run
from trainer.line_network import line_scores
from trainer.line_set import Lines
from trainer.recipes import LINE
from trainer.sets import bank_of, line_set, with_lines
from trainer.synthesis.hands import PLAIN, USUAL_HABITS, Habits
from trainer.tasks import WholeLines

OUT, TABLE = (ROOT / "results" / f"practice.{kind}" for kind in ("json", "md"))
SEEDS = 2
LINES = 6000  # to learn from
SMALL = LINE.but(  # half as wide as the network in weights/: a quarter of the work
    sizes=(12, 24, 40, 64, 80, 80, 80), warps=None, batch_size=32, photos=LINES, epochs=3
)
NOTHING, ALL_KINDS = "nothing", "lines of all kinds"  # left out; the validation test
BY_MNIST_OR_PRINTED = (0.93, 0, 0, 0.07)  # shares of kinds of hands, without hands made by code
USUAL = USUAL_HABITS
WITHOUT_PRINT = replace(USUAL.papers, wavy=0, dotted=0)
WITHOUT_RULES = replace(USUAL.papers, ruled=0, boxed=0)

# The practice without each part, and the condition under which lines show that part.
PARTS = {
    "strokes that join digits": (replace(USUAL, joining=0), "joined"),
    "zeros in one stroke": (replace(USUAL, coiling=0), "zeros in one stroke"),
    "foreign ways to write 1 and 7": (replace(USUAL, foreign=0), "foreign 1 and 7"),
    "hands made by code": (replace(USUAL, kinds=BY_MNIST_OR_PRINTED), "hands by code"),
    "security printing": (replace(USUAL, papers=WITHOUT_PRINT), "security printing"),
    "rules and boxes": (replace(USUAL, papers=WITHOUT_RULES), "rules and boxes"),
    "signs and words beside": (replace(USUAL, alone=1), "signs and words beside"),
    "narrow crops": (replace(USUAL, tight=0, cut=0), "narrow crops, cut"),
}


def measure() -> dict:
    """Return what each network reads, by the part left out of its practice, and by seed."""
    digits = data.load_digits()
    bank = bank_of(digits.validation)
    tests = {shown: list(lines.shown_under(shown, bank)) for _, shown in PARTS.values()}
    if photographed := real.lines():
        tests[REAL] = photographed
    rows = []
    with progress_bar(SEEDS * (1 + len(PARTS)), "networks", "network") as bar:
        for seed in range(SEEDS):
            for left_out, run in networks(digits, seed):
                rows.append({"left_out": left_out, "seed": seed} | read_by(run, tests))
                bar.update()
    return {"data": digits.name, "lines": LINES, "networks": rows}


def networks(digits: data.Digits, seed: int) -> Iterator[tuple[str, Run]]:
    """Yield networks trained on everything, then on all but one part of it."""
    everything = with_lines(digits, LINES, seed)

    def practised_on(habits: Habits) -> Lines:
        train = line_set(digits.train, LINES, (seed, 0), habits=habits)
        return replace(everything, train=train)

    begun = network(practised_on(PLAIN), seed)
    yield NOTHING, network(everything, seed, begun)
    for left_out, (habits, _) in PARTS.items():
        yield left_out, network(practised_on(habits), seed, begun)


def network(learned: Lines, seed: int, begun: Run | None = None) -> Run:
    """Train a network on some lines, starting from the weights of another one if given."""
    run = Run(SMALL, learned, seed, task=WholeLines())
    if begun:
        run.model.load_state_dict(begun.model.state_dict())
    run.train()
    run.model.eval()
    return run


def read_by(run: Run, tests: dict[str, list[Shown]]) -> dict:
    """Return the shares of lines that a run's network reads right.

    Validation lines of all kinds count with every mark, those of the tests by their digits.
    """
    reader = LineReader(line_scores(run.model))
    right = {ALL_KINDS: run.history.validation_accuracy[-1]}
    for name, shown in tests.items():
        greys = [cv2.cvtColor(line.picture, cv2.COLOR_RGB2GRAY) for line in shown]
        read = zip(reader.read_all(greys), shown, strict=True)
        right[name] = statistics.fmean(
            number.digits_only == only_digits("".join(line.texts)) for number, line in read
        )
    return {"right": right}


def table(found: dict) -> list[str]:
    """Return the results as Markdown: the shares of lines read right, means over seeds."""
    right = means_of(found)
    whole = right[NOTHING]
    columns = [ALL_KINDS] + [REAL] * (REAL in whole)
    head = ("left out", *columns, "lines that show it, with → without")
    rows = [
        [NOTHING, *(f"{whole[test]:.1%}" for test in columns), ""],
        *(
            [
                part,
                *(f"{right[part][test]:.1%}" for test in columns),
                f"{whole[shown]:.1%} → {right[part][shown]:.1%}",
            ]
            for part, (_, shown) in PARTS.items()
        ),
    ]
    return [
        *table_of(head, rows),
        f"\nStandard error of a change in {ALL_KINDS}: {standard_error(found):.1%}, by the seeds.",
    ]


def means_of(found: dict) -> dict[str, dict[str, float]]:
    """Return the share of lines read right by part left out and by test, means over seeds."""
    parts = defaultdict(list)
    for row in found["networks"]:
        parts[row["left_out"]].append(row["right"])
    return {
        part: {test: statistics.mean(row[test] for row in rows) for test in rows[0]}
        for part, rows in parts.items()
    }


def standard_error(found: dict) -> float:
    """Return the standard error of the mean change that a part makes in lines of all kinds.

    It is estimated from how much the change varies from seed to seed.
    """
    right = {(row["left_out"], row["seed"]): row["right"][ALL_KINDS] for row in found["networks"]}
    seeds = sorted({seed for _, seed in right})
    variances = [
        statistics.variance(right[part, seed] - right[NOTHING, seed] for seed in seeds)
        for part in PARTS
    ]
    return math.sqrt(statistics.mean(variances) / len(seeds))


def main() -> int:
    """Measure, write down the results, and print the table."""
    check_writable(TABLE)
    found = kept(OUT, measure)
    write_text(TABLE, "\n".join(table(found)) + "\n")
    show(table(found), OUT, TABLE)
    return 0
