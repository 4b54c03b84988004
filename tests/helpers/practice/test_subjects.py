"""What practice pictures show: digits in many forms, and pairs that are none."""

from dataclasses import replace

import numpy as np
from support import parts

from helpers.data import Digits
from helpers.practice import scenes, subjects, writing
from helpers.practice.subjects import ink_of


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
