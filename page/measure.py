"""Measure the page in Chromium: its size, how soon it shows, how long a frame of drawing takes."""

import json
import statistics
from typing import Any

from handreader.common import command_line
from page.__main__ import PLACE
from page.browsing import chromium
from page.numbers import packed_networks

OPENED = 5  # times
STROKES = 12  # drawn with each network
WATCH = """
  const wait = window.requestAnimationFrame.bind(window);
  window.frames_took = [];
  window.requestAnimationFrame = (act) => wait((now) => {
    const began = performance.now();
    act(now);
    window.frames_took.push(performance.now() - began);
  });
"""
NUMBERS = 10  # read
READ = """async (many) => {
  const piece = document.querySelector("[data-piece=pad]");
  const [answer, pressed] = [piece.querySelector(".answer"), (name) =>
    [...piece.querySelectorAll("button")].find((each) => each.textContent === name).click()];
  const said = (pattern) => new Promise((done) => {
    const look = () => pattern.test(answer.textContent) && (done(), watcher.disconnect());
    const watcher = new MutationObserver(look);
    watcher.observe(answer, { childList: true, subtree: true });
  });
  const times = [];
  for (let i = 0; i < many; i++) {
    const began = performance.now();
    pressed("407");
    await said(/^407/);
    times.push(performance.now() - began);
    pressed("Clear");
    await said(/^Nothing/);
  }
  return times;
}"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
READY = "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"


def main() -> int:
    """Print what was measured."""
    command_line.Parser(description=__doc__).parse_args()
    size, networks = PLACE.stat().st_size, len(json.dumps(packed_networks()))
    print(f"page: {size / 1e6:.2f} MB, of which networks {networks / 1e6:.2f} MB")
    with chromium() as browser:
        print(shown(browser))
        for number, name in enumerate(("MLP", "CNN")):
            print(drawn(browser, number, name))
        print(number_read(browser))
    return 0


def shown(browser: Any) -> str:
    """Measure how soon the page is painted, and ready."""
    times = []
    for _ in range(OPENED):
        tab = browser.new_page()
        tab.goto(PLACE.as_uri())
        tab.wait_for_timeout(500)
        times.append((tab.evaluate(PAINTED), tab.evaluate(READY)))
        tab.close()
    painted, ready = (statistics.median(each) for each in zip(*times, strict=True))
    return f"painted after {painted:.0f} ms, ready after {ready:.0f} ms (medians of {OPENED})"


def drawn(browser: Any, number: int, name: str) -> str:
    """Measure a frame of drawing: framing, forward pass, and all that is redrawn."""
    tab = browser.new_page()
    tab.add_init_script(WATCH)
    tab.goto(PLACE.as_uri())
    pad = tab.locator("[data-piece=pad]").nth(number)
    pad.scroll_into_view_if_needed()
    pad = pad.locator("canvas.pad")
    pad.wait_for()
    pad.evaluate("(pad) => pad.scrollIntoView({ block: 'center', behavior: 'instant' })")
    tab.wait_for_timeout(300)
    box = pad.bounding_box()
    tab.evaluate("window.frames_took.length = 0")
    for stroke in range(STROKES):
        tab.mouse.move(box["x"] + 20 + 20 * stroke, box["y"] + 20)
        tab.mouse.down()
        tab.mouse.move(box["x"] + 260 - 20 * stroke, box["y"] + 250, steps=20)
        tab.mouse.up()
    times = sorted(tab.evaluate("window.frames_took"))
    tab.close()
    late = times[int(0.95 * len(times))]
    return f"{name}: a frame takes {statistics.median(times):.1f} ms, 95 % below {late:.1f} ms"


def number_read(browser: Any) -> str:
    """Measure how long a reader waits for a number, from its last stroke to its answer."""
    tab = browser.new_page()
    tab.goto(PLACE.as_uri())
    pad = tab.locator("[data-piece=pad]").first
    pad.scroll_into_view_if_needed()
    pad.locator("canvas.pad").wait_for()
    times = tab.evaluate(READ, NUMBERS)
    tab.close()
    return f"number: read {statistics.median(times):.0f} ms after its last stroke"


if __name__ == "__main__":
    command_line.run(main)
