"""Scenes look as their names say."""

import numpy as np
from support import assert_as_recorded

from helpers.data import Digits
from trainer.synthesis import scenes, subjects, writing
from trainer.synthesis.camera import photograph


def test_dark_scene_is_dark_and_clean_scene_is_clean():
    ink = writing.trace(writing.write_digit(1, np.random.default_rng(0)), 40, 4)
    random = np.random.default_rng(0)
    for _ in range(5):
        assert np.median(photograph(ink, scenes.DARK, random)) < 90
        clean = photograph(ink, scenes.CLEAN, random)
        assert np.quantile(np.abs(clean.astype(float) - np.median(clean)), 0.7) < 12


def test_scenes_are_those_that_networks_have_practised_on(digits: Digits):
    taken, images = [], digits.train.images[:40, 0].numpy()
    for number, (image, label) in enumerate(
        zip(images, digits.train.labels.tolist(), strict=False)
    ):
        scene, random = scenes.SCENES[number % 7], np.random.default_rng(number)
        ink = subjects.ink_of(image, label, scene, random)
        taken.append(photograph(ink, scene, random))
    assert_as_recorded("scenes", taken)
