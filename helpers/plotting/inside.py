"""The inside of a trained network: weights, hidden layers, and which pixels mattered."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise, product

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from helpers.plotting.digits import as_pictures
from helpers.plotting.style import BLACK, BLUE, figure, percent_axis

SHOWN = 4  # units of a large layer that are drawn at each end of its column


@figure
def show_network(sizes: Sequence[int], title: str = "") -> Figure:
    """Draw layers as columns of dots and weights as lines; those into one unit stand out."""
    fig, ax = plt.subplots(figsize=(8, 2.9))
    columns = [unit_heights(size) for size in sizes]
    for place, (left, right) in enumerate(pairwise(columns)):
        for start, end in product(left, right):
            is_chosen = place == 0 and end == columns[1][1]
            color, width, order = (BLUE, 1.4, 2) if is_chosen else ("#C9C9C9", 0.6, 1)
            ax.plot([place, place + 1], [start, end], color=color, linewidth=width, zorder=order)
    for place, (size, heights) in enumerate(zip(sizes, columns, strict=True)):
        ax.plot([place] * len(heights), heights, "o", color=BLACK, markersize=6, zorder=3)
        if len(heights) < size:
            ax.text(place, 0, "⋮", ha="center", va="center", fontsize=16)
        kind = "inputs" if place == 0 else "scores" if place == len(sizes) - 1 else "units"
        ax.text(place, -1.2, f"{size:,} {kind}", ha="center", va="top")
    ax.plot(1, columns[1][1], "o", color=BLUE, markersize=9, zorder=4)
    ax.set(ylim=(-1.5, 1.15), title=title)
    ax.set_axis_off()
    return fig


def unit_heights(size: int) -> list[float]:
    """Return the heights of a layer's dots, from the top; a large layer has a gap in the middle."""
    if size <= 2 * SHOWN + 2:
        return np.linspace(1, -1, size).tolist()
    upper = np.linspace(1, 0.3, SHOWN)
    return [*upper, *-upper[::-1]]


@figure
def show_weights(weights: Tensor, title: str = "", columns: int = 12) -> Figure:
    """Draw each hidden unit's weights: red where ink raises its value, blue where it lowers it."""
    side = round(weights.shape[1] ** 0.5)
    pictures = weights.detach().cpu().reshape(-1, side, side).numpy()
    rows = -(-len(pictures) // columns)
    mosaic = np.full((rows * (side + 2), columns * (side + 2)), np.nan)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (side + 2), number % columns * (side + 2)
        mosaic[top : top + side, left : left + side] = picture
    limit = np.percentile(np.abs(pictures), 99.5)
    fig, ax = plt.subplots(figsize=(8, 0.4 + rows * 7.2 / columns))
    colors = plt.get_cmap("RdBu_r", 15)
    image = ax.imshow(mosaic, cmap=colors, vmin=-limit, vmax=limit, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(title)
    fig.colorbar(image, label="weight", fraction=0.03)
    return fig


@figure
def show_map(
    panels: Mapping[str, Tensor], labels: Tensor, title: str = "", dark: Collection[int] = ()
) -> Figure:
    """Draw digits as numerals at points in two dimensions; those in `dark` stand out."""
    fig, axes = plt.subplots(1, len(panels), figsize=(8, 4.2), squeeze=False)
    for ax, (name, points) in zip(axes[0], panels.items(), strict=True):
        for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True):
            look = {"color": BLACK, "weight": "bold"} if label in dark else {"color": BLUE}
            ax.text(x, y, str(label), ha="center", va="center", **look)
        ax.update_datalim(points.numpy())
        ax.autoscale_view()
        ax.set(title=name, xlabel="first direction", ylabel="second direction")
        ax.set(xticks=[], yticks=[])
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_occlusion(
    images: Tensor, drops: Tensor, captions: Sequence[str], title: str = ""
) -> Figure:
    """Draw digits above maps: which share of a probability is lost by covering each place."""
    pictures = as_pictures(images)
    count = len(pictures)
    fig, axes = plt.subplots(2, count, figsize=(8, 2.3), squeeze=False)
    for top, bottom, picture, drop, caption in zip(
        *axes, pictures, drops.numpy(), captions, strict=True
    ):
        top.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        top.set_title(caption, loc="center", fontsize=9)
        bottom.imshow(picture, cmap="gray_r", vmin=0, vmax=3)
        image = bottom.imshow(drop, cmap="magma_r", vmin=0, vmax=1, alpha=0.75)
        top.set_axis_off()
        bottom.set_axis_off()
    bar = fig.colorbar(image, ax=axes, fraction=0.02)
    percent_axis(bar.ax.yaxis)
    bar.set_label("share of its\nprobability lost", fontsize=9)
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_rows(rows: Mapping[str, Tensor], title: str = "") -> Figure:
    """Draw rows of small pictures, each with a name; with negative numbers, in red and blue."""
    fig, axes = plt.subplots(len(rows), 1, figsize=(8, 0.4 + 0.95 * len(rows)), squeeze=False)
    for ax, (name, images) in zip(axes[:, 0], rows.items(), strict=True):
        pictures = images.detach().cpu().float().numpy()
        pictures = pictures.reshape(-1, *pictures.shape[-2:])
        gap = np.full((pictures.shape[1], max(1, pictures.shape[2] // 9)), np.nan)
        strip = np.hstack([part for picture in pictures for part in (picture, gap)][:-1])
        limit = np.nanmax(np.abs(strip))
        if np.nanmin(strip) < 0:
            colors = plt.get_cmap("RdBu_r", 15)
            ax.imshow(strip, cmap=colors, vmin=-limit, vmax=limit, interpolation="nearest")
        else:
            ax.imshow(strip, cmap="gray_r", vmin=0, vmax=limit)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig
