"""Digits put on paper by code and read back: their labels and their framing come through."""

from dataclasses import replace

import numpy as np

from handreader.digits import DigitReader
from handreader.ink.strokes import ways_to_see
from trainer.synthesis import redrawing, scenes
from trainer.synthesis.camera import photograph

SCENE = replace(
    scenes.ANY, ruling=("",), through=0, shadow=0, pencil=0, turn=0, blur=(0, 0), noise=(0, 2)
)


def test_digits_on_paper_are_read_as_those_without(
    foreign_digits: tuple[np.ndarray, list[int]],
) -> None:
    reader, random = DigitReader(), np.random.default_rng(7)
    originals, labels = foreign_digits[0][:150], foreign_digits[1][:150]
    taken = [
        photograph(redrawing.enlarge(each, random.integers(40, 140)), SCENE, random)
        for each in originals
    ]
    back = reader.read_pictures([ways_to_see(picture) for picture in taken])
    plain = [reading.digit for reading in reader.read(list(originals))]
    untouched = np.mean([answer == label for answer, label in zip(plain, labels, strict=True)])
    returned = np.mean([each.digit == label for (_, each), label in zip(back, labels, strict=True)])
    assert returned > untouched - 0.03  # of 150 digits, of a kind unlike those it learned from
    apart = [
        np.abs(steps.framed.astype(float) - original).mean()
        for (steps, _), original in zip(back, originals, strict=True)
    ]
    assert np.mean(apart) < 25
