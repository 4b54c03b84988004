"""The output of a network for lines, column by column, below the line that it reads."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.plotting.style import BLACK, figure

NOTHING = "nothing new"  # the meaning of the first score of each column
LIKELY = 0.5  # a sign at least this likely is written into its field
FAINT = 0.1  # a sign that is nowhere this likely gets no row
WIDE, ROW, AROUND = 7.5, 0.25, 0.8  # inches: width of the figure, height of a row, room for titles


@figure
def show_columns(
    line: np.ndarray, chances: np.ndarray, signs: Sequence[str], title: str = ""
) -> Figure:
    """Draw a grey line, (height, width) bytes, above its columns' chances: (columns, 1 + signs).

    A column's first chance is that it says nothing new. A sign that is likely nowhere gets no row.
    """
    shown = [0, *(np.flatnonzero(chances[:, 1:].max(0) >= FAINT) + 1)]
    heights = WIDE * line.shape[0] / line.shape[1], ROW * len(shown)  # neither is squeezed
    size = (WIDE, sum(heights) + AROUND)
    fig, (above, below) = plt.subplots(2, figsize=size, sharex=True, height_ratios=heights)
    draw_line(above, line, len(chances))
    draw_chances(below, chances[:, shown], [NOTHING, *signs], shown)
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig


def draw_line(ax: Axes, line: np.ndarray, columns: int) -> None:
    """Draw the line as wide as its columns of chances, with a thin rule where each one begins."""
    ax.imshow(line, cmap="gray", aspect="auto", extent=(-0.5, columns - 0.5, 1, 0))
    ax.vlines(np.arange(columns) - 0.5, 0, 1, color="white", linewidth=0.4, alpha=0.5)
    ax.set_yticks([])


def draw_chances(ax: Axes, chances: np.ndarray, signs: Sequence[str], shown: list[int]) -> None:
    """Draw a chance the darker the larger it is; a likely sign is written into its field."""
    ax.imshow(chances.T, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    ax.set_yticks(range(len(shown)), [signs[number] for number in shown])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("columns of the network, four pixels of the line each")
    for column, row in np.argwhere(chances[:, 1:] >= LIKELY):
        ax.text(
            column, row + 1, signs[shown[row + 1]], color="white", ha="center", va="center",
            fontsize=8, fontweight="bold",
        )  # fmt: skip
    ax.spines[["left", "bottom"]].set_color(BLACK)
