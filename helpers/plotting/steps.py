"""A picture's way to the network, and a page with what was read on it."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.plotting.style import BLUE, GREY, ORANGE, figure

TITLES = ("the picture", "the paper, without ink", "the ink", "the digit's strokes", "framed")


@figure
def show_steps(shown: Sequence[tuple[str, object, object]], title: str = "") -> Figure:
    """For each picture a row: its name, the steps it went through, and its reading."""
    fig, rows = plt.subplots(len(shown), 6, figsize=(11, 1.9 * len(shown) + 0.4), squeeze=False)
    for axes, (name, steps, reading) in zip(rows, shown, strict=True):
        panels = (steps.picture, steps.paper, 1 - steps.ink, 1 - steps.digit, 255 - steps.framed)
        for ax, panel in zip(axes, panels, strict=False):
            grey = panel.ndim == 2
            ax.imshow(panel, cmap="gray" if grey else None, vmin=0, vmax=panel_top(panel))
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
            ax.spines[:].set_color(GREY)
        axes[0].set_ylabel(shorten(name), fontsize=8)
        draw_reading(axes[5], reading)
    for ax, text in zip(rows[0], (*TITLES, "what the network says"), strict=True):
        ax.set_title(text, fontsize=9)
    if title:
        fig.suptitle(title)
    return fig


def panel_top(panel: np.ndarray) -> float:
    """The value that is white."""
    return 255 if panel.dtype == np.uint8 else 1


def shorten(name: str) -> str:
    """The end of a name, as far as there is room."""
    return name if len(name) <= 24 else f"…{name[-23:]}"


def draw_reading(ax: Axes, reading: object) -> None:
    """The ten probabilities; grey if the network is not sure."""
    colors = [GREY if reading.unsure else BLUE] * 10
    if not reading.unsure:
        colors[reading.digit] = ORANGE
    ax.bar(range(10), reading.probabilities, color=colors)
    ax.set(ylim=(0, 1.25), yticks=[], xticks=range(10))
    ax.tick_params(labelsize=8, length=0)
    answer = "not sure" if reading.unsure else str(reading.digit)
    ax.text(4.5, 1.05, f"{answer}  ({reading.confidence:.0%})", ha="center", fontsize=9)


@figure
def show_page(picture: np.ndarray, lines: Sequence[object], title: str = "") -> Figure:
    """A page with a box around each digit and what it was read as; unsure ones are marked."""
    high, wide = picture.shape[:2]
    scale = 9 / max(high, wide)
    fig, ax = plt.subplots(figsize=(wide * scale, high * scale + 0.3))
    ax.imshow(picture)
    ax.set_axis_off()
    for line in lines:
        for digit in line.digits:
            left, top, across, down = digit.box
            color = ORANGE if digit.reading.unsure else BLUE
            ax.add_patch(Rectangle((left, top), across, down, fill=False, color=color))
            text = f"{digit.reading.digit}{'?' * digit.reading.unsure}"
            ax.text(left, top, text, color=color, va="bottom", fontsize=9, fontweight="bold")
    if title:
        ax.set_title(title)
    return fig
