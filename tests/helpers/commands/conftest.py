"""Commands called in a folder of their own, with small networks."""

import io
import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import EVERYTHING, PRACTISED, SHORT_LINES, SMALL_SET, TINY, Outcome

import predict
import train
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.commands import predict as predict_command
from helpers.commands import train as train_command
from helpers.commands.train import Parts
from helpers.data import Digits, load_digits
from helpers.models import CLASSES
from helpers.practice.calibration import calibrate
from helpers.practice.line_sets import with_lines
from helpers.practice.sets import Workers, with_photographs
from helpers.recipes import RECIPES
from helpers.runs import train_recipe

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]
NEVER = math.inf  # seconds: no test is another one on a busy machine, where epochs take longer


@pytest.fixture(scope="session")
def small_network(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network trained in a moment; what it makes of a digit does not matter much."""
    model, _ = train_recipe(TINY, digits)
    network = Checkpoint(model, digits.mean, digits.std, CLASSES, digits.name, {})
    trusted = replace(network, temperature=1.25, sure_from=0.5)
    return checkpoints.save(tmp_path_factory.mktemp("weights") / "tiny.pt", trusted)


@pytest.fixture
def predict_py(
    tmp_path: Path, small_network: Path, monkeypatch: pytest.MonkeyPatch, program: Call
) -> Call:
    """Call `predict.py` in a folder of its own; the small network stands for the usual one."""
    monkeypatch.chdir(tmp_path)

    def called(*options: object, stdin: bytes | None = b"", usual: Path = small_network) -> Outcome:
        source = SimpleNamespace(buffer=io.BytesIO(stdin)) if stdin is not None else None
        monkeypatch.setattr(sys, "stdin", source)
        return program(lambda: predict_command.carry_out(predict.parse(), usual), *options)

    return called


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
        return program(lambda: train_command.carry_out(train.parse(parts.recipes), parts), *options)

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
