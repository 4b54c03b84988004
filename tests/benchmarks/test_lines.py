"""Lines are counted as what they say, and real ones are read where there are some."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.lines import CONDITIONS, Score, only, real_lines, score, table
from helpers.reading.line import Line


class Told:
    """A reader that says what it is told."""

    def __init__(self, *said: tuple[str, bool]):
        self.said = said

    def read_all(self, pictures: list[np.ndarray]) -> list[Line]:
        """What was told, whatever is on the pictures."""
        assert len(pictures) == len(self.said)
        return [Line(text, 0.5, unsure, []) for text, unsure in self.said]


def test_marks_count_only_where_they_should_and_sure_ones_are_counted_by_themselves():
    blank = np.zeros((8, 8), np.uint8)
    lines = [(blank, "1.5"), (blank, "15"), (blank, "7"), (blank, "")]
    found = score(Told(("1.5", False), ("1,5", True), ("1", False), ("", False)), lines)
    assert (found.lines, found.right, found.digits_right) == (4, 2, 3)
    assert (found.sure, found.sure_and_right) == (3, 2)


def test_table_has_a_row_for_each_condition():
    rows = {name: vars(Score(4, 2, 3, 2, 1, 0.1)) for name in CONDITIONS}
    text = table({"data": "MNIST", "conditions": rows})
    assert text[-1] == "| all of it | 4 | 50.0% | 75.0% | 50.0% | 50.0% | 25 |"
    assert len(text) == 4 + len(CONDITIONS)


def test_real_lines_are_read_from_a_folder_and_never_required(tmp_path: Path):
    assert list(real_lines(None)) == []
    cv2.imwrite(str(tmp_path / "one.png"), np.full((10, 20), 77, np.uint8))
    (tmp_path / "labels.csv").write_text("path,label\none.png,105\n", encoding="utf-8")
    ((picture, label),) = real_lines(str(tmp_path))
    assert (picture.shape, int(picture[0, 0]), label) == ((10, 20), 77, "105")


@pytest.mark.parametrize(("text", "digits"), [("1.234,50", "123450"), ("", ""), ("7", "7")])
def test_digits_of_a_text_are_what_is_left_without_marks(text: str, digits: str):
    assert only(text) == digits
