"""Photographs made by code show their digit, and paper, light and camera as the scene says."""

import numpy as np
import pytest
from support import first_way

from helpers.practice import scenes, writing
from helpers.practice.camera import photograph

SCENES = {
    "any": scenes.ANY,
    "dark": scenes.DARK,
    "clean": scenes.CLEAN,
    "thumbnail": scenes.THUMBNAIL,
}


@pytest.mark.parametrize("name", SCENES)
def test_photograph_of_each_scene_shows_the_digit(name: str):
    random, scene, seen = np.random.default_rng(0), SCENES[name], []
    for _ in range(12):
        ink = writing.trace(writing.write_digit(3, random), 60, 7)
        picture = photograph(ink, scene, random)
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        seen.append(first_way(picture).framed)
    mean = np.mean(seen, 0)
    assert mean[12:16, 4:9].mean() < mean[12:16, 12:18].mean()  # a three is open on its left


def test_same_chance_gives_the_same_photograph():
    ink = writing.trace(writing.write_digit(4, np.random.default_rng(0)), 50, 5)
    one, same, other = (photograph(ink, scenes.ANY, np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert one.shape != other.shape or not np.array_equal(one, other)
