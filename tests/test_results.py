"""The README's table is what was recorded, and what was recorded is what is promised."""

import importlib.util
import json
import statistics
from pathlib import Path

import pytest

from helpers.recipes import PLAIN_MLP, PLAIN_MLP_EMBEDDED

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("results", ROOT / "benchmarks" / "results.py")
results = importlib.util.module_from_spec(spec)
spec.loader.exec_module(results)

README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNS = json.loads((ROOT / "results" / "results.json").read_text(encoding="utf-8"))["runs"]


def test_readme_shows_what_was_recorded() -> None:
    assert results.in_readme(README, RUNS) == README


def test_readme_notices_another_figure() -> None:
    changed = [run | {"test_accuracy": run["test_accuracy"] - 0.001} for run in RUNS]
    assert results.in_readme(README, changed) != README


@pytest.mark.parametrize(
    ("dataset", "recipe", "floor"),
    [("MNIST", PLAIN_MLP, 0.98), ("embedded digits", PLAIN_MLP_EMBEDDED, 0.95)],
)
def test_recorded_runs_are_of_the_recipe_and_reach_the_aim(
    dataset: str, recipe: object, floor: float
) -> None:
    runs = [run for run in RUNS if run["dataset"] == dataset]
    assert sorted(run["seed"] for run in runs) == [0, 1, 2, 3, 4]
    assert all(run["recipe"] == recipe.as_dict() for run in runs)
    assert statistics.mean(run["test_accuracy"] for run in runs) >= floor


def test_only_missing_runs_are_made() -> None:
    assert list(results.missing_runs(RUNS, again=False)) == []
    assert len(list(results.missing_runs(RUNS[1:], again=False))) == 1
    assert len(list(results.missing_runs(RUNS, again=True))) == len(RUNS)


def test_runs_of_an_older_recipe_and_doubles_are_left_out() -> None:
    older = RUNS[0] | {"recipe": RUNS[0]["recipe"] | {"epochs": 1}, "test_accuracy": 0.5}
    assert results.table([older, *RUNS, RUNS[0]]) == results.table(RUNS)


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 150
