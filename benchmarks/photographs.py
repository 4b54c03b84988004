"""Read synthetic photographs of validation digits under named conditions, in several ways."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import fmean
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import nn

from benchmarks import ROOT, readme
from benchmarks.picture_runs import PHOTO, SEED, kept
from benchmarks.tables import show, table_of
from handreader.common.progress import progress_bar
from handreader.digits import DigitReader
from handreader.framing import SIDE
from handreader.ink.segmentation import NoInkError
from handreader.ink.strokes import Steps, ways_to_see
from handreader.results import Reading
from helpers import data
from helpers.network_files import open_network
from helpers.recipes import recipe_for
from helpers.runs import train_recipe
from helpers.transforms import Normalize
from trainer import WEIGHTS
from trainer.synthesis import scenes
from trainer.synthesis.camera import photograph
from trainer.synthesis.no_digits import KINDS, Brush
from trainer.synthesis.subjects import ink_of

OUT = ROOT / "results" / "photos.json"  # the source of the README's table
EACH = 250  # pictures of each condition
Readers = dict[str, DigitReader]  # by kind of network
TUTORIALS = {"MLP": "mlp", "CNN": "cnn-fast"}  # recipes of networks that see no photograph

SCAN = replace(
    scenes.CLEAN,
    height=(40, 140),
    papers=((250, 250, 250),),
    inks=((20, 20, 25),),
    width=(0.05, 0.14),
)
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


class Photograph(NamedTuple):
    """A picture, (height, width, 3) bytes, and the digit on it."""

    picture: np.ndarray
    label: int


def photographs(scene: scenes.Scene, digits: data.DigitSet, number: int) -> Iterator[Photograph]:
    """Yield photographs taken under one condition, the same ones each time."""
    random = np.random.default_rng([SEED, number])
    images, labels = digits.images[:, 0].numpy(), digits.labels
    for which in random.permutation(len(labels))[:EACH]:
        label = int(labels[which])
        ink = ink_of(images[which], label, scene, random)
        yield Photograph(photograph(ink, scene, random), label)


def no_digits(kind: Callable[[Brush], np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Yield pictures of one kind of thing that isn't a digit, the same ones each time."""
    random = np.random.default_rng([SEED, *kind.__name__.encode()])
    for _ in range(count):
        scene = scenes.SCENES[random.integers(len(scenes.SCENES))]
        height = round(random.uniform(*scene.height))
        ink = kind(Brush(random, height, height * random.uniform(*scene.width)))
        yield photograph(ink, scene, random)


def squashed(picture: np.ndarray) -> np.ndarray:
    """Return a photo as most tutorials prepare it: grey, inverted, reduced to 28 x 28."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return 255 - cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def ways(picture: np.ndarray) -> list[Steps]:
    """Return all candidate segmentations, as `predict.py` may ask for more than the first."""
    try:
        return list(ways_to_see(picture))
    except NoInkError:
        return []


def framed(picture: np.ndarray) -> np.ndarray:
    """Return a photo as this project frames it; an empty frame if it finds no ink."""
    try:
        return next(ways_to_see(picture)).framed
    except NoInkError:
        return np.zeros((SIDE, SIDE), np.uint8)


FRAMINGS = {"naive": squashed, "framed": framed}


def readings_of(seen: list[list[Steps]], reader: DigitReader) -> list[Reading | None]:
    """Return a reader's answer for each picture, as in `predict.py`; None if there is no ink."""
    read = iter(reader.read_pictures([each for each in seen if each]))
    return [next(read)[1] if each else None for each in seen]


def part_unsure(readings: list[Reading | None]) -> float:
    """Return the share of pictures that get no sure answer."""
    return fmean(each is None or each.unsure for each in readings)


def part_right(readings: list[Reading | None], labels: list[int]) -> float:
    """Return the share of pictures that are read right, surely or not."""
    pairs = zip(readings, labels, strict=True)
    return fmean(each is not None and each.digit == label for each, label in pairs)


@torch.no_grad()
def accuracy(model: nn.Module, digits: data.Digits, frames: np.ndarray, labels: list[int]) -> float:
    """Return the share of frames, (count, 28, 28) bytes, that a network reads right."""
    look = Normalize(digits.mean, digits.std)
    read = model.eval()(look(torch.from_numpy(frames)[:, None])).argmax(1)
    return (read == torch.tensor(labels)).double().mean().item()


