"""The notebook's cells, put between the marks that make chapters, guesses and answers of them."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import itemgetter

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_raw_cell

from page.choices import choices

CHAPTER = re.compile(r"## (\d+)\. (.+)")
PREDICT = re.compile(r"> \*\*Predict (\d+)\.\*\*")
ANSWER = "**Answer.**"
HEADING = re.compile(r"#{1,6} ")
FENCE = "```"


@dataclass
class Part:
    """A piece of the story: a code cell, or text of one kind."""

    kind: str  # "chapter", "predict", "answer", "heading", "text" or "code"
    cell: NotebookNode


def structured(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with marks between its cells, which the template passes on."""
    parts = [part for cell in notebook.cells for part in parts_of(cell)]
    return NotebookNode(notebook | {"cells": list(marked(parts))})


def parts_of(cell: NotebookNode) -> Iterator[Part]:
    """A code cell as it is; text cut where a chapter, a guess or its answer begins or ends."""
    if cell.cell_type != "markdown":
        yield Part("code", cell)
        return
    for kind, group in groupby(kinds_of_lines(cell.source.splitlines()), itemgetter(0)):
        text = "\n".join(line for _, line in group)
        if text.strip("\n"):
            yield Part(kind, new_markdown_cell(text))


def kinds_of_lines(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Which kind of text each line belongs to."""
    kind, last, is_code = "text", "", False
    for line in lines:
        if not is_code:
            kind = kind_of(line, last, kind)
        is_code ^= line.startswith(FENCE)
        last = line if line.strip() else last
        yield kind, line


def kind_of(line: str, last: str, kind: str) -> str:
    """Return the kind of a line, from its beginning and the line with text before it."""
    if CHAPTER.match(line):
        return "chapter"
    if PREDICT.match(line):
        return "predict"
    if line.startswith(ANSWER):
        return "answer"
    if HEADING.match(line):
        return "heading"
    is_over = kind in ("chapter", "heading") or (kind == "predict" and not line.startswith(">"))
    if kind == "answer" and not line.strip():
        is_over = not last.endswith(":")  # a colon leads on to what belongs to the answer
    return "text" if is_over else kind


def marked(parts: list[Part]) -> Iterator[NotebookNode]:
    """All cells, chapters in sections, and what answers a guess behind a door."""
    yield new_raw_cell('<section class="chapter opening">')
    last_hidden = None
    for place, part in enumerate(parts):
        if part.kind == "chapter":
            number = part.cell.source.removeprefix("## ").partition(".")[0]
            yield new_raw_cell(f'</section>\n<section class="chapter" id="chapter-{number}">')
        if part.kind == "predict":
            yield new_raw_cell(opened_guess(part.cell.source))
        yield part.cell
        if part.kind == "predict":
            last_hidden = place + hidden_after(parts[place + 1 :])
            yield new_raw_cell(DOOR if last_hidden > place else "</div>")
        elif place == last_hidden:
            yield new_raw_cell("</div></details></div>")
    yield new_raw_cell("</section>")


DOOR = (
    '<details class="secret"><summary>Guess first, then open the answer</summary>'
    '<div class="behind">'
)


def hidden_after(parts: list[Part]) -> int:
    """Return how many parts after a question are hidden: up to its answer, if it has one.

    If not, the code alone, for that gives it away.
    """
    kinds = [part.kind for part in parts]
    between = len(list(takewhile(lambda kind: kind in ("text", "code"), kinds)))
    if kinds[between : between + 1] == ["answer"]:
        return between + 1
    return len(list(takewhile(lambda kind: kind == "code", kinds)))


def opened_guess(question: str) -> str:
    """The beginning of a guess, with the answers to pick from, where the question has some."""
    number = re.sub(PREDICT.pattern + "(?s:.*)", r"\1", question)
    picks = html.escape("|".join(choices(question)))
    return f'<div class="predict" id="predict-{number}" data-choices="{picks}">'
