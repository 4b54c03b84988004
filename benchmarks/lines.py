"""Pictures of one line of validation digits, under named conditions."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from benchmarks.picture_runs import SEED
from benchmarks.scores import Shown
from trainer.synthesis.glyphs import Bank
from trainer.synthesis.hands import PLAIN, USUAL_HABITS
from trainer.synthesis.line_papers import ORDINARY
from trainer.synthesis.lines import compose

EACH = 100  # lines of each condition, so that each is one percent

ON_CLEAN = replace(USUAL_HABITS, alone=1, neighbours=0, cut=0, papers=PLAIN.papers)
CONDITIONS = {
    "plain": PLAIN,
    "any paper": replace(PLAIN, papers=ORDINARY),
    "security printing": replace(PLAIN, papers=replace(PLAIN.papers, wavy=1)),
    "rules and boxes": replace(PLAIN, papers=replace(PLAIN.papers, ruled=1, boxed=1)),
    "light on dark": replace(PLAIN, papers=replace(PLAIN.papers, negative=1)),
    "narrow crops, cut": replace(PLAIN, tight=1, cut=1),
    "touching": replace(PLAIN, gaps=(0, 0.05)),
    "joined": replace(ON_CLEAN, joining=1),
    "zeros in one stroke": replace(ON_CLEAN, coiling=1),
    "any hand": ON_CLEAN,
    "signs and words beside": replace(ON_CLEAN, alone=0),
    "foreign 1 and 7": replace(ON_CLEAN, kinds=(1, 0, 0, 0), foreign=1),
    "hands by code": replace(ON_CLEAN, kinds=(0, 1, 0, 0)),
    "printed": replace(ON_CLEAN, kinds=(0, 0, 0, 1)),
    "all of it": USUAL_HABITS,
}


def shown_under(name: str, bank: Bank) -> Iterator[Shown]:
    """Yield pictures of lines under one condition, the same ones each time."""
    random = np.random.default_rng([SEED, *name.encode()])
    for _ in range(EACH):
        grey, text = compose(bank, random, CONDITIONS[name])
        yield Shown(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), [text] if text else [])
