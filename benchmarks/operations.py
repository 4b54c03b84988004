"""Where the time of an epoch goes, by operation, beside what the same operations take alone."""

import time
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from operator import itemgetter

from torch import Tensor
from torch.profiler import ProfilerActivity, profile
from tqdm import tqdm

from benchmarks.tables import head_of, row_of
from handreader.common.progress import progress_bar
from helpers.data import load_digits
from helpers.recipes import LADDER
from helpers.runs import Run
from helpers.training import Learner, Loader, learn, short_floats, use_one_thread

PROFILED = ("mlp", "cnn-fast", "cnn-warps")
KINDS = {  # what operations are called here, by a part of PyTorch's names; the first that fits
    "convolutions": ("convolution",),
    "pooling": ("max_pool", "fill_"),  # zeros, into which its gradients are put
    "batch norm": ("batch_norm",),
    "matrix products": ("mm",),
    "ReLU": ("clamp_min", "threshold"),
    "fetching a batch": ("index_select", "DataLoader"),
    "optimiser": ("Optimizer", "adam"),
    "copies, also to short floats": ("copy_",),
}
OTHERS, OUTSIDE = "other operations", "Python"
Spent = dict[str, float]  # seconds, by kind


def main() -> int:
    """Print a table for each of some recipes."""
    use_one_thread()
    digits = load_digits()
    with progress_bar(3 * len(PROFILED), "operations", "epoch") as bar:
        found = {name: taken_apart(Run(LADDER[name], digits), bar) for name in PROFILED}
    print(*chain.from_iterable(table(name, *both) for name, both in found.items()), sep="\n")
    return 0


def taken_apart(run: Run, bar: tqdm) -> tuple[Spent, Spent]:
    """An epoch as it is; and what its operations take alone: fetching, then learning one batch."""
    learner, loader, count = run.learner(), run.loader, len(run.loader)
    first, unseen = next(iter(loader)), tqdm(disable=True)
    learn(learner, [first] * count, unseen)  # unmeasured: memory is asked for, code is chosen
    bar.update()
    epoch = profiled(lambda: learn(learner, loader, unseen))
    bar.update()
    alone = profiled(lambda: fetch_then_learn(learner, loader, first))
    bar.update()
    return epoch, alone


def fetch_then_learn(learner: Learner, loader: Loader, batch: tuple[Tensor, Tensor]) -> None:
    """Make all batches, and learn from none; then from one as many times, and nothing else."""
    count = sum(1 for _ in loader)
    images, labels = batch
    for _ in range(count):
        with short_floats("cpu", learner.short):
            logits = learner.model(images).float()
        learner.optimizer.zero_grad()
        learner.loss_of(logits, labels).backward()
        learner.optimizer.step()


def profiled(job: Callable[[], object]) -> Spent:
    """How long a job takes, and with what."""
    spent: Spent = defaultdict(float)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        started = time.perf_counter()
        job()
        seconds = time.perf_counter() - started
    for each in found.key_averages():
        spent[kind_of(each.key)] += each.self_cpu_time_total / 1e6
    spent[OUTSIDE] = max(0.0, seconds - sum(spent.values()))
    return spent


def kind_of(operation: str) -> str:
    """What an operation is called here."""
    fitting = (kind for kind, parts in KINDS.items() if any(part in operation for part in parts))
    return next(fitting, OTHERS)


def table(name: str, epoch: Spent, alone: Spent) -> list[str]:
    """What took longest comes first."""
    by_time = sorted(epoch.items(), key=itemgetter(1), reverse=True)
    return [
        *head_of(f"{name}, one thread, with the profiler", "in an epoch", "alone", "ratio"),
        *(row(kind, seconds, alone[kind]) for kind, seconds in by_time),
        row("all", sum(epoch.values()), sum(alone.values())),
        "",
    ]


def row(what: str, epoch: float, alone: float) -> str:
    """What takes a thousandth of a second isn't compared."""
    ratio = f"{epoch / alone:.2f}" if alone > 1e-3 else ""
    return row_of(what, f"{epoch:.2f} s", f"{alone:.2f} s", ratio)
