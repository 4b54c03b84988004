"""A browser without a window, for tests, measurements and still pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from handreader.common.errors import UserError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@contextmanager
def chromium() -> Iterator[Any]:
    """The machine's own, or the one that Playwright installed; UserError if there is neither."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        what = "Playwright isn't here: pip install -r requirements-dev.txt."
        raise UserError(what) from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launching(playwright))
        yield browser
        browser.close()


def launching(playwright: Any) -> dict[str, Any]:
    """Return the options to start Chromium with; raise UserError if there is none."""
    own = playwright.chromium.executable_path
    found = next(filter(None, map(shutil.which, NAMES)), own)
    if not Path(found).exists():
        raise UserError("There is no Chromium: python -m playwright install chromium.")
    return {"executable_path": found, "args": list(OPTIONS)}
