"""Real handwriting is read from folders that the environment names, and never required."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import real
from handreader import Reading
from handreader.ink.segmentation import NoInkError


class Told:
    """A reader that says what it is told; nothing is that there is no ink."""

    def __init__(self, *said: tuple[int, bool] | None):
        self.said = list(said)

    def read_digit(self, _: np.ndarray) -> tuple[None, Reading]:
        """What was told, whatever is on the picture."""
        if (said := self.said.pop(0)) is None:
            raise NoInkError
        digit, unsure = said
        return None, Reading([float(digit == other) for other in range(10)], unsure)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures with labels."""
    rows = ["path,label"]
    for number, label in enumerate(("1", "05", "7", "7")):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((10, 20), 77, np.uint8))
        rows.append(f"{number}.png,{label}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_without_folders_there_is_nothing_real(monkeypatch: pytest.MonkeyPatch):
    for name in (real.LINES, real.DIGITS, real.OTHERS):
        monkeypatch.delenv(name, raising=False)
    assert real.lines() == []
    assert real.digits_read(Told()) == []


def test_lines_are_pictures_and_what_they_say(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(real.LINES, str(folder))
    found = real.lines()
    assert [line.texts for line in found] == [["1"], ["05"], ["7"], ["7"]]
    assert found[0].picture.shape == (10, 20, 3)
    assert (found[0].picture == 77).all()


def test_digits_are_right_or_unsure_and_others_should_be_unsure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    said = ((1, False), (5, False), (7, True), None)
    monkeypatch.setenv(real.DIGITS, str(folder))
    monkeypatch.setenv(real.OTHERS, str(folder))
    digits, others = real.digits_read(Told(*said, *said))
    assert (digits["pictures"], digits["right"], digits["unsure"]) == (4, 0.5, 0.5)
    assert (others["pictures"], others["unsure"]) == (4, 0.5)
    assert "right" not in others
