"""How all figures look: one type size, few lines, colours that colour-blind readers can tell."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import RcKeyType

P = ParamSpec("P")

# The palette of Okabe and Ito, https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, YELLOW, BLACK, GREY = "#56B4E9", "#E69F00", "#222222", "#8A8A8A"
PALE = "#9DBFD6"  # blue, for what is not in question
LINES = [BLUE, GREEN, PINK, SKY, YELLOW, BLACK]  # no orange: everywhere it means "wrong"

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
    """Draw in the house style and close the figure, so that a notebook shows it only once."""

    @wraps(draw)
    def styled(*args: P.args, **options: P.kwargs) -> Figure:
        with plt.rc_context(STYLE):
            drawn = draw(*args, **options)
        plt.close(drawn)
        return drawn

    return styled


def reference_line(ax: Axes, value: float, label: str, horizontal: bool = True) -> None:
    """Mark a number that was predicted, so that the eye can compare."""
    line = ax.axhline if horizontal else ax.axvline
    line(value, color=BLACK, linestyle="--", linewidth=1.2, label=label)


def percent_axis(axis: Axis, decimals: int = 0) -> None:
    """Label an axis that runs from 0 to 1 in percent."""
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: f"{value * 100:.{decimals}f} %")
