"""`train.py --resume`: a file that is no stopped run, or was meddled with, is one sentence."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from support import EVERYTHING, SMALL_SET, TINY, NeverTrained, Outcome, assert_refused

from handreader.framing import CLASSES
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.data import Digits
from helpers.models import build
from helpers.runs import Run
from helpers.training import History

Call = Callable[..., Outcome]
Save = Callable[[Path, dict], Path]


@pytest.fixture
def save_run(digits: Digits) -> Save:
    """Write a small network together with whatever is said to be its training."""

    def save(path: Path, run: dict) -> Path:
        model = build(TINY.architecture())
        network = Checkpoint(model, digits.mean, digits.std, CLASSES, digits.name, {}, run=run)
        return checkpoints.save(path, network)

    return save


@pytest.fixture(scope="module")
def tiny_run(digits: Digits) -> dict:
    """What is kept of a run that has not begun."""
    return Run(TINY.but(schedule="one-cycle"), digits).state() | {"name": "tiny"}


@pytest.mark.parametrize("kind", ["missing", "a folder", "text", "of something else", "cut off"])
def test_file_that_is_no_run_is_one_sentence(
    train_py: Call, tmp_path: Path, save_run: Save, kind: str
):
    path = tmp_path / "out.pt.unfinished"
    if kind == "a folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("dear diary\n" * 100, encoding="utf-8")
    elif kind == "of something else":
        torch.save({"epoch": 3, "model": {}}, path)
    elif kind == "cut off":
        save_run(path, {})
        path.write_bytes(path.read_bytes()[:-100])
    outcome = train_py("--resume", path, run=NeverTrained)
    assert_refused(outcome, f"{path}: ")
    assert outcome.out == ""


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "changes",
    [
        {"recipe": None},
        {"recipe": {}},
        {"recipe": torch.ones(2)},
        {"recipe": EVERYTHING.as_dict()},
        {"recipe": TINY.but(schedule="magic").as_dict()},
        {"recipe": TINY.as_dict() | {"learning_rate": None}},
        {"recipe": TINY.as_dict() | {"sizes": [784, 17, 10]}},
        {"recipe": TINY.as_dict() | {"warps": {"twist": 1.0}}},
        {"seed": "lucky"},
        {"seed": None},
        {"model": {}},
        {"optimizer": {}},
        {"optimizer": None},
        {"scheduler": 3},
        {"history": None},
        {"history": {"accuracy": [0.5]}},
    ],
    ids=lambda changes: repr(changes)[:50],
)
def test_run_that_was_meddled_with_is_one_sentence(
    train_py: Call, tmp_path: Path, save_run: Save, tiny_run: dict, changes: dict
):
    path = tmp_path / "out.pt.unfinished"
    save_run(path, tiny_run | changes)
    assert_refused(train_py("--resume", path, run=NeverTrained), f"{path}: ")


def test_run_on_digits_of_an_older_version_is_one_sentence(
    train_py: Call, tmp_path: Path, save_run: Save, tiny_run: dict
):
    path = save_run(tmp_path / "out.pt.unfinished", tiny_run)
    content = torch.load(path, weights_only=True) | {"data_name": "the digits of last year"}
    torch.save(content, path)
    outcome = train_py("--resume", path, run=NeverTrained)
    assert_refused(outcome, f"{path}: its training began on other digits", "start it again")


def test_run_of_another_network_than_the_file_holds_is_one_sentence(
    train_py: Call, tmp_path: Path, save_run: Save, digits: Digits
):
    other = Run(TINY.but(sizes=(784, 9, 10)), digits).state() | {"name": "tiny"}
    path = save_run(tmp_path / "out.pt.unfinished", other)
    assert_refused(train_py("--resume", path, run=NeverTrained), f"{path}: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"recipe": TINY.as_dict() | {"epochs": "many"}},
        {"recipe": TINY.as_dict() | {"batch_size": 0}},
        {"seed": 0.5},
        {"seed": -1},
        {"history": dict.fromkeys(vars(History()), 3)},
    ],
    ids=lambda changes: repr(changes)[-50:],
)
def test_run_with_absurd_numbers_is_one_sentence(
    train_py: Call, tmp_path: Path, save_run: Save, tiny_run: dict, changes: dict
):
    path = save_run(tmp_path / "out.pt.unfinished", tiny_run | changes)
    assert_refused(train_py("--resume", path), f"{path}: ")


def test_name_inside_a_file_leads_nowhere(
    train_py: Call, tmp_path: Path, save_run: Save, tiny_run: dict
):
    path = save_run(tmp_path / "foreign.pt", tiny_run | {"name": "../../elsewhere"})
    train_py("--resume", path)
    assert not (tmp_path.parent / "elsewhere.pt").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"history": {}},
        {"history": {"seconds": [1.0] * 99}},
        {"optimizer": {"state": {}, "param_groups": [{"lr": "x"}]}},
        {"scheduler": {"last_epoch": 10**9}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_made_up_state_is_refused(
    train_py: Call, tmp_path: Path, save_run: Save, tiny_run: dict, changes: dict
):
    path = save_run(tmp_path / "made.pt", tiny_run | changes)
    assert_refused(train_py("--resume", path), "start it again")


def test_state_that_fails_only_in_training_is_refused(
    train_py: Call, tmp_path: Path, save_run: Save, tiny_run: dict
):
    optimizer = copy.deepcopy(tiny_run["optimizer"])
    optimizer["param_groups"][0]["betas"] = None
    path = save_run(tmp_path / "made.pt", tiny_run | {"optimizer": optimizer})
    outcome = train_py("--resume", path)
    assert_refused(outcome, f"{path}: is no run that could be continued; start it again.")
    assert "training: epochs 1 to 4" in outcome.out


def test_mistake_in_the_program_is_not_blamed_on_a_file(train_py: Call):
    class Broken(Run):
        def train(self, *_: object) -> None:
            raise ValueError("it is broken")

    with pytest.raises(ValueError, match="it is broken"):
        train_py("--model", "tiny", *SMALL_SET, run=Broken)
