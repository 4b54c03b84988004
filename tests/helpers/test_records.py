"""The tables are what was recorded, and what was recorded is what is promised."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from support import ROOT

from handreader.common.errors import UserError
from helpers import records
from helpers.recipes import LADDER

RUNS = records.read()
RUNGS = {(rung.name, rung.dataset): rung for rung in records.rungs(RUNS)}
FLOORS = {
    ("mlp", "MNIST"): 0.982,
    ("mlp-best", "MNIST"): 0.986,
    ("mlp-warps", "MNIST"): 0.993,
    ("cnn-tiny", "MNIST"): 0.990,
    ("cnn-small", "MNIST"): 0.995,
    ("cnn-fast", "MNIST"): 0.990,
    ("cnn-warps", "MNIST"): 0.996,
    ("cnn-best", "MNIST"): 0.997,
    ("mlp", "small set"): 0.94,
}


def test_notebook_shows_what_was_recorded() -> None:
    notebook = nbformat.read(ROOT / "handwritten_classifier.ipynb", as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "ladder-table"]
    shown = "".join(cell.outputs[0].data["text/markdown"])
    assert shown == records.table(RUNS)


@pytest.mark.parametrize("published", records.PUBLISHED, ids=lambda each: each.label)
def test_what_others_published_has_its_reference_in_the_notebook(
    published: records.Published,
) -> None:
    name, number = re.match(r"(\w+).*\[(\d+)\]", published.label).groups()
    notebook = nbformat.read(ROOT / "handwritten_classifier.ipynb", as_version=4)
    references = next(cell.source for cell in notebook.cells if "### References" in cell.source)
    assert re.search(rf"^{number}\. .*{name}", references, re.MULTILINE)


@pytest.mark.parametrize("rung", FLOORS, ids=" on ".join)
def test_recorded_rung_has_all_seeds_and_reaches_the_aim(rung: tuple[str, str]) -> None:
    assert len(RUNGS[rung].tests) == len(RUNGS[rung].validations) == 5
    assert RUNGS[rung].mean >= FLOORS[rung]


def test_each_rung_has_an_aim() -> None:
    assert {name for name, _ in FLOORS} == set(LADDER)
    assert FLOORS.keys() == RUNGS.keys()


@pytest.mark.parametrize("rung", RUNGS.values(), ids=lambda rung: f"{rung.name} on {rung.dataset}")
def test_recorded_mistakes_are_as_many_as_the_accuracy_says(rung: records.Rung) -> None:
    for accuracy, misread in zip(rung.tests, rung.misread, strict=True):
        assert round((1 - accuracy) * rung.test_images) == len(misread)
        assert all(0 <= number < rung.test_images for number in misread)
        assert all(0 <= answer <= 9 for answer in misread.values())


def test_only_missing_runs_are_made(tmp_path: Path) -> None:
    assert records.missing(RUNS) == []
    assert records.read(tmp_path / "none.json") == []
    first = (RUNS[0]["model"], RUNS[0]["dataset"], RUNS[0]["seed"])
    assert records.missing(RUNS[1:]) == [first]
    assert len(records.missing([])) == 5 * len(records.RUNGS)


def run_of(seed: int) -> dict:
    """The recorded run of the plain MLP with that seed."""
    return next(
        run for run in RUNS if (run["model"], run["dataset"], run["seed"]) == ("mlp", "MNIST", seed)
    )


def test_rung_sums_up_its_runs() -> None:
    first, second = run_of(0), run_of(1)
    first = first | {"test_accuracy": 0.97, "train_seconds": 3.0}
    second = second | {"test_accuracy": 0.99, "train_seconds": 5.0}
    (rung,) = records.rungs([second, first])
    assert (rung.name, rung.title, rung.dataset) == ("mlp", "MLP 784-128-64-10", "MNIST")
    assert (rung.parameters, rung.test_images) == (109_386, 10_000)
    assert rung.tests == [0.97, 0.99]
    assert rung.validations == [first["validation_accuracy"], second["validation_accuracy"]]
    assert rung.misread == [dict(first["misread"]), dict(second["misread"])]
    assert rung.seconds == 4.0
    assert rung.mean == pytest.approx(0.98)
    assert rung.spread == pytest.approx(0.02 / 2**0.5)


def test_table_has_a_line_for_each_rung_that_was_run() -> None:
    run = run_of(2) | {"test_accuracy": 0.98, "validation_accuracy": 0.5, "train_seconds": 2.25}
    _, _, line = records.table([run]).splitlines()
    assert line == (
        "| `mlp` | MLP 784-128-64-10 | 109,386 | MNIST "
        "| 50.00% | **98.00% ± 0.00** (1 seeds) | 2.2 s |"
    )
    assert len(records.table([]).splitlines()) == 2


def test_runs_of_an_older_recipe_and_doubles_are_left_out() -> None:
    older = RUNS[0] | {"recipe": RUNS[0]["recipe"] | {"epochs": 1}, "test_accuracy": 0.5}
    assert records.table([older, *RUNS, RUNS[0]]) == records.table(RUNS)


@pytest.mark.parametrize("content", ["", "[]", '{"runs": [{}]}', '{"runs": 3}', "\x00"])
def test_damaged_record_is_refused_and_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"results\.json is not a record of runs"):
        records.read(path)


@pytest.mark.parametrize("lost", ["test_accuracy", "parameters", "misread", "recipe"])
def test_record_with_something_missing_is_refused(lost: str, tmp_path: Path) -> None:
    runs = [{key: value for key, value in run.items() if key != lost} for run in RUNS]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"runs": runs}), encoding="utf-8")
    with pytest.raises(UserError, match="not a record of runs"):
        records.read(path)
