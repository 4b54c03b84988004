"""What each idea buys: the rungs of the ladder, and this project beside the usual ways."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from helpers.plotting.style import BLACK, BLUE, GREEN, GREY, PINK, figure


@dataclass(frozen=True)
class Mark:
    """What stands in a chart, upright at one place, and what is to be said of it."""

    place: float
    low: float
    middle: float
    high: float
    label: str
    color: str


class RungLike(Protocol):
    """What all seeds together say about one recipe."""

    @property
    def name(self) -> str: ...
    @property
    def times(self) -> Sequence[float]: ...
    @property
    def parameters(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def test_images(self) -> int: ...
    @property
    def tests(self) -> Sequence[float]: ...
    @property
    def mean(self) -> float: ...


class Bench(TypedDict):
    """What `make bench` writes down, as far as it is drawn: seconds, and microseconds of warps."""

    epoch_64: Mapping[str, float]
    epoch_256: Mapping[str, float]
    target: Mapping[str, Mapping[str, float]]
    warps: Mapping[str, float]
    growth: Sequence[Mapping[str, float]]


class PublishedLike(Protocol):
    """A result of somebody else's."""

    @property
    def label(self) -> str: ...
    @property
    def accuracy(self) -> float: ...
    @property
    def parameters(self) -> float | None: ...
    @property
    def seconds(self) -> float | None: ...


@figure
def show_ladder(
    rungs: Sequence[RungLike],
    published: Sequence[PublishedLike],
    references: Mapping[str, float],
    title: str = "",
) -> Figure:
    """Mistakes against parameters, and against training time: a dot for each run.

    The bars are intervals of the means, 1.96 standard errors by the number of test images.
    Published results are hollow; the references are accuracies, as lines.
    """
    fig, (by_size, by_time) = plt.subplots(1, 2, figsize=(10, 5.4), sharey=True)
    marks: dict[Axes, list[Mark]] = {by_size: [], by_time: []}
    for rung in rungs:
        sizes = [rung.parameters] * len(rung.tests)
        time_label = f"{rung.name}*" if rung.threads == 1 else rung.name
        marks[by_size].append(draw_rung(by_size, rung, sizes, rung.name))
        marks[by_time].append(draw_rung(by_time, rung, rung.times, time_label))
    for each in published:
        for ax, value in ((by_size, each.parameters), (by_time, each.seconds)):
            if value is not None:
                marks[ax].append(draw_published(ax, each, value))
    for label, score in references.items():
        for ax in (by_size, by_time):
            ax.axhline(1 - score, color=BLACK, linestyle="--", linewidth=1.2)
        place = by_size.get_yaxis_transform()
        by_size.text(0.01, (1 - score) * 0.97, label, transform=place, va="top", fontsize=9)
    every = [*references.values(), *(score for rung in rungs for score in rung.tests)]
    shown = misread([*every, *(each.accuracy for each in published)])
    by_size.set_yscale("log")
    shares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05]
    by_size.set_yticks(shares, [f"{100 * tick:g} %" for tick in shares])
    by_size.set(xlabel="parameters", ylabel="test digits misread", title=title)
    by_size.set_ylim(min(shown) * 0.85, max(shown) * 1.3)
    cores = max(rung.threads for rung in rungs)
    by_time.set(xlabel=f"seconds of training, on {cores} cores (*: on one)")
    for ax in (by_size, by_time):
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        ax.set_xlim(low / 3, high * 3)  # room for labels
        ax.xaxis.set_major_formatter(lambda value, _: short(value))
        ax.minorticks_off()
        ax.grid(visible=True)
    fig.draw_without_rendering()  # from here on it is known what is where
    for ax in (by_size, by_time):
        label_marks(ax, marks[ax])
    return fig


def draw_rung(ax: Axes, rung: RungLike, places: Sequence[float], label: str) -> Mark:
    """The runs of one rung, at places along the axis, and the interval of their mean."""
    color = GREEN if rung.name.startswith("cnn") else BLUE
    wrong, middle = 1 - rung.mean, statistics.median(places)
    ax.plot(places, misread(rung.tests), "o", color=color, alpha=0.55, markersize=5)
    error = 1.96 * math.sqrt(rung.mean * wrong / rung.test_images)
    ax.errorbar(middle, wrong, yerr=error, color=color, capsize=5, linewidth=1.5)
    return Mark(middle, wrong - error, wrong, wrong + error, label, color)


def draw_published(ax: Axes, each: PublishedLike, place: float) -> Mark:
    """A result of somebody else's, as a hollow circle."""
    wrong = 1 - each.accuracy
    ax.plot(place, wrong, "o", color=BLACK, fillstyle="none", markersize=9)
    return Mark(place, wrong, wrong, wrong, each.label, BLACK)


