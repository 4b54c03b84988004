"""The technical terms of the story: where they are explained, and where they are used."""

import re
from dataclasses import dataclass

from story import NOTEBOOK

# Words that also have an everyday meaning, in which they may come before they are explained.
EVERYDAY = {"MNIST", "layer", "score"}
# Words that are in italics because they are stressed, not because they are terms.
STRESSED = set(
    """Test; To think about.; Training; at once; before; beginning; box; cosine; each; equally good;
equally likely; exactly; fetch; first; general; its; last; learned; memorise; missing; new;
rate × decay; same; second; this; thrown away; together with what suits it; training; where; which;
your; yours""".replace("\n", " ").split("; ")  # noqa: RUF001
)

ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| \[(\d+)\]\((#[^)\s]+)\) \|$", re.M)
ITALIC = re.compile(r"(?<![*\w\\])\*(?![*\s])([^*]+?)(?<!\s)\*(?![*\w])")
BOLD_OR_CODE = re.compile(r"\*\*([^*]+)\*\*|`([^`]+)`")
CODE_BLOCK = re.compile(r"```.*?```", re.S)
NO_PROSE = re.compile(
    r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|!\[[^\]]*\]|\]\([^)]*\)|</?\w[^>]*>"
    r"|^### References.*|^#+ [^\n]*$|^\|[^\n]*$",
    re.S | re.M,
)
ENDING = re.compile(r"(?<=\w{4})(?:ing|ion|ed|e|y|(?<!s)s)$")


@dataclass(frozen=True)
class Term:
    """A line of the glossary."""

    name: str
    chapter: int
    link: str


@dataclass(frozen=True)
class Passage:
    """A cell of text, without its blocks of code."""

    cell: str
    chapter: int
    source: str

    def prose(self) -> str:
        """What one reads: no code, headings, tables, pictures or references."""
        return NO_PROSE.sub(" ", self.source)

    def italics(self) -> list[str]:
        """What is printed in italics."""
        return [" ".join(words.split()) for words in ITALIC.findall(self.prose())]

    def explained(self) -> list[str]:
        """What is set off as a term: in italics, bold, or as the name that it has in code."""
        others = [bold or code for bold, code in BOLD_OR_CODE.findall(self.source)]
        return self.italics() + others


def glossary() -> list[Term]:
    """All terms; a line that has several is split."""
    text = next(cell.source for cell in NOTEBOOK.cells if "### Glossary" in cell.source)
    return [
        Term(name.strip(" *"), int(chapter), link)
        for names, chapter, link in ROW.findall(text.partition("### Glossary")[2])
        for name in names.split(",")
    ]


def passages() -> list[Passage]:
    """The text of all cells, in order."""
    found, chapter = [], 0
    for cell in NOTEBOOK.cells:
        if cell.cell_type == "markdown":
            heading = re.match(r"## (\d+)\. ", cell.source)
            chapter = int(heading[1]) if heading else chapter
            found.append(Passage(cell.id, chapter, CODE_BLOCK.sub("", cell.source)))
    return found


def stem(word: str) -> str:
    """What the forms of a word have in common."""
    short = ENDING.sub("", word)
    return short[:-1] if len(short) > 4 and short[-1] == short[-2] != "s" else short


def mentions(term: str, text: str) -> bool:
    """Whether a term occurs in a text, in whatever form."""
    words = [rf"{re.escape(stem(word))}\w{{0,4}}" for word in term.split()]
    return bool(re.search(rf"\b{'[ -]+'.join(words)}\b", text, re.I))
