"""Train the recorded recipes from five seeds, keep every run, and write the table of the README."""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import data, training  # noqa: E402
from helpers.files import write_text  # noqa: E402
from helpers.models import count_parameters  # noqa: E402
from helpers.progress import progress_bar  # noqa: E402
from helpers.recipes import PLAIN_MLP, PLAIN_MLP_EMBEDDED, Recipe  # noqa: E402

RESULTS = ROOT / "results" / "results.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
SEEDS = range(5)
RUNGS = [
    ("MLP 784-128-64-10", "mnist", PLAIN_MLP),
    ("MLP 784-128-64-10", "embedded", PLAIN_MLP_EMBEDDED),
]


def run_once(name: str, recipe: Recipe, digits: data.Digits, seed: int) -> dict:
    """Train one network and record all that the table needs, and how it came about."""
    model, history = training.train_recipe(recipe, digits, seed)
    look = data.to_network_input(digits.mean, digits.std)
    score = training.evaluate(model, data.batches(digits.test.with_transform(look), 1000))
    return {
        "model": name,
        "parameters": count_parameters(model),
        "dataset": digits.name,
        "seed": seed,
        "epochs": recipe.epochs,
        "train_seconds": round(sum(history.seconds), 2),
        "seconds_per_epoch": round(statistics.median(history.seconds), 3),
        "validation_accuracy": history.validation_accuracy[-1],
        "test_accuracy": score.accuracy,
        "test_images": score.count,
        "recipe": recipe.as_dict(),
    }


def missing_runs(runs: list[dict], again: bool) -> Iterator[tuple[str, str, Recipe, int]]:
    """What is not recorded yet, so that a run that was cut short can be taken up again."""
    for name, source, recipe in RUNGS:
        for seed in SEEDS:
            if again or not any(is_of(run, name, recipe, seed) for run in runs):
                yield name, source, recipe, seed


def is_of(run: dict, name: str, recipe: Recipe, seed: int) -> bool:
    """Whether a recorded run is the one of this network, recipe and seed."""
    return (run["model"], run["recipe"], run["seed"]) == (name, recipe.as_dict(), seed)


def current_runs(runs: list[dict]) -> list[dict]:
    """One run for each seed of each rung; what an older recipe gave is left out."""
    return [
        next(run for run in runs if is_of(run, name, recipe, seed))
        for name, _, recipe in RUNGS
        for seed in SEEDS
        if any(is_of(run, name, recipe, seed) for run in runs)
    ]


def table(runs: list[dict]) -> str:
    """The README's table: one line for each network and data set, with mean and spread."""
    lines = [
        "| network | parameters | data | test digits | validation | test, mean ± sd | training |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    runs = current_runs(runs)
    for key in dict.fromkeys((run["model"], run["dataset"]) for run in runs):
        group = [run for run in runs if (run["model"], run["dataset"]) == key]
        tests = [100 * run["test_accuracy"] for run in group]
        mean, spread = statistics.mean(tests), statistics.stdev(tests) if tests[1:] else 0.0
        validation = statistics.mean(100 * run["validation_accuracy"] for run in group)
        seconds = statistics.median(run["train_seconds"] for run in group)
        lines.append(
            f"| {key[0]} | {group[0]['parameters']:,} | {key[1]} | {group[0]['test_images']:,} "
            f"| {validation:.2f} % | **{mean:.2f} ± {spread:.2f} %** ({len(tests)} seeds) "
            f"| {seconds:.1f} s |"
        )
    return "\n".join(lines)


class RecordError(RuntimeError):
    """Why the recorded runs or the README can't be used, in one sentence."""


def read_runs() -> list[dict]:
    """The runs recorded so far; none if there is no record."""
    if not RESULTS.exists():
        return []
    try:
        runs = json.loads(RESULTS.read_text(encoding="utf-8"))["runs"]
        table(runs)
        list(missing_runs(runs, again=False))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RecordError(
            f"{RESULTS} is not a record of runs: restore it, or delete it to run all again."
        ) from error
    return runs


def in_readme(readme: str, runs: list[dict]) -> str:
    """The README with the table between its two marks renewed."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise RecordError(f"{README} has no place for the table: restore '{BEGIN}' and '{END}'.")
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(runs)}\n{END}{after}"


def main() -> int:
    """Run what is missing, save after each run, then renew the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="run all, also what is recorded")
    again = parser.parse_args().again
    sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a sign shows another
    if root := os.environ.get("MNIST_ROOT"):
        os.environ["MNIST_ROOT"] = str(Path(root).resolve())
    os.chdir(ROOT)  # so that the default folder is the repository's, from wherever this is called
    training.use_one_thread()
    try:
        runs = read_runs()
        in_readme(README.read_text(encoding="utf-8"), runs)
        todo = list(missing_runs(runs, again))
        digits = {source: data.load_digits(source) for source in {source for _, source, *_ in todo}}
        with progress_bar(len(todo), "runs", "run") as bar:
            for name, source, recipe, seed in todo:
                fresh = run_once(name, recipe, digits[source], seed)
                runs = [run for run in runs if not is_of(run, name, recipe, seed)] + [fresh]
                write_text(RESULTS, json.dumps({"runs": runs}, indent=1) + "\n")
                bar.update()
        write_text(README, in_readme(README.read_text(encoding="utf-8"), runs))
    except (data.DataError, RecordError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or RESULTS}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped by you; finished runs are kept, call again to go on.", file=sys.stderr)
        return 130
    print(table(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
