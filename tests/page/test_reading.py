"""The page in a real browser: how it is read."""

import io
import statistics
from pathlib import Path

import pytest
from browsers import Open, missing, open_again, until
from bs4 import BeautifulSoup
from PIL import Image
from story import CODE, pictures

MOST_BYTES = 4_000_000
USUAL_LINE, LONGEST_LINE = 58, 72  # characters of a full line
LOWEST = 1.4  # the weight at which chapter 4's loss is least

LINES = """() => {
  const longest = [];
  const texts = [...document.querySelectorAll(".prose > p, .piece > p")];
  for (const each of texts.filter((p) => p.offsetHeight)) {
    const lines = new Map();
    const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const range = document.createRange();
      for (let i = 0; i < walker.currentNode.length; i++) {
        range.setStart(walker.currentNode, i);
        range.setEnd(walker.currentNode, i + 1);
        const box = range.getBoundingClientRect();
        const line = Math.round((box.top + box.bottom) / 16);
        lines.set(line, (lines.get(line) ?? 0) + 1);
      }
    }
    longest.push(...lines.values());
    if (longest.length > 300) break;
  }
  return longest;
}"""


def test_page_is_one_small_file(page_file: Path) -> None:
    assert page_file.stat().st_size < MOST_BYTES


def test_lines_are_short_and_letters_large(opened: Open) -> None:
    tab = opened()
    full = sorted(length for length in tab.evaluate(LINES) if length > USUAL_LINE / 2)
    assert len(full) > 100
    assert statistics.median(full) >= USUAL_LINE
    assert full[-1] <= LONGEST_LINE
    size = tab.evaluate("getComputedStyle(document.querySelector('.prose p')).fontSize")
    assert size == "17px"


