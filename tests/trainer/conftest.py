"""Commands called in a folder of their own, with small networks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from support import EVERYTHING, PRACTISED, SHORT_LINES, SMALL_SET, TINY, Outcome

import train
from helpers.data import Digits, load_digits
from trainer import command, sets
from trainer.calibration import calibrate
from trainer.recipes import RECIPES
from trainer.sets import Workers, with_lines, with_photographs

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]
SMALL = {"tiny": TINY, "full": EVERYTHING, "practised": PRACTISED, "lines": SHORT_LINES}


@pytest.fixture
def train_py(
    tmp_path: Path, digits: Digits, monkeypatch: pytest.MonkeyPatch, program: Call
) -> Call:
    """Call `train.py` in a folder of its own, with small recipes and with parts that are named."""
    threads = {"workers": Workers(ThreadPoolExecutor)}
    monkeypatch.chdir(tmp_path)
    for name in ("RANK", "TORCHELASTIC_RUN_ID"):
        monkeypatch.delenv(name, raising=False)

    def load(source: str, root: str | None) -> Digits:
        return digits if source == "small" else load_digits(source, root)

    small = {
        "load_digits": load,
        "with_photographs": partial(with_photographs, **threads),
        "with_lines": partial(with_lines, **threads),
        "calibrate": partial(calibrate, pictures=30, **threads),
    }
    monkeypatch.setattr(sets, "HELD_BACK", 6)
    monkeypatch.setattr(train, "RECIPES", RECIPES | SMALL)
    monkeypatch.setattr(command, "RECIPES", RECIPES | SMALL)

    def called(*options: object, **others: object) -> Outcome:
        with monkeypatch.context() as patch:
            for name, part in (small | others).items():
                patch.setattr(command, name, part)
            return program(lambda: command.run(train.parse()), *options)

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
