"""The notebook as it is committed, and as it runs: strictly on MNIST, freely on any machine."""

import copy
import getpass
import os
import re
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from support import ROOT

from helpers import exercises, mnist_files

PATH = ROOT / "handwritten_classifier.ipynb"
SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"
NOTEBOOK = nbformat.read(PATH, as_version=4)
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
PROSE = "\n\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")
WITHOUT_MNIST = {"MNIST_OFFLINE": "1", "MNIST_ROOT": "no/such/folder", "TQDM_DISABLE": "1"}
TAGS = {"nbval-ignore-output", "nbval-check-output", "raises-exception", "summary"}


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def by_id(name: str) -> NotebookNode:
    return next(cell for cell in NOTEBOOK.cells if cell.id == name)


def text_outputs(cell: NotebookNode) -> str:
    """All that an output says in words, without the pictures."""
    parts = []
    for output in cell.outputs:
        parts += [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
        parts += [text for kind, text in output.get("data", {}).items() if kind != "image/png"]
    return "\n".join(map(str, parts))


def pictures(cell: NotebookNode) -> list[str]:
    return [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]


# ---- what is committed


def test_cells_were_run_in_order_from_a_clean_start() -> None:
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))


@pytest.mark.parametrize("cell", CODE, ids=lambda cell: cell.id)
def test_cell_has_the_output_it_was_written_for(cell: NotebookNode) -> None:
    shows = re.search(r"^plotting\.show_", cell.source, re.M)
    prints = re.search(r"^\s*print\(|^exercises\.check\(", cell.source, re.M)
    assert len(pictures(cell)) == (1 if shows else 0)
    assert not prints or text_outputs(cell).strip()
    assert not shows or cell.metadata.get("alt"), "a figure needs words for those who can't see it"


@pytest.mark.parametrize("cell", CODE, ids=lambda cell: cell.id)
def test_cell_is_short_and_its_outputs_are_clean(cell: NotebookNode) -> None:
    assert len([line for line in cell.source.splitlines() if line.strip()]) <= 20
    assert set(tags(cell)) <= TAGS
    said = text_outputs(cell)
    assert not re.search(r"/(root|home|Users|tmp|work|var|opt|usr)/|[A-Z]:\\", said)
    assert not re.search(r"0x[0-9a-fA-F]{6,}|Warning|Traceback", said)
    assert getpass.getuser() not in re.findall(r"\w+", said)
    for output in cell.outputs:
        assert output.get("name") != "stderr"
        assert output.output_type != "error" or "raises-exception" in tags(cell)


def test_one_error_is_made_on_purpose() -> None:
    wanted = [cell for cell in CODE if "raises-exception" in tags(cell)]
    assert len(wanted) == 1
    assert "1792x28 and 784x128" in text_outputs(wanted[0])


def test_committed_outputs_are_of_mnist() -> None:
    assert "MNIST" in text_outputs(by_id("load"))
    assert "data: MNIST" in text_outputs(by_id("summary"))


def test_notebook_is_small_and_tells_nothing_of_a_machine() -> None:
    assert PATH.stat().st_size < 1.5e6
    assert set(NOTEBOOK.metadata) == {"kernelspec", "language_info"}
    assert NOTEBOOK.metadata.language_info == {"name": "python"}


def test_story_is_complete() -> None:
    chapters = [int(number) for number in re.findall(r"^## (\d+)\. ", PROSE, re.M)]
    assert chapters == sorted(chapters)
    assert set(range(13)) <= set(chapters)
    predictions = re.findall(r"\*\*Predict (\d+)\.\*\*", PROSE)
    assert [int(number) for number in predictions] == list(range(1, len(predictions) + 1))
    assert len(predictions) >= 10
    assert sum(len(pictures(cell)) for cell in CODE) >= 16
    for chapter in range(1, 13):
        assert re.search(rf"<summary>Solution of {chapter}\.\d</summary>", PROSE)
    assert PROSE.count("### Recap") >= 10


