"""The notebook's text, cut where chapters, guesses and answers begin."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from story import PROSE

from page.story import parts_of, structured

QUESTION = "> **Predict 7.** Is it more: one,\n> two or three?"
DOOR = '<details class="secret">'
CLOSED = "</details>"


def sources(*cells: str) -> str:
    """What becomes of some cells; those that begin with `code` are code."""
    made = [
        new_code_cell(text[4:]) if text.startswith("code") else new_markdown_cell(text)
        for text in cells
    ]
    return "\n".join(cell.source for cell in structured(new_notebook(cells=made)).cells)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (
            (f"## 3. Title\n\nBefore.\n\n{QUESTION}", "coderun()", "**Answer.** Three.\n\nAfter."),
            ("Before.", "Predict 7", DOOR, "run()", "Three.", CLOSED, "After."),
        ),
        (  # what a colon leads to belongs to the answer
            (QUESTION, "**Answer.** For b:\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nNext."),
            (DOOR, "| 1 | 2 |", CLOSED, "Next."),
        ),
        *(  # without an answer, the code is hidden, as it would give it away
            (
                (QUESTION, "coderun()", "codeagain()", after),
                ("Predict 7", DOOR, "run()", "again()", CLOSED, after),
            )
            for after in ("### Else", "## 4. Another", "> **Predict 8.** More?", "Text.")
        ),
        (
            ("# All", "## 1. A\n\none", "## 2. B"),
            ("# All", 'id="chapter-1"', "one", "</section>", 'id="chapter-2"', "## 2. B"),
        ),
    ],
)
def test_parts_of_the_story_stand_between_their_marks(
    cells: tuple[str, ...], order: tuple[str, ...]
) -> None:
    page, place = sources(*cells), 0
    for part in order:
        place = page.index(part, place) + len(part)
    assert page.count("<section") == page.count("</section>")


def test_answers_to_pick_travel_with_the_guess() -> None:
    assert 'data-choices="one|two|three"' in sources(QUESTION, "coderun()")


def test_guess_that_nothing_answers_has_no_door() -> None:
    assert DOOR not in sources(QUESTION, "### Else", "coderun()")


def test_marks_in_code_are_code() -> None:
    cell = new_markdown_cell("Text.\n\n```\n**Answer.** no\n> **Predict 1.** no\n```\n\nMore.")
    assert [part.kind for part in parts_of(cell)] == ["text"]


def test_nothing_is_lost_and_nothing_is_said_twice() -> None:
    text = f"## 1. A\n\none\n\n### B\n\ntwo\n\n{QUESTION}\n\nthree\n\n**Answer.** four\n\nfive"
    found = "\n".join(part.cell.source for part in parts_of(new_markdown_cell(text)))
    assert re.sub(r"\n+", "\n", found) == re.sub(r"\n+", "\n", text)


def test_words_of_the_notebook_are_true_on_the_page_as_well() -> None:
    assert not re.search(r"this notebook|\*\*How to read it\.\*\* Run", PROSE)
