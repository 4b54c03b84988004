"""Read synthetic photographs of validation digits under named conditions, in several ways."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import nn

from benchmarks import ROOT, readme
from benchmarks.picture_runs import PHOTO, SEED, kept
from benchmarks.tables import head_of, row_of, show
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


@dataclass(frozen=True)
class Networks:
    """All that is measured, by kind: networks trained on MNIST alone, and readers."""

    digits: data.Digits
    plain: dict[str, nn.Module]
    readers: dict[str, DigitReader]


@dataclass(frozen=True)
class Result:
    """The results under one condition."""

    read_right: dict[str, float]  # by way and kind of network, like "framed CNN"
    unsure: dict[str, float]  # by kind of reader
    seconds: dict[str, float]  # by way


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


def framed(picture: np.ndarray) -> np.ndarray:
    """Return a photo as this project frames it; an empty frame if it finds no ink."""
    try:
        return next(ways_to_see(picture)).framed
    except NoInkError:
        return np.zeros((SIDE, SIDE), np.uint8)


FRAMINGS = {"naive": squashed, "framed": framed}


def ways(picture: np.ndarray) -> list[Steps]:
    """Return all candidate segmentations, as `predict.py` may ask for more than the first."""
    try:
        return list(ways_to_see(picture))
    except NoInkError:
        return []


def readings_of(seen: list[list[Steps]], reader: DigitReader) -> list[Reading | None]:
    """Return a reader's answer for each picture, as in `predict.py`; None if there is no ink."""
    read = iter(reader.read_pictures([each for each in seen if each]))
    return [next(read)[1] if each else None for each in seen]


def part_unsure(readings: list[Reading | None]) -> float:
    """Return the share of pictures that get no sure answer."""
    return float(np.mean([each is None or each.unsure for each in readings]))


def part_right(readings: list[Reading | None], labels: list[int]) -> float:
    """Return the share of pictures that are read right, surely or not."""
    pairs = zip(readings, labels, strict=True)
    return float(np.mean([each is not None and each.digit == label for each, label in pairs]))


@torch.no_grad()
def accuracy(model: nn.Module, digits: data.Digits, frames: np.ndarray, labels: list[int]) -> float:
    """Return the share of frames, (count, 28, 28) bytes, that a network reads right."""
    look = Normalize(digits.mean, digits.std)
    read = model.eval()(look(torch.from_numpy(frames)[:, None])).argmax(1)
    return (read == torch.tensor(labels)).double().mean().item()


def networks() -> Networks:
    """Train the networks that see MNIST alone, and load those trained on photographs."""
    digits = data.load_digits()
    plain = {
        kind: train_recipe(recipe_for(name, digits.is_mnist), digits)[0]
        for kind, name in TUTORIALS.items()
    }
    readers = {
        kind: DigitReader(open_network(str(WEIGHTS / f"{kind.lower()}.pt"))) for kind in plain
    }
    return Networks(digits, plain, readers)


def read_under(scene: scenes.Scene, number: int, those: Networks) -> Result:
    """Return how well all networks read photographs of one condition, in several ways."""
    taken = list(photographs(scene, those.digits.validation, number))
    labels = [each.label for each in taken]
    frames: dict[str, np.ndarray] = {}
    seconds: dict[str, float] = {}
    for way, framing in FRAMINGS.items():
        started = time.perf_counter()
        frames[way] = np.stack([framing(each.picture) for each in taken])
        seconds[way] = time.perf_counter() - started
    right = {
        f"{way} {kind}": accuracy(model, those.digits, frames[way], labels)
        for kind, model in those.plain.items()
        for way in FRAMINGS
    }
    seen, unsure = [ways(each.picture) for each in taken], {}
    for kind, reader in those.readers.items():
        readings = readings_of(seen, reader)
        right[f"trained {kind}"], unsure[kind] = part_right(readings, labels), part_unsure(readings)
    return Result(right, unsure, seconds)


def read_no_digits(readers: dict[str, DigitReader]) -> dict[str, dict[str, float]]:
    """Return for each reader how often it is unsure of each kind of thing that isn't a digit."""
    unsure: dict[str, dict[str, float]] = {kind: {} for kind in readers}
    for thing in sorted(set(KINDS), key=lambda each: each.__name__):
        seen = [ways(picture) for picture in no_digits(thing, EACH)]
        for kind, reader in readers.items():
            unsure[kind][thing.__name__] = part_unsure(readings_of(seen, reader))
    return unsure


def measure() -> dict:
    """Return accuracies by condition and way, shares of unsure answers, and speeds of framing."""
    those = networks()
    results: dict[str, Result] = {}
    with progress_bar(len(CONDITIONS) + 1, "conditions", "condition") as bar:
        for number, (name, scene) in enumerate(CONDITIONS.items()):
            results[name] = read_under(scene, number, those)
            bar.update()
        nothing = read_no_digits(those.readers)
        bar.update()
    return {
        "data": those.digits.name,
        "images": EACH * len(CONDITIONS),
        "conditions": {name: result.read_right for name, result in results.items()},
        "refused_digits": means([result.unsure for result in results.values()]),
        "refused_others": {kind: mean_of(each) for kind, each in nothing.items()},
        "refused_kinds": nothing,
        "a_second": speeds(list(results.values())),
    }


def speeds(results: list[Result]) -> dict[str, float]:
    """Return how many pictures are framed in a second, by way."""
    return {way: EACH / mean for way, mean in means([each.seconds for each in results]).items()}


def mean_of(parts: dict[str, float]) -> float:
    """Return the mean over all kinds of things, with equal weights."""
    return float(np.mean(list(parts.values())))


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each figure over all rows."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def table(found: dict) -> list[str]:
    """Return the results as Markdown."""
    return [
        f"{found['images']:,} pictures of validation digits ({found['data']}).",
        "",
        *table_of_conditions(found["conditions"]),
        "",
        *table_of_doubts(found),
        "",
        "Framed: {framed:.0f} pictures a second; squashed: {naive:.0f}.".format(
            **found["a_second"]
        ),
    ]


def table_of_conditions(conditions: dict[str, dict[str, float]]) -> list[str]:
    """Return a table of how many digits each network read right, by condition."""
    total = means([*conditions.values()])
    return [
        *head_of("condition", *total),
        *(row_of(name, *percents(row)) for name, row in conditions.items()),
        row_of("**all**", *(f"**{mean:.2%}**" for mean in total.values())),
    ]


def table_of_doubts(found: dict) -> list[str]:
    """Return a table of how often each reader was unsure, by what was on the pictures."""
    kinds = found["refused_kinds"]
    return [
        *head_of("unsure of", *kinds),
        *(
            row_of(name, *percents({kind: kinds[kind][name] for kind in kinds}))
            for name in kinds["CNN"]
        ),
        row_of("**all of these**", *percents(found["refused_others"])),
        row_of("digits", *percents(found["refused_digits"])),
    ]


def percents(row: dict[str, float]) -> list[str]:
    """Return shares as percentages."""
    return [f"{part:.1%}" for part in row.values()]


def main() -> int:
    """Measure, write down the results, renew the README, and print the table."""
    readme.check_place("photos")
    found = kept(OUT, measure)
    readme.renew("photos", readme.photos_table(found))
    show(table(found), OUT)
    return 0
