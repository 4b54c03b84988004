"""Ways through the page: contents, and links to and from terms, references, chapters, exercises."""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

from tools.run_notebook import data_address

REFERENCE = re.compile(r"\[(\d{1,2})\]")
CITATION = r'<a class="cite" href="#reference-\1">[\1]</a>'
CHAPTER_NAMED = re.compile(r"\b([Cc]hapter) (\d{1,2})\b")
EXERCISE = re.compile(r"\d+\.\d+")
SOLUTION = re.compile(r"Solution of (\d+\.\d+)")
NO_LINKS_IN = ["a", "code", "pre", "summary", "h1", "h2", "h3", "h4", "button", "th"]
UNLISTED = {"Recap", "Exercises"}  # which every chapter has


def add_links(soup: BeautifulSoup, pictures: Path) -> None:
    """Put all links into the story, and the pictures that lie beside the notebook."""
    name_headings(soup)
    link_references(soup)
    link_terms(soup)
    link_chapters(soup)
    name_exercises(soup)
    take_in_pictures(soup, pictures)
    make_tables_scroll(soup)
    for code in soup.find_all("pre"):
        code["tabindex"] = "0"  # long lines can be moved by keyboard, too
    add_ways_on(soup)


def chapters(soup: BeautifulSoup) -> list[Tag]:
    """The sections with a number."""
    return soup.select("section[id]")


def number_of(section: Tag) -> str:
    """Which chapter a section is."""
    return str(section["id"]).removeprefix("chapter-")


def title_of(section: Tag) -> str:
    """The heading of a chapter, without its number."""
    return section.h2.get_text().partition(". ")[2] if section.h2 else ""


def slug(text: str) -> str:
    """A text as a part of an address."""
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def in_jupyter(heading: Tag) -> str:
    """The address that Jupyter gives to a heading."""
    return heading.get_text().strip().replace(" ", "-")


def name_headings(soup: BeautifulSoup) -> None:
    """Give each heading below a chapter's an address of its own, for many have the same words.

    A heading to which the notebook links, as to each chapter's, has the address that Jupyter gives.
    """
    linked = {link["href"] for link in soup.select("a[href^='#']")}
    for section in chapters(soup):
        for heading in section.find_all(["h3", "h4"]):
            own = f"part-{number_of(section)}-{slug(heading.get_text())}"
            heading["id"] = in_jupyter(heading) if f"#{in_jupyter(heading)}" in linked else own
        if section.h2:
            section.h2["id"] = in_jupyter(section.h2)
            section["aria-labelledby"] = section.h2["id"]


def after_heading(soup: BeautifulSoup, words: str, name: str) -> Tag | None:
    """The first element of a kind after the heading that says these words."""
    headings = (each for each in soup.find_all(["h2", "h3"]) if each.get_text().strip() == words)
    return next((each.find_next(name) for each in headings), None)


def plain_texts(section: Tag) -> Iterator[NavigableString]:
    """The words of a chapter that may become links."""
    for words in list(section.find_all(string=True)):
        if words.find_parent(class_="prose") and not words.find_parent(NO_LINKS_IN):
            yield words


def replace(words: NavigableString, pattern: re.Pattern, link: str) -> list[str]:
    """Put links where a pattern is found; return what its last group found, each time."""
    text = html.escape(str(words), quote=False)
    found = [match[match.lastindex or 0] for match in pattern.finditer(text)]
    if found:
        words.replace_with(BeautifulSoup(pattern.sub(link, text), "html.parser"))
    return found


def link_references(soup: BeautifulSoup) -> None:
    """Lead from [4] to the fourth reference, and from there to the chapters that cite it."""
    listed = after_heading(soup, "References", "ol")
    if listed is None:
        return
    cited = defaultdict(list)
    for section in chapters(soup):
        for words in plain_texts(section):
            if listed not in words.parents:
                for number in replace(words, REFERENCE, CITATION):
                    cited[number].append(number_of(section))
    for place, item in enumerate(listed.find_all("li", recursive=False), 1):
        item["id"] = f"reference-{place}"
        add_back_links(item, cited[str(place)])


def add_back_links(place: Tag, numbers: list[str]) -> None:
    """Say in which chapters something comes up."""
    named = {link.get_text() for link in (place.find_parent("tr") or place).find_all("a")}
    wanted = [number for number in dict.fromkeys(numbers) if number not in named]
    links = [f'<a href="#chapter-{number}">{number}</a>' for number in wanted]
    if links:
        word = "chapter" if len(links) == 1 else "chapters"
        back = f' <span class="back">({word} {", ".join(links)})</span>'
        place.append(BeautifulSoup(back, "html.parser"))


def link_terms(soup: BeautifulSoup) -> None:
    """Lead from a term, where a chapter first stresses it, to the glossary, and back."""
    table = after_heading(soup, "Glossary", "table")
    if table is None:
        return
    terms = terms_in(table)
    for section in chapters(soup):
        number = number_of(section)
        for stressed in section.find_all(["em", "strong"]):
            term = terms.get(singular(stressed.get_text()))
            is_free = table not in stressed.parents and not stressed.find_parent(NO_LINKS_IN)
            if term and is_free and number not in term.chapters:
                term.chapters.append(number)
                link = {"class": "term", "href": f"#{term.address}", "title": term.meaning}
                stressed.wrap(soup.new_tag("a", attrs=link))
    for term in {term.address: term for term in terms.values()}.values():
        add_back_links(term.place, term.chapters)


