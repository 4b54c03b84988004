"""How training went: curves over epochs, settings compared, seeds compared."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from helpers.plotting.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LINES,
    figure,
    percent_axis,
    reference_line,
)


class HistoryLike(Protocol):
    """What was measured after each epoch."""

    train_loss: list[float]
    train_accuracy: list[float]
    validation_loss: list[float]
    validation_accuracy: list[float]


@figure
def show_valley(
    weights: Tensor,
    losses: Tensor,
    walks: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    title: str = "",
) -> Figure:
    """The loss of each weight, and in a panel for each walk its stops: weights and their losses."""
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
def show_history(history: HistoryLike, title: str = "") -> Figure:
    """Loss and accuracy after each epoch, on what was learned from and on what was held back."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.2))
    for ax, name in zip(axes, ("loss", "accuracy"), strict=True):
        for part, color in (("train", BLUE), ("validation", GREEN)):
            values = getattr(history, f"{part}_{name}")
            ax.plot(range(1, len(values) + 1), values, "o-", color=color, label=part, markersize=4)
        ax.set(xlabel="epoch", ylabel=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(visible=True)
    percent_axis(axes[1].yaxis, 1)
    axes[0].legend()
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_tuning(
    groups: Mapping[str, Mapping[str, float]],
    base: tuple[str, float],
    standard_error: float,
    title: str = "",
    floor: float = 0.9,
) -> Figure:
    """One dot for each setting tried, grouped by what was changed, around the base setting."""
    rows = [
        (group, name, value) for group, tried in groups.items() for name, value in tried.items()
    ]
    fig, ax = plt.subplots(figsize=(8, 1.1 + 0.27 * len(rows)))
    ax.axvspan(base[1] - 2 * standard_error, base[1] + 2 * standard_error, color="#E6EEF4")
    reference_line(ax, base[1], f"base: {base[0]} (band: ± 2 standard errors)", horizontal=False)
    colors = dict(zip(groups, LINES * 2, strict=False))
    for row, (group, _, value) in enumerate(rows):
        shown = max(value, floor)
        marker = "o" if value >= floor else "<"
        ax.plot([base[1], shown], [row, row], color=colors[group], linewidth=1, alpha=0.5)
        ax.plot(shown, row, marker, color=colors[group], markersize=7)
        side = -1 if value < base[1] else 1
        ax.annotate(
            f"{value:.2%}", (shown, row), (9 * side, 0), textcoords="offset points",
            va="center", ha="left" if side > 0 else "right", fontsize=8,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), [f"{group}: {name}" for group, name, _ in rows])
    ax.invert_yaxis()
    ax.margins(x=0.15)
    percent_axis(ax.xaxis, 1)
    ax.set(xlabel="validation accuracy", title=title)
    fig.legend(loc="outside lower left")
    return fig


@figure
def show_seeds(
    scores: Mapping[str, Sequence[float]],
    references: Mapping[str, float] | None = None,
    title: str = "",
    xlabel: str = "accuracy",
) -> Figure:
    """One dot for each seed and a bar of ± one standard deviation around each mean."""
    fig, ax = plt.subplots(figsize=(8, 1.4 + 0.55 * len(scores)))
    for row, (values, color) in enumerate(zip(scores.values(), LINES, strict=False)):
        mean, spread = np.mean(values), np.std(values, ddof=1)
        ax.errorbar(mean, row, xerr=spread, fmt="|", color=color, capsize=5, markersize=14)
        height = row - 0.16 - 0.1 * (np.arange(len(values)) % 3)  # so that equals don't hide equals
        ax.plot(values, height, "o", color=color, alpha=0.7)
        ax.annotate(
            f"{mean:.2%} ± {spread * 100:.2f}", (mean, row), (0, -18),
            textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip
    for (name, value), style in zip((references or {}).items(), ("--", ":"), strict=False):
        ax.axvline(value, color=GREY, linestyle=style, label=name)
    ax.set_yticks(range(len(scores)), scores.keys())
    ax.set_ylim(len(scores) - 0.3, -0.6)
    percent_axis(ax.xaxis, 2)
    ax.set(xlabel=xlabel, title=title)
    if references:
        fig.legend(loc="outside lower left", fontsize=9)
    return fig
