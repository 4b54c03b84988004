"""Bars and curves are as long as their values, and labelled in a known order."""

import torch
from matplotlib.colors import same_color

from helpers import plotting
from helpers.plotting.style import LINES, ORANGE


def test_labels_are_title_and_axes_in_that_order() -> None:
    (ax,) = plotting.show_curves({"a": [1, 2]}, "title", "steps", "loss").axes
    assert (ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel()) == ("title", "steps", "loss")
    (ax,) = plotting.show_bars({"a": 1}, "title", "share").axes
    assert (ax.get_title("left"), ax.get_xlabel()) == ("title", "share")
    (ax,) = plotting.show_bars({"a": 1}, "title alone").axes
    assert (ax.get_title("left"), ax.get_xlabel()) == ("title alone", "")


def test_bars_are_as_long_as_the_values_and_carry_them() -> None:
    (ax,) = plotting.show_bars({"a": 1.5, "b": 0.25}, highlight="b", form="{:.0%}").axes
    assert [bar.get_width() for bar in ax.patches] == [1.5, 0.25]
    assert {"150%", "25%"} <= {text.get_text() for text in ax.texts}
    first, second = (bar.get_facecolor() for bar in ax.patches)
    assert first != second


def test_no_line_runs_through_a_value() -> None:
    (ax,) = plotting.show_bars({"a": 0.98, "b": 0.9}, reference=("all", 1.0)).axes
    assert all(text.get_position()[0] > 1 for text in ax.texts), "to the right of the axes"


def test_orange_is_kept_for_what_is_wrong() -> None:
    (ax,) = plotting.show_bars({"a": 1, "b": 2}, highlight="a").axes
    colors = [bar.get_facecolor() for bar in ax.patches] + LINES
    assert not any(same_color(color, ORANGE) for color in colors)


def test_curves_are_drawn_from_the_first_step_on_the_scale_asked_for() -> None:
    for log, scale in ((True, "log"), (False, "linear")):
        (ax,) = plotting.show_curves({"a": [4, 2, 1]}, log=log).axes
        assert ax.lines[0].get_xydata().tolist() == [[1, 4], [2, 2], [3, 1]]
        assert ax.get_yscale() == scale


def test_six_curves_can_be_told_apart_and_the_legend_covers_none() -> None:
    figure = plotting.show_curves({str(number): [2, 1] for number in range(6)})
    (ax,) = figure.axes
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 6
    assert ax.get_legend() is None
    assert len(figure.legends) == 1


def test_functions_that_coincide_are_both_seen() -> None:
    x = torch.arange(3)
    (ax,) = plotting.show_functions(x, {"one": 2 * x, "same": 2 * x}).axes
    _, below, above = ax.lines
    assert below.get_ydata().tolist() == above.get_ydata().tolist() == [0, 2, 4]
    assert below.get_linewidth() > 2 * above.get_linewidth()


def test_curve_that_goes_through_the_roof_leaves_room_for_the_others() -> None:
    (ax,) = plotting.show_curves({"a": [0.1, 1], "b": [1e9, 1]}, log=True, top=10).axes
    low, high = ax.get_ylim()
    assert low < 0.1
    assert high == 10
    (ax,) = plotting.show_curves({"a": [0.1, 1]}, log=True).axes
    assert 1 < ax.get_ylim()[1] < 2