@dataclass(frozen=True)
class Term:
    """A row of the glossary."""

    address: str
    meaning: str
    place: Tag  # of its meaning
    chapters: list[str] = field(default_factory=list)  # which stress it


def terms_in(table: Tag) -> dict[str, Term]:
    """Each word of the glossary; some rows explain two."""
    terms: dict[str, Term] = {}
    for row in table.find_all("tr")[1:]:
        word, meaning = row.find_all("td")[:2]
        row["id"] = address = f"term-{slug(word.get_text())}"
        term = Term(address, meaning.get_text(), meaning)
        terms |= {singular(name): term for name in word.get_text().split(",")}
    return terms


def singular(word: str) -> str:
    """A word as the glossary has it."""
    word = word.strip().strip(".:").lower()
    return word.removesuffix("s") if not word.endswith("ss") else word


def link_chapters(soup: BeautifulSoup) -> None:
    """Lead from "chapter 9" to it."""
    numbers = {number_of(section) for section in chapters(soup)}
    for section in chapters(soup):
        for words in plain_texts(section):
            if {found[2] for found in CHAPTER_NAMED.finditer(words)} <= numbers:
                replace(words, CHAPTER_NAMED, r'<a href="#chapter-\2">\1 \2</a>')


def name_exercises(soup: BeautifulSoup) -> None:
    """Give exercises and solutions addresses, and lead from one to the other."""
    tasks = {}
    for strong in soup.select(".prose > p > strong:first-child"):
        number = strong.get_text().strip()
        if EXERCISE.fullmatch(number) and strong.parent and number not in tasks:
            tasks[number] = strong.parent
            strong.parent.attrs |= {"id": f"exercise-{number}", "class": "exercise"}
    for summary in soup.find_all("summary"):
        found = SOLUTION.match(summary.get_text().strip())
        if found and summary.parent:
            summary.parent.attrs |= {"id": f"solution-{found[1]}", "class": "solution"}
            if found[1] in tasks:
                link = f' <a class="to-solution" href="#solution-{found[1]}">solution</a>'
                tasks[found[1]].append(BeautifulSoup(link, "html.parser"))


def take_in_pictures(soup: BeautifulSoup, pictures: Path) -> None:
    """Put pictures that lie beside the notebook into the page."""
    for image in soup.find_all("img"):
        folder, _, name = str(image["src"]).partition("/")
        if folder == "readme-img":
            image["data-name"] = name.removesuffix(".png")
            image["src"] = data_address(pictures / name)
        if image.parent and image.parent.name == "p":
            image.parent.name = "figure"


def make_tables_scroll(soup: BeautifulSoup) -> None:
    """Let a wide table be moved by itself, so that the page needn't."""
    for table in soup.find_all("table"):
        names = []
        for cell in table.find_all("th"):
            if cell.get_text().strip():
                cell["scope"] = "col"
                names.append(cell.get_text())
            else:
                cell.name = "td"  # which may be empty
        around = {"tabindex": "0", "role": "region", "class": "table"}
        around["aria-label"] = f"Table: {', '.join(names)}"
        table.wrap(soup.new_tag("div", attrs=around))


def add_ways_on(soup: BeautifulSoup) -> None:
    """Lead from the end of a chapter to those before and after it."""
    found = chapters(soup)
    for before, section, after in zip([None, *found], found, [*found[1:], None], strict=False):
        links = way(before, "prev", "Before") + way(after, "next", "Next")
        code = f'<nav class="ways" aria-label="From chapter {number_of(section)}">{links}</nav>'
        section.append(BeautifulSoup(code, "html.parser"))


def way(section: Tag | None, kind: str, word: str) -> str:
    """Return a link to another chapter, if there is one."""
    if section is None:
        return ""
    title = f"{number_of(section)}. {html.escape(title_of(section))}"
    return f'<a rel="{kind}" href="#{section["id"]}"><span>{word}</span> {title}</a>'


def contents(soup: BeautifulSoup) -> str:
    """The list of chapters, each with its parts and exercises."""
    return "<ol>" + "".join(entry(section) for section in chapters(soup)) + "</ol>"


def entry(section: Tag) -> str:
    """A chapter in the contents."""
    number = number_of(section)
    parts = [
        f'<li><a href="#{heading["id"]}">{html.escape(heading.get_text())}</a></li>'
        for heading in section.find_all("h3")
        if heading.get_text() not in UNLISTED
    ]
    tasks = [
        f'<a href="#{task["id"]}">{str(task["id"]).removeprefix("exercise-")}</a>'
        for task in section.find_all(class_="exercise")
    ]
    if tasks:
        parts.append(f'<li class="tasks">Exercises {" ".join(tasks)}</li>')
    inside = f"<ul>{''.join(parts)}</ul>" if parts else ""
    title = html.escape(title_of(section))
    return (
        f'<li data-chapter="{number}"><a href="#chapter-{number}">'
        f'<span class="number">{number}</span> {title}</a>{inside}</li>'
    )
