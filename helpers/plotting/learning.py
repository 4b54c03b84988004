"""The course of training: curves over epochs, settings compared, seeds compared."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from torch import Tensor

from helpers.plotting.report import half_interval
from helpers.plotting.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PINK,
    figure,
    percent_axis,
    reference_line,
)
from helpers.training import History

FINE = 0.06  # length of an axis of shares below which its labels need decimals


@figure
def show_valley(
    weights: Tensor,
    losses: Tensor,
    walks: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    title: str = "",
) -> Figure:
    """Draw the loss over the weight, and in a panel for each walk its stops: (weight, loss)."""
    shown = walks or {"": []}
    fig, panels = plt.subplots(1, len(shown), figsize=(8, 2.9), sharey=True, squeeze=False)
    for ax, (name, stops) in zip(panels[0], shown.items(), strict=True):
        ax.plot(weights, losses, color=GREY, linewidth=2)
        if stops:
            ax.plot(*zip(*stops, strict=True), "o-", color=BLUE, markersize=5, linewidth=1)
            ax.plot(*stops[0], "o", color=BLACK, label="start")
        ax.set(xlabel="weight", title=name)
        ax.set(xlim=(float(weights.min()), float(weights.max())), ylim=(0, float(losses.max())))
        ax.grid(visible=True)
    panels[0][0].set_ylabel("loss")
    if walks:
        panels[0][0].legend(loc="upper right")
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_history(
    history: History, title: str = "", reference: tuple[str, float] | None = None
) -> Figure:
    """Draw loss and accuracy after each epoch, on both parts, with an accuracy to compare with."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.2))
    for ax, name in zip(axes, ("loss", "accuracy"), strict=True):
        for part, color, mark in (("train", BLUE, "o-"), ("validation", GREEN, "s-")):
            values = getattr(history, f"{part}_{name}")
            ax.plot(range(1, len(values) + 1), values, mark, color=color, label=part, markersize=4)
        ax.set(xlabel="epoch", ylabel=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(visible=True)
    if reference:
        reference_line(axes[1], reference[1], reference[0])
        axes[1].legend(loc="lower right")
    percent_axis(axes[1].yaxis, 1)
    axes[0].legend()
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_settings(
    tried: Mapping[str, Mapping[float, float]],
    count: int,
    *labels: str,
    reference: tuple[str, float] | None = None,
) -> Figure:
    """Draw accuracies on `count` digits, with 95 % intervals, over a setting that is a number.

    The labels, which may be left out, are the title and the name of the setting.
    """
    fig, ax = plt.subplots(figsize=(8, 2.9))
    for (name, values), color, marker in zip(tried.items(), (BLUE, PINK), "os", strict=False):
        settings = sorted(values)
        accuracies = [values[setting] for setting in settings]
        reach = [half_interval(accuracy, count) for accuracy in accuracies]
        ax.errorbar(settings, accuracies, reach, color=color, marker=marker,
                    capsize=3, linewidth=1, label=name)  # fmt: skip
    if reference:
        reference_line(ax, reference[1], reference[0])
    ticks = sorted({setting for values in tried.values() for setting in values})
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{setting:,g}" for setting in ticks])
    ax.minorticks_off()
    percent_axis(ax.yaxis, 1)  # the best differ by less than a point
    ax.set(ylabel="validation accuracy")
    ax.set(**dict(zip(("title", "xlabel"), labels, strict=False)))
    fig.legend(loc="outside lower left", ncols=3, fontsize=9)
    return fig


@figure
def show_scores(
    shares: Mapping[str, float],
    counts: int | Mapping[str, int],
    *labels: str,
    reference: tuple[str, float] | None = None,
    log: bool = False,
) -> Figure:
    """Draw a row for each share, as a dot with its 95 % interval; `counts` are numbers of digits.

    The labels, which may be left out, are the title and the name of the axis.
    """
    fig, ax = plt.subplots(figsize=(8, 1.3 + 0.3 * len(shares)))
    for row, (name, share) in enumerate(shares.items()):
        reach = half_interval(share, counts if isinstance(counts, int) else counts[name])
        ax.errorbar(share, row, xerr=reach, fmt="o", color=BLUE, capsize=3)
        ax.annotate(f"{share:.1%}", (share, row), (0, 5), textcoords="offset points",
                    ha="center", fontsize=8)  # fmt: skip
    if reference:
        reference_line(ax, reference[1], reference[0], horizontal=False)
        fig.legend(loc="outside lower left", fontsize=9)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
        ax.minorticks_off()
    else:
        left, right = ax.get_xlim()
        percent_axis(ax.xaxis, 1 if right - left < FINE else 0)
    ax.set_yticks(range(len(shares)), shares.keys())
    ax.set_ylim(len(shares) - 0.4, -0.8)
    ax.grid(visible=True, axis="x")
    ax.set(**dict(zip(("title", "xlabel"), labels, strict=False)))
    return fig


@figure
def show_seeds(
    scores: Mapping[str, Sequence[float]],
    references: Mapping[str, float] | None = None,
    title: str = "",
    xlabel: str = "accuracy",
) -> Figure:
    """Draw a dot for each seed, and a bar of ± one standard deviation around each mean."""
    fig, ax = plt.subplots(figsize=(8, 1.4 + 0.65 * len(scores)))
    for row, values in enumerate(scores.values()):
        mean, spread = np.mean(values), np.std(values, ddof=1)
        ax.errorbar(mean, row, xerr=spread, fmt="|", color=BLACK, capsize=5, markersize=14)
        heights = row - np.linspace(0.14, 0.5, len(values))  # so that equal ones don't overlap
        ax.plot(values, heights, "o", color=BLUE, markersize=5)
        ax.annotate(
            f"{mean:.2%} ± {spread * 100:.2f}", (mean, row), (0, -18),
            textcoords="offset points", ha="center", fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},  # no line runs through it
        )  # fmt: skip
    for (name, value), style in zip((references or {}).items(), ("--", ":"), strict=False):
        ax.axvline(value, color=GREY, linestyle=style, label=name)
    ax.set_yticks(range(len(scores)), scores.keys())
    ax.set_ylim(len(scores) - 0.4, -0.75)
    percent_axis(ax.xaxis, 1)
    ax.set(xlabel=xlabel, title=title)
    if references:
        fig.legend(loc="outside lower left", fontsize=9, ncols=2)
    return fig
