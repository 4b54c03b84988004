"""What is said of a network is what was measured of it."""

import numpy as np
import torch

from helpers import plotting


def test_confusion_leaves_the_diagonal_uncoloured() -> None:
    figure = plotting.show_confusion(torch.eye(10).long() * 500 + 1)
    drawn = np.asarray(figure.axes[0].images[0].get_array().filled(np.nan))
    assert np.isnan(np.diag(drawn)).all()
    assert np.nanmax(drawn) == 1


def test_reliability_diagram_draws_what_was_measured() -> None:
    confidence = torch.tensor([0.95] * 10 + [0.55] * 10)
    right = torch.tensor([True] * 9 + [False] + [True] * 5 + [False] * 5)
    figure = plotting.show_calibration(confidence, right)
    points = figure.axes[1].containers[0].lines[0]
    np.testing.assert_allclose(points.get_xdata(), [0.55, 0.95], atol=1e-6)
    np.testing.assert_allclose(points.get_ydata(), [0.5, 0.9], atol=1e-6)
