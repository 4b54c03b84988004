"""Frames around writing and shadows on paper are no ink; digits are."""

import cv2
import numpy as np
import pytest

from handreader.ink.surroundings import sharpness, without_frames, without_shadows


def cover_with(*shapes: tuple[str, int, int, int]) -> np.ndarray:
    """Ink on 200 x 300 pixels: rings and texts, each at a place and of a size."""
    cover = np.zeros((200, 300), np.float32)
    for what, x, y, size in shapes:
        if what == "ring":
            cv2.circle(cover, (x, y), size, 1, 6)
        else:
            cv2.putText(cover, what, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 1, 4)
    return cover


PAPER = np.full((200, 300, 3), 235, np.uint8)
NUMBER = ("47", 95, 120, 2)


def test_ring_around_a_number_goes_and_the_number_stays():
    left = without_frames(cover_with(("ring", 137, 100, 80), NUMBER), PAPER)
    assert np.array_equal(left > 0, cover_with(NUMBER) > 0)


@pytest.mark.parametrize("text", ["0", "8", "69", "4"])
def test_digit_with_a_hole_is_no_frame(text: str):
    cover = cover_with((text, 100, 150, 4))
    cv2.circle(cover, (140, 110), 2, 1, -1)  # a speck, which may lie in a hole
    assert np.array_equal(without_frames(cover, PAPER), cover)


def test_ring_of_another_colour_inside_is_a_thing_and_no_digit():
    cover, coin = cover_with(("ring", 137, 100, 40)), PAPER.copy()
    assert np.array_equal(without_frames(cover, coin), cover)
    cv2.circle(coin, (137, 100), 40, (170, 150, 95), -1)
    assert without_frames(cover, coin).max() == 0


def shaded(softness: float) -> tuple[np.ndarray, np.ndarray]:
    """A picture that is darker on the right, with an edge of some softness; and what is darker."""
    columns = np.arange(400.0)
    shade = 1 / (1 + np.exp(-(columns - 250) / softness))
    picture = np.tile(230 - 90 * shade[:, None], (300, 1, 3)).astype(np.uint8)
    return picture, np.tile((shade > 0.5).astype(np.float32), (300, 1))


def test_shadow_is_no_ink_and_a_stroke_is():
    picture, dark = shaded(softness=12)
    assert without_shadows(dark, picture).max() == 0
    sharp, same = shaded(softness=0.5)
    assert np.array_equal(without_shadows(same, sharp), same)
    assert sharpness([dark > 0], picture)[0] < 1.5 < 2.2 < sharpness([dark > 0], sharp)[0]
