"""Time this project beside the usual ways, all in one run: batches, training, warps."""

import json
import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import v2
from tqdm import tqdm

from benchmarks import ROOT, readme
from benchmarks.tables import show, table_of
from handreader.common import command_line
from handreader.common.files import check_writable, write_text
from handreader.common.progress import progress_bar
from helpers import data
from helpers.models import MLP
from helpers.recipes import FAST_CNN, LADDER, PLAIN_MLP, Warps
from helpers.runs import Run
from helpers.training import evaluate, use_one_thread
from helpers.transforms import Normalize, Warper
from trainer.command import use_threads_for

OUT = ROOT / "build" / "bench.json"
RECORDED = ROOT / "results" / "speed.json"
RUNS = 5  # of each way, in turns
PROCESSES = 3  # fresh ones, for each way to the target
BATCH_SIZES = (64, PLAIN_MLP.batch_size)  # those of most tutorials and of this project
TARGET = 0.974  # what tutorials typically reach
QUICK_CNN = FAST_CNN.but(epochs=1, beta2=0.95, batch_size=96)  # by validation, 99.0 ± 0.1 %
QUICK = PLAIN_MLP.but(epochs=2, beta2=0.95, label_smoothing=0.1)  # by validation, 97.6 ± 0.1 %
OURS = {"ours": QUICK, "cnn": QUICK_CNN}
USUAL_BATCH, USUAL_RATE = 32, 1e-3  # of most tutorials
MOST_EPOCHS = 30  # of the usual recipe, in case it doesn't reach the target
ELASTIC = (34.0, 4.0)  # how far and how smoothly; after Simard et al., 2003
ONE_BY_ONE, IN_BATCHES = 200, 10  # digits, and batches of digits, in one measurement

Jobs = dict[str, Callable[[], float]]  # by way: does the work once and returns a time


class UsualDigits(Dataset):
    """Digits one by one through PIL, `ToTensor` and `Normalize`, as in torchvision's MNIST."""

    def __init__(self, digits: data.DigitSet):
        self.images, self.labels = digits.images, digits.labels
        self.transform = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.images[index, 0].numpy(), mode="L")
        return self.transform(picture), int(self.labels[index])


def usual_loader(digits: data.DigitSet, batch_size: int) -> DataLoader:
    """Return the loader of most tutorials."""
    return DataLoader(UsualDigits(digits), batch_size, shuffle=True)


def train_pass(
    model: MLP, loader: Iterable[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer
) -> float:
    """Train for one plain epoch; return the seconds it took."""
    started = time.perf_counter()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
    return time.perf_counter() - started


def epochs(digits: data.Digits, batch_size: int) -> Jobs:
    """Return a job for each of three ways to load batches; the last one loads nothing.

    Each trains 784-128-64-10 with Adam for an epoch and returns its seconds.
    """
    look = Normalize(digits.mean, digits.std)
    ours = data.batches(digits.train.with_transform(look), batch_size, shuffle=True)

    def epoch(loader: Iterable[tuple[Tensor, Tensor]]) -> Callable[[], float]:
        model = MLP()
        optimizer = torch.optim.Adam(model.parameters())
        return lambda: train_pass(model, loader, optimizer)

    return {
        "usual": epoch(usual_loader(digits.train, batch_size)),
        "ours": epoch(ours),
        "bare": epoch([next(iter(ours))] * len(ours)),
    }


def warps(digits: data.Digits) -> Jobs:
    """Return two jobs that measure the microseconds to warp a digit.

    Torchvision warps digits one by one, this project in batches.
    """
    ours = next(recipe.warps for recipe in LADDER.values() if recipe.warps)
    usual, warper = v2.Compose(usual_warps(ours)), Warper(ours)
    images = digits.train.images / 255

    def timed(warp: Callable[[Tensor], Tensor], parts: Iterable[Tensor], count: int) -> float:
        started = time.perf_counter()
        for part in parts:
            warp(part)
        return (time.perf_counter() - started) / min(count, len(images)) * 1e6

    in_batches = IN_BATCHES * PLAIN_MLP.batch_size
    return {
        "torchvision": lambda: timed(usual, images[:ONE_BY_ONE], ONE_BY_ONE),
        "ours": lambda: timed(warper, images[:in_batches].split(PLAIN_MLP.batch_size), in_batches),
    }


def usual_warps(warps: Warps) -> list[torch.nn.Module]:
    """Return torchvision's transforms, set to warp about as much."""
    affine = v2.RandomAffine(
        degrees=warps.rotation,
        translate=(warps.shift / 28, warps.shift / 28),
        scale=(1 - warps.scale, 1 + warps.scale),
        shear=45 * warps.shear,
        interpolation=v2.InterpolationMode.BILINEAR,
    )
    return [affine, v2.ElasticTransform(*ELASTIC)]


def time_to_target(way: str) -> dict[str, float]:
    """Return the seconds from the end of imports to the target accuracy on the test digits.

    Loading is included. This project's ways train for a fixed number of epochs; the usual way tests
    after each epoch and stops at the target.
    """
    started = time.perf_counter()
    digits = data.load_digits()
    look = Normalize(digits.mean, digits.std)
    test = data.batches(digits.test.with_transform(look), 1000)
    if way in OURS:
        run = Run(OURS[way], digits)
        use_threads_for(run)
        run.train()
        reached, passes = evaluate(run.model, test).accuracy, run.recipe.epochs
    else:
        torch.manual_seed(0)
        passes, reached = 0, 0.0
        model = MLP()
        optimizer = torch.optim.Adam(model.parameters(), lr=USUAL_RATE)
        loader = usual_loader(digits.train, USUAL_BATCH)
        while reached < TARGET and passes < MOST_EPOCHS:
            train_pass(model.train(), loader, optimizer)
            reached, passes = evaluate(model, test).accuracy, passes + 1
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "epochs": passes, "test_accuracy": reached}


