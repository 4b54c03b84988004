"""The notebook as it is committed: complete, clean, and telling the truth about itself."""

import getpass
import re

import pytest
import torch
from nbformat import NotebookNode
from story import (
    CODE,
    NOTEBOOK,
    PATH,
    PROSE,
    SANITIZE,
    SOLUTION,
    by_id,
    pictures,
    tags,
    text_outputs,
)
from torch import nn
from torch.nn import functional as F

from helpers import capstone, data, exercises
from helpers.transforms import Normalize

TAGS = {"nbval-ignore-output", "nbval-check-output", "raises-exception", "summary"}


# ---- what is committed


def test_cells_were_run_in_order_from_a_clean_start() -> None:
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))


@pytest.mark.parametrize("cell", CODE, ids=lambda cell: cell.id)
def test_cell_has_the_output_it_was_written_for(cell: NotebookNode) -> None:
    shows = re.search(r"^(plotting\.show_|pad$)", cell.source, re.M)
    outside_functions = re.sub(r"^def .*\n(?:    .*\n|\n)*", "", cell.source + "\n", flags=re.M)
    prints = re.search(r"^\s*print\(|^exercises\.check\(", outside_functions, re.M)
    assert len(pictures(cell)) == (1 if shows else 0)
    silent = cell is CODE[0]  # which speaks only if helpers/ is missing
    assert not prints or silent or text_outputs(cell).strip()
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


def test_paragraphs_are_short() -> None:
    paragraphs = [
        part for part in re.split(r"\n\s*\n", PROSE) if part[0].isalpha() or part[0] in "*`("
    ]
    assert len(paragraphs) > 200
    assert [part for part in paragraphs if len(part.split()) > 90] == []


def test_story_is_complete() -> None:
    chapters = [int(number) for number in re.findall(r"^## (\d+)\. ", PROSE, re.M)]
    assert chapters == list(range(15))
    predictions = re.findall(r"\*\*Predict (\d+)\.\*\*", PROSE)
    assert [int(number) for number in predictions] == list(range(1, len(predictions) + 1))
    assert len(predictions) >= 10
    assert sum(len(pictures(cell)) for cell in CODE) >= 16
    for chapter in range(1, 14):
        assert re.search(rf"<summary>Solution of {chapter}\.\d</summary>", PROSE)
    assert PROSE.count("### Recap") >= 10


def test_test_set_is_opened_in_one_cell_after_every_choice() -> None:
    ids = [cell.id for cell in CODE]
    users = [cell.id for cell in CODE if "digits.test" in cell.source]
    scoring = [name for name in users if "with_transform" in by_id(name).source]
    assert scoring == ["exam"]
    before = [name for name in users if ids.index(name) < ids.index("exam")]
    assert before == ["classes", "expectation"], "counted in chapter 1, its size used in chapter 9"


# ---- the exercises


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


def test_solution_of_the_capstone_reaches_its_aim(capsys: pytest.CaptureFixture) -> None:
    digits = data.small_set("")
    transform = Normalize(digits.mean, digits.std)
    code = re.search(
        r"<summary>A solution of the capstone</summary>\s+```python\n(.*?)```", PROSE, re.S
    )
    namespace = {"torch": torch, "nn": nn, "F": F, "data": data, "digits": digits, "SEED": 0,
                 "transform": transform, "device": "cpu"}  # fmt: skip
    exec(code[1], namespace)
    validation = data.batches(digits.validation.with_transform(transform))
    capstone.check(namespace["my_model"], validation, 0.9)
    assert capsys.readouterr().out.startswith("Capstone: right! ")


def test_every_check_has_an_exercise_with_a_solution() -> None:
    assert sorted(number for number, _ in solutions()) == sorted(exercises.CHECKS)


def test_sanitize_rules_are_all_understood() -> None:
    text = SANITIZE.read_text(encoding="ascii")
    understood = re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)
    assert len(understood) == len(re.findall(r"^\[", text, flags=re.MULTILINE)) == 1
