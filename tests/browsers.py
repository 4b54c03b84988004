"""A real browser, found on this machine or skipped with the reason, and what it may ask for."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
Open = Callable[..., Any]


def missing(what: str) -> None:
    """Skip and say why; but fail where all tests have to run."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)


@contextmanager
def chromium() -> Iterator[Any]:
    """The machine's own, or the one that Playwright installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright isn't here: pip install -r requirements-dev.txt")
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)
        if not Path(found).exists():
            missing("there is no Chromium: playwright install chromium")
        started = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield started
        started.close()


def remote(address: str) -> list[str]:
    """An address that is neither the page's nor inside it."""
    return [] if address.startswith(("file:", "data:", "blob:")) else [address]


def serve(route: Any) -> None:
    """Answer with a module, or an empty page."""
    name = route.request.url.removeprefix("http://page.test/")
    if not name:
        route.fulfill(body="<!DOCTYPE html><title>Modules</title>", content_type="text/html")
    else:
        route.fulfill(path=ROOT / "page" / "live" / name, content_type="text/javascript")


def until(tab: Any, condition: str, seconds: float = 120) -> None:
    """Wait for a condition; Playwright's own way is forbidden by the page's policy."""
    end = time.monotonic() + seconds
    while not tab.evaluate(condition):
        assert time.monotonic() < end, condition
        tab.wait_for_timeout(50)
