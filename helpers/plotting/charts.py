"""Plain charts: bars, lines and counts that make one point each."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from torch import Tensor

from helpers.plotting.style import (
    BLACK,
    BLUE,
    GREY,
    LINES,
    PALE,
    figure,
    percent_axis,
    reference_line,
)

# Three colours, each as a solid and a dashed line: six that can be told apart.
STROKES: list[dict] = [
    {"color": color, "linestyle": line} for line in ("-", "--") for color in LINES[:3]
]


@figure
def show_bars(
    values: Mapping[str, float],
    *labels: str,
    reference: tuple[str, float] | None = None,
    highlight: str = "",
    form: str = "{:.3g}",
) -> Figure:
    """Draw a horizontal bar for each value, its value beside it; all but the highlight are pale.

    The labels, which may be left out, are the title and the name of the axis.
    """
    names = [str(name) for name in values]
    numbers = [float(value) for value in values.values()]
    fig, ax = plt.subplots(figsize=(8, 0.9 + 0.3 * len(names)))
    ax.barh(names, numbers, color=[BLUE if highlight in ("", name) else PALE for name in names])
    aside = ax.get_yaxis_transform()  # puts numbers to the right of all bars, where no line runs
    for row, number in enumerate(numbers):
        ax.text(1.01, row, form.format(number), va="center", transform=aside)
    ax.invert_yaxis()
    if "%" in form:
        percent_axis(ax.xaxis)
    if reference:
        reference_line(ax, reference[1], reference[0], horizontal=False)
        fig.legend(loc="outside lower left")
    ax.set(**dict(zip(("title", "xlabel"), labels, strict=False)))
    return fig


@figure
def show_class_counts(parts: Mapping[str, Tensor], title: str = "") -> Figure:
    """Draw the share of each digit in each part of the data, with a line at equal shares."""
    fig, ax = plt.subplots(figsize=(8, 3))
    width = 0.8 / len(parts)
    for number, (name, labels) in enumerate(parts.items()):
        shares = (torch.bincount(labels.cpu(), minlength=10) / len(labels)).numpy()
        place = np.arange(10) + (number - (len(parts) - 1) / 2) * width
        ax.bar(place, shares, width, label=f"{name} ({len(labels):,})", color=LINES[number])
    reference_line(ax, 0.1, "all digits equally frequent")
    ax.set(title=title, xlabel="digit", ylabel="share of the images", xticks=range(10))
    ax.set_ylim(0, ax.get_ylim()[1] * 1.25)
    percent_axis(ax.yaxis)
    ax.legend(ncols=2, loc="upper center")
    return fig


@figure
def show_histograms(before: Tensor, after: Tensor, title: str = "") -> Figure:
    """Draw how often each pixel value occurs, before and after scaling and centring."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 2.8), sharey=True)
    panels = [(before, "bytes, as stored", GREY), (after, "as the network gets them", BLUE)]
    for ax, (values, name, color) in zip(axes, panels, strict=True):
        numbers = values.flatten().float().cpu().numpy()
        ax.hist(numbers, 40, color=color, weights=np.full(len(numbers), 1 / len(numbers)))
        reference_line(ax, numbers.mean(), f"mean {numbers.mean():.2f}", horizontal=False)
        ax.set(xlabel=f"pixel value: {name}", yscale="log")
        ax.legend()
    axes[0].set_ylabel("share of all pixels")
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


@figure
def show_functions(inputs: Tensor, outputs: Mapping[str, Tensor], title: str = "") -> Figure:
    """Draw each function's outputs over its inputs; the inputs themselves are a dotted line."""
    fig, ax = plt.subplots(figsize=(6.5, 2.6))
    ax.plot(inputs, inputs, ":", color=GREY, label="x itself")
    for number, ((name, values), style) in enumerate(zip(outputs.items(), STROKES, strict=False)):
        ax.plot(inputs, values, label=name, linewidth=max(2, 6 - 4 * number), **style)
    ax.set(title=title, xlabel="x", ylabel="what comes out")
    ax.grid(visible=True)
    fig.legend(loc="outside right upper")
    return fig


@figure
def show_pooling(image: Tensor, pooled: Mapping[str, Tensor]) -> Figure:
    """Draw an image as a table of numbers, and beside it what each kind of pooling keeps."""
    tables = {"the image": image, **pooled}
    fig, axes = plt.subplots(1, len(tables), figsize=(8, 2.7))
    for ax, (name, table) in zip(axes, tables.items(), strict=True):
        numbers = table.squeeze().numpy()
        ax.imshow(numbers, cmap="Blues", vmin=0, vmax=float(image.max()) * 2)
        for (row, column), value in np.ndenumerate(numbers):
            ax.text(column, row, f"{value:g}", ha="center", va="center", fontsize=12)
        height, width = numbers.shape
        ax.set(title=f"{name}: {height} x {width}", xticks=[], yticks=[])
        if height == 4:  # the windows that are pooled
            ax.axhline(1.5, color=BLACK)
            ax.axvline(1.5, color=BLACK)
    return fig


@figure
def show_curves(
    curves: Mapping[str, Sequence[float]],
    *labels: str,
    reference: tuple[str, float] | None = None,
    log: bool = False,
    top: float | None = None,
) -> Figure:
    """Draw lines over steps 1, 2, ..., with their names beside the chart; after three, dashed ones.

    The labels, which may be left out, are the title and the names of both axes. Values above `top`
    are cut off, so that the others can be told apart.
    """
    fig, ax = plt.subplots(figsize=(8, 3.2))
    for (name, values), style in zip(curves.items(), STROKES, strict=False):
        ax.plot(range(1, len(values) + 1), values, label=name, **style)
    if reference:
        reference_line(ax, reference[1], reference[0])
    ax.set(**dict(zip(("title", "xlabel", "ylabel"), labels, strict=False)))
    if log:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_locator(NullLocator())
    ax.set_ylim(top=top)
    ax.grid(visible=True)
    if len(curves) > 1 or reference:
        fig.legend(loc="outside right upper")
    return fig
