"""`train.py`: what it refuses, in one sentence and before the work."""

import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from checkpoint_files import save_small
from support import (
    SMALL_SET,
    TINY,
    NeverTrained,
    Outcome,
    assert_refused,
    ctrl_c,
    interrupted,
)

from handreader.common.errors import UserError
from helpers import checkpoints
from helpers.data import Digits, DigitSet, batches
from trainer.command import check_batches, check_places, choose_device
from trainer.recipes import READERS

Call = Callable[..., Outcome]


def too_late(*_: object) -> Digits:
    """For what takes its time, and must not have begun."""
    raise AssertionError("it took its time to say no")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_device_that_is_not_there_is_one_sentence(
    train_py: Call, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert_refused(train_py("--model", "tiny", "--device", name, run=NeverTrained), "--device cpu")


def test_mnist_that_was_asked_for_and_is_not_there_is_one_sentence(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    outcome = train_py("--source", "mnist", "--data", tmp_path / "empty", run=NeverTrained)
    assert_refused(outcome, "is missing", "MNIST_OFFLINE")


def test_loss_beyond_all_bounds_is_one_sentence_and_saves_nothing(train_py: Call, tmp_path: Path):
    outcome = train_py("--model", "tiny", *SMALL_SET, "--lr", 1e30)
    assert_refused(outcome, "lower learning rate")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_epochs_before_the_loss_grew_are_not_kept(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def grow() -> None:
        assert (tmp_path / "out.pt.unfinished").exists()
        monkeypatch.setattr(math, "isfinite", lambda _: False)

    with interrupted(2, 0, grow):
        outcome = train_py("--model", "tiny", *SMALL_SET, "--out", "out.pt", kept_every=0)
    assert_refused(outcome, "lower learning rate")
    assert list(tmp_path.iterdir()) == []


def bad_place(kind: str, folder: Path) -> Path:
    """Somewhere that no file can be written to."""
    (folder / "file").write_text("text", encoding="utf-8")
    (folder / "blocked.pt.unfinished").mkdir()
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    if kind == "in a closed folder" and os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")
    return {
        "a folder": folder,
        "below a file": folder / "file" / "new.pt",
        "too long a name": folder / ("x" * 300 + ".pt"),
        "in a closed folder": closed / "new.pt",
        "no place for an unfinished run": folder / "blocked.pt",
    }[kind]


@pytest.mark.parametrize(
    "kind", ["a folder", "below a file", "too long a name", "in a closed folder"]
)
@pytest.mark.parametrize("option", ["--out", "--metrics"])
def test_file_that_could_not_be_written_is_found_before_training(
    train_py: Call, tmp_path: Path, option: str, kind: str
):
    path = bad_place(kind, tmp_path)
    outcome = train_py("--model", "tiny", *SMALL_SET, option, path, run=NeverTrained)
    assert_refused(outcome, str(path))
    assert "training" not in outcome.out


def someone_elses(kind: str, path: Path) -> Path:
    """A file that training must not replace."""
    contents = {
        "a photograph": b"\xff\xd8\xff\xe0" + bytes(100),
        "labels": b"\0\0\x08\x01" + bytes(100),
        "a table": b'[{"model": "mlp", "recipe": {}, "test_accuracy": 0.9}]',
        "other JSON": b'{"model": "mlp"}',
        "deep JSON": b"[" * 100_000,
    }
    if kind in contents:
        path.write_bytes(contents[kind])
    elif kind == "another network":
        torch.save({"weight": torch.ones(2)}, path)
    else:
        save_small(path, run={"seed": 7})
    return path


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("--out", "a photograph"),
        ("--out", "another network"),
        ("--out", "a stopped run"),
        ("--metrics", "labels"),
        ("--metrics", "a table"),
        ("--metrics", "other JSON"),
        ("--metrics", "deep JSON"),
        ("--metrics", "a stopped run"),
    ],
)
def test_file_of_somebody_else_is_kept_and_told_before_anything_is_loaded(
    train_py: Call, tmp_path: Path, option: str, kind: str
):
    path = someone_elses(kind, tmp_path / "kept")
    before = path.read_bytes()
    outcome = train_py("--model", "tiny", *SMALL_SET, option, path, load_digits=too_late)
    assert_refused(outcome, f"{path} exists and is not a ", "name another file")
    assert path.read_bytes() == before


def test_what_an_earlier_run_wrote_is_replaced(train_py: Call, tmp_path: Path):
    out, metrics = tmp_path / "out.pt", tmp_path / "out.json"
    out.touch()  # as a script does that asks for a name of its own
    for seed in (1, 2):
        options = ("--seed", seed, "--out", out, "--metrics", metrics)
        assert train_py("--model", "tiny", *SMALL_SET, *options).code == 0
        assert checkpoints.load(out).metrics["seed"] == seed
        assert json.loads(metrics.read_bytes())["seed"] == seed


def test_place_for_an_unfinished_run_is_found_before_training(train_py: Call, tmp_path: Path):
    path = bad_place("no place for an unfinished run", tmp_path)
    assert_refused(
        train_py("--model", "tiny", *SMALL_SET, "--out", path, run=NeverTrained),
        "blocked.pt.unfinished",
    )


def test_place_of_a_run_is_refused_to_another(train_py: Call, tmp_path: Path):
    out, met = tmp_path / "out.pt", []

    def another() -> None:
        with pytest.raises(UserError, match=r"out.pt is being written by another program: .*\.$"):
            check_places(out, None)
        met.append(out)

    with interrupted(2, 1, another):
        assert train_py("--model", "tiny", *SMALL_SET, "--out", out, kept_every=0).code == 0
    assert met
    check_places(out, None)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("path", [".", "/"])
def test_path_without_a_name_is_one_sentence(train_py: Call, path: str):
    assert_refused(
        train_py("--model", "tiny", *SMALL_SET, "--out", path, run=NeverTrained), "is a folder"
    )


@pytest.mark.parametrize("path", ["build/tiny.pt", "./build/tiny.pt"])
def test_metrics_never_replace_the_network(train_py: Call, path: str):
    outcome = train_py("--model", "tiny", *SMALL_SET, "--metrics", path, run=NeverTrained)
    assert "can't be the same file" in outcome.err


def test_fresh_run_leaves_a_stopped_one_alone(train_py: Call, tmp_path: Path):
    out = tmp_path / "out.pt"
    with ctrl_c(2, 1):
        train_py("--model", "tiny", *SMALL_SET, "--out", out)
    kept = (tmp_path / "out.pt.unfinished").read_bytes()
    outcome = train_py("--model", "tiny", *SMALL_SET, "--out", out, load_digits=too_late)
    assert_refused(outcome, "go on with it by --resume")
    assert (tmp_path / "out.pt.unfinished").read_bytes() == kept


def test_file_of_somebody_else_under_that_name_is_not_called_a_stopped_run(
    train_py: Call, tmp_path: Path
):
    theirs = tmp_path / "out.pt.unfinished"
    theirs.write_text("my notes", encoding="utf-8")
    outcome = train_py("--model", "tiny", "--out", tmp_path / "out.pt", load_digits=too_late)
    assert_refused(outcome, "is not a run that was stopped, so it is kept")


@pytest.mark.parametrize(("size", "fits"), [(43, False), (3999, False), (44, True), (5000, True)])
def test_batch_size_that_leaves_batch_norm_one_digit_is_refused(
    train_py: Call, size: int, fits: bool
):
    options = (*SMALL_SET, "--batch-size", size)  # 4,000 digits are 93 * 43 + 1
    assert "training" in train_py("--model", "tiny", *options, run=NeverTrained).out
    outcome = train_py("--model", "full", *options, run=NeverTrained)
    assert_refused(outcome, "It was trained" if fits else "--batch-size")
    assert fits or "1 of 4,000 digits" in outcome.err


def test_batches_are_counted_with_the_photographs(train_py: Call):
    options = ("--model", "practised", *SMALL_SET, "--epochs", 1, "--batch-size")
    assert train_py(*options, 43).code == 0  # one is left of 4,000 digits, but not of 4,010
    outcome = train_py(*options, 211, add_photographs=too_late)  # 4,010 are 19 * 211 + 1
    assert_refused(outcome, "--batch-size", "1 of 4,010 digits")


@pytest.mark.parametrize("name", READERS)
def test_recorded_recipe_starts_with_batches_that_only_its_digits_would_not_fill(name: str):
    recipe = READERS[name].but(batch_size=97)
    check_batches(recipe, 55_000 + recipe.photos)
    with pytest.raises(UserError, match="the last one has 1 of 55,000 digits"):
        check_batches(recipe, 55_000)
    with pytest.raises(UserError, match="the last one has 1 of 135,000 digits"):
        check_batches(READERS[name].but(batch_size=134_999), 55_000 + recipe.photos)


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_batches_are_refused_if_and_only_if_a_process_gets_too_few(parts: int, batch_norm: bool):
    for count in range(1, 14):
        digits = DigitSet(torch.arange(count), torch.arange(count))
        for size in range(1, 16):
            shares = [batches(digits, size, part=(part, parts)) for part in range(parts)]
            fewest = min(len(labels) for loader in shares for _, labels in loader)
            recipe = TINY.but(batch_size=size, batch_norm=batch_norm)
            try:
                check_batches(recipe, count, parts)
                fits = True
            except UserError:
                fits = False
            assert fits == (fewest >= (2 if batch_norm else 1)), (count, size)


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
