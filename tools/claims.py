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
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import NamedTuple

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
SIDES = ("left", "right", "distance")  # of a number and its bound


class NotebookRun(NamedTuple):
    """One execution of the notebook: its data, its instruction set, its seed."""

    data: str
    instructions: str
    seed: int

    @property
    def name(self) -> str:
        """Return the run in words, which name its file, too."""
        return f"{self.data}, {self.instructions}, seed {self.seed}"

    @property
    def file(self) -> Path:
        """Return the path of what the run recorded: its code, its asserts, and their results."""
        return USUAL.build / "claims" / f"{self.name}.json"

    def kept(self) -> dict:
        """Return what the run recorded; nothing if it is still to be done."""
        if not self.file.is_file():
            return {"code": [], "asserts": [], "claims": []}
        return json.loads(self.file.read_text(encoding="utf-8"))


SEEDS = range(0, 100, 5)  # five apart, as chapter 9 trains from five seeds in a row
FULL = [
    *(NotebookRun("MNIST", "no vector instructions", seed) for seed in SEEDS[:3]),  # the slowest
    *(NotebookRun("MNIST", "AVX2", seed) for seed in SEEDS[:5]),
    *(NotebookRun("MNIST", MINE, seed) for seed in SEEDS),
    *(NotebookRun(SMALL, MINE, seed) for seed in SEEDS[:10]),
]
QUICK = [
    NotebookRun("MNIST", "AVX2", 0),
    *(NotebookRun("MNIST", MINE, seed) for seed in SEEDS[:2]),
    NotebookRun(SMALL, MINE, 0),
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


def cells_of(notebook: NotebookNode) -> list[str]:
    """Return the source of each code cell."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def record(notebook: NotebookNode, runs: list[NotebookRun]) -> None:
    """Do the runs that are missing, as many at once as there are processors."""
    code, asserts, stopped = digests(notebook), asserts_of(notebook), Event()
    kept = {run: run.kept() for run in runs}
    left = [
        run
        for run in runs
        if kept[run]["code"] != code or not asserts <= set(map(tuple, kept[run]["asserts"]))
    ]
    with (
        tqdm(total=len(left) * len(code), unit="cell", disable=None) as bar,
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):

        def watch(*_: object) -> None:
            if stopped.is_set():
                raise UserError("Stopped, as another run did.")
            bar.update()

        def keep(run: NotebookRun) -> None:
            claims = run_notebook(notebook, run, watch)
            asked = {"code": code, "asserts": sorted(asserts)}
            write_text(run.file, json.dumps(asked | {"claims": list(map(asdict, claims))}))
            if bar.disable:
                failed = sum(not claim.held for claim in claims)
                print(f"{run.name}: {failed} claims don't hold", flush=True)

        try:
            list(pool.map(keep, left))  # after an error, it cancels those that wait
        except BaseException:
            stopped.set()
            raise


def recorded(notebook: NotebookNode) -> dict[NotebookRun, list[Claim]]:
    """Return the results of each run for today's asserts, as far as the code is the same."""
    asserts, code, found = asserts_of(notebook), digests(notebook), {}
    for run in FULL:
        kept = run.kept()
        same = [old == new for old, new in zip(kept["code"], code, strict=False)]
        wanted = {(cell, text) for cell, text in asserts if any(same[cell - 1 : cell])}
        if kept["code"]:
            claims = [Claim(**each) for each in kept["claims"]]
            found[run] = [claim for claim in claims if (claim.cell, claim.text) in wanted]
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
    seeds: dict[tuple[str, str], list[int]] = defaultdict(list)
    places: dict[tuple[int, str, int], dict[NotebookRun, Claim]] = defaultdict(dict)
    for run, found in claims.items():
        seeds[run.data, run.instructions].append(run.seed)
        repeated: Counter[tuple[int, str]] = Counter()  # as in a loop
        for claim in found:
            place = claim.cell, claim.text
            places[*place, repeated[place]][run] = claim
            repeated[place] += 1
    return {
        "code": digest,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "runs": [
            {"data": data, "instructions": instructions, "seeds": those}
            for (data, instructions), those in seeds.items()
        ],
        "claims": [over_runs(places[place]) for place in sorted(places, key=lambda at: at[0])],
    }


def as_text(found: dict) -> str:
    """Return the file's text: JSON with a line for each claim, so that git shows which changed."""
    head = json.dumps({key: found[key] for key in found if key != "claims"})
    claims = ",\n".join(json.dumps(each) for each in found["claims"])
    return f'{head[:-1]}, "claims": [\n{claims}\n]}}\n'


def over_runs(found: dict[NotebookRun, Claim]) -> dict:
    """Sum up one claim: in how many runs it held, and its numbers' ranges for each data set."""
    numbers: dict[tuple[str, int], list[list[float]]] = defaultdict(list)
    for run, claim in found.items():
        for which, triple in enumerate(claim.numbers):
            numbers[run.data, which].append(triple)
    first = next(iter(found.values()))
    return {
        "chapter": first.chapter,
        "cell": first.cell,
        "text": first.text,
        "runs": len(found),
        "held": sum(claim.held for claim in found.values()),
        "numbers": [{"data": data} | ranges(triples) for (data, _), triples in numbers.items()],
    }


def ranges(triples: list[list[float]]) -> dict[str, list[float]]:
    """Return the least and the greatest of each column, to six digits."""
    return {
        side: [float(f"{end:.6g}") for end in (min(column), max(column))]
        for side, column in zip(SIDES, zip(*triples, strict=True), strict=True)
    }


def room(number: dict) -> float:
    """Return how far a bound lies outside a number's range, as a share of that range."""
    least, most = number["distance"]
    return least / (most - least) if most > least else float("inf")


def report(found: dict) -> list[str]:
    """Return lines that say what failed and which claims have the least room."""
    claims = found["claims"]
    failed = [each for each in claims if each["held"] < each["runs"]]
    narrow = sorted(
        ((room(number), number, each) for each in claims for number in each["numbers"]),
        key=lambda item: item[0],
    )
    lines = [
        f"{len(claims)} claims, {count_runs(found)} runs, "
        f"{len(failed)} claims that failed in some run",
        *(f"held in {each['held']} of {each['runs']}: {place_and_text(each)}" for each in failed),
        f"The least room, in ranges seen ({ROOM} is asked for):",
    ]
    for share, number, each in narrow[:SHOWN]:
        left, right = ("..".join(f"{end:.4g}" for end in number[key]) for key in ("left", "right"))
        lines.append(f"{share:6.2f}  {left} | {right}, {number['data']}: {place_and_text(each)}")
    return lines


def readme_line(found: dict) -> str:
    """Return the README's sentence on the runs."""
    parts = []
    for each in found["runs"]:
        used = found["processor"] if each["instructions"] == MINE else each["instructions"]
        data = f"the {SMALL}" if each["data"] == SMALL else each["data"]
        parts.append(f"{len(each['seeds'])} on {data} with {used}")
    held = sum(each["held"] == each["runs"] for each in found["claims"])
    return (
        f"`make claims` saw {held} of {len(found['claims'])} claims hold wherever they were asked: "
        f"in {count_runs(found)} runs, each claim in "
        f"{min(each['runs'] for each in found['claims'])} at least. Seeds: {', '.join(parts)}."
    )


def count_runs(found: dict) -> int:
    """Return how often the notebook was run."""
    return sum(len(each["seeds"]) for each in found["runs"])


def place_and_text(claim: dict) -> str:
    """Return a claim's place and text."""
    return f"cell {claim['cell']}, {claim['chapter']}: {claim['text']}"


if __name__ == "__main__":
    command_line.run(main, "Stopped by you; the runs that are done are kept.")