def read_under(
    taken: list[Photograph], mnist: data.Digits, plain: dict[str, nn.Module], readers: Readers
) -> dict[str, dict[str, float]]:
    """Return shares read right by way and kind of network, unsure by kind; seconds by way."""
    labels = [each.label for each in taken]
    right, seconds = {}, {}
    frames: dict[str, np.ndarray] = {}
    for way, framing in FRAMINGS.items():
        started = time.perf_counter()
        frames[way] = np.stack([framing(each.picture) for each in taken])
        seconds[way] = time.perf_counter() - started
    for kind, model in plain.items():
        for way in FRAMINGS:
            right[f"{way} {kind}"] = accuracy(model, mnist, frames[way], labels)
    seen, unsure = [ways(each.picture) for each in taken], {}
    for kind, reader in readers.items():
        readings = readings_of(seen, reader)
        right[f"trained {kind}"], unsure[kind] = part_right(readings, labels), part_unsure(readings)
    return {"right": right, "unsure": unsure, "seconds": seconds}


def read_no_digits(readers: Readers) -> dict[str, dict[str, float]]:
    """Return for each reader how often it is unsure of each kind of thing that isn't a digit."""
    unsure: dict[str, dict[str, float]] = {kind: {} for kind in readers}
    for thing in sorted(set(KINDS), key=lambda each: each.__name__):
        seen = [ways(picture) for picture in no_digits(thing, EACH)]
        for kind, reader in readers.items():
            unsure[kind][thing.__name__] = part_unsure(readings_of(seen, reader))
    return unsure


def measure() -> dict:
    """Return accuracies by condition and way, shares of unsure answers, and speeds of framing.

    Some networks see MNIST alone and are trained here; those that practised on photographs are
    loaded.
    """
    digits = data.load_digits()
    plain = {
        kind: train_recipe(recipe_for(name, digits.is_mnist), digits)[0]
        for kind, name in TUTORIALS.items()
    }
    readers = {
        kind: DigitReader(open_network(str(WEIGHTS / f"{kind.lower()}.pt"))) for kind in plain
    }
    results = {}
    with progress_bar(len(CONDITIONS) + 1, "conditions", "condition") as bar:
        for number, (name, scene) in enumerate(CONDITIONS.items()):
            taken = list(photographs(scene, digits.validation, number))
            results[name] = read_under(taken, digits, plain, readers)
            bar.update()
        nothing = read_no_digits(readers)
        bar.update()
    seconds = means([result["seconds"] for result in results.values()])
    return {
        "data": digits.name,
        "images": EACH * len(CONDITIONS),
        "conditions": {name: result["right"] for name, result in results.items()},
        "refused_digits": means([result["unsure"] for result in results.values()]),
        "refused_others": {kind: fmean(each.values()) for kind, each in nothing.items()},
        "refused_kinds": nothing,
        "a_second": {way: EACH / spent for way, spent in seconds.items()},
    }


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each figure over all rows."""
    return {name: fmean(row[name] for row in rows) for name in rows[0]}


def table(found: dict) -> list[str]:
    """Return as Markdown how many digits were read right, and how often a reader was unsure."""
    conditions, kinds, speed = found["conditions"], found["refused_kinds"], found["a_second"]
    total = means([*conditions.values()])
    doubts = {name: {kind: kinds[kind][name] for kind in kinds} for name in kinds["CNN"]}
    doubts |= {"**all of these**": found["refused_others"], "digits": found["refused_digits"]}
    return [
        f"{found['images']:,} pictures of validation digits ({found['data']}).",
        "",
        *table_of(("condition", *total), percents(conditions)),
        f"| **all** | {' | '.join(f'**{share:.2%}**' for share in total.values())} |",
        "",
        *table_of(("unsure of", *kinds), percents(doubts)),
        "",
        f"Framed: {speed['framed']:.0f} pictures a second; squashed: {speed['naive']:.0f}.",
    ]


def percents(rows: dict[str, dict[str, float]]) -> list[list[str]]:
    """Return rows of a table, with shares as percentages."""
    return [[name, *(f"{part:.1%}" for part in row.values())] for name, row in rows.items()]


def main() -> int:
    """Measure, write down the results, renew the README, and print the table."""
    readme.check_place("photos")
    found = kept(OUT, measure)
    readme.renew("photos", readme.photos_table(found))
    show(table(found), OUT)
    return 0