def test_nothing_has_to_be_moved_sideways(opened: Open) -> None:
    tab = opened()
    tab.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    for width in (360, 390, 768, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("system", ["light", "dark"])
def test_theme_is_the_systems_and_code_unfolded_until_the_reader_chooses_which_is_remembered(
    opened: Open, system: str
) -> None:
    tab = opened(color_scheme=system)
    paper, code = "getComputedStyle(document.body).backgroundColor", tab.locator("details.code pre")
    before = tab.evaluate(paper)
    assert code.first.is_visible()
    tab.locator("#theme-switch").click()
    tab.locator("#code-switch").click()
    chosen = tab.evaluate(paper)
    assert chosen != before
    open_again(tab)
    assert tab.evaluate(paper) == chosen
    assert not code.first.is_visible()
    tab.locator("#code-switch").click()
    assert code.first.is_visible()


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_contents_lead_to_a_chapter_and_follow_the_reader(opened: Open, way: str) -> None:
    tab = opened()
    link = tab.locator("nav.contents [data-chapter='6'] > a")
    if way == "mouse":
        link.click()
    for _ in range(30 if way == "keyboard" else 0):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.hash") == "#chapter-6":
            tab.keyboard.press("Enter")
            break
    until(tab, "Math.abs(document.getElementById('chapter-6').getBoundingClientRect().top) < 200")
    until(tab, "document.querySelector('[aria-current]')?.hash === '#chapter-6'")
    assert tab.locator("[aria-current]").count() == 1
    assert tab.locator("[data-chapter='6'] ul").is_visible()
    assert not tab.locator("[data-chapter='5'] ul").is_visible()
    tab.keyboard.press("Tab")  # goes on from there, not from the top
    assert tab.evaluate("document.activeElement.closest('#chapter-6') !== null")


@pytest.mark.parametrize(("wish", "expected"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_who_asks_for_no_motion_gets_none(opened: Open, wish: str, expected: str) -> None:
    tab = opened(reduced_motion=wish)
    assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == expected
    piece = tab.locator("[data-piece=weight]")
    piece.scroll_into_view_if_needed()
    piece.locator("svg").wait_for()
    at_once = tab.evaluate("""() => {
      const piece = document.querySelector("[data-piece=weight]");
      [...piece.querySelectorAll("button")].find((each) => /^Run/.test(each.textContent)).click();
      return Number(piece.querySelector("input").value);
    }""")
    is_there = abs(at_once - LOWEST) < 0.1
    assert is_there == (wish == "reduce")


def test_contents_on_a_phone_open_over_the_text_and_close_again(opened: Open) -> None:
    tab = opened(390)
    link = tab.locator("nav.contents [data-chapter='3'] > a")
    assert not link.is_visible()
    tab.mouse.wheel(0, 5000)
    tab.locator("nav.contents summary").click()
    link.click()
    assert not link.is_visible()
    until(tab, "Math.abs(document.getElementById('chapter-3').getBoundingClientRect().top) < 200")
    tab.locator("nav.contents summary").click()
    assert link.is_visible()
    tab.keyboard.press("Escape")
    assert not link.is_visible()


def test_every_link_and_picture_of_the_notebook_arrives(page_file: Path) -> None:
    page = BeautifulSoup(page_file.read_bytes(), "html.parser")
    names = {each["id"] for each in page.find_all(id=True)}
    assert {each["href"][1:] for each in page.select("a[href^='#']")} <= names
    shown = [each.metadata.get("alt") for each in CODE if pictures(each) and each.id != "pad"]
    assert [each["alt"] for each in page.select(".outputs img")] == shown
    assert all(each["alt"] for each in page.find_all("img"))


def test_every_predict_keeps_its_secret(opened: Open) -> None:
    tab = opened()
    doors = tab.locator(".predict > .secret")
    assert doors.count() == tab.locator(".predict").count() > 30
    shown = tab.evaluate("""() => [...document.querySelectorAll(".predict .behind *")]
        .filter((each) => each.checkVisibility()).length""")
    assert shown == 0


def test_answer_opens_after_a_typed_guess_which_is_kept_and_counted(opened: Open) -> None:
    tab = opened()
    predict = tab.locator(".predict").first
    answer = predict.locator("strong", has_text="Answer.")
    said, score = predict.locator("output"), tab.locator("#score")
    predict.locator("summary").first.click()
    assert not answer.is_visible()
    assert "Guess first" in said.inner_text()
    for guess, opens in (("  ", False), ("about 43", True)):
        predict.locator("input").fill(guess)
        predict.locator("input").press("Enter")
        assert answer.is_visible() == opens
    assert "about 43" in said.inner_text()
    assert score.inner_text().startswith("0 right of 1 guessed, 1 to mark")
    predict.get_by_role("button", name="Yes").click()
    assert score.inner_text().startswith("1 right of 1 guessed (")
    open_again(tab)
    assert score.inner_text().startswith("1 right of 1 guessed")
    assert not answer.is_visible()
    predict.locator("summary").first.click()
    assert answer.is_visible()
    assert predict.get_by_role("button", name="Yes").get_attribute("aria-pressed") == "true"


def test_picked_guess_is_marked_in_words_and_by_colour_and_cannot_be_made_again(
    opened: Open,
) -> None:
    tab = opened()
    predict = tab.locator(".predict:has(form button[value])").first
    picks, said = predict.locator("form button[value]"), predict.locator("output")
    picks.nth(1).click()
    assert predict.locator("strong", has_text="Answer.").is_visible()
    assert picks.nth(1).inner_text() in said.inner_text()
    seen = []
    for name in ("Yes", "No"):
        predict.get_by_role("button", name=name).click()
        colour = said.evaluate("(text) => getComputedStyle(text).color")
        seen.append((said.inner_text().split(":")[0], colour))
    assert [words for words, _ in seen] == ["\u2713 You guessed right", "\u2717 You guessed wrong"]
    assert seen[0][1] != seen[1][1]
    pressed = "(all) => all.map((each) => each.getAttribute('aria-pressed') === 'true')"
    for _ in range(2):
        assert picks.evaluate_all(pressed).index(True) == 1
        assert picks.evaluate_all("(all) => all.every((each) => each.disabled)")
        assert predict.locator("input").is_hidden()
        open_again(tab)


# Scroll until this share of an answer is in the window, and tell where its marks are. All in one
# call, and compared with the answer, so that neither fonts nor a slow machine change the result.
SCROLLED = """(predict, share) => {
  const box = (name) => predict.querySelector(name).getBoundingClientRect();
  scrollBy(0, box(".behind").top + share * box(".behind").height - innerHeight);
  const marks = box(".verdict");
  return {
    inView: marks.top >= 0 && marks.bottom <= innerHeight + 1,
    atTheEnd: marks.top >= box(".behind").bottom,
  };
}"""


@pytest.mark.parametrize(("width", "height"), [(390, 760), (1280, 900)])
def test_marks_are_in_view_wherever_one_is_in_an_opened_answer(
    opened: Open, width: int, height: int
) -> None:
    tab = opened(width, height)
    predict = tab.locator(".predict:has(.behind figure)").first
    marks = predict.locator(".verdict")
    assert not marks.is_visible()
    predict.locator("form button[value]").first.click()
    for share in (0.02, 0.5, 1):  # from its first line to its last
        assert predict.evaluate(SCROLLED, share)["inView"]
    assert not predict.evaluate(SCROLLED, 0.5)["atTheEnd"]
    marks.get_by_role("button", name="No").click()
    assert predict.evaluate(SCROLLED, 0.5)["atTheEnd"]
    predict.locator(".secret > summary").click()
    assert not marks.is_visible()


def test_marks_cover_nothing_of_the_line_that_opens_an_answer(opened: Open) -> None:
    predict = opened().locator(".predict:has(form button[value])").first
    line = predict.locator(".secret > summary")
    line.evaluate("(line) => scrollBy(0, line.getBoundingClientRect().bottom - innerHeight)")
    predict.locator("form button[value]").first.click()
    assert line.evaluate("(line) => line === document.activeElement")
    assert predict.evaluate("""(predict) => {
      const box = (name) => predict.querySelector(name).getBoundingClientRect();
      return box(".secret > summary").bottom <= box(".verdict").top;
    }""")


def test_figure_is_enlarged_to_its_own_size_by_enter_and_closed_by_escape(opened: Open) -> None:
    tab = opened(390)
    figure, image = tab.locator(".enlarge").first, tab.locator("dialog.enlarged img")
    figure.focus()
    tab.keyboard.press("Enter")
    assert image.is_visible()
    assert image.get_attribute("alt") == figure.locator("img").get_attribute("alt")
    assert image.evaluate("(image) => image.width === image.naturalWidth")
    tab.keyboard.press("Escape")
    assert not image.is_visible()
    tab.set_viewport_size({"width": 1280, "height": 900})
    until(tab, "document.querySelector('.enlarge').disabled")  # it is as large already


@pytest.mark.parametrize(("theme", "brightest"), [("light", 255), ("dark", 190)])
def test_figures_do_not_glare_in_the_dark(opened: Open, theme: str, brightest: int) -> None:
    tab = opened(color_scheme=theme)
    picture = tab.locator(".enlarge").first.screenshot()
    low, high = Image.open(io.BytesIO(picture)).convert("L").getextrema()
    assert low < 80
    assert brightest - 30 <= high <= brightest


def test_without_scripts_all_can_be_read_and_opened(opened: Open) -> None:
    tab = opened(java_script_enabled=False)
    predict = tab.locator(".predict").first
    assert not predict.locator("strong", has_text="Answer.").is_visible()
    predict.locator("summary").first.click()
    assert predict.locator("strong", has_text="Answer.").is_visible()
    assert tab.locator("#theme-switch").is_hidden()
    assert tab.locator("nav.contents a").first.is_visible()


def test_on_paper_everything_is_open_and_then_as_it_was(opened: Open) -> None:
    tab = opened()
    closed = "document.querySelectorAll('main details:not([open])').length"
    before = tab.evaluate(closed)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate(closed) == 0 < before
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(closed) == before


# Code whose kinds of words were all seen before, in the same colours, is not looked at again.
KNOWN_CODE = """() => {
  const seen = new Set();
  for (const code of document.querySelectorAll("details.code")) {
    const kinds = [...code.querySelectorAll("span")].map((each) => each.className);
    if (kinds.every((each) => seen.has(each))) code.remove();
    kinds.forEach((each) => seen.add(each));
  }
}"""


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_axe_finds_nothing(opened: Open, width: int, theme: str) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe isn't here: pip install -r requirements-dev.txt")
    tab = opened(width, color_scheme=theme, bypass_csp=True)
    first = tab.locator(".predict").first
    first.locator("input").fill("a guess")
    first.locator("input").press("Enter")
    for piece in tab.locator(".piece").all():
        piece.scroll_into_view_if_needed()
        piece.locator("canvas, svg").first.wait_for()
    tab.evaluate(KNOWN_CODE)
    found = Axe().run(tab).response["violations"]
    assert [(each["impact"], each["id"], each["nodes"][0]["html"]) for each in found] == []
