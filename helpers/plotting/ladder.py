"""The gain from each idea: the rungs of the ladder."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from helpers.plotting.style import BLACK, BLUE, GREEN, figure
from helpers.records import Published, Rung


@dataclass(frozen=True)
class Mark:
    """A point or a bar in a chart, upright at one place, and its label."""

    place: float
    low: float
    middle: float
    high: float
    label: str
    color: str


@figure
def show_ladder(
    rungs: Sequence[Rung],
    published: Sequence[Published],
    references: Mapping[str, float],
    title: str = "",
) -> Figure:
    """Draw mistakes against parameters, and against training time: a dot for each run.

    The bars are 95 % intervals of the means, 1.96 standard errors by the number of test images.
    Published results are hollow; the references are accuracies, drawn as lines.
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
        ax.xaxis.set_major_formatter(
            lambda value, _: f"{value / 1e6:g} M" if value >= 1e6 else f"{value:,g}"
        )
        ax.minorticks_off()
        ax.grid(visible=True)
    fig.draw_without_rendering()  # from here on, positions are known
    for ax in (by_size, by_time):
        label_marks(ax, marks[ax])
    return fig


def draw_rung(ax: Axes, rung: Rung, places: Sequence[float], label: str) -> Mark:
    """Draw the runs of one rung at their places along the axis, and the interval of their mean."""
    color = GREEN if rung.name.startswith("cnn") else BLUE
    wrong, middle = 1 - rung.mean, statistics.median(places)
    ax.plot(places, misread(rung.tests), "o", color=color, alpha=0.55, markersize=5)
    error = 1.96 * math.sqrt(rung.mean * wrong / rung.test_images)
    ax.errorbar(middle, wrong, yerr=error, color=color, capsize=5, linewidth=1.5)
    return Mark(middle, wrong - error, wrong, wrong + error, label, color)


def draw_published(ax: Axes, each: Published, place: float) -> Mark:
    """Draw a published result as a hollow circle."""
    wrong = 1 - each.accuracy
    ax.plot(place, wrong, "o", color=BLACK, fillstyle="none", markersize=9)
    return Mark(place, wrong, wrong, wrong, each.label, BLACK)


def label_marks(ax: Axes, marks: Sequence[Mark]) -> None:
    """Label each mark where nothing is hidden; the one with the fewest free places goes first."""
    taken = [artist.get_window_extent() for artist in (*ax.texts, *ax.lines)]
    for mark in marks:
        bar = ax.transData.transform([(mark.place, mark.low), (mark.place, mark.high)])
        taken.append(Bbox(bar).padded(3, 0))  # a box without width would overlap nothing

    def is_free(box: Bbox) -> bool:
        is_inside = ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1
        return is_inside and not box.count_overlaps(taken)

    def free(texts: list[Annotation]) -> list[Annotation]:
        return [text for text in texts if is_free(text.get_window_extent())]

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
    """Return labels below the mark, on both sides of it, and above it, to choose from."""
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


def misread(accuracies: Sequence[float]) -> list[float]:
    """Return the share of mistakes for each accuracy."""
    return [1 - accuracy for accuracy in accuracies]
