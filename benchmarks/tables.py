"""Tables in Markdown, for the terminal and the README."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import ROOT


def show(table: list[str], *kept: Path) -> None:
    """Print a table, and the files that hold the results."""
    places = " and ".join(str(path.relative_to(ROOT)) for path in kept)
    print(*table, f"\nwrote {places}", sep="\n")


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    return [
        f"| {' | '.join(head)} |",
        "| --- " * len(head) + "|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
