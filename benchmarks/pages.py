"""Photographed pages of validation digits, under named conditions."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.page_pictures import Layout, compose
from benchmarks.picture_runs import PEN, PHOTO, SEED
from benchmarks.scores import Shown
from trainer.synthesis import hands, scenes
from trainer.synthesis.subjects import Source

EACH = 5  # pages of each condition

BLUR = (0, 0.01)  # in digit heights: a page is photographed from farther away
PAGE_PHOTO = replace(PHOTO, blur=BLUR)
PLAIN = Layout(PAGE_PHOTO)
FORM = replace(PLAIN, leading=(2.2, 2.8), most_digits=12)  # with room for its boxes
NUMBERS = replace(PLAIN, height=(36, 64), leading=(2.0, 2.6), habits=hands.PLAIN)
CONDITIONS = {
    "plain": PLAIN,
    "tilted by up to 20°": replace(PLAIN, tilt=20),
    "turned by 90°": replace(PLAIN, quarters=1),
    "turned by 180°": replace(PLAIN, quarters=2),
    "turned by 270°": replace(PLAIN, quarters=3),
    "in two columns": replace(PLAIN, columns=2, most_digits=6),
    "in boxes of a form": replace(FORM, boxes="numbers"),
    "a box for each digit": replace(FORM, boxes="digits", space=(0.3, 0.6)),
    "ruled paper": replace(PLAIN, scene=replace(PAGE_PHOTO, ruling=("ruled",)), slant=3),
    "squared paper": replace(PLAIN, scene=replace(PAGE_PHOTO, ruling=("squared",)), slant=3),
    "marks within numbers": NUMBERS,
    "words beside numbers": replace(NUMBERS, habits=replace(hands.PLAIN, alone=0)),
    "joined": replace(NUMBERS, habits=replace(hands.PLAIN, joining=1)),
    "slanted": replace(PLAIN, slant=8, drift=0.15),
    "touching": replace(PLAIN, space=(-0.12, 0.1)),
    "broken, dirt": replace(PLAIN, specks=40, broken=0.4),
    "shadow, shows through": replace(
        PLAIN, scene=replace(PAGE_PHOTO, shadow=1, through=1, shade=(0.3, 0.6))
    ),
    "chalk": replace(PLAIN, scene=replace(scenes.DARK, width=PEN, blur=BLUR)),
    "small digits": replace(PLAIN, height=(20, 26), side=(700, 1000), leading=(1.6, 2.4)),
    "many sizes": replace(PLAIN, height=(20, 200), within=1.27, side=(1600, 2600)),
    "one digit": replace(PLAIN, height=(60, 200), side=(200, 400), most_digits=1, most_lines=1),
}


def shown_under(name: str, source: Source) -> Iterator[Shown]:
    """Yield pages under one condition, the same ones each time."""
    for page in range(EACH):
        random = np.random.default_rng([SEED, *name.encode(), page])
        yield Shown.page(*compose(CONDITIONS[name], source, random))
