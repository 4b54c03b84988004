"""Still pictures of the live pieces, for the notebook and the README: `python -m page.stills`."""

import io
import shutil
from pathlib import Path
from typing import Any

from PIL import Image

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import write_bytes
from page.__main__ import PLACE
from tools.run_notebook import USUAL

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
COLOURS = 128  # enough for a drawing with few colours
PIECES = {  # which of its kind on the page, and what is pressed before the picture is taken
    "pad": (1, ("Draw a 407",)),
    "weight": (0, ("Step", "Step")),
    "learning": (0, ("Run",)),
    "filter": (0, ()),
    "refusals": (0, ()),
}
PATIENCE = {"learning": 20_000}  # milliseconds in which the network learns something worth seeing
SOON = 1000  # the same for everything else: a number is read after its last stroke


def main() -> int:
    """Take a picture of each piece of the page that was made last."""
    command_line.Parser(description=__doc__).parse_args()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        what = "Playwright isn't here: pip install -r requirements-dev.txt."
        raise UserError(what) from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launching(playwright))
        for name in PIECES:
            path = USUAL.pictures / f"live-{name}.png"
            write_bytes(path, small(taken(browser, name)))
            print(f"wrote {path.name}: {path.stat().st_size / 1000:.0f} kB")
        browser.close()
    return 0


def launching(playwright: Any) -> dict[str, Any]:
    """Return the options to start the machine's Chromium, or Playwright's, with."""
    own = playwright.chromium.executable_path
    found = next(filter(None, map(shutil.which, NAMES)), own)
    if not Path(found).exists():
        raise UserError("There is no Chromium: python -m playwright install chromium.")
    return {"executable_path": found, "args": list(OPTIONS)}


def taken(browser: Any, name: str) -> bytes:
    """A piece as a reader sees it."""
    number, presses = PIECES[name]
    tab = browser.new_page(viewport={"width": 1280, "height": 1300}, color_scheme="light")
    tab.goto(PLACE.as_uri())
    piece = tab.locator(f"[data-piece={name}]").nth(number)
    piece.scroll_into_view_if_needed()
    piece.locator("canvas, svg").first.wait_for()
    for press in presses:
        piece.get_by_role("button", name=press, exact=True).click()
    tab.mouse.move(0, 0)
    tab.evaluate("document.activeElement.blur()")
    tab.wait_for_timeout(PATIENCE.get(name, SOON))
    picture = piece.locator(".stage").screenshot()
    tab.close()
    return picture


def small(picture: bytes) -> bytes:
    """Return the picture with few colours."""
    packed = io.BytesIO()
    drawing = Image.open(io.BytesIO(picture)).convert("RGB")
    few = drawing.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(packed, "PNG", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    command_line.run(main)
