"""Tables in Markdown, for the terminal and the README."""

from pathlib import Path

from benchmarks import ROOT


def show(table: list[str], *kept: Path) -> None:
    """Print a table, and the files that hold the results."""
    places = " and ".join(str(path.relative_to(ROOT)) for path in kept)
    print(*table, f"\nwrote {places}", sep="\n")


def row_of(*cells: str) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def head_of(*names: str) -> list[str]:
    """Return the head of a table in Markdown."""
    return [row_of(*names), "| --- " * len(names) + "|"]
