"""What each idea buys: the rungs of the ladder, and this project beside the usual ways."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol, TypedDict

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plotting.style import BLACK, BLUE, GREEN, GREY, PINK, figure


class RungLike(Protocol):
    """What all seeds together say about one recipe."""

    @property
    def name(self) -> str: ...
    @property
    def times(self) -> Sequence[float]: ...
    @property
    def seconds(self) -> float: ...
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


@figure
def show_ladder(
    rungs: Sequence[RungLike], references: Mapping[str, float], title: str = ""
) -> Figure:
    """Mistakes against training time: a dot for each run, and the interval of the mean.

    The interval is of 1.96 standard errors, by the number of test images. The references are
    accuracies without a training time, as lines.
    """
    fig, ax = plt.subplots(figsize=(8, 4.8))
    for rung in rungs:
        color = GREEN if rung.name.startswith("cnn") else BLUE
        ax.plot(rung.times, misread(rung.tests), "o", color=color, alpha=0.55, markersize=5)
        error = 1.96 * math.sqrt(rung.mean * (1 - rung.mean) / rung.test_images)
        ax.errorbar(rung.seconds, 1 - rung.mean, yerr=error, color=color, capsize=5, linewidth=1.5)
        cores = "1 core" if rung.threads == 1 else f"{rung.threads} cores"
        ax.annotate(
            f"{rung.name}: {1 - rung.mean:.2%}\n{cores}", (max(rung.times), 1 - rung.mean), (9, 0),
            textcoords="offset points", ha="left", va="center", fontsize=10, color=color,
        )  # fmt: skip
    for label, score in references.items():
        ax.axhline(1 - score, color=BLACK, linestyle="--", linewidth=1.2)
        ax.text(0.995, (1 - score) * 1.03, label, transform=ax.get_yaxis_transform(), ha="right")
    ax.set(xscale="log", yscale="log")
    seconds = [1, 3, 10, 30, 100, 300]
    ax.set_xticks(seconds, [f"{tick} s" for tick in seconds])
    shares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05]
    ax.set_yticks(shares, [f"{100 * tick:g} %" for tick in shares])
    ax.minorticks_off()
    times = [time for rung in rungs for time in rung.times]
    ax.set_xlim(min(times) / 1.5, max(times) * 3)  # room for the label of the slowest
    shown = misread([*references.values(), *(score for rung in rungs for score in rung.tests)])
    ax.set_ylim(min(shown) * 0.8, max(shown) * 1.4)
    ax.set(
        title=title,
        xlabel="training time as measured, on as many cores as it says",
        ylabel="test digits misread",
    )
    ax.grid(visible=True)
    return fig


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
