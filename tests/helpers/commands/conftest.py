"""Commands called in a folder of their own, with small networks."""

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import TINY, Outcome

import predict
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.commands.predict import carry_out
from helpers.data import Digits
from helpers.models import CLASSES
from helpers.runs import train_recipe

Call = Callable[..., Outcome]


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
        return program(lambda: carry_out(predict.parse(), usual), *options)

    return called
