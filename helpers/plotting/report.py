"""How good a network is: uncertainty, confusions, digit by digit, and whether it knows."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from torch import Tensor

from helpers.plotting.style import BLUE, GREY, ORANGE, figure, percent_axis, reference_line


@figure
def show_bootstrap(accuracies: Tensor, measured: float, error: float, title: str = "") -> Figure:
    """The accuracies of many resamples, with the interval that the formula predicts."""
    fig, ax = plt.subplots(figsize=(8, 2.8))
    ax.hist(accuracies.numpy(), 30, color=BLUE, alpha=0.8)
    reference_line(ax, measured, f"measured: {measured:.2%}", horizontal=False)
    for side in (-1.96, 1.96):
        label = "± 1.96 standard errors, by formula" if side < 0 else None
        ax.axvline(measured + side * error, color=ORANGE, linestyle=":", linewidth=2, label=label)
    percent_axis(ax.xaxis, 1)
    ax.set(title=title, xlabel="accuracy", ylabel="resamples")
    fig.legend(loc="outside lower left", ncols=2, fontsize=9)
    return fig


@figure
def show_confusion(counts: Tensor, title: str = "") -> Figure:
    """Which digit was read as which; the right answers on the diagonal are left uncoloured."""
    numbers = counts.numpy()
    wrong = numbers - np.diag(np.diag(numbers))
    fig, ax = plt.subplots(figsize=(6, 5))
    image = ax.imshow(np.where(np.eye(10, dtype=bool), np.nan, wrong), cmap="Blues", vmin=0)
    for (row, column), value in np.ndenumerate(numbers):
        if value:
            dark = row != column and value > wrong.max() * 0.6
            color = "white" if dark else "#999999" if row == column else "black"
            ax.text(column, row, value, ha="center", va="center", fontsize=9, color=color)
    ax.set(title=title, xlabel="read as", ylabel="really is", xticks=range(10), yticks=range(10))
    fig.colorbar(image, label="mistakes")
    return fig


@figure
def show_per_digit(
    precision: Tensor, recall: Tensor, overall: float, title: str = "", floor: float = 0.9
) -> Figure:
    """Two dots for each digit: how far to trust a reading of it, and how many of it are found."""
    fig, ax = plt.subplots(figsize=(8, 3))
    for values, name, color, marker, shift in (
        (precision, "precision: of those read as it, how many are it", BLUE, "o", -0.1),
        (recall, "recall: of those that are it, how many are read so", ORANGE, "s", 0.1),
    ):
        ax.plot(np.arange(10) + shift, values, marker, color=color, label=name)
    reference_line(ax, overall, f"accuracy over all digits: {overall:.1%}")
    percent_axis(ax.yaxis, 0)
    low = min(precision.min().item(), recall.min().item(), floor)
    ax.set(title=title, xlabel="digit", ylabel="share", xticks=range(10))
    ax.set_ylim(low - 0.01, 1.03 + (1 - low) * 0.5)
    ax.set_yticks(np.arange(1, low - 0.01, -0.02 if low >= 0.88 else -0.05))
    ax.legend(fontsize=9, loc="upper left", ncols=1)
    ax.grid(visible=True)
    return fig


@figure
def show_oddness(oddness: Tensor, wrong: Tensor, title: str = "") -> Figure:
    """How unlike its own kind each digit is, for right and for wrong readings."""
    fig, ax = plt.subplots(figsize=(8, 2.8))
    edges = np.linspace(oddness.min().item(), oddness.max().item(), 36).tolist()
    for values, name, color in (
        (oddness[~wrong], "read correctly", BLUE),
        (oddness[wrong], "misread", ORANGE),
    ):
        share = np.full(len(values), 1 / max(len(values), 1))
        ax.hist(values.numpy(), edges, weights=share, color=color, alpha=0.65,
                label=f"{name} ({len(values):,})")  # fmt: skip
    reference_line(ax, 0, "as near to another digit's mean as to its own", horizontal=False)
    percent_axis(ax.yaxis)
    ax.set(
        title=title,
        xlabel="distance to its own mean image, less that to the nearest other mean",
        ylabel="share of the digits",
    )
    fig.legend(loc="outside lower left", ncols=3, fontsize=9)
    return fig


@figure
def show_calibration(confidence: Tensor, right: Tensor, bins: int = 10, title: str = "") -> Figure:
    """Of the digits it was 80 % sure of, are 80 % right? Above: how many digits that speaks for."""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.digitize(confidence.numpy(), edges) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    filled = counts >= 10  # fewer say next to nothing
    said = np.bincount(place, confidence.numpy(), bins)[filled] / counts[filled]
    done = np.bincount(place, right.numpy().astype(float), bins)[filled] / counts[filled]
    error = np.sqrt(np.clip(done * (1 - done), 0.0025, None) / counts[filled])
    fig, (top, ax) = plt.subplots(2, 1, figsize=(5.5, 4.8), sharex=True, height_ratios=[1, 2.6])
    top.bar(edges[:-1] + 0.5 / bins, counts, 0.9 / bins, color=GREY)
    top.set(yscale="log", ylabel="digits", title=title)
    top.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    top.yaxis.set_major_formatter("{x:,.0f}")
    top.minorticks_off()
    ax.plot([0, 1], [0, 1], "--", color="black", linewidth=1.2, label="knows exactly what it knows")
    ax.errorbar(
        said,
        done,
        yerr=error,
        fmt="o",
        color=BLUE,
        capsize=3,
        label="this network, ± 1 standard error",
    )
    percent_axis(ax.xaxis)
    percent_axis(ax.yaxis)
    ax.set(
        xlabel="how sure it was", ylabel="how often it was right", xlim=(0, 1.02), ylim=(0, 1.05)
    )
    ax.legend(fontsize=9, loc="lower right")
    return fig
