"""What is said of a network is what was measured of it."""

import numpy as np
import torch

from helpers import plotting


def test_confusion_leaves_the_diagonal_uncoloured() -> None:
    figure = plotting.show_confusion(torch.eye(10).long() * 500 + 1)
    drawn = np.asarray(figure.axes[0].images[0].get_array().filled(np.nan))
    assert np.isnan(np.diag(drawn)).all()
    assert np.nanmax(drawn) == 1


def test_bars_of_the_bootstrap_are_whole_digits_wide() -> None:
    rights = torch.randint(4850, 4930, (2000,), generator=torch.Generator().manual_seed(0))
    bars = plotting.show_bootstrap(rights / 5000, 0.978, 5000).axes[0].patches
    widths = {round(bar.get_width() * 5000, 6) for bar in bars}
    assert widths == {3}, "with parts of a digit, some bars would hold fewer counts than others"
    assert sum(bar.get_height() for bar in bars) == 2000


def test_bars_of_a_digit_are_its_95_percent_interval_and_end_at_all() -> None:
    recall, precision = torch.full((10,), 0.99), torch.full((10,), 0.9)
    errors = (torch.full((10,), 0.01), torch.full((10,), 0.02))
    figure = plotting.show_per_digit(recall, precision, errors, 0.95)
    of_recall, of_precision = (bars.lines[2][0] for bars in figure.axes[0].containers)
    np.testing.assert_allclose(of_recall.get_segments()[0][:, 1], [0.99 - 0.0196, 1])
    np.testing.assert_allclose(of_precision.get_segments()[0][:, 1], [0.9 - 0.0392, 0.9392])


def test_reliability_diagram_draws_what_was_measured() -> None:
    confidence = torch.tensor([0.95] * 10 + [0.55] * 10)
    right = torch.tensor([True] * 9 + [False] + [True] * 5 + [False] * 5)
    figure = plotting.show_calibration(confidence, right)
    points = figure.axes[0].containers[0].lines[0]
    np.testing.assert_allclose(points.get_xdata(), [0.55, 0.95], atol=1e-6)
    np.testing.assert_allclose(points.get_ydata(), [0.5, 0.9], atol=1e-6)


def test_reliability_diagram_hides_no_bin() -> None:
    confidence = torch.tensor([0.95] * 12 + [0.55] * 3)
    figure = plotting.show_calibration(confidence, torch.ones(15, dtype=torch.bool))
    many, few = figure.axes[0].containers
    np.testing.assert_allclose(many.lines[0].get_xdata(), [0.95], atol=1e-6)
    np.testing.assert_allclose(few.lines[0].get_xdata(), [0.55], atol=1e-6)
    counts = [text.get_text() for text in figure.axes[0].child_axes[0].get_xticklabels()]
    assert counts == ["", "", "", "", "", "3", "", "", "", "12"]
    (interval,) = few.lines[2][0].get_segments()
    assert interval[0, 1] < 0.7, "three right of three are no proof of always right"
