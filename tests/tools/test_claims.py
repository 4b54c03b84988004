"""The record of which claims hold where: up to date, no failure, room to every bound."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from story import NOTEBOOK, PROSE
from support import ROOT, Outcome

from benchmarks.readme import between_marks
from tools import claims
from tools.claims import (
    MINE,
    QUICK,
    ROOM,
    SMALL,
    NotebookRun,
    asserts_of,
    digests,
    readme_line,
    report,
    room,
    summary,
)
from tools.run_notebook import Claim, Places

FOUND = json.loads((ROOT / "results" / "claims.json").read_text(encoding="utf-8"))
REDO = "NotebookRun `make claims`, or for an edit `make claims CLAIMS=--quick`."


def test_claims_were_recorded_since_a_cell_changed() -> None:
    assert FOUND["code"] == digests(NOTEBOOK)[-1], REDO


def test_every_assert_of_the_notebook_was_recorded() -> None:
    recorded = {(each["cell"], each["text"]) for each in FOUND["claims"]}
    assert asserts_of(NOTEBOOK) == recorded, REDO


def test_edit_costs_only_the_claims_that_it_may_change() -> None:
    before, other_assert, other_code = (
        new_notebook(cells=[new_code_cell(source) for source in sources])
        for sources in (
            [
                "%xmode Minimal\nx = 1",
                "assert x < 2\nif x:\n    assert x < 3",
                "x = 2",
            ],
            ["%xmode Plain\nx = 1  # one", "assert x < 5", "x = 2"],
            ["%xmode Minimal\nx = 1", "y = 2\nassert x < 2", "x = 2"],
        )
    )
    assert digests(before) == digests(other_assert)
    same = [old == new for old, new in zip(digests(before), digests(other_code), strict=True)]
    assert same == [True, False, False]
    assert asserts_of(before) == {(2, "x < 2"), (2, "x < 3")}


def test_every_claim_held_in_every_run() -> None:
    assert [each for each in FOUND["claims"] if each["held"] < each["runs"]] == []
    assert len(FOUND["claims"]) > 150


def test_every_bound_lies_well_outside_the_range_that_was_seen() -> None:
    narrow = [
        (each["text"], number)
        for each in FOUND["claims"]
        for number in each["numbers"]
        if room(number) < ROOM
    ]
    assert narrow == []


def test_readme_says_on_how_many_runs_the_claims_were_seen_to_hold() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert between_marks(readme, "claims", readme_line(FOUND)) == readme


RANGE = re.compile(r"\(([\d.]+) to ([\d.]+)(?: %| points)? over (\d+) runs\)")


def test_ranges_in_the_text_are_those_that_were_recorded() -> None:
    runs = sum(len(each["seeds"]) for each in FOUND["runs"] if each["data"] == "MNIST")
    recorded = {
        tuple(f"{100 * end:.1f}" for end in number[side])
        for each in FOUND["claims"]
        for number in each["numbers"]
        for side in ("left", "right")
        if number["data"] == "MNIST" and each["runs"] >= runs
    }
    told = RANGE.findall(PROSE)
    assert len(told) >= 5
    assert {count for *_, count in told} == {str(runs)}
    assert [ends for *ends, _ in told if tuple(ends) not in recorded] == []


def claim(number: float, bound: float = 5, cell: int = 1, text: str = "x < bound") -> Claim:
    """A claim that a number is below a bound."""
    return Claim("1. One", cell, text, number < bound, [[number, bound, bound - number]])


def test_summary_counts_runs_and_gives_ranges_by_data() -> None:
    runs = {
        NotebookRun("MNIST", MINE, 0): [claim(3), claim(1, cell=2)],
        NotebookRun("MNIST", "AVX2", 0): [claim(6), claim(1, cell=2)],
        NotebookRun(SMALL, MINE, 0): [claim(4)],
    }
    first, second = summary("digest", runs)["claims"]
    assert (first["held"], first["runs"]) == (2, 3)
    assert first["numbers"] == [
        {"data": "MNIST", "left": [3, 6], "right": [5, 5], "distance": [-1, 2]},
        {"data": SMALL, "left": [4, 4], "right": [5, 5], "distance": [1, 1]},
    ]
    assert (second["held"], second["runs"], second["cell"]) == (2, 2, 2)


def test_claims_stand_in_their_order_and_one_in_a_loop_each_time() -> None:
    runs = {
        NotebookRun("MNIST", MINE, 0): [claim(3, text="y < bound"), claim(1), claim(2)],
        NotebookRun(SMALL, MINE, 0): [claim(4)],
    }
    found = [(each["text"], each["runs"]) for each in summary("digest", runs)["claims"]]
    assert found == [("y < bound", 1), ("x < bound", 2), ("x < bound", 1)]


def test_report_names_what_failed_and_what_is_narrow() -> None:
    runs = {NotebookRun("MNIST", MINE, seed): [claim(3 + seed)] for seed in range(3)}
    told = "\n".join(report(summary("digest", runs)))
    assert "1 claims, 3 runs, 1 claims that failed in some run" in told
    assert "held in 2 of 3: cell 1, 1. One: x < bound" in told
    assert "  0.00  3..5 | 5..5, MNIST: cell 1" in told


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own with a small notebook, whose only claim depends on the seed."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "README.md").write_text("<!-- claims: begin -->\n<!-- claims: end -->\n", "utf-8")
    cells = ["SEED = 0\nprint('data')", "assert SEED < 1"]
    notebook = new_notebook(cells=[new_markdown_cell("## 1. One"), *map(new_code_cell, cells)])
    notebook.cells[1].metadata.tags = ["summary"]
    nbformat.write(notebook, tmp_path / "small.ipynb")
    monkeypatch.setattr(claims, "USUAL", Places(tmp_path / "small.ipynb", tmp_path / "build"))
    monkeypatch.setattr(claims, "RESULTS", tmp_path / "claims.json")
    monkeypatch.setattr(claims, "require_mnist", lambda: None)
    monkeypatch.setattr("benchmarks.readme.README", tmp_path / "README.md")
    return tmp_path


def test_quick_mode_runs_what_is_missing_and_says_what_failed(
    own: Path, program: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = program(claims.main, "--quick")
    assert outcome.code == 1
    assert "MNIST, the machine's own instructions, seed 5: 1 claims don't hold" in outcome.out
    assert "held in 3 of 4: cell 2, 1. One: SEED < 1" in outcome.out
    found = json.loads((own / "claims.json").read_text(encoding="utf-8"))
    assert [run["seeds"] for run in found["runs"]] == [[0], [0, 5], [0]]
    assert "4 runs" in (own / "README.md").read_text(encoding="utf-8")

    monkeypatch.setattr(claims, "run_notebook", None)  # a second call has nothing left to run
    assert program(claims.main, "--quick").code == 1
    assert len(QUICK) == 4


def test_run_that_breaks_ends_the_others_and_is_told(
    own: Path, program: Callable[..., Outcome]
) -> None:
    notebook = nbformat.read(own / "small.ipynb", as_version=4)
    notebook.cells[2].source = "1 / (5 - SEED)"
    nbformat.write(notebook, own / "small.ipynb")
    outcome = program(claims.main, "--quick")
    assert outcome.code == 1
    assert "MNIST, the machine's own instructions, seed 5: Failed at cell 2 of 2" in outcome.err
    assert not (own / "claims.json").exists()
