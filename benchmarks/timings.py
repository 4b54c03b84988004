"""The measurements of `speed`: each function does one thing and returns how long it took.

Run as a program, it measures in a fresh process: `python -m benchmarks.timings growth 0.5`.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import v2

from handreader.common import command_line
from helpers import data, mnist_files
from helpers.models import MLP
from helpers.recipes import FAST_CNN, LADDER, PLAIN_MLP, Warps
from helpers.runs import Run
from helpers.training import evaluate, use_one_thread
from helpers.transforms import Normalize, Warper
from trainer.command import use_threads_for

TARGET = 0.974  # what tutorials typically reach
QUICK_CNN = FAST_CNN.but(epochs=1, beta2=0.95, batch_size=96)  # by validation, 99.0 ± 0.1 %
QUICK = PLAIN_MLP.but(epochs=2, beta2=0.95, label_smoothing=0.1)  # by validation, 97.6 ± 0.1 %
OURS = {"ours": QUICK, "cnn": QUICK_CNN}
USUAL_BATCH, USUAL_RATE = 32, 1e-3  # of most tutorials
MOST_EPOCHS = 30  # of the usual recipe, in case it doesn't reach the target
ELASTIC = (34.0, 4.0)  # how far and how smoothly; after Simard et al., 2003
ONE_BY_ONE, IN_BATCHES = 200, 10  # digits, and batches of digits, in one measurement

Batch = tuple[Tensor, Tensor]  # images and labels


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


def our_loader(digits: data.Digits, batch_size: int) -> DataLoader:
    """Return the loader of this project."""
    look = Normalize(digits.mean, digits.std)
    return data.batches(digits.train.with_transform(look), batch_size, shuffle=True)


def train_pass(model: MLP, loader: Iterable[Batch], optimizer: torch.optim.Optimizer) -> float:
    """Train for one plain epoch; return the seconds it took."""
    started = time.perf_counter()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
    return time.perf_counter() - started


def epoch(loader: Iterable[Batch]) -> Callable[[], float]:
    """Return a job that trains 784-128-64-10 with Adam for an epoch and returns its seconds."""
    model = MLP()
    optimizer = torch.optim.Adam(model.parameters())
    return lambda: train_pass(model, loader, optimizer)


def epochs(digits: data.Digits, batch_size: int) -> dict[str, Callable[[], float]]:
    """Return a job for each of three ways to load batches; the last one loads nothing."""
    ours = our_loader(digits, batch_size)
    return {
        "usual": epoch(usual_loader(digits.train, batch_size)),
        "ours": epoch(ours),
        "bare": epoch([next(iter(ours))] * len(ours)),
    }


def warps(digits: data.Digits) -> dict[str, Callable[[], float]]:
    """Return two jobs that measure the microseconds to warp a digit.

    Torchvision warps digits one by one, this project in batches.
    """
    ours = next(recipe.warps for recipe in LADDER.values() if recipe.warps)
    usual = v2.Compose(usual_warps(ours))
    warper, images = Warper(ours), digits.train.images / 255

    def one_by_one(count: int = ONE_BY_ONE) -> float:
        started = time.perf_counter()
        for image in images[:count]:
            usual(image)
        return (time.perf_counter() - started) / count * 1e6

    def in_batches(count: int = IN_BATCHES * PLAIN_MLP.batch_size) -> float:
        started = time.perf_counter()
        for batch in images[:count].split(PLAIN_MLP.batch_size):
            warper(batch)
        return (time.perf_counter() - started) / min(count, len(images)) * 1e6

    return {"torchvision": one_by_one, "ours": in_batches}


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


def time_to_target(way: str) -> dict:
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


def growth(part: str) -> dict:
    """Measure time and peak memory of reading some digits, splitting them, and one epoch."""
    before, started = peak_memory(), time.perf_counter()
    count = round(60_000 * float(part))
    few = data.Labelled(*raw_digits(count))
    digits = data.split_digits("a part", few, few.at(torch.arange(1000)))
    run = Run(PLAIN_MLP.but(epochs=1), digits)
    run.train()
    return {
        "images": count,
        "seconds": time.perf_counter() - started,
        "peak_bytes": peak_memory() - before,
        "raw_bytes": count * 28 * 28,
    }


def raw_digits(count: int) -> tuple[Tensor, Tensor]:
    """Return the first digits of MNIST's files and no more; without those, the small set's."""
    try:
        pixels = values_in("train-images-idx3-ubyte", 16, count * 28 * 28)
        labels = values_in("train-labels-idx1-ubyte", 8, count)
    except FileNotFoundError:
        few = data.load_digits("small").train
        which = torch.arange(count) % len(few)
        return few.images[which, 0], few.labels[which]
    return pixels.reshape(count, 28, 28), labels.long()


def values_in(name: str, head: int, count: int) -> Tensor:
    """Return the first values of an MNIST file, after its head, wherever it lies, even packed."""
    places = mnist_files.places(Path(os.environ.get("MNIST_ROOT") or "data"), name)
    path = next((each for each in places if each.exists()), places[0])
    with mnist_files.unpacking(path) as file:
        file.seek(head)
        return torch.frombuffer(bytearray(file.read(count)), dtype=torch.uint8)


def peak_memory() -> int:
    """Return the most memory that this process has held so far, in bytes."""
    if sys.platform == "win32":
        import psutil  # installed with Jupyter

        return psutil.Process().memory_info().peak_wset
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where getrusage would include what the parent once held
        (line,) = [
            each for each in status.read_text("ascii").splitlines() if each.startswith("VmHWM")
        ]
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    measure = {"growth": growth, "time_to_target": time_to_target}[sys.argv[1]]
    command_line.interruptible()
    use_one_thread()
    print(json.dumps(measure(*sys.argv[2:])))
