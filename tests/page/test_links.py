"""Contents, terms, references, chapters and exercises lead to each other."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from page.links import add_links, contents

STORY = """
<section class="chapter" id="chapter-1">
<div class="prose"><h2>1. Beginning</h2></div>
<div class="prose"><p>A <em>batch</em>, many <em>batches</em>, <em>steps</em> [2]; see chapter 2,
<code>chapter 2 [2]</code>.</p>
<h3>Exercises</h3><p><strong>1.1</strong> Do it.</p>
<pre>[1] chapter 2</pre></div>
<div class="prose"><details><summary>Solution of 1.1</summary><p>Done.</p></details></div>
</section>
<section class="chapter" id="chapter-2">
<div class="prose"><h2>2. End</h2>
<p>Both <em>batches</em>, <em>steps</em> &lt;b&gt; [2] in chapter 9</p>
<h3>Exercises</h3><h3>Glossary</h3>
<table><tr><th>word</th><th>meaning</th><th></th></tr>
<tr><td>batch, batches</td><td>some digits</td></tr>
<tr><td>step</td><td>a move</td><td><a href="#chapter-1">1</a></td></tr></table>
<h3>References</h3><ol><li>One</li><li>Two [1]</li></ol>
<p><img src="readme-img/a.png" alt="A picture"></p></div>
</section>
"""


@pytest.fixture
def page(tmp_path: Path) -> BeautifulSoup:
    """The story and its contents, linked."""
    (tmp_path / "a.png").write_bytes(b"png")
    story = BeautifulSoup(STORY, "html.parser")
    add_links(story, tmp_path)
    return BeautifulSoup(f"{contents(story)}{story}", "html.parser")


def test_every_link_inside_leads_to_one_place(page: BeautifulSoup) -> None:
    targets = [link["href"].removeprefix("#") for link in page.select("a[href^='#']")]
    assert len(targets) > 10
    names = [tag["id"] for tag in page.find_all(id=True)]
    assert set(targets) <= set(names)
    assert len(names) == len(set(names))


def test_term_leads_to_the_glossary_once_in_a_chapter_and_back(page: BeautifulSoup) -> None:
    links = page.select("a.term")
    assert [link.get_text() for link in links] == ["batch", "steps", "batches", "steps"]
    assert links[0]["title"] == "some digits"
    row = page.find(id="term-batch-batches")
    assert [link["href"] for link in row.find_all("a")] == ["#chapter-1", "#chapter-2"]
    other = page.find(id="term-step").get_text("|")
    assert other == "step|a move |(chapter |2|)|1", "the glossary names chapter 1 itself"


def test_reference_is_linked_where_it_is_cited_and_says_where_that_is(page: BeautifulSoup) -> None:
    assert [link["href"] for link in page.select("a.cite")] == ["#reference-2", "#reference-2"]
    assert page.find(id="reference-2").get_text() == "Two [1] (chapters 1, 2)"


def test_chapters_are_linked_where_they_are_named_and_lead_on_and_back(page: BeautifulSoup) -> None:
    assert page.find("a", string="chapter 2")["href"] == "#chapter-2"
    assert page.find("a", string="chapter 9") is None
    ways = [[link["href"] for link in nav.find_all("a")] for nav in page.select("nav.ways")]
    assert ways == [["#chapter-2"], ["#chapter-1"]]


def test_code_and_special_characters_stay_as_they_are(page: BeautifulSoup) -> None:
    assert page.pre.decode_contents() == "[1] chapter 2"
    assert page.code.decode_contents() == "chapter 2 [2]"
    assert "Both batches, steps <b> [2]" in page.find(id="chapter-2").get_text()
    assert page.find("b") is None


def test_exercise_and_its_solution_have_addresses(page: BeautifulSoup) -> None:
    assert page.find(id="exercise-1.1").a["href"] == "#solution-1.1"
    assert page.find(id="solution-1.1").name == "details"
    assert page.select_one(".tasks a")["href"] == "#exercise-1.1"


def test_pictures_beside_the_notebook_are_taken_in(page: BeautifulSoup) -> None:
    assert page.img["src"] == "data:image/png;base64,cG5n"
    assert (page.img["alt"], page.img.parent.name) == ("A picture", "figure")


def test_table_can_be_moved_by_keyboard_and_has_a_name(page: BeautifulSoup) -> None:
    around = page.table.parent
    assert (around["tabindex"], around["aria-label"]) == ("0", "Table: word, meaning")
    assert [(cell.name, cell.get("scope")) for cell in page.table.tr.find_all()] == [
        ("th", "col"),
        ("th", "col"),
        ("td", None),  # without words
    ]


def test_contents_list_parts_that_are_not_in_every_chapter(page: BeautifulSoup) -> None:
    listed = page.find("ol").get_text(" ")
    assert re.search(r"Glossary.*References", listed, re.S)
    assert "Exercises 1.1" in re.sub(r"\s+", " ", listed)
