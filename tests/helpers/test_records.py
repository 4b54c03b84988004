"""The tables are what was recorded, and what was recorded is what is promised."""

import json
from pathlib import Path

import nbformat
import pytest
from support import ROOT

from benchmarks.readme import between_marks, photos_table
from helpers import records
from helpers.common.errors import UserError
from helpers.recipes import LADDER


def in_readme(readme: str, runs: list[dict]) -> str:
    """The README with its table of recorded runs renewed."""
    return between_marks(readme, "results", records.table(runs))


README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNS = records.read()
RUNGS = {(rung.name, rung.dataset): rung for rung in records.rungs(RUNS)}
FLOORS = {
    ("mlp", "MNIST"): 0.982,
    ("mlp-best", "MNIST"): 0.986,
    ("mlp-warps", "MNIST"): 0.993,
    ("cnn-fast", "MNIST"): 0.990,
    ("cnn-warps", "MNIST"): 0.996,
    ("mlp", "embedded digits"): 0.95,
}


def test_readme_shows_what_was_recorded() -> None:
    assert in_readme(README, RUNS) == README


def test_readme_notices_another_figure() -> None:
    changed = [run | {"test_accuracy": run["test_accuracy"] - 0.001} for run in RUNS]
    assert in_readme(README, changed) != README


def test_notebook_shows_what_was_recorded() -> None:
    notebook = nbformat.read(ROOT / "handwritten_classifier.ipynb", as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "ladder-table"]
    shown = "".join(cell.outputs[0].data["text/markdown"])
    assert shown == records.table(RUNS)


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


def test_only_missing_runs_are_made() -> None:
    assert records.missing(RUNS) == []
    first = (RUNS[0]["model"], RUNS[0]["dataset"], RUNS[0]["seed"])
    assert records.missing(RUNS[1:]) == [first]
    assert len(records.missing([])) == 5 * len(records.RUNGS)


def test_runs_of_an_older_recipe_and_doubles_are_left_out() -> None:
    older = RUNS[0] | {"recipe": RUNS[0]["recipe"] | {"epochs": 1}, "test_accuracy": 0.5}
    assert records.table([older, *RUNS, RUNS[0]]) == records.table(RUNS)


@pytest.mark.parametrize("content", ["", "[]", '{"runs": [{}]}', '{"runs": 3}', "\x00"])
def test_damaged_record_is_refused_and_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"results\.json is not a record of runs"):
        records.read(path)


def test_no_record_is_no_runs(tmp_path: Path) -> None:
    assert records.read(tmp_path / "none.json") == []


def test_readme_without_marks_is_refused() -> None:
    with pytest.raises(UserError, match="no place for the table"):
        in_readme(README.replace("<!-- results: end -->", ""), RUNS)


def test_readme_shows_how_photographs_were_read() -> None:
    found = json.loads((ROOT / "results" / "photos.json").read_text(encoding="utf-8"))
    assert between_marks(README, "photos", photos_table(found)) == README
    assert len(found["conditions"]) >= 12
    assert found["images"] >= 3000
    assert found["refused_digits"]["CNN"] <= 0.03
    assert found["refused_others"]["CNN"] >= 0.9


def test_record_is_plain_json() -> None:
    text = records.RESULTS.read_text(encoding="utf-8")
    assert json.loads(text)["runs"] == RUNS


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 180
