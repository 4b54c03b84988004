"""Read synthetic photographs of validation digits under named conditions, in several ways."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import torch
from torch import nn

from benchmarks import ROOT, readme
from helpers import data
from helpers.common import command_line
from helpers.common.files import check_writable, write_text
from helpers.common.progress import progress_bar
from helpers.practice import scenes, subjects
from helpers.practice.camera import photograph
from helpers.practice.no_digits import KINDS, Brush
from helpers.reading.digit import Steps, ways_to_see
from helpers.reading.ink import NoInkError
from helpers.reading.reader import WEIGHTS, Reader, Reading
from helpers.recipes import recipe_for
from helpers.runs import train_recipe
from helpers.transforms import Normalize

OUT = ROOT / "results" / "photos.json"  # from which the README's table is written
EACH = 250  # pictures of each condition
SEED = 2026

SCAN = replace(
    scenes.CLEAN,
    height=(40, 140),
    papers=((250, 250, 250),),
    inks=((20, 20, 25),),
    width=(0.05, 0.14),
)
PHOTO = replace(scenes.ANY, ruling=("",), through=0, shadow=0, pencil=0, width=(0.06, 0.14))
CONDITIONS = {
    "scan": SCAN,
    "photo": PHOTO,
    "shadow": replace(PHOTO, shadow=1),
    "thin blue pen": replace(PHOTO, inks=((25, 60, 160),), width=(0.02, 0.05)),
    "faint pencil": replace(PHOTO, inks=((90, 90, 95),), contrast=(0.4, 0.7), pencil=1),
    "fat marker": replace(PHOTO, width=(0.18, 0.28), contrast=(0.8, 1)),
    "brown paper": replace(PHOTO, papers=((205, 170, 125),), grain=(3, 6)),
    "ruled paper": replace(PHOTO, ruling=("ruled",)),
    "squared paper": replace(PHOTO, ruling=("squared",)),
    "shows through": replace(PHOTO, through=1),
    "chalk": scenes.DARK,
    "negative": replace(SCAN, papers=((5, 5, 5),), inks=((240, 240, 240),)),
    "lines of 1 pixel": replace(SCAN, height=(60, 200), width=(0.001, 0.002), quality=(100, 100)),
    "tiny in the frame": replace(PHOTO, height=(24, 40), room=(6, 12)),
    "touches the border": replace(PHOTO, room=(1, 1.05), off_centre=1, turn=3),
    "20 pixels": replace(SCAN, height=(10, 18), room=(1.05, 1.5), width=(0.1, 0.16)),
    "blurred JPEG": replace(PHOTO, blur=(0.03, 0.06), quality=(12, 30)),
}


def pictures(scene: scenes.Scene, digits: data.DigitSet, number: int) -> Iterator[tuple]:
    """Photographs taken under one condition, and what they show; always the same ones."""
    random = np.random.default_rng([SEED, number])
    bytes_of, labels = digits.images[:, 0].numpy(), digits.labels
    for which in random.permutation(len(labels))[:EACH]:
        label = int(labels[which])
        ink = subjects.ink_of(bytes_of[which], label, scene, random)
        yield photograph(ink, scene, random), label


def no_digits(kind: Callable, count: int) -> Iterator[np.ndarray]:
    """Pictures of one kind of thing that is no digit."""
    random = np.random.default_rng([SEED, *kind.__name__.encode()])
    for _ in range(count):
        scene = scenes.SCENES[random.integers(len(scenes.SCENES))]
        height = round(random.uniform(*scene.height))
        ink = kind(Brush(random, height, height * random.uniform(*scene.width)))
        yield photograph(ink, scene, random)


def naive(picture: np.ndarray) -> np.ndarray:
    """What most tutorials do to a photo: grey, inverted, squashed."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return 255 - cv2.resize(grey, (28, 28), interpolation=cv2.INTER_AREA)


def framed(picture: np.ndarray) -> np.ndarray:
    """What this project does; an empty frame where it finds no ink."""
    try:
        return next(ways_to_see(picture)).framed
    except NoInkError:
        return np.zeros((28, 28), np.uint8)


def ways(picture: np.ndarray) -> list[Steps]:
    """All ways to see a picture, for `predict.py` may ask for more than the first."""
    try:
        return list(ways_to_see(picture))
    except NoInkError:
        return []


def readings_of(seen: list[list], reader: Reader) -> list[Reading | None]:
    """What a reader says of each picture, as `predict.py` does; nothing where there is no ink."""
    read = iter(reader.read_pictures([each for each in seen if each]))
    return [next(read)[1] if each else None for each in seen]


def unsure(readings: list[Reading | None]) -> float:
    """The share of pictures that get no answer."""
    return float(np.mean([each is None or each.unsure for each in readings]))


