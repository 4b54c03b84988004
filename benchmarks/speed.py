"""Time this project beside the usual ways, all in one run: batches, training, growth, warps."""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from itertools import chain

from tqdm import tqdm

from benchmarks import ROOT, readme
from benchmarks.tables import head_of, row_of, show
from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import check_writable, write_text
from helpers.recipes import PLAIN_MLP

OUT = ROOT / "build" / "bench.json"
RECORDED = ROOT / "results" / "speed.json"
RUNS = 5  # of each way, in turns
PROCESSES = 3  # for each measurement that needs a fresh one
PARTS = (0.125, 0.25, 0.5, 1)  # shares of all digits
BATCH_SIZES = (64, PLAIN_MLP.batch_size)  # those of most tutorials and of this project
MEGABYTE = 2**20


def in_turns(jobs: dict[str, Callable[[], float]], bar: tqdm) -> dict[str, float]:
    """Return each way's median time; they take turns, so that a slow moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(RUNS):
        for name, job in jobs.items():
            bar.set_postfix_str(name)
            times[name].append(job())
            bar.update()
    return {name: statistics.median(values) for name, values in times.items()}


def apart(*arguments: str) -> dict:
    """Return what a fresh process measures, on which nothing before it has an effect."""
    program = [sys.executable, "-m", "benchmarks.timings", *arguments]
    quiet = os.environ | {"TQDM_DISABLE": "1"}
    run = subprocess.run(program, check=False, capture_output=True, text=True, env=quiet, cwd=ROOT)
    if run.returncode:
        reason = (run.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UserError(f"The measurement '{' '.join(arguments)}' failed: {reason}")
    return json.loads(run.stdout)


def medians(results: list[dict]) -> dict:
    """Return the median of each number over several measurements."""
    return {name: statistics.median(each[name] for each in results) for name in results[0]}


def measure() -> dict:
    """Return all results, as plain values."""
    with command_line.loading():
        import torch

        from benchmarks import timings
        from handreader.common.progress import progress_bar
        from helpers.data import load_digits
        from helpers.training import use_one_thread
    use_one_thread()  # as in `timings`: both sides are faster with one than with two
    digits = load_digits()
    found: dict[str, dict | list[dict]] = {}
    total = (3 * len(BATCH_SIZES) + 2) * RUNS + (3 + len(PARTS)) * PROCESSES
    with progress_bar(total, "bench", "run") as bar:
        for size in BATCH_SIZES:
            found[f"epoch_{size}"] = in_turns(timings.epochs(digits, size), bar)
        found |= in_fresh_processes(bar)
        found["warps"] = in_turns(timings.warps(digits), bar)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} in use"
    facts = {"machine": machine, "instructions": torch.backends.cpu.get_cpu_capability()}
    return facts | {"torch": torch.__version__, "data": digits.name} | found


def in_fresh_processes(bar: tqdm) -> dict[str, dict | list[dict]]:
    """Return times to a target accuracy, and how time and memory grow with the digits."""
    target: dict[str, list[dict]] = {"usual": [], "ours": [], "cnn": []}
    parts: dict[float, list[dict]] = {part: [] for part in PARTS}
    for _ in range(PROCESSES):
        for way, results in target.items():
            results.append(apart("time_to_target", way))
            bar.update()
        for part, results in parts.items():
            results.append(apart("growth", str(part)))
            bar.update()
    return {
        "target": {way: medians(results) for way, results in target.items()},
        "growth": [medians(results) for results in parts.values()],
    }


def slope(growth: list[dict], value: str, per: str) -> float:
    """Return how much one number grows with another, by linear regression."""
    return statistics.linear_regression(
        [each[per] for each in growth], [each[value] for each in growth]
    ).slope


def table(found: dict) -> list[str]:
    """Return the results as Markdown, with what they are to be compared with."""
    return [
        f"Measured on {found['data']}: {found['machine']}, torch {found['torch']}.",
        "",
        *head_of("what", "usual", "ours", "ratio"),
        *chain.from_iterable(rows_of_epochs(size, found[f"epoch_{size}"]) for size in BATCH_SIZES),
        row_of_target(found["target"]["usual"], found["target"]["ours"]),
        row_of_cnn(found["target"]["cnn"]),
        row_of_warps(found["warps"]["torchvision"], found["warps"]["ours"]),
        "",
        *table_of_growth(found["growth"]),
    ]


def rows_of_epochs(size: int, times: dict[str, float]) -> list[str]:
    """Return rows on the time of an epoch both ways, and against no loading at all."""
    usual, ours, bare = times["usual"], times["ours"], times["bare"]
    what = f"784-128-64-10, batch {size}: seconds an epoch"
    against = f"... against no loading at all ({bare:.2f} s)"
    return [
        row_of(what, f"{usual:.2f}", f"{ours:.2f}", f"{usual / ours:.1f} times faster"),
        f"| {against} | {usual / bare:.2f} x | {ours / bare:.2f} x | |",
    ]


def row_of_target(usual: dict[str, float], ours: dict[str, float]) -> str:
    """Return a row on the time until the target accuracy is reached."""
    return row_of(
        "seconds to 97.4 % on the test digits",
        f"{usual['seconds']:.1f} ({usual['epochs']:.0f} epochs, {usual['test_accuracy']:.2%})",
        f"{ours['seconds']:.2f} ({ours['epochs']:.0f} epochs, {ours['test_accuracy']:.2%})",
        f"{usual['seconds'] / ours['seconds']:.0f} times faster",
    )


def row_of_cnn(ours: dict[str, float]) -> str:
    """Return a row on the time until a quick CNN reaches its target accuracy, on all cores."""
    found = f"{ours['seconds']:.2f} ({ours['test_accuracy']:.2%})"
    return row_of("seconds to 99.0 % on the test digits, one epoch of `cnn-fast`", "", found, "")


def row_of_warps(usual: float, ours: float) -> str:
    """Return a row on the time to warp a digit."""
    ratio = f"{usual / ours:.0f} times faster"
    return row_of("microseconds to warp a digit", f"{usual:.0f}", f"{ours:.1f}", ratio)


def table_of_growth(growth: list[dict[str, float]]) -> list[str]:
    """Return a table of how time and memory grow with the digits."""
    memory = slope(growth, "peak_bytes", "raw_bytes")
    seconds = slope(growth, "seconds", "images") * 10_000
    return [
        *head_of("digits", "seconds", "peak memory", "raw images"),
        *(
            row_of(
                f"{each['images']:,.0f}",
                f"{each['seconds']:.2f}",
                f"{each['peak_bytes'] / MEGABYTE:.0f} MB",
                f"{each['raw_bytes'] / MEGABYTE:.0f} MB",
            )
            for each in growth
        ),
        "",
        f"Each further byte of raw images takes {memory:.2f} bytes of memory; each further "
        f"10,000 digits take {seconds:.2f} s (reading, splitting and one epoch).",
    ]


def ratios(found: dict) -> dict[str, float]:
    """Return how many times faster this project is than the usual way, for the README."""
    usual, ours = found["target"]["usual"], found["target"]["ours"]
    epoch, warps = found["epoch_64"], found["warps"]
    return {
        "epoch": round(epoch["usual"] / epoch["ours"], 2),
        "target": round(usual["seconds"] / ours["seconds"], 2),
        "warps": round(warps["torchvision"] / warps["ours"], 2),
    }


def record(found: dict) -> None:
    """Save the ratios by instruction set, and put the smallest of all sets into the README."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    recorded[found["instructions"]] = ratios(found)
    write_text(RECORDED, json.dumps(recorded, indent=1) + "\n")
    readme.renew("speed", readme.speed_sentence(recorded))


def main(record_it: bool = False) -> int:
    """Measure, write down the results, and print the table."""
    check_writable(OUT)
    if record_it:
        readme.check_place("speed")
    found = measure()
    command_line.uninterruptible()
    write_text(OUT, json.dumps(found, indent=1) + "\n")
    if record_it:
        record(found)
    show(table(found), OUT)
    return 0
