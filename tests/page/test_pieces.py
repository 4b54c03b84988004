"""The live pieces in a real browser, used as a reader uses them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsers import Open, settle, until
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook

from page.build import converted
from page.links import add_links
from page.pieces import put_pieces
from page.story import structured
from tools.run_notebook import USUAL

MINUS, TIMES = "\u2212", "\u00d7"  # as the page writes them
PHONE = {"width": 390, "height": 740, "has_touch": True, "is_mobile": True}
LEARNING = "document.querySelector('[data-piece=learning] .words').textContent"

# Ten digits as a reader may draw them, in hundredths of the pad's height, in its middle.
DRAWN = {
    0: ["50,14 32,22 26,50 34,80 50,86 66,78 74,50 68,20 50,14"],
    1: ["52,12 50,50 49,88"],
    2: ["30,28 42,13 62,16 70,32 55,58 30,84 52,84 74,83"],
    3: ["30,16 52,10 70,24 62,42 46,48 66,54 74,72 56,88 30,82"],
    4: ["38,14 28,54 74,54", "62,30 60,90"],
    5: ["68,14 38,14 34,44 54,40 72,54 70,78 50,88 30,80"],
    6: ["62,12 40,34 30,60 38,84 58,86 68,70 58,56 36,62"],
    7: ["28,16 74,16 58,50 46,88"],
    8: ["62,20 46,12 36,24 46,42 62,56 66,74 50,88 36,74 44,56 60,38 62,20"],
    9: ["68,28 52,12 36,24 44,46 62,40 68,26 68,54 62,88"],
}


def points_of(stroke: str, box: dict[str, float]) -> list[tuple[float, float]]:
    """A stroke in pixels of the window."""
    pairs = [map(float, pair.split(",")) for pair in stroke.split()]
    side, left = box["height"], box["x"] + (box["width"] - box["height"]) / 2
    return [(left + x * side / 100, box["y"] + y * side / 100) for x, y in pairs]


def near(tab: Any, piece: str, number: int = 0) -> Any:
    """A piece, brought into view and started, its first picture drawn."""
    found = tab.locator(f"[data-piece={piece}]").nth(number)
    found.scroll_into_view_if_needed()
    found.locator("canvas, svg").first.wait_for()
    settle(tab)
    return found


def pad_in_view(tab: Any, number: int = 0) -> tuple[Any, Any]:
    """A pad's piece and its drawing area, all of it in the window."""
    piece = near(tab, "pad", number)
    pad = piece.locator("canvas.pad")
    pad.evaluate("(pad) => pad.scrollIntoView({ block: 'center', behavior: 'instant' })")
    return piece, pad


def draw_by_mouse(tab: Any, pad: Any, strokes: list[str]) -> None:
    """Draw as with a mouse."""
    for stroke in strokes:
        first, *others = points_of(stroke, pad.bounding_box())
        tab.mouse.move(*first)
        tab.mouse.down()
        for point in others:
            tab.mouse.move(*point)
        tab.mouse.up()


def draw_by_touch(tab: Any, pad: Any, strokes: list[str]) -> None:
    """Draw as with a finger."""
    session = tab.context.new_cdp_session(tab)
    for stroke in strokes:
        kind = "touchStart"
        for x, y in points_of(stroke, pad.bounding_box()):
            touch = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            session.send("Input.dispatchTouchEvent", touch)
            kind = "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize(
    ("number", "draw", "screen"),
    [(0, draw_by_mouse, {}), (1, draw_by_mouse, {}), (1, draw_by_touch, PHONE)],
    ids=["mlp", "cnn", "finger"],
)
def test_ten_digits_are_read_as_they_are_drawn_and_the_page_stays_where_it_is(
    opened: Open, number: int, draw: Callable[..., None], screen: dict[str, Any]
) -> None:
    tab = opened(**screen)
    piece, pad = pad_in_view(tab, number)
    place, read = tab.evaluate("scrollY"), []
    for strokes in DRAWN.values():
        piece.get_by_role("button", name="Clear").dispatch_event("click")
        draw(tab, pad, strokes)
        settle(tab)
        read.append(re.sub(r"\D.*", "", piece.locator(".answer").inner_text()))
    assert read == [str(digit) for digit in DRAWN]
    assert tab.evaluate("scrollY") == place


