"""The tables of the README, each between two marks, renewed from measurements.

The rows of the ladder come from `records.table`, because the notebook shows them, too.
"""

from statistics import mean

from benchmarks import ROOT
from benchmarks.scores import REAL, Score
from benchmarks.tables import table_of
from handreader.common.errors import UserError
from handreader.common.files import check_writable, write_text

README = ROOT / "README.md"
KINDS = ("MLP", "CNN")  # of networks
MOVED = (
    "tilted by up to 20°",
    *(f"turned by {angle}°" for angle in (90, 180, 270)),
    "in two columns",
)  # pages that have to be put straight first


def renew(name: str, table: str) -> None:
    """Put a table into the README, in the place of that name."""
    write_text(README, between_marks(README.read_text("utf-8"), name, table))


def check_place(name: str) -> None:
    """Raise an error before the work, not after it, if the README has no place for a table."""
    between_marks(README.read_text("utf-8"), name, "")
    check_writable(README)


def between_marks(text: str, name: str, content: str) -> str:
    """Return a text with the content between two marks replaced."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.find(begin) > text.find(end):
        raise UserError(f"The README has no place for the table: restore '{begin}' and '{end}'.")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def photos_table(found: dict) -> str:
    """Return the README's summary of the results of `benchmarks photographs`."""
    ways = {
        "naive": "squashed to 28 x 28, trained on MNIST",
        "framed": "framed, trained on MNIST",
        "trained": "framed, practised on photographs",
    }
    doubts = {"these digits": "refused_digits", "what is no digit": "refused_others"}
    conditions = found["conditions"].values()
    shares = {
        text: {kind: mean(row[f"{way} {kind}"] for row in conditions) for kind in KINDS}
        for way, text in ways.items()
    } | {f"unsure of {what}": found[key] for what, key in doubts.items()}
    rows = ([what, *(f"{share[kind]:.1%}" for kind in KINDS)] for what, share in shares.items())
    return "\n".join(table_of(("way", *KINDS), rows))


def numbers_table(found: dict) -> str:
    """Return the README's summary of the results of `benchmarks numbers`."""
    composed = {name: row for name, row in found["lines"].items() if name != REAL}
    moved = {name: row for name, row in found["pages"].items() if name in MOVED}
    groups = {
        f"made by code, under {len(composed)} conditions": composed,
        f"on pages, under {len(found['pages'])} conditions": found["pages"],
        "of these on pages tilted, turned or in columns": moved,
    }
    if REAL in found["lines"]:
        groups["real ones, never practised on, but looked at"] = {REAL: found["lines"][REAL]}
    rows = []
    for group, each in groups.items():
        score = sum((Score(**row) for row in each.values()), Score())
        shares = score.digits_right / score.lines, score.sure / score.lines, score.sure_right
        rows.append([group, f"{score.lines:,}", *(f"{share:.1%}" for share in shares)])
    return "\n".join(
        table_of(("lines", "how many", "digits right", "sure", "of those right"), rows)
    )


def speed_sentence(recorded: dict[str, dict[str, float]]) -> str:
    """Return how many times faster this project is, with the instructions that gain least."""
    epoch, target, warps = (
        min(found[ratio] for found in recorded.values()) for ratio in ("epoch", "target", "warps")
    )
    return (
        f"`make bench`, on one thread, with the instructions that gain least of "
        f"{', '.join(sorted(recorded))}: an epoch of `mlp` is {epoch:.1f} times faster than with\n"
        f"`ToTensor` digit by digit (batches of 64), 97.4 % on the test digits comes {target:.0f} "
        f"times sooner, and a digit is warped {warps:.0f} times faster than by torchvision."
    )
