"""Draw how a picture was read: its steps to the network, or a page with boxes round its digits."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.typing import RcKeyType

if TYPE_CHECKING:  # the story draws, too, without the reader
    from handreader.ink.strokes import Steps
    from handreader.results import Number, Reading

P = ParamSpec("P")

# From the palette of Okabe and Ito, https://jfly.uni-koeln.de/color/
BLUE, PINK, GREY = "#0072B2", "#CC79A7", "#8A8A8A"

STYLE: dict[RcKeyType, object] = {
    "figure.dpi": 88,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "legend.frameon": False,
}


def figure(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Apply the house style to a drawing function, and close its figure so it shows only once."""

    @wraps(draw)
    def styled(*args: P.args, **options: P.kwargs) -> Figure:
        with plt.rc_context(STYLE):
            drawn = draw(*args, **options)
        plt.close(drawn)
        return drawn

    return styled


TITLES = ("the picture", "its paper", "its ink", "its strokes", "framed", "the network says")


@figure
def show_steps(shown: "Sequence[tuple[str, Steps, Reading]]", title: str = "") -> Figure:
    """Draw one row per picture: its name, the steps it went through, and its reading."""
    fig, rows = plt.subplots(
        len(shown), len(TITLES), figsize=(8, 1.5 * len(shown) + 0.4), squeeze=False,
        width_ratios=[1, 1, 1, 1, 1, 1.3],
    )  # fmt: skip
    for axes, (name, steps, reading) in zip(rows, shown, strict=True):
        panels = (steps.picture, steps.paper, 1 - steps.ink, 1 - steps.digit, 255 - steps.framed)
        for ax, panel in zip(axes, panels, strict=False):
            draw_outlined(ax, panel)
        short = name if len(name) <= 24 else f"…{name[-23:]}"
        axes[0].set_ylabel(short, fontsize=8, parse_math=False)
        draw_reading(axes[5], reading)
    for ax, text in zip(rows[0], TITLES, strict=True):
        ax.set_title(text, fontsize=10, loc="center")
    if title:
        fig.suptitle(title)
    return fig


def draw_outlined(ax: Axes, panel: np.ndarray) -> None:
    """Draw a picture with a thin outline, so that a white margin stands out from the page."""
    white = 255 if panel.dtype == np.uint8 else 1
    ax.imshow(panel, cmap="gray" if panel.ndim == 2 else None, vmin=0, vmax=white)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(GREY)


def draw_reading(ax: Axes, reading: "Reading") -> None:
    """Draw the ten probabilities, the answer in blue; all are grey if it is unsure."""
    colors = [GREY] * 10
    if not reading.unsure:
        colors[reading.digit] = BLUE
    ax.bar(range(10), reading.probabilities, color=colors)
    ax.set(ylim=(0, 1.25), yticks=[], xticks=range(10))
    ax.tick_params(labelsize=8, length=0)
    answer = "not sure" if reading.unsure else str(reading.digit)
    ax.text(4.5, 1.05, f"{answer} ({min(reading.confidence, 0.99):.0%})", ha="center", fontsize=10)


@figure
def show_page(picture: np.ndarray, lines: "Sequence[Number]", title: str = "") -> Figure:
    """Draw a page with a box around each sign and its text; unsure ones are marked."""
    high, wide = picture.shape[:2]
    scale = 6.5 / max(high, wide)
    fig, ax = plt.subplots(figsize=(wide * scale, high * scale + 0.3))
    ax.imshow(picture)
    ax.set_axis_off()
    for line in lines:
        for sign in line.signs:
            left, top, across, down = sign.box
            color = PINK if sign.unsure else BLUE
            ax.add_patch(Rectangle((left, top), across, down, fill=False, color=color))
            text = f"{sign.text}{'?' * sign.unsure}"
            ax.text(left, top, text, color=color, va="bottom", fontsize=9, fontweight="bold")
    if title:
        ax.set_title(title)
    return fig