@torch.no_grad()
def accuracy(model: nn.Module, digits: data.Digits, frames: np.ndarray, labels: list[int]) -> float:
    """The share of frames that a network reads right."""
    look = Normalize(digits.mean, digits.std)
    answers = model.eval()(look(torch.from_numpy(frames)[:, None])).argmax(1)
    return (answers == torch.tensor(labels)).double().mean().item()


def measure() -> dict:
    """Accuracies by condition and way, refusals, and how fast framing is."""
    digits = data.load_digits()
    plain = {"MLP": train_recipe(recipe_for("mlp", digits.is_mnist), digits)[0]}
    plain["CNN"] = train_recipe(recipe_for("cnn-fast", digits.is_mnist), digits)[0]
    readers = {kind: Reader.load(WEIGHTS / f"{kind.lower()}.pt") for kind in plain}
    rows, refused, seconds = {}, {kind: [] for kind in readers}, {"framed": 0.0, "naive": 0.0}
    with progress_bar(len(CONDITIONS) + 1, "conditions", "condition") as bar:
        for number, (name, scene) in enumerate(CONDITIONS.items()):
            taken = list(pictures(scene, digits.validation, number))
            labels = [label for _, label in taken]
            squashed = timed(naive, taken, seconds, "naive")
            first = timed(framed, taken, seconds, "framed")
            seen = [ways(picture) for picture, _ in taken]
            rows[name] = row = {}
            for kind, model in plain.items():
                row[f"naive {kind}"] = accuracy(model, digits, np.stack(squashed), labels)
                row[f"framed {kind}"] = accuracy(model, digits, np.stack(first), labels)
            for kind, reader in readers.items():
                readings = readings_of(seen, reader)
                right = [each is not None and each.digit == label
                         for each, label in zip(readings, labels, strict=True)]  # fmt: skip
                row[f"trained {kind}"] = float(np.mean(right))
                refused[kind].append(unsure(readings))
            bar.update()
        others = {each.__name__: [ways(p) for p in no_digits(each, EACH)] for each in set(KINDS)}
        bar.update()
    nothing = {
        kind: {name: unsure(readings_of(seen, reader)) for name, seen in sorted(others.items())}
        for kind, reader in readers.items()
    }
    means = {kind: float(np.mean(list(each.values()))) for kind, each in nothing.items()}
    return {
        "data": digits.name,
        "images": EACH * len(CONDITIONS),
        "conditions": rows,
        "refused_digits": {kind: float(np.mean(each)) for kind, each in refused.items()},
        "refused_others": means,
        "refused_kinds": nothing,
        "a_second": {way: EACH * len(CONDITIONS) / each for way, each in seconds.items()},
    }


def timed(work: Callable, taken: list[tuple], seconds: dict[str, float], way: str) -> list:
    """What becomes of each picture; the time is added to what this way has taken."""
    started = time.perf_counter()
    done = [work(picture) for picture, _ in taken]
    seconds[way] += time.perf_counter() - started
    return done


def table(found: dict) -> str:
    """The figures in Markdown."""
    ways = list(next(iter(found["conditions"].values())))
    rows = [f"{found['images']:,} pictures of validation digits ({found['data']}).", ""]
    rows += ["| condition | " + " | ".join(ways) + " |", "| --- " * (len(ways) + 1) + "|"]
    for name, row in found["conditions"].items():
        rows.append(f"| {name} | " + " | ".join(f"{row[way]:.1%}" for way in ways) + " |")
    means = [np.mean([row[way] for row in found["conditions"].values()]) for way in ways]
    rows.append("| **all** | " + " | ".join(f"**{mean:.2%}**" for mean in means) + " |")
    rows += [
        "",
        "| unsure of | " + " | ".join(found["refused_kinds"]) + " |",
        "| --- | --- | --- |",
    ]
    for name in found["refused_kinds"]["CNN"]:
        shares = [each[name] for each in found["refused_kinds"].values()]
        rows.append(f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    for name, key in (("**all of these**", "refused_others"), ("digits", "refused_digits")):
        rows.append(f"| {name} | " + " | ".join(f"{x:.1%}" for x in found[key].values()) + " |")
    speed = found["a_second"]
    rows.append("")
    rows.append(f"Framed: {speed['framed']:.0f} pictures a second; squashed: {speed['naive']:.0f}.")
    return "\n".join(rows)


def main() -> int:
    """Measure, write the figures down, and print the table."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    check_writable(OUT)
    command_line.interruptible()
    found = measure()
    write_text(OUT, json.dumps(found, indent=1) + "\n")
    readme.renew("photos", readme.photos_table(found))
    print(f"{table(found)}\n\nwrote {OUT.relative_to(ROOT)}")
    return 0
