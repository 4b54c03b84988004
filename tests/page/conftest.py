"""The page as it is made from the committed notebook, and a real browser to open it in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import Open, missing, remote, serve

from handreader.common.errors import UserError
from page.build import made_from
from page.stills import launching
from tools.run_notebook import USUAL, read

PATIENCE = 180_000  # milliseconds: a busy machine is no failure


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the committed notebook, made once."""
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(made_from(read(USUAL.notebook), USUAL.pictures), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright: Any) -> dict[str, Any]:
    """How pytest-playwright starts Chromium, once for all tests."""
    try:
        return launching(playwright)
    except UserError as error:
        return missing(str(error))


@pytest.fixture
def opened(new_context: Any, page_file: Path) -> Iterator[Open]:
    """Open the page as a reader; in the end, nothing was asked for and no error was said."""
    troubles: list[str] = []

    def open_it(width: int = 1280, height: int = 900, **settings: Any) -> Any:
        settings = {"reduced_motion": "reduce"} | settings
        tab = new_context(viewport={"width": width, "height": height}, **settings).new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda asked: troubles.extend(remote(asked.url)))
        tab.goto(page_file.as_uri())
        return tab

    yield open_it
    assert troubles == []


@pytest.fixture(scope="session")
def modules(browser: Any) -> Any:
    """An empty page that can import the modules in page/live as they are."""
    page = browser.new_page()
    page.route("http://page.test/**", serve)
    page.goto("http://page.test/")
    return page
