"""The notebook's cells, put between the marks that make chapters, guesses and answers of them."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    copy = notebook.copy()
    copy.cells = list(marked(parts))
    return copy


def parts_of(cell: NotebookNode) -> Iterator[Part]:
    """A code cell as it is; text cut where a chapter, a guess or its answer begins or ends."""
    if cell.cell_type != "markdown":
        yield Part("code", cell)
        return
    kind, lines = "text", list[str]()
    for found, line in kinds_of_lines(cell.source.splitlines()):
        if found != kind:
            if any(lines):
                yield Part(kind, text(lines))
            lines = []
        kind = found
        lines.append(line)
    if any(lines):
        yield Part(kind, text(lines))


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


def text(lines: list[str]) -> NotebookNode:
    """Some lines as a cell."""
    return new_markdown_cell("\n".join(lines))


def mark(source: str) -> NotebookNode:
    """A piece of the page's own HTML."""
    return new_raw_cell(source)


def marked(parts: list[Part]) -> Iterator[NotebookNode]:
    """All cells, chapters in sections, and what answers a guess behind a door."""
    yield mark('<section class="chapter opening">')
    last_hidden = None
    for place, part in enumerate(parts):
        if part.kind == "chapter":
            found = CHAPTER.match(part.cell.source)
            yield mark(f'</section>\n<section class="chapter" id="chapter-{found and found[1]}">')
        if part.kind == "predict":
            yield mark(opened_guess(part.cell.source))
        yield part.cell
        if part.kind == "predict":
            last_hidden = place + hidden_after(parts[place + 1 :])
            yield mark(DOOR if last_hidden > place else "</div>")
        elif place == last_hidden:
            yield mark("</div></details></div>")
    yield mark("</section>")


DOOR = (
    '<details class="secret"><summary>Guess first, then open the answer</summary>'
    '<div class="behind">'
)


def hidden_after(parts: list[Part]) -> int:
    """Return how many parts after a question are hidden: up to its answer, if it has one.

    If not, the code alone, for that gives it away.
    """
    kinds = [part.kind for part in parts]
    ends = [place for place, kind in enumerate(kinds) if kind not in ("text", "code")]
    if ends and kinds[ends[0]] == "answer":
        return ends[0] + 1
    return next((place for place, kind in enumerate(kinds) if kind != "code"), len(kinds))


def opened_guess(question: str) -> str:
    """The beginning of a guess, with the answers to pick from, where the question has some."""
    found = PREDICT.match(question)
    number = found[1] if found else ""
    picks = html.escape("|".join(choices(question)))
    return f'<div class="predict" id="predict-{number}" data-choices="{picks}">'