@pytest.mark.parametrize(
    "fact",
    [
        "- math.log(10)) < 0.1",
        "losses[-1] < 0.01",
        "by_hand == by_code == count_parameters(network) == 109_386",
        "chances.sum().item(), 1",
        "torch.equal(restored, image)",
        "flat.reshape(1, 28, 28), image)",
        "shared == 0",
        "assert same",
        "assert identical",
        "test_mean >= (0.98 if digits.is_mnist else 0.95)",
        "torch.equal(ours, theirs)",
        "read_squashed < 0.3",
        "read_framed > (0.85 if digits.is_mnist else 0.4)",
        "refused[1] > 0.85",
        "abs(said - done) < (0.15 if digits.is_mnist else 0.3)",
        "warped.train_accuracy[-1] < warped.validation_accuracy[-1]",
        "torch.isclose(by_hand, response[0, 0, row, column])",
        "values == sorted(values, reverse=True)",
        "weights + norms + linear == count_parameters(cnn)",
        "reached > (0.985 if digits.is_mnist else 0.95)",
    ],
)
def test_story_checks_what_it_claims(fact: str) -> None:
    assert any(fact in cell.source for cell in CODE)


def test_test_set_is_opened_in_one_cell_after_every_choice() -> None:
    ids = [cell.id for cell in CODE]
    users = [cell.id for cell in CODE if "digits.test" in cell.source]
    scoring = [name for name in users if "with_transform" in by_id(name).source]
    assert scoring == ["exam"]
    before = [name for name in users if ids.index(name) < ids.index("exam")]
    assert before == ["classes", "expectation"], "counted in chapter 1, its size used in chapter 8"


def test_every_figure_draws_one_picture() -> None:
    names = set(re.findall(r"plotting\.(show_\w+)", "".join(cell.source for cell in CODE)))
    assert len(names) >= 16


# ---- the exercises


SOLUTION = re.compile(r"<summary>Solution of (\d+\.\d)</summary>\s+```python\n(.*?)```", re.S)


def solutions() -> list[tuple[str, str]]:
    """Number and code of every printed solution that can be checked."""
    found = SOLUTION.findall(PROSE)
    return [(number, code) for number, code in found if number in exercises.CHECKS]


@pytest.mark.parametrize(("number", "code"), solutions(), ids=lambda value: value[:4])
def test_printed_solution_is_right(number: str, code: str, capsys: pytest.CaptureFixture) -> None:
    namespace: dict = {}
    exec("import math, torch\nfrom torch.nn import functional as F\n" + code, namespace)
    asked = next(cell for cell in CODE if f'exercises.check("{number}"' in cell.source)
    name = asked.source.partition(" = ...")[0]
    exercises.check(number, namespace[name])
    assert capsys.readouterr().out == f"Exercise {number}: right!\n"


def test_every_check_has_an_exercise_with_a_solution() -> None:
    assert sorted(number for number, _ in solutions()) == sorted(exercises.CHECKS)


# ---- the notebook, executed


def test_every_solution_runs_where_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in WITHOUT_MNIST.items():
        monkeypatch.setenv(name, value)
    story = copy.deepcopy(NOTEBOOK)
    cells = []
    for cell in story.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            cells += [new_code_cell(code) for _, code in SOLUTION.findall(cell.source)]
    story.cells = cells
    assert len(cells) - len(NOTEBOOK.cells) >= 20
    NotebookClient(story, kernel_name="python3", resources={"metadata": {"path": ROOT}}).execute()


def test_sanitize_rules_are_all_understood() -> None:
    text = SANITIZE.read_text(encoding="ascii")
    understood = re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)
    assert len(understood) == len(re.findall(r"^\[", text, flags=re.MULTILINE)) == 1


def validate(mode: str, **settings: str) -> None:
    """Run every cell under nbval in a process of its own, and show its report if one fails."""
    command = [sys.executable, "-m", "pytest", mode, "--nbval-current-env", str(PATH)]
    command += ["--nbval-sanitize-with", str(SANITIZE), "-p", "no:cacheprovider"]
    environment = os.environ | {"TQDM_DISABLE": "1"} | settings
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    report = run.stdout[-6000:] + run.stderr[-2000:]
    assert run.returncode == 0, report
    assert f"{len(CODE)} passed" in run.stdout, report


def mnist_is_here() -> bool:
    try:
        mnist_files.ensure(ROOT / os.environ.get("MNIST_ROOT", "data"), offline=True)
    except mnist_files.DataError:
        return False
    return True


@pytest.mark.skipif(not mnist_is_here(), reason="no MNIST on this machine: set MNIST_ROOT")
def test_notebook_gives_its_committed_outputs_on_mnist() -> None:
    validate("--nbval", MNIST_OFFLINE="1")


def test_notebook_runs_and_keeps_its_facts_without_mnist_or_network() -> None:
    checked = [cell for cell in CODE if "nbval-check-output" in tags(cell)]
    assert len(checked) >= 20
    validate("--nbval-lax", **WITHOUT_MNIST)