def side_by_side(*digits: int) -> list[str]:
    """Digits as strokes in thirds of the pad, smaller than alone."""
    strokes = []
    for place, digit in enumerate(digits):
        left = 50 * (place - (len(digits) - 1) / 2) + 20
        for stroke in DRAWN[digit]:
            pairs = [map(float, pair.split(",")) for pair in stroke.split()]
            strokes.append(" ".join(f"{left + 0.6 * x},{20 + 0.6 * y}" for x, y in pairs))
    return strokes


def until_read(tab: Any, number: int, text: str) -> None:
    """Wait until a pad says a number, whether or not it is sure of it."""
    answer = f"document.querySelectorAll('[data-piece=pad] .answer')[{number}].textContent"
    until(tab, f"{answer}.replaceAll('?', '').startsWith('{text} (')")


@pytest.mark.parametrize(
    ("number", "draw", "screen"), [(0, draw_by_mouse, {}), (1, draw_by_touch, PHONE)]
)
def test_digits_side_by_side_are_read_as_a_number(
    opened: Open, number: int, draw: Callable[..., None], screen: dict[str, Any]
) -> None:
    tab = opened(**screen)
    piece, pad = pad_in_view(tab, number)
    line = piece.get_by_role("img", name="The line as its network gets it")
    for digits in ((7, 1), (4, 0, 3), (2, 0, 7)):
        draw(tab, pad, side_by_side(*digits))
        until_read(tab, number, "".join(map(str, digits)))
        assert piece.locator(".bars .first b").inner_text() == str(digits[-1])  # drawn last
        assert line.evaluate("(canvas) => canvas.height") == 32
        piece.get_by_role("button", name="Clear").dispatch_event("click")
        settle(tab)
        assert piece.locator(".answer").inner_text() == "Nothing drawn yet."
        assert not line.is_visible()


def test_number_to_try_is_read_shown_in_rows_and_taken_back_digit_by_digit(opened: Open) -> None:
    tab = opened(360)
    piece = near(tab, "pad")
    piece.get_by_role("button", name="Draw a 407").press("Enter")
    until_read(tab, 0, "407")
    assert piece.locator(".rows span").all_inner_texts() == ["nothing", *"0123456789.,-/:"]
    rows, signs = (piece.locator(each).bounding_box() for each in (".rows", ".signs"))
    assert (rows["y"], rows["height"]) == pytest.approx((signs["y"], signs["height"]), abs=1)
    for _ in range(2):
        piece.get_by_role("button", name="Undo").press("Enter")
    settle(tab)
    assert piece.locator(".answer").inner_text().startswith("4 (")


@pytest.mark.parametrize(
    ("strokes", "digits"),
    [
        ([[[40, 10], [20, 60], [80, 60]], [[70, 40], [70, 95]]], 1),  # a 4: its second stroke
        ([[[50, 10], [20, 50], [50, 90]], [[52, 10], [80, 50], [52, 90]]], 1),  # a 0 of two arcs
        ([[[40, 10], [40, 90]], [[80, 10], [80, 90]]], 2),
        ([[[100, 10], [100, 90]], [[20, 10], [20, 90]], [[60, 10], [60, 90]]], 3),
        ([[[20, 20], [60, 20], [40, 90]], [[90, 88]]], 2),  # a 7 and a point
        ([[[50, 50]]], 1),
    ],
)
def test_strokes_above_each_other_are_one_digit(
    modules: Any, strokes: list[list[list[int]]], digits: int
) -> None:
    found = modules.evaluate(
        """async (strokes) => {
          const { digitsIn } = await import("./strokes.js");
          return digitsIn(strokes);
        }""",
        strokes,
    )
    assert len(found) == digits
    assert sorted(stroke for digit in found for stroke in digit) == sorted(strokes)
    lefts = [min(x for stroke in digit for x, _ in stroke) for digit in found]
    assert lefts == sorted(lefts)


COLOURS = """(all) => all.map((each) => new Set(new Uint32Array(
  each.getContext("2d").getImageData(0, 0, each.width, each.height).data.buffer)).size)"""


