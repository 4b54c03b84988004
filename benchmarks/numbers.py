"""Read lines and pages of validation digits under named conditions, and real handwriting."""

from dataclasses import asdict

from benchmarks import ROOT, lines, pages, readme, real
from benchmarks.picture_runs import kept
from benchmarks.scores import REAL, Score, read_all
from benchmarks.tables import show, table_of
from handreader import Reader
from handreader.common.progress import progress_bar
from helpers import data
from trainer.sets import bank_of

OUT = ROOT / "results" / "numbers.json"  # the source of the README's table
HEAD = ("lines", "exact", "digits right", "sure", "of those right", "digits in place", "s each")


def measure() -> dict:
    """Return how lines and pages were read under each condition, and real handwriting."""
    digits, reader = data.load_digits(), Reader()
    bank = bank_of(digits.validation)
    rows: dict[str, dict[str, dict]] = {"lines": {}, "pages": {}}
    with progress_bar(len(lines.CONDITIONS) + len(pages.CONDITIONS), "read", "condition") as bar:
        for name in lines.CONDITIONS:
            rows["lines"][name] = asdict(read_all(lines.shown_under(name, bank), reader))
            bar.update()
        for name in pages.CONDITIONS:
            rows["pages"][name] = asdict(read_all(pages.shown_under(name, bank.source), reader))
            bar.update()
    if photographed := real.lines():
        rows["lines"][REAL] = asdict(read_all(photographed, reader))
    return {"data": digits.name} | rows | {"real": real.digits_read(reader)}


def table(found: dict) -> list[str]:
    """Return the results as Markdown."""
    return [
        f"Lines and pages of validation digits of {found['data']}.",
        *scores_of("lines", found),
        *scores_of("pages", found),
        *(real_row(row) for row in found["real"]),
    ]


def scores_of(what: str, found: dict) -> list[str]:
    """Return a table of how lines, or pages, were read under each condition."""
    rows = []
    for name, row in found[what].items():
        each = Score(**row)
        rows.append(
            (
                name,
                f"{each.lines}",
                f"{each.exact / each.lines:.1%}",
                f"{each.digits_right / each.lines:.1%}",
                f"{each.sure / each.lines:.1%}",
                f"{each.sure_right:.1%}",
                f"{each.in_place / each.digits:.1%}" if each.digits else "",
                f"{each.seconds / each.pictures:.2f}",
            )
        )
    return ["", *table_of((what, *HEAD), rows)]


def real_row(row: dict) -> str:
    """Return a sentence on how real digits, or real pictures of other things, were read."""
    parts = ", ".join(f"{row[part]:.1%} {part}" for part in ("right", "unsure") if part in row)
    return f"\n{row['pictures']} {row['what']}: {parts}."


def main() -> int:
    """Measure, write down the results, renew the README, and print the table."""
    readme.check_place("numbers")
    found = kept(OUT, measure)
    readme.renew("numbers", readme.numbers_table(found))
    show(table(found), OUT)
    return 0
