"""What practice pictures show: digits in many forms, and pairs that are none."""

from dataclasses import replace

import numpy as np
import pytest
from support import assert_as_recorded, parts

from helpers.data import Digits
from trainer.synthesis import scenes, subjects, writing
from trainer.synthesis.subjects import NOTHING, Source, ink_of, some_ink


def test_a_one_is_never_stretched(digits: Digits):
    one = digits.train.images[digits.train.labels == 1][0, 0].numpy()
    scene = replace(scenes.ANY, stretched=1, height=(60, 60))
    shapes = {ink_of(one, 1, scene, np.random.default_rng(seed)).shape for seed in range(20)}
    plain = replace(scene, stretched=0)
    assert shapes == {ink_of(one, 1, plain, np.random.default_rng(s)).shape for s in range(20)}


def test_digits_beside_each_other_touch_and_stay_two():
    random = np.random.default_rng(4)
    for _ in range(30):
        two = [writing.trace(writing.write_digit(d, random), 60, 6) for d in (0, 8)]
        both = subjects.side_by_side(*two, random)
        assert parts(both > 127) == 1
        assert both.shape[1] > 1.2 * max(ink.shape[1] for ink in two)
        assert both.sum(dtype=float) > 0.8 * sum(ink.sum(dtype=float) for ink in two)


def source(digits: Digits) -> Source:
    """Digits to make pictures from."""
    return Source(digits.train.images[:, 0].numpy(), digits.train.labels.numpy())


def test_subjects_are_those_that_networks_have_practised_on(digits: Digits):
    made = [
        some_ink(source(digits), scenes.ANY, np.random.default_rng(seed)) for seed in range(120)
    ]
    assert_as_recorded("subjects", [ink for ink, _ in made])
    labels = [label for _, label in made]
    assert_as_recorded("labels of subjects", [np.array([labels]) + 1])


def test_shares_of_the_mixture_are_a_hundred_per_cent_and_are_kept(digits: Digits):
    assert sum(share for share, _ in subjects.MIXTURE) == 100
    small = replace(scenes.ANY, height=(8, 10))
    random, nothing = np.random.default_rng(0), 0
    for _ in range(300):
        nothing += some_ink(source(digits), small, random)[1] == NOTHING
    assert nothing / 300 == pytest.approx(0.04 + 0.19, abs=0.06)
