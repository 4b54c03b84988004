"""Scenes look as their names say."""

import numpy as np

from helpers.practice import scenes, writing
from helpers.practice.camera import photograph


def test_dark_scene_is_dark_and_clean_scene_is_clean():
    ink = writing.trace(writing.write_digit(1, np.random.default_rng(0)), 40, 4)
    random = np.random.default_rng(0)
    for _ in range(5):
        assert np.median(photograph(ink, scenes.DARK, random)) < 90
        clean = photograph(ink, scenes.CLEAN, random)
        assert np.quantile(np.abs(clean.astype(float) - np.median(clean)), 0.7) < 12
