"""`train.py`: what it refuses, in one sentence and before the work."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from checkpoint_files import rewritten, save_small
from support import (
    EVERYTHING,
    SMALL_SET,
    TINY,
    NeverTrained,
    Outcome,
    assert_refused,
    ctrl_c,
    interrupted,
)

from handreader.common.errors import UserError
from handreader.framing import CLASSES
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.data import Digits, DigitSet, batches
from helpers.runs import Run
from trainer.command import check_batches, check_places, choose_device

Call = Callable[..., Outcome]
START = ("--model", "tiny", *SMALL_SET)


def too_late(*_: object) -> Digits:
    """For what takes its time, and must not have begun."""
    raise AssertionError("it took its time to say no")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_device_that_is_not_there_is_one_sentence(
    train_py: Call, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert_refused(train_py("--model", "tiny", "--device", name, Run=NeverTrained), "--device cpu")


def test_mnist_that_was_asked_for_and_is_not_there_is_one_sentence(
    train_py: Call, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    outcome = train_py("--source", "mnist", "--data", "empty", Run=NeverTrained)
    assert_refused(outcome, "is missing", "MNIST_OFFLINE")


def test_loss_beyond_all_bounds_is_one_sentence_and_saves_nothing(train_py: Call, tmp_path: Path):
    outcome = train_py(*START, "--lr", 1e30, "--out", "out.pt")
    assert_refused(outcome, "lower learning rate")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [".", "file/new.pt", "x" * 300])
@pytest.mark.parametrize("option", ["--out", "--metrics"])
def test_file_that_could_not_be_written_is_found_before_training(
    train_py: Call, option: str, path: str
):
    Path("file").touch()
    assert_refused(train_py(*START, option, path, load_digits=too_late), path)


def test_place_for_an_unfinished_run_is_found_before_training(train_py: Call):
    Path("out.pt.unfinished").mkdir()
    outcome = train_py(*START, "--out", "out.pt", load_digits=too_late)
    assert_refused(outcome, "out.pt.unfinished is a folder")


@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("--out", b"\xff\xd8\xff\xe0 a photograph"),
        ("--out", None),
        ("--metrics", b"\0\0\x08\x01 labels"),
        ("--metrics", b'{"model": "mlp"}'),
    ],
)
def test_file_of_somebody_else_is_kept_and_told_before_anything_is_loaded(
    train_py: Call, option: str, content: bytes | None
):
    path = Path("kept")
    if content is None:
        content = save_small(path, run={"seed": 7}).read_bytes()  # a stopped run
    path.write_bytes(content)
    outcome = train_py(*START, option, path, load_digits=too_late)
    assert_refused(outcome, "kept exists and is not a ", "name another file")
    assert path.read_bytes() == content


def test_what_an_earlier_run_wrote_is_replaced(train_py: Call):
    Path("out.pt").touch()  # as a script does that asks for a name of its own
    for seed in (1, 2):
        options = ("--epochs", 1, "--seed", seed, "--out", "out.pt", "--metrics", "out.json")
        assert train_py(*START, *options).code == 0
        assert checkpoints.load("out.pt").metrics["seed"] == seed
        assert json.loads(Path("out.json").read_bytes())["seed"] == seed


def test_place_of_a_run_is_refused_to_another(train_py: Call, tmp_path: Path):
    out, met = Path("out.pt"), []

    def another() -> None:
        with pytest.raises(UserError, match=r"out.pt is being written by another program: .*\.$"):
            check_places(out, None)
        met.append(out)

    with interrupted(2, 1, another):
        assert train_py(*START, "--out", out).code == 0
    assert met
    check_places(out, None)
    assert list(tmp_path.iterdir()) == [tmp_path / out]


@pytest.mark.parametrize("path", ["build/tiny.pt", "./build/tiny.pt", "build/tiny.pt.unfinished"])
def test_metrics_never_replace_the_network(train_py: Call, path: str):
    outcome = train_py(*START, "--metrics", path, load_digits=too_late)
    assert_refused(outcome, "can't be the same file")


def test_fresh_run_leaves_a_stopped_one_alone(train_py: Call):
    with ctrl_c(1, 1):
        train_py(*START, "--out", "out.pt")
    kept = Path("out.pt.unfinished").read_bytes()
    outcome = train_py(*START, "--out", "out.pt", load_digits=too_late)
    assert_refused(outcome, "go on with it by --resume")
    assert Path("out.pt.unfinished").read_bytes() == kept


@pytest.mark.parametrize(
    ("name", "size", "left"),
    [("full", 43, "1 of 4,000"), ("practised", 211, "1 of 4,010"), ("lines", 23, "1 of 24")],
)
def test_batches_that_are_too_small_are_refused_before_pictures_are_made(
    train_py: Call, name: str, size: int, left: str
):
    late = {"Run": too_late, "with_lines": too_late, "with_photographs": too_late}
    outcome = train_py("--model", name, *SMALL_SET, "--batch-size", size, **late)
    assert_refused(outcome, f"the last one has {left} digits", "--batch-size")


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_batches_are_refused_if_and_only_if_a_process_gets_too_few(
    parts: int, batch_norm: bool, count: int
):
    digits = DigitSet(torch.arange(count), torch.arange(count))
    for size in range(1, 15):
        shares = [batches(digits, size, part=(part, parts)) for part in range(parts)]
        fewest = min(len(labels) for loader in shares for _, labels in loader)
        try:
            check_batches(TINY.but(batch_size=size, batch_norm=batch_norm), count, parts)
            fits = True
        except UserError:
            fits = False
        assert fits == (fewest >= (2 if batch_norm else 1)), size


def test_each_process_of_a_group_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch):
    chosen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    assert choose_device("cuda") == torch.device("cuda")
    assert not chosen
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "a")
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert choose_device("cuda") == torch.device("cuda", 3)
    assert chosen == [torch.device("cuda", 3)]
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("content", [None, b"dear diary\n"])
def test_file_that_is_no_run_is_one_sentence(train_py: Call, content: bytes | None):
    path = Path("out.pt.unfinished")
    if content:
        path.write_bytes(content)
    outcome = train_py("--resume", path, load_digits=too_late)
    assert_refused(outcome, f"{path}: ")
    assert outcome.out == ""


@pytest.fixture
def stopped(tmp_path: Path, digits: Digits) -> Path:
    """A run that was stopped before it learned anything."""
    run = Run(TINY.but(schedule="one-cycle"), digits)
    state = run.state() | {"name": "tiny"}
    network = Checkpoint(run.model, digits.mean, digits.std, CLASSES, digits.name, {}, run=state)
    return checkpoints.save(tmp_path / "out.pt.unfinished", network)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../../elsewhere"},
        {"recipe": {}},
        {"recipe": EVERYTHING.as_dict()},
        {"recipe": TINY.as_dict() | {"sizes": [784, 17, 10]}},
        {"seed": "lucky"},
        {"model": {}},
        {"optimizer": None},
        {"scheduler": 3},
        {"history": {"accuracy": [0.5]}},
        {"history": {"seconds": 3}},
    ],
    ids=lambda changes: repr(changes)[:50],
)
def test_run_that_was_meddled_with_is_one_sentence(train_py: Call, stopped: Path, changes: dict):
    rewritten(stopped, lambda content: content["run"].update(changes))
    assert_refused(train_py("--resume", stopped, use_threads_for=too_late), "start it again")


def test_run_on_digits_of_an_older_version_is_one_sentence(train_py: Call, stopped: Path):
    rewritten(stopped, lambda content: content.update(data_name="the digits of last year"))
    outcome = train_py("--resume", stopped, Run=NeverTrained)
    assert_refused(outcome, f"{stopped}: its training began on other digits", "start it again")


def test_mistake_in_the_program_is_not_blamed_on_a_file(train_py: Call, stopped: Path):
    class Broken(Run):
        def train(self, *_: object) -> None:
            raise ValueError("it is broken")

    with pytest.raises(ValueError, match="it is broken"):
        train_py("--resume", stopped, Run=Broken)
