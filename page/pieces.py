"""The live pieces: which chapter each stands in, and the numbers that they need."""

from pathlib import Path

from page.links import Page

LIVE = Path(__file__).resolve().parent / "live"


def with_pieces(page: Page) -> Page:
    """The page with a place for each live piece."""
    return page
