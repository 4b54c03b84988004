"""Asserts as records: each is told with its numbers, and none stops the notebook."""

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.asserts import without_asserts
from tools.run_notebook import Claim, execute, failures

CELLS = [
    "x = 3\nassert 1 < x < 4 and x == 3",
    "def check(value):\n    assert value > 10\n\n\ncheck(12)\ncheck(7)\nafter = True",
    "assert after and len('abc') in (1, 2)\nassert 1 / 4 > 0.5 and 1 / 0 > 0",
    "import torch\nassert torch.tensor(0.5, requires_grad=True) < 0.75",
    "assert [1, 2] < [3]\nprint('the end')",
    "assert 10**400 > 5",
    "y = []\nassert 1 < 0 < y[0]",
    "assert (n := 5) > 3\nassert n == 5",
    "async def f(): return 1\nassert await f() == 1",
    "def g(value):\n    assert value < 3\n    return value\n\n\nassert 1 < g(2) < 3",
]
CLAIMS = [
    (1, "1 < x < 4 and x == 3", True, [[1, 3, 2], [3, 4, 1]]),
    (2, "value > 10", True, [[12, 10, 2]]),
    (2, "value > 10", False, [[7, 10, -3]]),
    (3, "after and len('abc') in (1, 2)", False, []),
    (3, "1 / 4 > 0.5 and 1 / 0 > 0", False, [[0.25, 0.5, -0.25]]),
    (4, "torch.tensor(0.5, requires_grad=True) < 0.75", True, [[0.5, 0.75, 0.25]]),
    (5, "[1, 2] < [3]", True, []),
    (6, "10 ** 400 > 5", True, [[float("inf"), 5, float("inf")]]),
    (7, "1 < 0 < y[0]", False, [[1, 0, -1]]),
    (8, "(n := 5) > 3", True, [[5, 3, 2]]),
    (8, "n == 5", True, []),
    (9, "await f() == 1", True, []),
    (10, "value < 3", True, [[2, 3, 1]]),
    (10, "1 < g(2) < 3", True, [[1, 2, 1], [2, 3, 1]]),
]


@pytest.fixture(scope="module")
def executed() -> tuple[NotebookNode, list[Claim]]:
    """A notebook of one chapter whose claims do not all hold, and what was recorded of it."""
    cells = [new_markdown_cell("## 1. A chapter"), *map(new_code_cell, CELLS)]
    notebook = new_notebook(cells=cells)
    return notebook, execute(notebook)


def test_claims_are_told_in_order_with_their_numbers_and_none_stops_the_notebook(executed) -> None:
    _, claims = executed
    assert [(each.cell, each.text, each.held, each.numbers) for each in claims] == CLAIMS
    assert {claim.chapter for claim in claims} == {"1. A chapter"}


def test_notebook_tells_its_reader_what_did_not_hold_and_is_otherwise_as_ever(executed) -> None:
    notebook, _ = executed
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells[1:]] == CELLS
    assert [cell.execution_count for cell in notebook.cells[1:]] == list(range(1, 11))
    assert [output.text for output in notebook.cells[5].outputs] == ["the end\n"]
    told = [output for cell in notebook.cells[1:4] for output in cell.outputs]
    assert {output.name for output in told} == {"stderr"}
    assert told[0].text == "This claim did not hold here: value > 10\n"


def test_what_a_cell_computes_is_all_but_its_asserts() -> None:
    assert without_asserts("x = 1\nif x:\n    assert x\nassert x") == "x = 1"
    assert without_asserts("if x:\n    %time\n    y = 2") == "if x:\n    pass\n    y = 2"
    assert without_asserts("if x:\n    assert x\nelse:\n    y = 2").endswith("y = 2")


def test_failures_name_chapter_and_text() -> None:
    held, failed = Claim("2. Two", 5, "a < b", True, []), Claim("3. Three", 9, "b < a", False, [])
    assert failures([held]) == ""
    assert failures([held, failed]) == "1 of 2 claims did not hold here:\n- 3. Three: b < a"
