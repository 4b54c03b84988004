"""The README shows what was measured, and is refused where there is no place for it."""

import errno
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support import ROOT, Outcome, at_sync

from benchmarks import ladder, numbers, photographs, picture_runs, readme
from benchmarks.readme import (
    MOVED,
    between_marks,
    numbers_table,
    photos_table,
    speed_sentence,
)
from handreader.common.errors import UserError
from helpers import records

README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNS = records.read()


def test_readme_shows_what_was_recorded_and_notices_another_figure() -> None:
    changed = [run | {"test_accuracy": run["test_accuracy"] - 0.001} for run in RUNS]
    assert between_marks(README, "results", records.table(RUNS)) == README
    assert between_marks(README, "results", records.table(changed)) != README


def test_readme_without_marks_is_refused() -> None:
    with pytest.raises(UserError, match="no place for the table"):
        between_marks(README.replace("<!-- results: end -->", ""), "results", "")


def test_readme_shows_how_photographs_were_read() -> None:
    found = json.loads((ROOT / "results" / "photos.json").read_text(encoding="utf-8"))
    assert between_marks(README, "photos", photos_table(found)) == README
    assert len(found["conditions"]) >= 12
    assert found["images"] >= 3000
    assert found["refused_digits"]["CNN"] <= 0.03
    assert found["refused_others"]["CNN"] >= 0.9


def test_readme_shows_how_lines_and_pages_were_read() -> None:
    found = json.loads((ROOT / "results" / "numbers.json").read_text(encoding="utf-8"))
    assert between_marks(README, "numbers", numbers_table(found)) == README
    assert set(MOVED) <= found["pages"].keys()


def test_readme_claims_only_the_speed_that_every_instruction_set_showed() -> None:
    recorded = json.loads((ROOT / "results" / "speed.json").read_text(encoding="utf-8"))
    assert {"AVX2", "DEFAULT"} < recorded.keys()
    assert between_marks(README, "speed", speed_sentence(recorded)) == README
    slower = recorded | {"OLD": {"epoch": 1.25, "target": 2.4, "warps": 3}}
    for part in ("1.2 times faster than", "2 times sooner", "warped 3 times faster"):
        assert part in speed_sentence(slower)


def test_lines_of_all_conditions_are_counted_together_but_real_ones_apart() -> None:
    line = {"lines": 40, "digits_right": 30, "sure": 20, "sure_and_right": 19}
    found = {
        "lines": {"plain": line, "joined": line, "real ones": line | {"digits_right": 20}},
        "pages": dict.fromkeys(MOVED, line) | {"chalk": line},
    }
    assert numbers_table(found).splitlines()[2:] == [
        "| made by code, under 2 conditions | 80 | 75.0% | 50.0% | 95.0% |",
        "| on pages, under 6 conditions | 240 | 75.0% | 50.0% | 95.0% |",
        "| of these on pages tilted, turned or in columns | 200 | 75.0% | 50.0% | 95.0% |",
        "| real ones, never practised on, but looked at | 40 | 50.0% | 50.0% | 95.0% |",
    ]


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 180


MEASUREMENTS = {
    "results": lambda: ladder.main(again=True),
    "photos": photographs.main,
    "numbers": numbers.main,
}


@pytest.mark.parametrize("name", MEASUREMENTS)
@pytest.mark.parametrize("lacks", ["its place", "room"])
def test_readme_that_cannot_be_renewed_is_found_before_anything_is_measured(
    name: str, lacks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(*_: object) -> None:
        raise AssertionError("it was measured")

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(readme, "README", tmp_path / "README.md")
    mark = f"<!-- {name}: end -->"
    readme.README.write_text(README.replace(mark, "" if lacks == "its place" else mark), "utf-8")
    for module, work in ((ladder, "train_all"), (photographs, "kept"), (numbers, "kept")):
        monkeypatch.setattr(module, work, measured)
    at_sync(monkeypatch, 1, full)
    with pytest.raises(UserError, match=r"no place for the table|README\.md can't be written"):
        MEASUREMENTS[name]()


def test_stop_after_the_measurement_comes_too_late(
    program: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_sync(monkeypatch, 2, lambda: signal.raise_signal(signal.SIGINT))  # the first only tries
    out = tmp_path / "found.json"
    outcome = program(lambda: picture_runs.kept(out, lambda: {"right": 7})["right"])
    assert (outcome.code, outcome.err) == (7, "")
    assert json.loads(out.read_bytes()) == {"right": 7}


def test_what_both_pages_say_of_the_foreign_world_was_measured() -> None:
    found = json.loads((ROOT / "results" / "world-held.json").read_text(encoding="utf-8"))["all"]
    right, unsure, wrong = (
        f"{found[name] / found['pictures']:.0%}".replace("%", " %")
        for name in ("right", "unsure", "sure and wrong")
    )
    own = (ROOT / "handreader" / "README.md").read_text(encoding="utf-8")
    for page in (README, own):
        assert f"On {found['pictures']} pictures" in page
        assert f"{right} were read right" in page
    assert f"and {wrong} were sure and wrong" in README
    assert f"{unsure} were unsure or read in part, and {wrong} were sure and wrong" in own
