"""The style of all figures: one type size, few lines, colours safe for colour-blind readers."""

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from handreader.figures import BLUE, GREY, PINK, figure  # noqa: F401, all for the other modules

# The palette of Okabe and Ito, https://jfly.uni-koeln.de/color/
ORANGE, GREEN = "#D55E00", "#009E73"
SKY, YELLOW, BLACK = "#56B4E9", "#E69F00", "#222222"
PALE = "#9DBFD6"  # pale blue, for bars that aren't highlighted
LINES = [BLUE, GREEN, PINK, SKY, YELLOW, BLACK]  # no orange: everywhere it means "wrong"


def reference_line(ax: Axes, value: float, label: str, horizontal: bool = True) -> None:
    """Draw a dashed line at a value to compare with."""
    line = ax.axhline if horizontal else ax.axvline
    line(value, color=BLACK, linestyle="--", linewidth=1.2, label=label)


def percent_axis(axis: Axis, decimals: int = 0) -> None:
    """Label an axis that runs from 0 to 1 in percent."""
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: f"{value * 100:.{decimals}f} %")
