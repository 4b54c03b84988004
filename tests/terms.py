"""The technical terms of the story: where they are explained, and where they are used."""

import re
from dataclasses import dataclass

from story import NOTEBOOK

# Words that also have an everyday meaning, in which they may come before they are explained.
EVERYDAY: set[str] = set()
# Words that are in italics because they are stressed, not because they are terms.
STRESSED: set[str] = set()

ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| \[(\d+)\]\((#[^)\s]+)\) \|$", re.M)
ITALIC = re.compile(r"(?<![*\w\\])\*(?![*\s])([^*]+?)(?<!\s)\*(?![*\w])")
NO_PROSE = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|^#+ [^\n]*$|^\|[^\n]*$|!\[[^\]]*\]|\]\([^)]*\)"
    r"|^### (?:Glossary|References).*|</?\w[^>]*>",
    re.S | re.M,
)
ENDING = re.compile(r"(?<=\w{4})(?:ing|ion|er|ed|e|y|(?<!s)s)$")


@dataclass(frozen=True)
class Term:
    """A line of the glossary."""

    name: str
    chapter: int
    link: str


@dataclass(frozen=True)
class Passage:
    """The prose of a cell, and where that is."""

    cell: str
    chapter: int
    text: str

    def italics(self) -> list[str]:
        """What is printed in italics."""
        return [" ".join(words.split()) for words in ITALIC.findall(self.text)]


def glossary() -> list[Term]:
    """All terms; a line that has several is split."""
    text = next(cell.source for cell in NOTEBOOK.cells if "### Glossary" in cell.source)
    return [
        Term(name.strip(" *"), int(chapter), link)
        for names, chapter, link in ROW.findall(text.partition("### Glossary")[2])
        for name in names.split(",")
    ]


def passages() -> list[Passage]:
    """The prose of all cells, in order: no code, headings, tables, pictures or references."""
    found, chapter = [], 0
    for cell in NOTEBOOK.cells:
        if cell.cell_type == "markdown":
            heading = re.match(r"## (\d+)\. ", cell.source)
            chapter = int(heading[1]) if heading else chapter
            found.append(Passage(cell.id, chapter, NO_PROSE.sub(" ", cell.source)))
    return found


def stem(word: str) -> str:
    """What the forms of a word have in common."""
    short = ENDING.sub("", word)
    return short[:-1] if len(short) > 4 and short[-1] == short[-2] != "s" else short


def mentions(term: str, text: str) -> bool:
    """Whether a term occurs in a text, in whatever form."""
    words = [rf"{re.escape(stem(word))}\w{{0,4}}" for word in term.split()]
    return bool(re.search(rf"\b{'[ -]+'.join(words)}\b", text, re.I))
