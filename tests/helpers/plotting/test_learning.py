"""Settings and seeds are drawn with their errors, and no dot hides another."""

import numpy as np

from helpers import plotting


def test_settings_are_drawn_in_order_with_intervals() -> None:
    ax = plotting.show_settings({"a": {100: 0.5, 1: 0.98}}, 400, "title", "setting").axes[0]
    (bars,) = ax.containers
    assert bars.lines[0].get_xdata().tolist() == [1, 100]
    low, high = bars.lines[2][0].get_segments()[1][:, 1]
    np.testing.assert_allclose([low, high], [0.5 - 0.049, 0.5 + 0.049])
    assert (ax.get_title("left"), ax.get_xlabel()) == ("title", "setting")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "100"]


def test_scores_are_drawn_with_the_interval_of_their_own_count() -> None:
    for counts in (400, {"a": 400, "b": 400}):
        ax = plotting.show_scores({"a": 0.5, "b": 0.98}, counts, "title", "x").axes[0]
        segments = [bars.lines[2][0].get_segments()[0][:, 0] for bars in ax.containers]
        np.testing.assert_allclose(segments, [[0.451, 0.549], [0.96628, 0.99372]])
        assert [text.get_text() for text in ax.texts] == ["50.0%", "98.0%"]


def test_equal_seeds_are_seen_beside_each_other() -> None:
    ax = plotting.show_seeds({"a": [0.98] * 5}).axes[0]
    dots = next(line for line in ax.lines if len(line.get_xdata()) == 5)
    assert len(set(dots.get_ydata())) == 5
