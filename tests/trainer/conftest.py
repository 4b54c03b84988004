"""Commands called in a folder of their own, with small networks."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from support import EVERYTHING, PRACTISED, SHORT_LINES, SMALL_SET, TINY, Outcome

import train
from helpers.data import Digits, load_digits
from trainer import command as train_command
from trainer.calibration import calibrate
from trainer.command import Parts
from trainer.line_sets import with_lines
from trainer.recipes import RECIPES
from trainer.sets import Workers, with_photographs

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]
NEVER = math.inf  # seconds: no test is another one on a busy machine, where epochs take longer


@pytest.fixture
def small_parts(digits: Digits) -> Parts:
    """Small recipes besides the usual ones, and digits that are there already."""

    def load(source: str, root: str | None) -> Digits:
        return digits if source == "small" else load_digits(source, root)

    small = {"tiny": TINY, "full": EVERYTHING, "practised": PRACTISED, "lines": SHORT_LINES}
    recipes = RECIPES | small
    threads = Workers(ThreadPoolExecutor)
    made = partial(with_photographs, workers=threads)
    few = partial(calibrate, pictures=30, workers=threads)
    lines = partial(with_lines, workers=threads)
    made_by = {"add_photographs": made, "make_lines": lines, "calibrate": few}
    return Parts(recipes, load, **made_by, kept_every=NEVER)


@pytest.fixture
def train_py(
    tmp_path: Path, small_parts: Parts, monkeypatch: pytest.MonkeyPatch, program: Call
) -> Call:
    """Call `train.py` in a folder of its own, with small parts and others that are named."""
    monkeypatch.chdir(tmp_path)
    for name in ("RANK", "TORCHELASTIC_RUN_ID"):
        monkeypatch.delenv(name, raising=False)

    def called(*options: object, **others: Callable) -> Outcome:
        parts = replace(small_parts, **others)
        return program(lambda: train_command.run(train.parse(parts.recipes), parts), *options)

    return called


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Outcome]]:
    """A folder for networks trained without a stop, and what was said about each."""
    return tmp_path_factory.mktemp("trained"), {}


@pytest.fixture
def whole(train_py: Call, trained: tuple[Path, dict[str, Outcome]]) -> Whole:
    """Train by a recipe from seed 7, without a stop, and only once for all tests."""
    folder, outcomes = trained

    def made(name: str) -> tuple[Path, Outcome]:
        out, metrics = folder / f"{name}.pt", folder / f"{name}.json"
        if name not in outcomes:
            options = ("--seed", 7, "--out", out, "--metrics", metrics)
            outcomes[name] = train_py("--model", name, *SMALL_SET, *options)
        assert (outcomes[name].code, outcomes[name].err) == (0, "")
        return out, outcomes[name]

    return made