def test_stroke_is_taken_back_and_all_is_cleared_and_then_nothing_glows(opened: Open) -> None:
    tab = opened()
    piece, pad = pad_in_view(tab)
    undo, clear = (piece.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    assert undo.is_disabled()
    said, glowing = [], [piece.locator("canvas.inside").evaluate_all(COLOURS)]
    for change in (
        lambda: draw_by_mouse(tab, pad, DRAWN[1]),
        lambda: draw_by_mouse(tab, pad, ["10,90 90,90"]),
        undo.click,
        clear.click,
    ):
        change()
        settle(tab)
        said.append(piece.locator(".answer").inner_text())
        glowing.append(piece.locator("canvas.inside").evaluate_all(COLOURS))
    assert said[1] != said[0] == said[2]
    assert glowing[0] == glowing[4] == [1, 1]
    assert min(glowing[1]) > 5
    assert said[3] == "Nothing drawn yet."
    assert undo.is_disabled()


def test_keyboard_alone_comes_from_the_top_to_the_pad_and_writes_a_number(opened: Open) -> None:
    tab = opened()
    for _ in range(40):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.classList.contains('pad')"):
            break
    upright = [" ", *["ArrowDown"] * 16, " "]
    for key in ["ArrowUp"] * 8 + upright:
        tab.keyboard.press(key)
    settle(tab)
    assert near(tab, "pad").locator(".answer").inner_text().startswith("1")
    for key in ["ArrowRight"] * 8 + ["ArrowUp"] * 16 + upright:
        tab.keyboard.press(key)
    until_read(tab, 0, "11")


def test_digits_to_try_are_read_by_both_networks(opened: Open) -> None:
    tab = opened()
    piece = near(tab, "pad")
    for network in ("MLP", "CNN"):
        piece.locator("label", has_text=network).click()
        for digit in range(10):
            piece.get_by_role("button", name=f"Draw a {digit}", exact=True).press("Enter")
            settle(tab)
            assert piece.locator(".answer").inner_text().startswith(str(digit))
            assert piece.locator(".bars .first b").inner_text() == str(digit)


def test_pad_of_a_network_that_met_only_digits_says_so(opened: Open) -> None:
    tab = opened()
    for number, is_naive in ((0, True), (1, False)):
        piece, pad = pad_in_view(tab, number)
        draw_by_mouse(tab, pad, ["30,50 70,50"])  # a dash
        settle(tab)
        said = piece.locator(".columns").inner_text()
        assert ('rarely "not sure"' in said, "Not sure" in said) == (is_naive, not is_naive)


def test_unit_that_is_pointed_at_shows_its_weights(opened: Open) -> None:
    tab = opened()
    piece, _ = pad_in_view(tab)
    units, looks = piece.locator("canvas.inside").first, piece.locator(".seen figure").nth(1)
    pixels = "(figure) => figure.querySelector('canvas').toDataURL()"
    assert looks.inner_text() == "unit 1 wants ink at red, none at blue"
    first = looks.evaluate(pixels)
    box = units.bounding_box()
    units.hover(position={"x": box["width"] * 2.5 / 16, "y": box["height"] * 1.5 / 8})
    assert looks.inner_text() == "unit 19 wants ink at red, none at blue"
    assert looks.evaluate(pixels) != first
    units.press("ArrowDown")
    assert looks.inner_text() == "unit 35 wants ink at red, none at blue"
    piece.locator("label", has_text="CNN").click()
    settle(tab)
    assert looks.inner_text() == "the filter of map 1 wants ink at red, none at blue"


def set_slider(piece: Any, label: str, value: float) -> None:
    """Move a slider."""
    piece.get_by_role("slider", name=label).fill(str(value))


def words(piece: Any) -> str:
    """What a piece says of itself."""
    return piece.locator(".words").inner_text()


def test_weight_goes_where_it_is_dragged_and_as_far_as_the_rate_says(opened: Open) -> None:
    tab = opened()
    piece = near(tab, "weight")
    box, weight = piece.locator("svg").bounding_box(), piece.get_by_role("slider", name="weight")
    tab.mouse.move(box["x"] + box["width"] / 3, box["y"] + 50)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 2 / 3, box["y"] + 50)
    tab.mouse.up()
    assert weight.input_value() == "3"
    set_slider(piece, "weight", 0.5)
    assert f"slope {MINUS}0.45" in words(piece)
    piece.get_by_role("button", name="Step", exact=True).click()
    assert weight.input_value() == "0.95"  # as in the notebook
    piece.get_by_role("button", name="Run 12 steps").click()
    assert "loss 0.05" in words(piece)


