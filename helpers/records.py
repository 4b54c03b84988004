"""The recorded runs of the ladder: read, checked, and summed up for tables and figures."""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from handreader.common.errors import UserError
from helpers.recipes import LADDER, Recipe, recipe_for

RESULTS = Path(__file__).resolve().parent.parent / "results" / "results.json"
SEEDS = range(5)  # enough for a spread; all runs together take two hours on two cores
RUNGS = [(name, "MNIST") for name in LADDER] + [("mlp", "small set")]


@dataclass(frozen=True)
class Published:
    """A published result, with the number of its reference in the notebook."""

    label: str
    accuracy: float
    parameters: int | None = None
    seconds: float | None = None


PUBLISHED = (
    Published("Cireşan 2010 [13]\nMLP, warps", 0.9965, parameters=12_110_000),
    Published("Warn [14]\nbest of 700", 0.99, parameters=697),
    Published("Oikarinen [15]\na GPU", 0.9904, seconds=0.76),
)


@dataclass(frozen=True)
class Rung:
    """The results of one recipe over all seeds."""

    name: str
    title: str
    dataset: str
    parameters: int
    validations: list[float]
    tests: list[float]
    misread: list[dict[int, int]]  # for each seed: the numbers of test digits, and the answers
    test_images: int
    times: list[float]  # seconds of training
    threads: int  # that the training used, one on each core

    @property
    def seconds(self) -> float:
        """Return the median training time, in seconds."""
        return statistics.median(self.times)

    @property
    def mean(self) -> float:
        """Return the mean test accuracy."""
        return statistics.mean(self.tests)

    @property
    def spread(self) -> float:
        """Return the standard deviation of the test accuracy from seed to seed."""
        return statistics.stdev(self.tests) if len(self.tests) > 1 else 0.0


def recipe_of(name: str, dataset: str) -> Recipe:
    """Return the recipe by which a rung is trained on a data set."""
    return recipe_for(name, dataset == "MNIST")


def is_of(run: dict, name: str, dataset: str, seed: int) -> bool:
    """Tell whether a recorded run is this rung's with this seed, by the recipe of today."""
    wanted = (name, dataset, seed, recipe_of(name, dataset).as_dict())
    return (run["model"], run["dataset"], run["seed"], run["recipe"]) == wanted


def missing(runs: list[dict]) -> list[tuple[str, str, int]]:
    """Return the rung, the data set and the seed of each run that isn't recorded yet."""
    return [
        (name, dataset, seed)
        for name, dataset in RUNGS
        for seed in SEEDS
        if not any(is_of(run, name, dataset, seed) for run in runs)
    ]


def read(path: Path = RESULTS) -> list[dict]:
    """Read the runs recorded so far; none if there is no record."""
    if not path.exists():
        return []
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        if not isinstance(runs, list):
            raise TypeError("no list of runs")
        table(runs)  # fails if anything is missing that a table needs
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            f"{path} is not a record of runs: restore it, or delete it to run all again."
        ) from error
    return runs


def rungs(runs: list[dict]) -> list[Rung]:
    """Return the rungs of the ladder that have recorded runs, at most one run for each seed.

    Runs by an older version of a recipe are left out.
    """
    found = []
    for name, dataset in RUNGS:
        seeds = [
            next((run for run in runs if is_of(run, name, dataset, seed)), None) for seed in SEEDS
        ]
        if group := [run for run in seeds if run]:
            found.append(summed_up(name, dataset, group))
    return found


def summed_up(name: str, dataset: str, group: list[dict]) -> Rung:
    """Sum up one rung from the recorded runs of its seeds."""
    return Rung(
        name=name,
        title=recipe_of(name, dataset).title(),
        dataset=dataset,
        parameters=group[0]["parameters"],
        validations=[run["validation_accuracy"] for run in group],
        tests=[run["test_accuracy"] for run in group],
        misread=[dict(run["misread"]) for run in group],
        test_images=group[0]["test_images"],
        times=[run["train_seconds"] for run in group],
        threads=group[0]["threads"],
    )


def table(runs: list[dict]) -> str:
    """Return the table of the README and the notebook: a line for each rung, mean and spread."""
    lines = [
        "| `--model` | network | parameters | data | validation | test, mean ± sd | training |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for rung in rungs(runs):
        lines.append(
            f"| `{rung.name}` | {rung.title} | {rung.parameters:,} | {rung.dataset} "
            f"| {statistics.mean(rung.validations):.2%} "
            f"| **{rung.mean:.2%} ± {100 * rung.spread:.2f}** ({len(rung.tests)} seeds) "
            f"| {rung.seconds:.1f} s |"
        )
    return "\n".join(lines)
