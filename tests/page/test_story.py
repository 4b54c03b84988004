"""The notebook's text, cut where chapters, guesses and answers begin."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from page.story import parts_of, structured
from tools.run_notebook import USUAL, read

QUESTION = "> **Predict 7.** Is it more: one,\n> two or three?"
DOOR = '<details class="secret">'


def sources(*cells: str) -> str:
    """What becomes of some cells; those that begin with `code` are code."""
    made = [
        new_code_cell(text[4:]) if text.startswith("code") else new_markdown_cell(text)
        for text in cells
    ]
    return "\n".join(cell.source for cell in structured(new_notebook(cells=made)).cells)


def test_everything_from_the_guess_to_its_answer_is_behind_the_door() -> None:
    page = sources(
        f"## 3. Title\n\nBefore.\n\n{QUESTION}",
        "coderun()",
        "**Answer.** Three.\n\nAfterwards.",
    )
    places = [page.index(text) for text in ("Before.", "Predict 7", DOOR, "run()", "Three.")]
    assert places == sorted(places)
    assert page.index("Three.") < page.index("</details>") < page.index("Afterwards.")


def test_answer_that_ends_with_a_colon_goes_on_with_what_the_colon_leads_to() -> None:
    page = sources(QUESTION, "**Answer.** For b:\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nNext.")
    assert page.index("| 1 | 2 |") < page.index("</details>") < page.index("Next.")


@pytest.mark.parametrize("after", ["### Else", "## 4. Another", "> **Predict 8.** More?", "Text."])
def test_guess_without_an_answer_hides_the_code_that_would_give_it_away(after: str) -> None:
    page = sources(QUESTION, "coderun()", "codeagain()", after)
    assert page.index("Predict 7") < page.index(DOOR) < page.index("run()") < page.index("again()")
    assert page.index("again()") < page.index("</details>") < page.index(after)


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


def test_chapters_are_sections_with_their_number() -> None:
    page = sources("# All", "## 1. A\n\none", "## 2. B")
    assert page.count("<section") == page.count("</section>") == 3
    assert page.index('id="chapter-1"') < page.index("one") < page.index('id="chapter-2"')


def test_words_of_the_notebook_are_true_on_the_page_as_well() -> None:
    cells = read(USUAL.notebook).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert [
        text for text in texts if "this notebook" in text or "**How to read it.** Run" in text
    ] == []