def test_ball_of_a_weight_that_flies_off_is_kept_at_the_edge_and_named_as_it_is(
    opened: Open,
) -> None:
    piece = near(opened(), "weight")
    slider, gone = piece.get_by_role("slider", name="weight"), piece.locator(".gone")
    assert gone.text_content() == ""
    set_slider(piece, "learning rate", 4.8)
    piece.get_by_role("button", name="Run 12 steps").click()
    assert "flies off" in words(piece)
    named = re.search(r"the weight is (\S+),", words(piece))[1]
    assert gone.text_content() == f"out of the picture: weight {named}"
    assert abs(float(named.replace(MINUS, "-"))) > float(slider.get_attribute("max"))
    assert slider.get_attribute("aria-valuetext") == named
    box, ball = piece.locator("svg").bounding_box(), piece.locator(".ball").bounding_box()
    for start, size in (("x", "width"), ("y", "height")):
        assert box[start] <= ball[start] < ball[start] + ball[size] <= box[start] + box[size]


@pytest.mark.parametrize("worker", ["window.Worker", "undefined"], ids=["worker", "slices"])
def test_network_learns_until_it_is_paused_and_the_page_stays_alive(
    opened: Open, worker: str
) -> None:
    tab = opened()
    tab.add_init_script(f"window.Worker = {worker}")
    tab.reload()
    piece = near(tab, "learning")
    piece.locator("label", has_text=re.compile("^32$")).click()
    piece.get_by_role("button", name="Run").click()
    until(tab, f"/epoch [2-9]/.test({LEARNING})")
    assert float(re.search(r"loss ([\d.]+)", tab.evaluate(LEARNING))[1]) < 1.5
    piece.get_by_role("button", name="Pause").click()
    piece.get_by_role("button", name="Again, with another seed").click()
    until(tab, f"{LEARNING}.startsWith('Before the first step')")
    tab.wait_for_timeout(300)  # in which a run that goes on takes many steps
    assert tab.evaluate(LEARNING).startswith("Before the first step")
    for step in (1, 2):
        piece.get_by_role("button", name="One step").click()
        until(tab, f"{LEARNING}.startsWith('Step {step},')")


def resting_text(tab: Any) -> str:
    """What is said once it says the same for a while; it has to, sooner or later."""
    before, text = None, tab.evaluate(LEARNING)
    while text != before:
        tab.wait_for_timeout(500)
        before, text = text, tab.evaluate(LEARNING)
    return text


def test_network_out_of_sight_waits_and_goes_on_when_it_is_seen_again(opened: Open) -> None:
    tab = opened()
    piece = near(tab, "learning")
    piece.locator("label", has_text=re.compile("^32$")).click()
    piece.get_by_role("button", name="Run").click()
    until(tab, f"{LEARNING}.startsWith('Step')")
    tab.evaluate("scrollTo(0, 0)")
    unseen = resting_text(tab)
    piece.scroll_into_view_if_needed()
    until(tab, f"{LEARNING} !== {unseen!r}")


def test_number_of_the_map_is_nine_products_whose_weights_can_be_changed(
    opened: Open,
) -> None:
    tab = opened()
    piece = near(tab, "filter")
    piece.locator("label", has_text="blur").click()
    before = words(piece)
    piece.get_by_label("weight in row 2, column 2").fill("5")
    assert words(piece) != before
    piece.get_by_role("application", name="Feature map").focus()
    seen = set()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowRight"):
        tab.keyboard.press(key)
        products = [
            each.replace(MINUS, "-") for each in piece.locator(".products td").all_inner_texts()
        ]
        total = sum(float(a) * float(b) for a, b in (each.split(f" {TIMES} ") for each in products))
        said = float(re.search(r"add up to (\S+);", words(piece))[1].replace(MINUS, "-"))
        assert said == pytest.approx(total, abs=0.05)
        seen.add(words(piece))
    assert len(seen) == 4


def test_place_of_the_map_and_where_its_number_comes_from_fit_a_phone(opened: Open) -> None:
    piece = near(opened(**PHONE | {"width": 360}), "filter")
    for column in (piece.locator(".filter"), piece.locator(".filter > *").nth(3)):
        assert column.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    feature_map, before = piece.get_by_role("application", name="Feature map"), words(piece)
    boxes = [part.bounding_box() for part in (feature_map, piece.locator(".sum"))]
    assert boxes[1]["y"] + boxes[1]["height"] - boxes[0]["y"] < 500
    feature_map.tap(position={"x": 30, "y": 50})
    assert words(piece) != before


