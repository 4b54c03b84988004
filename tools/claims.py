"""See under how many seeds and instruction sets the notebook's claims hold.

python -m tools.claims            # 38 runs, about an hour on two cores; a later call goes on
python -m tools.claims --quick    # four runs, enough to commit an edit of the notebook

Each run executes the notebook to its end and records every assert. `results/claims.json` keeps in
how many runs each held, and how far the numbers stayed from their bounds. A claim depends on its
own text and on what the cells up to its own compute, so an edit costs only the claims after it.
"""

import copy
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import count
from operator import itemgetter
from pathlib import Path
from threading import Event

import torch
from nbformat import NotebookNode
from tqdm import tqdm

from benchmarks import readme
from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import write_text
from tools.asserts import asserts_in, without_asserts
from tools.run_notebook import ROOT, USUAL, Claim, Watch, execute, read, require_mnist

RESULTS = ROOT / "results" / "claims.json"
MINE = "the machine's own instructions"
INSTRUCTIONS = {
    MINE: {},
    "AVX2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
    "no vector instructions": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    },
}
SMALL = "small set"
DATA = {"MNIST": {}, SMALL: {"MNIST_OFFLINE": "1", "MNIST_ROOT": str(ROOT / "build" / "none")}}
ROOM = 0.5  # how far a bound should lie outside a number's range, as a share of it
SHOWN = 10  # claims with the least room
SEED = "SEED = 0\n"


@dataclass(frozen=True)
class NotebookRun:
    """One execution of the notebook: its data, its instruction set, its seed."""

    data: str
    instructions: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.data}, {self.instructions}, seed {self.seed}"


def runs_from(seeds: range, data: str, instructions: str = MINE) -> list[NotebookRun]:
    """Return a run for each seed."""
    return [NotebookRun(data, instructions, seed) for seed in seeds]


SEEDS = range(0, 100, 5)  # five apart, as chapter 9 trains from five seeds in a row
FULL = [
    *runs_from(SEEDS[:3], "MNIST", "no vector instructions"),  # the slowest first
    *runs_from(SEEDS[:5], "MNIST", "AVX2"),
    *runs_from(SEEDS, "MNIST"),
    *runs_from(SEEDS[:10], SMALL),
]
QUICK = [
    *runs_from(SEEDS[:1], "MNIST", "AVX2"),
    *runs_from(SEEDS[:2], "MNIST"),
    *runs_from(SEEDS[:1], SMALL),
]


def main() -> int:
    """Do the missing runs, write the results, and print which claims don't hold."""
    parser = command_line.parser_of(__doc__)
    parser.add_argument("--quick", action="store_true", help="four runs instead of 38")
    options = parser.parse_args()
    command_line.work_in(ROOT)
    notebook, runs = read(USUAL.notebook), QUICK if options.quick else FULL
    require_mnist()
    readme.check_place("claims")
    record(notebook, runs)
    found = summary(digests(notebook)[-1], recorded(notebook))
    write_text(RESULTS, as_text(found))
    readme.renew("claims", readme_line(found))
    print(*report(found), sep="\n")
    return int(any(each["held"] < each["runs"] for each in found["claims"]))


def cells_of(notebook: NotebookNode) -> list[str]:
    """Return the source of each code cell."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def digests(notebook: NotebookNode) -> list[str]:
    """Return a checksum for each cell, of its code and all code before it, without asserts."""
    code, found = sha256(), []
    for source in cells_of(notebook):
        code.update(f"{without_asserts(source)}\0".encode())
        found.append(code.hexdigest()[:16])
    return found


def asserts_of(notebook: NotebookNode) -> set[tuple[int, str]]:
    """Return each assert: the number of its cell, and its text."""
    cells = enumerate(cells_of(notebook), 1)
    return {(number, text) for number, source in cells for text in asserts_in(source)}


def file_of(run: NotebookRun) -> Path:
    """Return the file of a run: the checksums of its code, its asserts, and their results."""
    return USUAL.build / "claims" / f"{run.name}.json"


def is_done(run: NotebookRun, code: list[str], asserts: set[tuple[int, str]]) -> bool:
    """Tell whether a run was of this code and recorded all of these asserts."""
    if not file_of(run).is_file():
        return False
    kept = json.loads(file_of(run).read_text(encoding="utf-8"))
    asked = set(map(tuple, kept["asserts"]))
    return kept["code"] == code and asserts <= asked


def record(notebook: NotebookNode, runs: list[NotebookRun]) -> None:
    """Do the runs that are missing, as many at once as there are processors."""
    cells, stopped = len(cells_of(notebook)), Event()
    code, asserts = digests(notebook), asserts_of(notebook)
    left = [run for run in runs if not is_done(run, code, asserts)]
    with (
        tqdm(total=len(left) * cells, unit="cell", disable=None) as bar,
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):

        def watch(*_: object) -> None:
            if stopped.is_set():
                raise UserError("Stopped, as another run did.")
            bar.update()

        def keep(run: NotebookRun) -> None:
            claims = run_notebook(notebook, run, watch)
            asked = {"code": code, "asserts": sorted(asserts)}
            write_text(file_of(run), json.dumps(asked | {"claims": list(map(asdict, claims))}))
            if bar.disable:
                failed = sum(not claim.held for claim in claims)
                print(f"{run.name}: {failed} claims don't hold", flush=True)

        try:
            list(pool.map(keep, left))
        except BaseException:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            raise


def recorded(notebook: NotebookNode) -> dict[NotebookRun, list[Claim]]:
    """Return the results of each run for today's asserts, as far as the code is the same."""
    asserts, code, found = asserts_of(notebook), digests(notebook), {}
    for run in FULL:
        if file_of(run).is_file():
            kept = json.loads(file_of(run).read_text(encoding="utf-8"))
            same = [old == new for old, new in zip(kept["code"], code, strict=False)]
            claims = [Claim(**each) for each in kept["claims"]]
            found[run] = [
                each
                for each in claims
                if same[each.cell - 1 : each.cell] == [True] and (each.cell, each.text) in asserts
            ]
    return found


