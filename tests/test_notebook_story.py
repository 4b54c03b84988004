"""How the story is told: one name for one thing, no word before it is explained."""

import ast
import re

import pytest
from names import bound_by, doubles, names_of
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from story import CODE, PROSE, SOLUTION
from terms import EVERYDAY, STRESSED, Term, glossary, mentions, passages

from tools.asserts import parse

TITLE = re.compile(r'(?:\(|, |title=)f?"([^"\n]{15,})"')


# ---- names


def test_each_name_means_one_thing_from_beginning_to_end() -> None:
    assert doubles(CODE) == []


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (("a = 1", "a = 2"), ["a is assigned in 0, 1"]),
        (("a = 1", "[a for a in range(3)]"), ["a is assigned in 0, of a loop in 1"]),
        (("for a in x: pass", "print(a)"), ["a is needed by 1 and left over from a loop in 0"]),
        (("def a(): pass", "import a"), ["a is assigned in 0, 1"]),
        (("for a in x: pass", "for a in x: print(a)", "b = lambda a: a"), []),
        (("answer = ...\nexercises.check('1.1', answer)",) * 2, []),
        (("import torch.nn as nn\nwith open(x) as nn: pass", "nn = 1"), ["nn is assigned in 0, 1"]),
        (("%xmode Minimal\nb, (c, d) = a", "c += 1"), ["c is assigned in 0, 1"]),
    ],
)
def test_name_with_two_meanings_is_found(sources: tuple[str, ...], told: list[str]) -> None:
    cells = [new_code_cell(code, id=str(place)) for place, code in enumerate(sources)]
    assert doubles(cells) == told


def filled_from_elsewhere(source: str) -> set[str]:
    """Return the names of what a cell, or a function in it, puts something into but didn't make."""
    found = set()
    for scope in ast.walk(parse(source)):
        if isinstance(scope, ast.Module | ast.FunctionDef):
            parts = [part for part in ast.walk(scope) if part is not scope]
            made = {part.arg for part in parts if isinstance(part, ast.arg)}
            made = made.union(*map(bound_by, parts))
            filled = [part.value for part in parts if isinstance(part, ast.Subscript)
                      and isinstance(part.ctx, ast.Store)]  # fmt: skip
            found |= {part.id for part in filled if isinstance(part, ast.Name)} - made
    return found


@pytest.mark.parametrize("cell", CODE, ids=lambda cell: cell.id)
def test_cell_can_be_run_in_any_order_as_it_fills_only_what_it_made(cell: NotebookNode) -> None:
    assert filled_from_elsewhere(cell.source) == set()


@pytest.mark.parametrize(("number", "code"), SOLUTION.findall(PROSE), ids=lambda part: part[:4])
def test_solution_changes_nothing_that_the_story_needs(number: str, code: str) -> None:
    story = [cell for cell in CODE if f'exercises.check("{number}"' not in cell.source]
    taken = set().union(*(names_of(cell.source).assigned for cell in story if cell.id != "imports"))
    assert names_of(code).assigned & taken <= {"answer"}


# ---- words


@pytest.mark.parametrize("term", glossary(), ids=lambda term: term.name)
def test_term_is_explained_before_it_is_used(term: Term) -> None:
    explained = [
        place
        for place, passage in enumerate(passages())
        if passage.chapter == term.chapter
        and any(mentions(term.name, words) for words in passage.explained())
    ]
    assert explained, f"*{term.name}* is not in italics in chapter {term.chapter}"
    if term.name not in EVERYDAY:
        before = passages()[: explained[0]]
        assert [each.cell for each in before if mentions(term.name, each.prose())] == []


def test_terms_in_italics_are_in_the_glossary() -> None:
    assert len(glossary()) >= 40
    names = {term.name for term in glossary()}
    unknown = {
        words
        for passage in passages()
        for words in passage.italics()
        if len(words) > 1 and words not in STRESSED and not any(mentions(n, words) for n in names)
    }
    assert unknown == set()


def test_links_lead_to_headings() -> None:
    headings = {"#" + words.replace(" ", "-") for words in re.findall(r"^#+ (.+)$", PROSE, re.M)}
    links = re.findall(r"\]\((#[^\s]*?)\)(?=[^)]|$)", PROSE)
    assert len(links) >= 14
    assert set(links) <= headings
    for term in glossary():
        assert term.link.startswith(f"#{term.chapter}.-")


# ---- exercises


def test_every_exercise_has_a_check_or_is_to_think_about() -> None:
    asked = re.findall(r"^\*\*(\d+\.\d)\*\* \**(To think about)?", PROSE, re.M)
    checked = re.findall(r'^exercises\.check\("([\d.]+)"', "\n".join(c.source for c in CODE), re.M)
    assert len(asked) >= 25
    assert [number for number, thought in asked if not thought] == checked


# ---- figures in words


FIGURES = [cell for cell in CODE if re.search(r"^plotting\.show_", cell.source, re.M)]


@pytest.mark.parametrize("cell", FIGURES, ids=lambda cell: cell.id)
def test_figure_is_told_in_words_that_are_its_own(cell: NotebookNode) -> None:
    words = cell.metadata.get("alt", "")
    assert len(words.split()) >= 8
    others = [other.metadata.get("alt") for other in FIGURES if other is not cell]
    assert words not in others + TITLE.findall(cell.source)


def test_pictures_in_the_text_are_told_in_words() -> None:
    for words in re.findall(r"!\[([^\]]*)\]\(", PROSE):
        assert len(words.split()) >= 8
    assert "<img" not in PROSE
