"""What lies under and over a line is seen on its picture, and is left out if it should be."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from trainer.synthesis.line_papers import ORDINARY, Papers, photographed

CLEAR = Papers(0, 0, 0, 0, 0, 0, 0, 0, 0, clear=True)


PATTERNS = ["wavy", "dotted", "ruled", "boxed", "stamped"]


@pytest.mark.parametrize("name", PATTERNS)
def test_what_lies_on_a_paper_is_seen_on_it(name: str):
    blank = np.zeros((40, 160), np.float32)
    plain = photographed(blank, CLEAR, np.random.default_rng(0))
    assert np.ptp(plain) == 0
    seen = [
        np.ptp(photographed(blank, replace(CLEAR, **{name: 1.0}), np.random.default_rng(seed)))
        for seed in range(4)
    ]
    assert max(seen) > 0


def test_negative_is_light_on_dark():
    cover = np.zeros((40, 160), np.float32)
    cover[10:30, 70:90] = 1
    dark, light = (
        photographed(cover, replace(CLEAR, negative=often), np.random.default_rng(0))
        for often in (0, 1)
    )
    assert np.array_equal(dark, 255 - light)
    assert dark[20, 80] < dark[0, 0]


def test_ink_is_darker_than_its_paper_whatever_lies_on_it():
    ink = np.zeros((40, 200), np.uint8)
    cv2.putText(ink, "123", (20, 32), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 1, 3)
    cover = ink.astype(np.float32)
    for seed in range(40):
        papers = replace(ORDINARY, negative=0, stamped=0, boxed=0, ruled=0, shadow=0)
        picture = photographed(cover, papers, np.random.default_rng(seed)).astype(float)
        assert picture[cover > 0.9].mean() < picture[cover == 0].mean() - 10