def in_turns(jobs: Jobs, bar: tqdm) -> dict[str, float]:
    """Return each way's median time; they take turns, so that a slow moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(RUNS):
        for name, job in jobs.items():
            bar.set_postfix_str(name)
            times[name].append(job())
            bar.update()
    return {name: statistics.median(values) for name, values in times.items()}


def to_the_target(bar: tqdm) -> dict[str, dict[str, float]]:
    """Return by way the medians of what fresh processes measure: nothing before has an effect."""
    found: dict[str, list[dict[str, float]]] = {"usual": [], "ours": [], "cnn": []}
    os.environ["TQDM_DISABLE"] = "1"  # in these processes
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), begin, max_tasks_per_child=1
    ) as processes:
        for _ in range(PROCESSES):
            for way, results in found.items():
                results.append(processes.submit(time_to_target, way).result())
                bar.update()
    return {
        way: {name: statistics.median(each[name] for each in results) for name in results[0]}
        for way, results in found.items()
    }


def begin() -> None:
    """Prepare a fresh process: one thread, and a quiet end on Ctrl-C."""
    command_line.interruptible()
    use_one_thread()


def measure() -> dict:
    """Return all results, as plain values."""
    use_one_thread()  # both sides are faster with one than with two
    digits = data.load_digits()
    cores = f"{os.cpu_count()} cores, {torch.get_num_threads()} in use"
    found: dict = {
        "machine": f"{platform.machine()}, {cores}",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "data": digits.name,
    }
    total = (3 * len(BATCH_SIZES) + 2) * RUNS + 3 * PROCESSES
    with progress_bar(total, "bench", "run") as bar:
        for size in BATCH_SIZES:
            found[f"epoch_{size}"] = in_turns(epochs(digits, size), bar)
        found["target"] = to_the_target(bar)
        found["warps"] = in_turns(warps(digits), bar)
    return found


def table(found: dict) -> list[str]:
    """Return the results as Markdown, with what they are to be compared with."""
    rows: list[Sequence[str]] = []
    for size in BATCH_SIZES:
        usual, ours, bare = (found[f"epoch_{size}"][way] for way in ("usual", "ours", "bare"))
        what = f"784-128-64-10, batch {size}: seconds an epoch"
        rows += [
            (what, f"{usual:.2f}", f"{ours:.2f}", f"{usual / ours:.1f} times faster"),
            (
                f"... against no loading at all ({bare:.2f} s)",
                f"{usual / bare:.2f} x",
                f"{ours / bare:.2f} x",
                "",
            ),
        ]
    times, reached = found["target"], ratios(found)
    usual, ours, cnn = (times[way] for way in ("usual", "ours", "cnn"))
    warped = found["warps"]["torchvision"], found["warps"]["ours"]
    rows += [
        (
            "seconds to 97.4 % on the test digits",
            *(
                f"{each['seconds']:.2f} ({each['epochs']:.0f} epochs, {each['test_accuracy']:.2%})"
                for each in (usual, ours)
            ),
            f"{reached['target']:.0f} times faster",
        ),
        (
            *("seconds to 99.0 % on the test digits, one epoch of `cnn-fast`", ""),
            *(f"{cnn['seconds']:.2f} ({cnn['test_accuracy']:.2%})", ""),
        ),
        (
            "microseconds to warp a digit",
            f"{warped[0]:.0f}",
            f"{warped[1]:.1f}",
            f"{reached['warps']:.0f} times faster",
        ),
    ]
    measured = f"Measured on {found['data']}: {found['machine']}, torch {found['torch']}."
    return [measured, "", *table_of(("what", "usual", "ours", "ratio"), rows)]


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
