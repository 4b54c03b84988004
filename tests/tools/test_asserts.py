"""Asserts as records: each is told with its numbers, and none stops the notebook."""

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.asserts import without_asserts
from tools.run_notebook import Claim, execute, failures

EVENTS = "get_ipython().events"
CELLS = [
    "x = 3\nassert 1 < x < 4 and x == 3",
    "def check(value):\n    assert value > 10\n\n\ncheck(12)\ncheck(7)\nafter = True",
    "assert after and len('abc') in (1, 2)\nassert 1 / 4 > 0.5 and 1 / 0 > 0",
    "import torch\nassert torch.tensor(0.5, requires_grad=True) < 0.75",
    "assert [1, 2] < [3]\nprint('the end')",
]


def story() -> NotebookNode:
    """A notebook of one chapter whose claims do not all hold."""
    cells = [new_markdown_cell("## 1. A chapter"), *map(new_code_cell, CELLS)]
    return new_notebook(cells=cells)


def test_claims_are_told_in_order_and_none_stops_the_notebook() -> None:
    notebook = story()
    claims = execute(notebook)
    assert [(claim.cell, claim.text, claim.held) for claim in claims] == [
        (1, "1 < x < 4 and x == 3", True),
        (2, "value > 10", True),
        (2, "value > 10", False),
        (3, "after and len('abc') in (1, 2)", False),
        (3, "1 / 4 > 0.5 and 1 / 0 > 0", False),
        (4, "torch.tensor(0.5, requires_grad=True) < 0.75", True),
        (5, "[1, 2] < [3]", True),
    ]
    assert {claim.chapter for claim in claims} == {"1. A chapter"}
    assert [output.text for output in notebook.cells[-1].outputs] == ["the end\n"]


@pytest.mark.parametrize(
    ("cell", "held"),
    [
        ("assert 10**400 > 5", [True]),
        ("x = []\nassert 1 < 0 < x[0]", [False]),
        ("assert (n := 5) > 3\nassert n == 5", [True, True]),
        ("async def f(): return 1\nassert await f() == 1", [True]),
        (f"{EVENTS}.register('post_run_cell', lambda _: print('junk'))\nassert 1", [True]),
        ("import builtins\nbuiltins.print = lambda *a, **k: None\nassert 0", [False]),
    ],
)
def test_whatever_python_allows_in_an_assert_is_recorded(cell: str, held: list[bool]) -> None:
    heading = new_markdown_cell("## 1. A chapter")
    claims = execute(new_notebook(cells=[heading, new_code_cell(cell)]))
    assert [claim.held for claim in claims] == held


def test_numbers_are_told_with_their_bounds_and_the_distance() -> None:
    numbers = [claim.numbers for claim in execute(story())]
    assert numbers[0] == [[1, 3, 2], [3, 4, 1]]
    assert numbers[1:3] == [[[12, 10, 2]], [[7, 10, -3]]]
    assert numbers[4:] == [[[0.25, 0.5, -0.25]], [[0.5, 0.75, 0.25]], []]


def test_notebook_tells_its_reader_what_did_not_hold_and_is_otherwise_as_ever() -> None:
    notebook = story()
    sources = [cell.source for cell in notebook.cells]
    execute(notebook)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells] == sources
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4, 5]
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
