"""The README shows what was measured, and is refused where there is no place for it."""

import json

import pytest
from support import ROOT

from benchmarks.readme import between_marks, photos_table
from helpers import records
from helpers.common.errors import UserError

README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNS = records.read()


def in_readme(readme: str, runs: list[dict]) -> str:
    """The README with its table of recorded runs renewed."""
    return between_marks(readme, "results", records.table(runs))


def test_readme_shows_what_was_recorded() -> None:
    assert in_readme(README, RUNS) == README


def test_readme_notices_another_figure() -> None:
    changed = [run | {"test_accuracy": run["test_accuracy"] - 0.001} for run in RUNS]
    assert in_readme(README, changed) != README


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


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 180
