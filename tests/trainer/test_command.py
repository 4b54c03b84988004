"""`train.py`: what it says and writes when all goes well."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from mirrors import SmallMnist
from support import (
    EVERYTHING,
    PRACTISED,
    SMALL_SET,
    TINY,
    NeverTrained,
    Outcome,
    same_network,
)

from handreader.framing import CLASSES
from helpers import checkpoints
from helpers.data import Digits, load_digits
from helpers.recipes import SMALL_SET_EPOCHS, Recipe
from helpers.runs import Run
from helpers.transforms import Normalize
from trainer.command import use_threads_for
from trainer.recipes import ReaderRecipe

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]
FOUND = ("photo_accuracy", "refused_digits", "refused_others", "calibration_error")
PROMISED = {
    "model": str,
    "parameters": int,
    "dataset": str,
    "seed": int,
    "epochs": int,
    "train_seconds": float,
    "seconds_per_epoch": float,
    "validation_accuracy": float,
    "test_accuracy": float,
}


def test_saved_network_reads_as_well_as_was_reported(whole: Whole, digits: Digits):
    out, outcome = whole("full")
    metrics = out.with_suffix(".json")
    file = checkpoints.load(out)
    assert file.run is None
    assert file.data_name == "small set"
    assert file.classes == CLASSES
    look = Normalize(file.mean, file.std)
    with torch.no_grad():
        logits = file.model(look(digits.test.images))
    answers, labels = logits.argmax(1).tolist(), digits.test.labels.tolist()
    pairs = enumerate(zip(answers, labels, strict=True))
    misread = [[index, answer] for index, (answer, label) in pairs if answer != label]
    accuracy = 1 - len(misread) / 500
    record = json.loads(metrics.read_text(encoding="utf-8"))
    assert {name: type(record[name]) for name in PROMISED} == PROMISED
    assert (record["model"], record["seed"], record["epochs"]) == ("full", 7, 4)
    assert record["parameters"] == 12_762
    assert record["test_accuracy"] == pytest.approx(accuracy, abs=1e-12)
    assert record["misread"] == misread
    assert record == file.metrics
    assert Recipe.from_dict(record["recipe"]) == EVERYTHING
    assert re.search(rf"test accuracy: +{accuracy:.2%} ± \d\.\d\d \(500 digits\)", outcome.out)
    assert f"validation accuracy: {record['validation_accuracy']:.2%}" in outcome.out
    assert f"saved: {out}\nsaved: {metrics}\n" in outcome.out


def test_network_goes_to_build_and_nothing_else_is_written(train_py: Call, tmp_path: Path):
    outcome = train_py("--model", "tiny", *SMALL_SET)
    assert (outcome.code, outcome.err) == (0, "")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "build" / "tiny.pt"]
    assert outcome.out.endswith(f"saved: {Path('build', 'tiny.pt')}\n")


def test_options_change_the_recipe(train_py: Call):
    options = ("--epochs", 2, "--batch-size", 500, "--lr", 0.02, "--metrics", "metrics.json")
    assert train_py("--model", "full", *SMALL_SET, *options).code == 0
    record = json.loads(Path("metrics.json").read_text(encoding="utf-8"))
    expected = EVERYTHING.but(epochs=2, batch_size=500, learning_rate=0.02)
    assert Recipe.from_dict(record["recipe"]) == expected


def test_same_seed_gives_the_same_network_and_another_seed_another(train_py: Call, tmp_path: Path):
    one, two, other = (tmp_path / f"{name}.pt" for name in ("one", "two", "other"))
    for path, options in ((one, ()), (two, ("--seed", 0)), (other, ("--seed", 1))):
        start = ("--model", "full", *SMALL_SET, "--epochs", 2)
        assert train_py(*start, *options, "--out", path).code == 0
    assert same_network(one, two)
    assert not same_network(one, other)


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (
            ("--model", "full", *SMALL_SET, "--seed", 3, "--device", "cpu"),
            [
                "Not on MNIST: ",
                "\nfull: MLP 784-16-10, dropout 0.2, batch norm, label smoothing, warps, ",
                "12,762 parameters\n",
                "data: small set, 4,000 digits to learn from\n",
                "training: epochs 1 to 4, batches of 256, seed 3, cpu\n",
            ],
        ),
        (
            ("--model", "practised", *SMALL_SET),
            ["data: small set, 4,000 digits and 10 photographs to learn from\n"],
        ),
        (("--source", "small"), ["\nmlp: MLP", f"training: epochs 1 to {SMALL_SET_EPOCHS}, "]),
    ],
)
def test_opening_says_what_is_about_to_happen(train_py: Call, options: tuple, lines: list[str]):
    out = train_py(*options, Run=NeverTrained).out
    for line in lines:
        assert line in out


@pytest.mark.parametrize(("recipe", "threads"), [(TINY, 1), (TINY.but(model="cnn", sizes=(2,)), 3)])
def test_only_a_small_network_is_trained_on_one_thread(
    digits: Digits, recipe: Recipe, threads: int
):
    before = torch.get_num_threads()
    use_threads_for(Run(recipe, digits), all_threads=3)
    try:
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_mnist_is_used_where_it_is(train_py: Call, mnist: SmallMnist):
    options = ("--model", "tiny", "--data", mnist.root)
    outcome = train_py(*options, load_digits=partial(load_digits, origin=mnist.origin))
    assert outcome.code == 0
    assert "Not on MNIST" not in outcome.out
    assert checkpoints.load("build/tiny.pt").metrics["dataset"] == "MNIST"


def test_without_mnist_the_small_set_is_used_and_it_says_why(
    train_py: Call, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    outcome = train_py("--model", "tiny", "--data", "empty", Run=NeverTrained)
    assert re.search(r"Not on MNIST: .*empty.* is missing", outcome.out)


def test_practised_network_is_calibrated_and_small(whole: Whole, digits: Digits):
    out, outcome = whole("practised")
    assert "warps, photos, " in outcome.out
    file = checkpoints.load(out)
    assert 0.1 <= file.temperature <= 10
    assert file.temperature != 1
    assert 0.1 < file.sure_from <= 1
    record = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert all(0 <= record[name] <= 1 for name in FOUND)
    assert record == file.metrics
    assert ReaderRecipe.from_dict(record["recipe"]) == PRACTISED
    state = torch.load(out, weights_only=True)["state"]
    kinds = {tensor.dtype for tensor in state.values() if tensor.is_floating_point()}
    assert kinds == {torch.float16}
    with torch.no_grad():
        logits = file.model(Normalize(file.mean, file.std)(digits.test.images))
    right = (logits.argmax(1) == digits.test.labels).double().mean().item()
    assert record["test_accuracy"] == pytest.approx(right, abs=1e-12)
