"""Figures of how good a network is: uncertainty, confusions, scores by digit, calibration."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from helpers.plotting.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PINK,
    SKY,
    figure,
    percent_axis,
    reference_line,
)

FEW = 10  # digits: a share of fewer says next to nothing


def half_interval(share: float, count: int) -> float:
    """Return half the width of a 95 % interval around a share of `count` digits."""
    return 1.96 * math.sqrt(share * (1 - share) / count)


@figure
def show_bootstrap(accuracies: Tensor, measured: float, count: int, title: str = "") -> Figure:
    """Draw the accuracies of many resamples of `count` digits, and the interval by the formula."""
    rights = (accuracies.double() * count).round().long().numpy()
    width = max(1, round((rights.max() - rights.min()) / 30))  # whole digits: no bar is empty
    edges = (np.arange(rights.min(), rights.max() + width + 1, width) - 0.5) / count
    fig, ax = plt.subplots(figsize=(8, 2.8))
    ax.hist(rights / count, edges.tolist(), color=SKY)
    reference_line(ax, measured, f"measured: {measured:.2%}", horizontal=False)
    reach = half_interval(measured, count)
    for side, label in ((-reach, "± 1.96 standard errors, by the formula"), (reach, None)):
        ax.axvline(measured + side, color=BLACK, linestyle=":", linewidth=2, label=label)
    percent_axis(ax.xaxis, 1)
    ax.set(title=title, xlabel="accuracy", ylabel="resamples")
    fig.legend(loc="outside lower left", ncols=2, fontsize=9)
    return fig


@figure
def show_confusion(counts: Tensor, title: str = "") -> Figure:
    """Draw how often each digit was read as which; the diagonal, right answers, has no colour."""
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
    recall: Tensor,
    precision: Tensor,
    errors: tuple[Tensor, Tensor],
    overall: float,
    title: str = "",
) -> Figure:
    """Draw each digit's recall and precision with 95 % intervals; `errors` are standard errors."""
    fig, ax = plt.subplots(figsize=(8, 3.2))
    for shares, error, name, color, marker, shift in (
        (recall, errors[0], "recall: of those that are it", BLUE, "o", -0.12),
        (precision, errors[1], "precision: of those read as it", PINK, "s", 0.12),
    ):
        reach = 1.96 * error.numpy()
        above = np.minimum(reach, 1 - shares.numpy())  # no share is above 100 %
        ax.errorbar(np.arange(10) + shift, shares, [reach, above], fmt=marker, color=color,
                    capsize=3, label=name)  # fmt: skip
    reference_line(ax, overall, f"all digits: {overall:.1%}")
    percent_axis(ax.yaxis, 0)
    ax.set(title=title, xlabel="digit", ylabel="share, 95 % interval", xticks=range(10))
    fig.legend(loc="outside lower left", fontsize=9, ncols=3)
    return fig


@figure
def show_oddness(oddness: Tensor, wrong: Tensor, title: str = "") -> Figure:
    """Draw how unlike their own kind the digits are, for right and for wrong readings."""
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
    """Draw a reliability diagram: how often the network was right, by how sure it was.

    On the diagonal, 80 % of the digits are right of which it was 80 % sure. The numbers on top
    count the digits in each bin.
    """
    middles = (np.arange(bins) + 0.5) / bins
    place = np.clip((confidence.numpy() * bins).astype(int), 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    shown = np.maximum(counts, 1)  # an empty bin is left out below
    said = np.bincount(place, confidence.numpy(), bins) / shown
    done = np.bincount(place, right.numpy().astype(float), bins) / shown
    # Agresti and Coull's interval: add two right and two wrong ones, or ten right of ten would give
    # an interval without width
    centre = (done * counts + 2) / (counts + 4)
    reach = 1.96 * np.sqrt(centre * (1 - centre) / (counts + 4))
    below = np.maximum(done - np.maximum(centre - reach, 0), 0)
    above = np.maximum(np.minimum(centre + reach, 1) - done, 0)
    fig, ax = plt.subplots(figsize=(5.8, 4.8))
    ax.plot([0, 1], [0, 1], "--", color=BLACK, linewidth=1.2, label="knows exactly what it knows")
    for chosen, color, face, name in (
        (counts >= FEW, BLUE, BLUE, "this network, 95 % interval"),
        ((counts > 0) & (counts < FEW), GREY, "white", f"the same, from fewer than {FEW} digits"),
    ):
        ax.errorbar(said[chosen], done[chosen], [below[chosen], above[chosen]], fmt="o",
                    color=color, markerfacecolor=face, capsize=3, label=name)  # fmt: skip
    top = ax.secondary_xaxis("top")
    top.set_xticks(middles, [f"{count:,}" if count else "" for count in counts], fontsize=8)
    top.tick_params(length=0)
    top.set_xlabel("digits", fontsize=9)
    percent_axis(ax.xaxis)
    percent_axis(ax.yaxis)
    ax.set(xlabel="how sure it was", ylabel="how often it was right", title=title)
    ax.set(xlim=(0, 1.02), ylim=(-0.02, 1.05))
    fig.legend(loc="outside lower left", fontsize=9)
    return fig
