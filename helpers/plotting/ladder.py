"""What each idea buys: the rungs of the ladder, and this project beside the usual ways."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypedDict

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plotting.style import (
    BLACK,
    BLUE,
    GREY,
    LINES,
    ORANGE,
    figure,
    percent_axis,
    reference_line,
)


class RungLike(Protocol):
    """What all seeds together say about one recipe."""

    @property
    def name(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def tests(self) -> Sequence[float]: ...
    @property
    def mean(self) -> float: ...
    @property
    def spread(self) -> float: ...


class Bench(TypedDict):
    """What `make bench` writes down, as far as it is drawn: seconds, and microseconds of warps."""

    epoch_64: Mapping[str, float]
    epoch_256: Mapping[str, float]
    target: Mapping[str, Mapping[str, float]]
    warps: Mapping[str, float]
    growth: Sequence[Mapping[str, float]]


@figure
def show_ladder(rungs: Sequence[RungLike], ceiling: float, title: str = "") -> Figure:
    """Accuracy against training time, one dot for each seed and a bar of ± one deviation."""
    fig, ax = plt.subplots(figsize=(8, 4.2))
    for rung, color in zip(rungs, LINES * 2, strict=False):
        ax.errorbar(
            rung.seconds, rung.mean, yerr=rung.spread, fmt="_", color=color, capsize=6,
            markersize=16, markeredgewidth=2,
        )  # fmt: skip
        spread = rung.seconds * 1.06 ** (np.arange(len(rung.tests)) - (len(rung.tests) - 1) / 2)
        ax.plot(spread, rung.tests, "o", color=color, alpha=0.55, markersize=5)
        ax.annotate(
            f"{rung.name}\n{rung.mean:.2%}", (spread[0], rung.mean), (-9, 0),
            textcoords="offset points", ha="right", va="center", fontsize=9, color=color,
        )  # fmt: skip
    reference_line(ax, ceiling, f"{ceiling:.2%}: what wrong labels leave to be reached")
    ax.set_xscale("log")
    ticks = [1, 3, 10, 30, 100, 300]
    ax.set_xticks(ticks, [f"{tick} s" for tick in ticks])
    ax.set_xlim(min(rung.seconds for rung in rungs) / 2.5, None)
    ax.set_ylim(min(min(rung.tests) for rung in rungs) - 0.004, 1.0)
    percent_axis(ax.yaxis, 1)
    ax.set(title=title, xlabel="training time, two cores", ylabel="test accuracy")
    ax.grid(visible=True)
    fig.legend(loc="outside lower left", ncols=3, fontsize=9)
    return fig


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
    colors = [ORANGE if name.startswith(("usual", "torchv")) else
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
        counts, [part["peak_bytes"] / 2**20 for part in parts], "s-", color=ORANGE,
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