def label_marks(ax: Axes, marks: Sequence[Mark]) -> None:
    """Say of each mark what it is, where nothing is hidden; what has least choice comes first."""
    taken = [artist.get_window_extent() for artist in (*ax.texts, *ax.lines)]
    for mark in marks:
        bar = ax.transData.transform([(mark.place, mark.low), (mark.place, mark.high)])
        taken.append(Bbox(bar).padded(3, 0))  # one without a width would overlap nothing

    def free(texts: list[Annotation]) -> list[Annotation]:
        return [text for text in texts if is_free(text.get_window_extent(), taken, ax)]

    waiting = [ways_to_label(ax, mark) for mark in marks]
    while waiting:
        waiting.sort(key=lambda texts: len(free(texts)))
        texts = waiting.pop(0)
        chosen = (free(texts) or texts)[0]
        taken.append(chosen.get_window_extent())
        for text in texts:
            if text is not chosen:
                text.remove()


def ways_to_label(ax: Axes, mark: Mark) -> list[Annotation]:
    """The label below the mark, on both sides of it, and above it."""
    return [
        ax.annotate(
            mark.label, (mark.place, height), away, textcoords="offset points",
            ha=across, va=along, fontsize=9, color=mark.color, in_layout=False,
        )
        for height, away, across, along in (
            (mark.low, (0, -6), "center", "top"),
            (mark.middle, (8, 0), "left", "center"),
            (mark.middle, (-8, 0), "right", "center"),
            (mark.high, (0, 9), "center", "bottom"),
        )
    ]  # fmt: skip


def is_free(box: Bbox, taken: Sequence[Bbox], ax: Axes) -> bool:
    """Whether a box hides nothing and is inside the axes."""
    is_inside = ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1
    return is_inside and not box.count_overlaps(taken)


def short(value: float) -> str:
    """A round number in few signs."""
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value:,g}"


def misread(accuracies: Sequence[float]) -> list[float]:
    """The shares that are wrong."""
    return [1 - accuracy for accuracy in accuracies]


@figure
def show_bench(found: Bench) -> Figure:
    """What `make bench` found: bars side by side, and how time and memory grow."""
    fig, axes = plt.subplots(2, 2, figsize=(9, 6.2))
    epochs = {64: found["epoch_64"], 256: found["epoch_256"]}
    times = {f"{way}, {size}": seconds[way] for size, seconds in epochs.items()
             for way in ("usual", "ours", "bare")}  # fmt: skip
    bars(axes[0, 0], times, "An epoch, at batches of 64 and 256", "seconds", "{:.2f}")
    target = {way: found["target"][way]["seconds"] for way in ("usual", "ours")}
    bars(axes[0, 1], target, "From the end of imports to 97.4 %", "seconds", "{:.1f}")
    warps = {"torchvision": found["warps"]["torchvision"], "ours": found["warps"]["ours"]}
    bars(axes[1, 0], warps, "Warping one digit", "microseconds", "{:.0f}")
    growth(axes[1, 1], found["growth"])
    return fig


def bars(ax: Axes, values: Mapping[str, float], title: str, unit: str, form: str) -> None:
    """One bar for each way, with its number."""
    colors = [PINK if name.startswith(("usual", "torchv")) else
              BLUE if name.startswith("ours") else GREY for name in values]  # fmt: skip
    drawn = ax.barh(range(len(values)), list(values.values()), color=colors)
    ax.bar_label(drawn, [form.format(value) for value in values.values()], padding=3, fontsize=9)
    ax.set_yticks(range(len(values)), values)
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.set(title=title, xlabel=unit)


def growth(ax: Axes, parts: Sequence[Mapping[str, float]]) -> None:
    """Time and memory against the number of digits, each with its own axis."""
    counts = [part["images"] for part in parts]
    ax.plot(counts, [part["seconds"] for part in parts], "o-", color=BLUE, label="seconds (left)")
    memory = ax.twinx()
    memory.plot(
        counts, [part["peak_bytes"] / 2**20 for part in parts], "s-", color=PINK,
        label="peak memory (right)",
    )  # fmt: skip
    raw = [part["raw_bytes"] / 2**20 for part in parts]
    memory.plot(counts, raw, ":", color=BLACK, label="raw images (right)")
    for each in (ax, memory):
        each.set_ylim(0)
    ax.set(title="Growth with the number of digits", xlabel="digits", ylabel="seconds")
    memory.set_ylabel("megabytes")
    handles = [line for each in (ax, memory) for line in each.get_lines()]
    ax.legend(handles, [str(line.get_label()) for line in handles], fontsize=8)
