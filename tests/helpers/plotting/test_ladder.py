"""The ladder draws what was measured, and nothing else."""

import numpy as np
import pytest

from helpers import plotting
from helpers.records import Rung

RUNG = Rung("a", "A", "MNIST", 9, [0.9] * 2, [0.92, 0.94], [{}, {}], 100, [3.0, 5.0], 2)


def test_each_run_stands_at_its_own_time_and_share_of_mistakes() -> None:
    ax = plotting.show_ladder([RUNG], {"best": 0.99}, "t").axes[0]
    assert np.allclose(ax.lines[0].get_xydata(), [[3.0, 0.08], [5.0, 0.06]])


def test_bar_is_the_interval_of_the_mean_at_the_median_time() -> None:
    ax = plotting.show_ladder([RUNG], {"best": 0.99}, "t").axes[0]
    bottom, top = ax.containers[0].lines[2][0].get_segments()[0]
    assert (bottom[0], top[0]) == (4.0, 4.0)
    assert top[1] - bottom[1] == pytest.approx(2 * 1.96 * np.sqrt(0.93 * 0.07 / 100))


def test_references_and_cores_are_told_in_words() -> None:
    ax = plotting.show_ladder([RUNG], {"best": 0.99}, "t").axes[0]
    assert {text.get_text() for text in ax.texts} == {"a: 7.00%\n2 cores", "best"}
