"""Ways through the page: contents, and links to and from terms, references, chapters, exercises."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

from tools.run_notebook import data_address

REFERENCE = re.compile(r"\[(\d{1,2})\]")
CHAPTER_NAMED = re.compile(r"\b([Cc]hapter) (\d{1,2})\b")
EXERCISE = re.compile(r"\d+\.\d+")
SOLUTION = re.compile(r"Solution of (\d+\.\d+)")
NO_LINKS_IN = {"a", "code", "pre", "summary", "h1", "h2", "h3", "h4", "button", "th"}
UNLISTED = {"Recap", "Exercises"}  # which every chapter has


@dataclass(frozen=True)
class Page:
    """The parts of the page that come from the notebook."""

    body: str
    contents: str
    data: str = ""


def linked(body: str, pictures: Path) -> Page:
    """The story with all its links, and the list of what is in it."""
    soup = BeautifulSoup(body, "html.parser")
    name_headings(soup)
    link_references(soup)
    link_terms(soup)
    link_chapters(soup)
    name_exercises(soup)
    take_in_pictures(soup, pictures)
    make_tables_scroll(soup)
    make_code_scroll(soup)
    add_ways_on(soup)
    return Page(str(soup), contents(soup))


def chapters(soup: BeautifulSoup) -> list[Tag]:
    """The sections with a number."""
    return [section for section in soup.find_all("section") if section.get("id")]


def number_of(section: Tag) -> str:
    """Which chapter a section is."""
    return str(section["id"]).removeprefix("chapter-")


def title_of(section: Tag) -> str:
    """The heading of a chapter, without its number."""
    heading = section.h2
    return heading.get_text().partition(". ")[2] if heading else ""


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
    for heading in soup.find_all(["h2", "h3"]):
        if heading.get_text().strip() == words:
            found = heading.find_next(name)
            return found if isinstance(found, Tag) else None
    return None


def plain_texts(section: Tag) -> Iterator[NavigableString]:
    """The words of a chapter that may become links."""
    for words in list(section.find_all(string=True)):
        parents = {parent.name for parent in words.parents}
        is_story = any("prose" in (parent.get("class") or []) for parent in words.parents)
        if is_story and not parents & NO_LINKS_IN:
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
    cited: dict[str, list[str]] = {}
    for section in chapters(soup):
        for words in plain_texts(section):
            if listed in words.parents:
                continue
            for number in replace(
                words, REFERENCE, r'<a class="cite" href="#reference-\1">[\1]</a>'
            ):
                cited.setdefault(number, []).append(number_of(section))
    for place, item in enumerate(listed.find_all("li", recursive=False), 1):
        item["id"] = f"reference-{place}"
        add_back_links(item, cited.get(str(place), []))


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
    met: dict[str, list[str]] = {}
    for section in chapters(soup):
        for stressed in section.find_all(["em", "strong"]):
            term = terms.get(singular(stressed.get_text()))
            if term and table not in stressed.parents and not is_linked(stressed):
                numbers = met.setdefault(term.address, [])
                if number_of(section) not in numbers:
                    numbers.append(number_of(section))
                    stressed.wrap(soup.new_tag("a", attrs=term.link()))
    for term in {term.address: term for term in terms.values()}.values():
        add_back_links(term.place, met.get(term.address, []))


@dataclass(frozen=True)
class Term:
    """A row of the glossary."""

    address: str
    meaning: str
    place: Tag  # of its meaning

    def link(self) -> dict[str, str]:
        """Return the attributes of a link that shows the meaning before it is followed."""
        return {"class": "term", "href": f"#{self.address}", "title": self.meaning}


def terms_in(table: Tag) -> dict[str, Term]:
    """Each word of the glossary; some rows explain two."""
    terms = {}
    for row in table.find_all("tr")[1:]:
        word, meaning = row.find_all("td")[:2]
        address = f"term-{slug(word.get_text())}"
        row["id"] = address
        for name in word.get_text().split(","):
            terms[singular(name)] = Term(address, meaning.get_text(), meaning)
    return terms


def is_linked(place: Tag) -> bool:
    """Tell whether something stands where no link may be."""
    return bool({parent.name for parent in place.parents} & NO_LINKS_IN)


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
            strong.parent["id"] = f"exercise-{number}"
            strong.parent["class"] = "exercise"
    for summary in soup.find_all("summary"):
        found = SOLUTION.match(summary.get_text().strip())
        if found and summary.parent:
            summary.parent["id"] = f"solution-{found[1]}"
            summary.parent["class"] = "solution"
            if found[1] in tasks:
                link = f' <a class="to-solution" href="#solution-{found[1]}">solution</a>'
                tasks[found[1]].append(BeautifulSoup(link, "html.parser"))


def take_in_pictures(soup: BeautifulSoup, pictures: Path) -> None:
    """Put pictures that lie beside the notebook into the page."""
    for image in soup.find_all("img"):
        source = str(image["src"])
        if source.startswith("readme-img/"):
            image["data-name"] = source.removeprefix("readme-img/").removesuffix(".png")
            image["src"] = data_address(pictures / source.removeprefix("readme-img/"))
        if image.parent and image.parent.name == "p":
            image.parent.name = "figure"


def make_tables_scroll(soup: BeautifulSoup) -> None:
    """Let a wide table be moved by itself, so that the page needn't."""
    for table in soup.find_all("table"):
        around = soup.new_tag("div", tabindex="0", role="region")
        around["class"] = "table"
        around["aria-label"] = "Table: " + ", ".join(
            cell.get_text() for cell in table.find_all("th") if cell.get_text().strip()
        )
        table.wrap(around)
        for cell in table.find_all("th"):
            if cell.get_text().strip():
                cell["scope"] = "col"
            else:
                cell.name = "td"  # which may be empty


def make_code_scroll(soup: BeautifulSoup) -> None:
    """Let long lines be moved by keyboard, too."""
    for code in soup.find_all("pre"):
        code["tabindex"] = "0"


def add_ways_on(soup: BeautifulSoup) -> None:
    """Lead from the end of a chapter to those before and after it."""
    found = chapters(soup)
    for place, section in enumerate(found):
        links = []
        if place:
            links.append(way(found[place - 1], "prev", "Before"))
        if place + 1 < len(found):
            links.append(way(found[place + 1], "next", "Next"))
        number = number_of(section)
        code = f'<nav class="ways" aria-label="From chapter {number}">{"".join(links)}</nav>'
        section.append(BeautifulSoup(code, "html.parser"))


def way(section: Tag, kind: str, word: str) -> str:
    """A link to another chapter."""
    title = html.escape(title_of(section))
    return (
        f'<a rel="{kind}" href="#{section["id"]}"><span>{word}</span> '
        f"{number_of(section)}. {title}</a>"
    )


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
