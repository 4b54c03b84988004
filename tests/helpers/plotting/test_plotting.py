"""Every figure is returned closed and labelled."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from handreader.digits import Reading
from handreader.ink.strokes import Steps
from handreader.results import Number, Placed
from helpers import plotting
from helpers.records import Rung
from helpers.training import History

LABELS = torch.arange(60) % 10


def history() -> History:
    values = [0.5, 0.7, 0.9]
    return History(values, values, values, values, values, values)


RUNG = Rung("a", "A", "MNIST", 9, [0.9, 0.91], [0.92, 0.93], [[], []], 100, [3.0, 4.0], 1)
PICTURE = np.full((40, 30, 3), 200, np.uint8)
READING = Reading([0.91] + [0.01] * 9, False)
GUESS = Reading([0.1] * 10, True)
STEPS = Steps(
    PICTURE,
    PICTURE,
    np.ones((40, 30)),
    np.ones((20, 10)),
    np.eye(28, dtype=np.uint8),
    box=(0,) * 4,
    where=(0,) * 4,
)
PAGE = [Number([Placed("7", 0.9, False, (2, 2, 9, 9)), Placed("4", 0.4, True, (15, 2, 9, 9))], 0.4)]
FIGURES = {
    "bars": lambda: plotting.show_bars(
        {"a": 1.0, "b": 2}, "t", "x", reference=("goal", 1.5), highlight="a"
    ),
    "bootstrap": lambda: plotting.show_bootstrap(torch.rand(50), 0.5, 100, "t"),
    "calibration": lambda: plotting.show_calibration(torch.rand(60), LABELS > 4, title="t"),
    "class counts": lambda: plotting.show_class_counts({"train": LABELS, "test": LABELS}, "t"),
    "columns": lambda: plotting.show_columns(
        np.full((32, 12), 200, np.uint8), np.eye(3), ["5", "7"], "t"
    ),
    "confusion": lambda: plotting.show_confusion(torch.eye(10).long() * 5 + 1, "t"),
    "curves": lambda: plotting.show_curves(
        {"a": [3, 2, 1]}, "t", "x", "y", reference=("goal", 2), log=True
    ),
    "digits": lambda: plotting.show_digits(torch.rand(7, 784), title="t"),
    "flattening": lambda: plotting.show_flattening(torch.rand(1, 28, 28), torch.randperm(784)),
    "functions": lambda: plotting.show_functions(
        torch.arange(3), {"double": 2 * torch.arange(3)}, "t"
    ),
    "histograms": lambda: plotting.show_histograms(torch.rand(99), torch.randn(99), "t"),
    "history": lambda: plotting.show_history(history(), "t"),
    "ladder": lambda: plotting.show_ladder([RUNG, RUNG], [], {"r": 0.999}, "t"),
    "map": lambda: plotting.show_map({"a": torch.randn(60, 2)}, LABELS, "t"),
    "network": lambda: plotting.show_network((784, 5, 10), "t"),
    "occlusion": lambda: plotting.show_occlusion(
        torch.rand(3, 1, 28, 28), torch.rand(3, 28, 28), ["a", "b", "c"], "t"
    ),
    "oddness": lambda: plotting.show_oddness(torch.randn(60), LABELS > 7, "t"),
    "page": lambda: plotting.show_page(PICTURE, PAGE, "t"),
    "per digit": lambda: plotting.show_per_digit(
        torch.rand(10), torch.rand(10), (torch.rand(10), torch.rand(10)), 0.5, "t"
    ),
    "photos": lambda: plotting.show_photos([PICTURE] * 3, "abc", "t", rows=2),
    "pixels": lambda: plotting.show_pixels(torch.full((1, 28, 28), 200, dtype=torch.uint8), "t"),
    "pooling": lambda: plotting.show_pooling(torch.rand(1, 4, 4), {"max": torch.rand(1, 2, 2)}),
    "readings": lambda: plotting.show_readings(
        torch.rand(3, 1, 28, 28), torch.rand(3, 10), LABELS[:3], "t"
    ),
    "rows": lambda: plotting.show_rows({"a": torch.randn(3, 5, 5), "b": torch.rand(2, 9, 9)}, "t"),
    "scores": lambda: plotting.show_scores({"a": 0.02, "b": 0.9}, 100, "t", "x", log=True),
    "seeds": lambda: plotting.show_seeds({"a": [0.9, 0.8]}, {"aim": 0.7}, "t"),
    "settings": lambda: plotting.show_settings({"a": {1: 0.9, 10: 0.8}}, 100, "t", "x"),
    "steps": lambda: plotting.show_steps([("a", STEPS, READING), ("b", STEPS, GUESS)], "t"),
    "valley": lambda: plotting.show_valley(
        torch.arange(9.0), torch.arange(9.0) ** 2, {"r": [(1, 1), (2, 4)]}, title="t"
    ),
    "weights": lambda: plotting.show_weights(torch.randn(14, 784), "t"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_returned_closed_and_labelled(name: str) -> None:
    torch.manual_seed(0)
    figure = FIGURES[name]()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == [], "a figure left open would be shown twice in a notebook"
    titles = [figure.get_suptitle(), *(ax.get_title(loc) for ax in figure.axes for loc in
              ("left", "center"))]  # fmt: skip
    assert any(titles)


def test_every_figure_is_tried_here() -> None:
    drawn = [name for name in vars(plotting) if name.startswith("show_")]
    assert len(FIGURES) == len(drawn) - 1, "all but show_batch, which has its own tests"


def test_history_is_drawn_beside_an_accuracy_to_compare_with() -> None:
    left, right = plotting.show_history(history(), reference=("other", 0.6)).axes
    assert [len(ax.lines) for ax in (left, right)] == [2, 3]
    assert right.lines[-1].get_ydata() == [0.6, 0.6]
    assert len(plotting.show_history(history()).axes[1].lines) == 2