def test_every_other_piece_is_used_by_touch(opened: Open) -> None:
    tab = opened(**PHONE)
    piece, _ = pad_in_view(tab)
    looks = piece.locator(".seen figure").nth(1)
    piece.locator("canvas.inside").first.tap(position={"x": 200, "y": 50})
    assert not looks.inner_text().startswith("unit 1 ")
    for name, drawing in (("weight", "svg"), ("refusals", ".histogram")):
        piece = near(tab, name)
        before = words(piece)
        piece.locator(drawing).tap(position={"x": 250, "y": 60})
        assert words(piece) != before
    piece = near(tab, "learning")
    piece.get_by_role("button", name="One step").tap()
    until(tab, f"{LEARNING}.startsWith('Step 1,')")


def test_lines_of_a_run_and_of_the_one_before_are_named(opened: Open) -> None:
    tab = opened()
    piece = near(tab, "learning")
    names = "[...document.querySelectorAll('.legend li')].map((each) => each.textContent).join('|')"
    piece.get_by_role("button", name="One step").click()
    until(tab, f"{LEARNING}.startsWith('Step 1,')")
    adam = "Adam at 0.001, batch 64, hidden 128\u201164"  # a hyphen at which no line ends
    assert tab.evaluate(names) == f"this run: {adam}|PyTorch, recorded: {adam}"
    both = piece.locator("[value=sgd], .check:last-child input")
    both.evaluate_all("(all) => all.forEach((one) => one.click())")  # before the worker answers
    sgd = adam.replace("Adam", "SGD")
    expected = f"this run: {sgd}|PyTorch, recorded: {adam}|the run before: {adam}"
    until(tab, f"{names} === '{expected}'")


@pytest.mark.parametrize("width", [390, 1280])
def test_limit_in_the_chart_stands_above_the_knob_that_moves_it(opened: Open, width: int) -> None:
    tab = opened(width)
    piece = near(tab, "refusals")
    chart, slider = piece.locator(".histogram"), piece.get_by_role("slider", name="limit")
    slider.evaluate("(slider) => slider.scrollIntoView({ block: 'center' })")
    boxes = chart.bounding_box(), slider.bounding_box()
    for share in (0, 0.25, 0.9, 1):
        limits = []
        for box in boxes:
            slider.fill("0.55")  # far from all of these: a click on the knob itself moves nothing
            x = boxes[0]["x"] + share * (boxes[0]["width"] - 1)
            tab.mouse.click(x, box["y"] + box["height"] / 2)
            limits.append(float(slider.input_value()))
        assert limits[0] == pytest.approx(limits[1], abs=0.011)


def test_limit_decides_what_is_refused(opened: Open) -> None:
    piece = near(opened(), "refusals")
    assert "they are digits: 0 of" in words(piece), "nothing is refused before the limit is moved"
    to_shipped = piece.get_by_role("button", name="The limit that was shipped")
    to_shipped.click()
    shipped = words(piece)
    set_slider(piece, "limit", 0.1)
    assert "they are digits: 0 of" in words(piece)
    set_slider(piece, "limit", 1)
    assert "though they are none: 0 of" in words(piece)
    assert piece.locator("figure.refused").count() >= 12
    to_shipped.click()
    assert words(piece) == shipped


def test_still_alone_in_a_paragraph_becomes_the_piece_and_is_not_shown_beside_it() -> None:
    text = (
        "## {}. {}\n\nBefore.\n\n![A pad](readme-img/live-{}.png)\n\nBehind.\n\n### Recap\n\nEnd."
    )
    chapters = [("Read a digit", "pad"), ("Training", "learning"), ("Your own handwriting", "pad")]
    cells = [
        new_markdown_cell(text.format(number, title, name))
        for number, (title, name) in enumerate(chapters)
    ]
    soup = BeautifulSoup(converted(structured(new_notebook(cells=cells))), "html.parser")
    add_links(soup, USUAL.pictures)
    put_pieces(soup)
    assert soup.find("img") is None
    for number, (_, name) in enumerate(chapters):
        section = soup.find(id=f"chapter-{number}")
        piece = section.find(attrs={"data-piece": name})
        assert piece.find_previous("p").get_text() == "Before."
        assert piece.find_next_sibling("p").get_text() == "Behind."


def test_every_piece_finds_its_place_in_the_notebook(page_file: Path) -> None:
    soup = BeautifulSoup(page_file.read_bytes(), "html.parser")
    found = [piece["data-piece"] for piece in soup.select(".piece")]
    assert sorted(found) == ["filter", "learning", "pad", "pad", "refusals", "weight"]
    assert soup.select(".behind .piece, details .piece, img[data-name^=live-]") == []
