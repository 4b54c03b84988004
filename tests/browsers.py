"""What tests in a browser share: why they are skipped, what may be asked for, how to wait."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from support import ROOT

Open = Callable[..., Any]


def missing(what: str) -> None:
    """Skip and say why; but fail where all tests have to run."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)


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


def open_again(tab: Any) -> None:
    """Reload, once the browser has written down what the page remembers: in its own time."""
    tab.wait_for_timeout(300)
    tab.reload()


def settle(tab: Any) -> None:
    """Wait until what was done shows: two pictures of the screen, however long they take."""
    tab.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")


def resting_box(tab: Any, place: Any) -> dict[str, float]:
    """Where something is, once it no longer moves."""
    before, box = None, place.bounding_box()
    while box != before:
        tab.wait_for_timeout(200)
        before, box = box, place.bounding_box()
    return box