def run_notebook(notebook: NotebookNode, run: NotebookRun, watch: Watch) -> list[Claim]:
    """Execute a copy of the notebook with a run's seed, data and instruction set."""
    story = copy.deepcopy(notebook)
    [cell] = [cell for cell in story.cells if cell.cell_type == "code" and SEED in cell.source]
    cell.source = cell.source.replace(SEED, f"SEED = {run.seed}\n")
    environment = DATA[run.data] | INSTRUCTIONS[run.instructions]
    try:
        return execute(story, watch, environment)
    except UserError as error:
        raise UserError(f"{run.name}: {error}") from error


def summary(digest: str, claims: dict[NotebookRun, list[Claim]]) -> dict:
    """Return the content of `results/claims.json`: the runs, and each claim over all of them."""
    runs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for run in claims:
        runs[run.data, run.instructions].append(run.seed)
    places = {place: None for found in claims.values() for place in by_place(found)}
    return {
        "code": digest,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "runs": [
            {"data": data, "instructions": instructions, "seeds": seeds}
            for (data, instructions), seeds in runs.items()
        ],
        "claims": [over_runs(place, claims) for place in sorted(places, key=itemgetter(0))],
    }


def as_text(found: dict) -> str:
    """Return the file's text: JSON with a line for each claim, so that git shows which changed."""
    head = json.dumps({key: found[key] for key in found if key != "claims"})
    claims = ",\n".join(json.dumps(each) for each in found["claims"])
    return f'{head[:-1]}, "claims": [\n{claims}\n]}}\n'


Place = tuple[int, str, int]  # cell, text, and how often it came before, as in a loop


def by_place(claims: Sequence[Claim]) -> dict[Place, Claim]:
    """Index the claims of a run by where they stand."""
    counts: dict[tuple[int, str], count] = defaultdict(count)
    places = [(claim.cell, claim.text, next(counts[claim.cell, claim.text])) for claim in claims]
    return dict(zip(places, claims, strict=True))


def over_runs(place: Place, claims: dict[NotebookRun, list[Claim]]) -> dict:
    """Sum up one claim: in how many runs it held, and its numbers' ranges for each data set."""
    found = {run: by_place(each)[place] for run, each in claims.items() if place in by_place(each)}
    first = next(iter(found.values()))
    numbers: dict[tuple[str, int], list[list[float]]] = defaultdict(list)
    for run, claim in found.items():
        for which, triple in enumerate(claim.numbers):
            numbers[run.data, which].append(triple)
    return {
        "chapter": first.chapter,
        "cell": first.cell,
        "text": first.text,
        "runs": len(found),
        "held": sum(claim.held for claim in found.values()),
        "numbers": [
            {"data": data} | dict(zip(("left", "right", "distance"), ranges(triples), strict=True))
            for (data, _), triples in numbers.items()
        ],
    }


def ranges(triples: list[list[float]]) -> list[list[float]]:
    """Return the least and the greatest of each column, to six digits."""
    return [
        [float(f"{end:.6g}") for end in (min(column), max(column))]
        for column in zip(*triples, strict=True)
    ]


def room(number: dict) -> float:
    """Return how far a bound lies outside a number's range, as a share of that range."""
    least, most = number["distance"]
    return least / (most - least) if most > least else float("inf")


def report(found: dict) -> list[str]:
    """Return lines that say what failed and which claims have the least room."""
    claims = found["claims"]
    failed = [each for each in claims if each["held"] < each["runs"]]
    lines = [
        f"{len(claims)} claims, {sum(len(each['seeds']) for each in found['runs'])} runs, "
        f"{len(failed)} claims that failed in some run"
    ]
    for each in failed:
        lines.append(f"held in {each['held']} of {each['runs']}: {place_and_text(each)}")
    narrow = sorted(
        ((room(number), number, each) for each in claims for number in each["numbers"]),
        key=lambda item: item[0],
    )
    lines.append(f"The least room, in ranges seen ({ROOM} is asked for):")
    for share, number, each in narrow[:SHOWN]:
        left, right = ("..".join(f"{end:.4g}" for end in number[key]) for key in ("left", "right"))
        lines.append(f"{share:6.2f}  {left} | {right}, {number['data']}: {place_and_text(each)}")
    return lines


def readme_line(found: dict) -> str:
    """Return the README's sentence on the runs."""
    runs = sum(len(each["seeds"]) for each in found["runs"])
    parts = []
    for each in found["runs"]:
        used = found["processor"] if each["instructions"] == MINE else each["instructions"]
        data = f"the {SMALL}" if each["data"] == SMALL else each["data"]
        parts.append(f"{len(each['seeds'])} on {data} with {used}")
    held = sum(each["held"] == each["runs"] for each in found["claims"])
    least = min(each["runs"] for each in found["claims"])
    return (
        f"`make claims` saw {held} of {len(found['claims'])} claims hold wherever they were asked: "
        f"in {runs} runs, each claim in {least} at least. Seeds: "
        f"{', '.join(parts)}."
    )


def place_and_text(claim: dict) -> str:
    """Return a claim's place and text."""
    return f"cell {claim['cell']}, {claim['chapter']}: {claim['text']}"


if __name__ == "__main__":
    command_line.run(main, "Stopped by you; the runs that are done are kept.")
