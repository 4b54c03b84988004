"""What a trained network looks like from within."""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from helpers.plotting.digits import as_pictures
from helpers.plotting.style import BLACK, SKY, figure


@figure
def show_weights(weights: Tensor, title: str = "", columns: int = 12) -> Figure:
    """One picture for each hidden unit: where ink speaks for it (red) and against it (blue)."""
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
    """Digits as points in two dimensions, each drawn as its own numeral; some kinds stand out."""
    fig, axes = plt.subplots(1, len(panels), figsize=(8, 4.2), squeeze=False)
    for ax, (name, points) in zip(axes[0], panels.items(), strict=True):
        for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True):
            look = {"color": BLACK, "weight": "bold"} if label in dark else {"color": SKY}
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
    """Digits above maps of how much probability is lost when each place is painted over."""
    pictures = as_pictures(images)
    count = len(pictures)
    fig, axes = plt.subplots(2, count, figsize=(8, 2.3), squeeze=False)
    limit = float(drops.max())
    for top, bottom, picture, drop, caption in zip(
        *axes, pictures, drops.numpy(), captions, strict=True
    ):
        top.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        top.set_title(caption, loc="center", fontsize=9)
        bottom.imshow(picture, cmap="gray_r", vmin=0, vmax=3)
        image = bottom.imshow(drop, cmap="magma_r", vmin=0, vmax=limit, alpha=0.75)
        top.set_axis_off()
        bottom.set_axis_off()
    bar = fig.colorbar(image, ax=axes, fraction=0.02)
    bar.set_label("probability lost")
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_rows(rows: Mapping[str, Tensor], title: str = "") -> Figure:
    """Rows of small pictures, each with a name; numbers of both signs are drawn red and blue."""
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
