"""Photographs made by code show their digit, and paper, light and camera as the scene says."""

from dataclasses import replace

import numpy as np
import pytest
from support import assert_as_recorded, first_way

from trainer.synthesis import scenes, writing
from trainer.synthesis.camera import ink_and_paper, photograph, photograph_page

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


@pytest.mark.parametrize("name", SCENES)
def test_photographs_are_those_that_networks_have_practised_on(name: str):
    taken = []
    for seed in range(16):
        random = np.random.default_rng(seed)
        ink = writing.trace(writing.write_digit(seed % 10, random), 20 + 5 * seed, 3)
        taken.append(photograph(ink, SCENES[name], random))
    assert_as_recorded(name, taken)


EVERYTHING = {
    "ruled": {"ruling": ("ruled",)},
    "squared": {"ruling": ("squared",)},
    "pencil": {"pencil": 1},
    "shows through": {"through": 1},
    "shadow": {"shadow": 1},
    "blurred": {"blur": (0.05, 0.08)},
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_what_paper_and_light_do_is_what_networks_have_practised_on(name: str):
    scene, random = replace(scenes.ANY, **EVERYTHING[name]), np.random.default_rng(1)
    ink = writing.trace(writing.write_digit(5, random), 100, 9)
    assert_as_recorded(name, [photograph(ink, scene, random) for _ in range(5)])


def test_page_is_photographed_in_place_and_never_in_pencil():
    cover = np.zeros((300, 400), np.float32)
    cover[100:120, 50:350] = 1
    plain = replace(scenes.CLEAN, papers=((255,) * 3,), inks=((0,) * 3,), blur=(0, 0), pencil=1)
    picture = photograph_page(cover, 60, plain, np.random.default_rng(0))
    assert picture.shape == (300, 400, 3)
    assert picture[cover == 1].max() < 110
    assert picture[:90].min() > 140
    assert picture[130:].min() > 140


def test_ruled_lines_go_one_way_and_squared_ones_both():
    ink = np.zeros((80, 80), np.uint8)
    for ruling, both in (("ruled", False), ("squared", True)):
        lines = {"ruling": (ruling,), "turn": 0, "room": (4, 4), "papers": ((255,) * 3,)}
        scene = replace(scenes.CLEAN, inks=((0,) * 3,), noise=(0, 0), blur=(0, 0), **lines)
        picture = photograph(ink, scene, np.random.default_rng(2)).mean(2)
        rows, columns = picture.mean(1), picture.mean(0)
        assert np.ptp(rows) > 4
        assert (np.ptp(columns) > 4) == both


def test_ink_can_be_told_from_paper_whatever_the_colours():
    scene = replace(scenes.ANY, papers=(*scenes.PAPERS, *scenes.BOARDS))
    for seed in range(60):
        ink, paper = ink_and_paper(scene, np.random.default_rng(seed))
        assert abs(ink.mean() - paper.mean()) > 60
