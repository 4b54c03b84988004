"""The ladder draws what was measured, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from helpers import plotting, records
from helpers.records import Published, Rung

RUNG = Rung("a", "A", "MNIST", 9, [0.9] * 2, [0.92, 0.94], [{}, {}], 100, [3.0, 5.0], 2)


PUBLISHED = [Published("P", 0.97, parameters=50), Published("Q", 0.98, seconds=0.5)]


def axes_of_ladder() -> tuple[Axes, Axes]:
    """The two pictures: against parameters, and against seconds."""
    by_size, by_time = plotting.show_ladder([RUNG], PUBLISHED, {"best": 0.99}, "t").axes
    return by_size, by_time


def test_each_run_stands_at_its_size_and_at_its_time_and_share_of_mistakes() -> None:
    by_size, by_time = axes_of_ladder()
    assert np.allclose(by_size.lines[0].get_xydata(), [[9, 0.08], [9, 0.06]])
    assert np.allclose(by_time.lines[0].get_xydata(), [[3.0, 0.08], [5.0, 0.06]])


def test_bar_is_the_interval_of_the_mean_at_the_median_time() -> None:
    _, by_time = axes_of_ladder()
    bottom, top = by_time.containers[0].lines[2][0].get_segments()[0]
    assert (bottom[0], top[0]) == (4.0, 4.0)
    assert top[1] - bottom[1] == pytest.approx(2 * 1.96 * np.sqrt(0.93 * 0.07 / 100))


def test_what_others_published_is_hollow_and_stands_where_its_number_is_known() -> None:
    for ax, place in zip(axes_of_ladder(), ([50, 0.03], [0.5, 0.02]), strict=True):
        (hollow,) = [line for line in ax.lines if line.get_fillstyle() == "none"]
        assert np.allclose(hollow.get_xydata(), [place])


def test_references_cores_and_others_are_told_in_words() -> None:
    by_size, by_time = axes_of_ladder()
    assert {text.get_text() for text in by_size.texts} == {"a", "best", "P"}
    assert {text.get_text() for text in by_time.texts} == {"a", "Q"}
    assert by_time.get_xlabel() == "seconds of training, on 2 cores (*: on one)"
    (alone,) = plotting.show_ladder([replace(RUNG, threads=1)], [], {}).axes[1].texts
    assert alone.get_text() == "a*"


def test_no_label_hides_another_or_a_bar() -> None:
    rungs = [rung for rung in records.rungs(records.read()) if rung.dataset == "MNIST"]
    drawn = plotting.show_ladder(rungs, records.PUBLISHED, {"a line with its words": 0.9985})
    drawn.draw_without_rendering()
    for ax in drawn.axes:
        boxes = [text.get_window_extent() for text in ax.texts]
        bars = [bar for lines in ax.containers for bar in lines.lines[2][0].get_segments()]
        boxes += [Bbox(ax.transData.transform(bar)).padded(1, 0) for bar in bars]
        assert len(bars) == len(rungs)
        assert [box.count_overlaps(boxes) for box in boxes] == [1] * len(boxes)  # itself
