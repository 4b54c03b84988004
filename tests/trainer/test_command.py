"""`train.py`: what it says and writes when all goes well."""

import json
import re
from collections.abc import Callable, Iterator
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
    among_processes,
    ctrl_c,
    same_network,
)

from handreader.framing import CLASSES
from helpers import checkpoints
from helpers.data import Digits, load_digits
from helpers.recipes import PLAIN_MLP, SMALL_SET_EPOCHS, Recipe
from helpers.runs import Data, Run, Task
from helpers.transforms import Normalize
from trainer.command import Job, opening, use_threads_for
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


def test_metrics_have_the_promised_fields(train_py: Call, tmp_path: Path):
    path = tmp_path / "deep" / "metrics.json"
    assert train_py(*SMALL_SET, "--epochs", 3, "--seed", 5, "--metrics", path).code == 0
    metrics = json.loads(path.read_text(encoding="utf-8"))
    assert {name: type(metrics[name]) for name in PROMISED} == PROMISED
    assert metrics["model"] == "mlp"
    assert metrics["parameters"] == 109_386
    assert metrics["dataset"] == "small set"
    assert (metrics["seed"], metrics["epochs"]) == (5, 3)
    assert 0.5 < metrics["validation_accuracy"] <= 1
    assert 0.5 < metrics["test_accuracy"] <= 1
    assert metrics["train_seconds"] >= 0
    assert metrics["seconds_per_epoch"] >= 0


@pytest.mark.parametrize("name", ["tiny", "full"])
def test_saved_network_reads_as_well_as_was_reported(
    train_py: Call, tmp_path: Path, digits: Digits, name: str
):
    out, metrics = tmp_path / "small.pt", tmp_path / "small.json"
    outcome = train_py("--model", name, *SMALL_SET, "--out", out, "--metrics", metrics)
    assert (outcome.code, outcome.err) == (0, "")
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
    assert record["test_accuracy"] == pytest.approx(accuracy, abs=1e-12)
    assert record["misread"] == misread
    assert record == file.metrics
    assert Recipe.from_dict(record["recipe"]) == {"tiny": TINY, "full": EVERYTHING}[name]
    assert re.search(rf"test accuracy: +{accuracy:.2%} ± \d\.\d\d \(500 digits\)", outcome.out)
    assert f"validation accuracy: {record['validation_accuracy']:.2%}" in outcome.out
    assert f"saved: {out}\nsaved: {metrics}\n" in outcome.out


def test_network_goes_to_build_and_nothing_else_is_written(train_py: Call, tmp_path: Path):
    outcome = train_py("--model", "tiny", *SMALL_SET)
    assert outcome.code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "build" / "tiny.pt"]
    assert outcome.out.endswith(f"saved: {Path('build', 'tiny.pt')}\n")


def test_options_change_the_recipe(train_py: Call, tmp_path: Path):
    path = tmp_path / "metrics.json"
    options = ("--epochs", 2, "--batch-size", 500, "--lr", 0.02)
    assert train_py("--model", "full", *SMALL_SET, *options, "--metrics", path).code == 0
    recipe = Recipe.from_dict(json.loads(path.read_text(encoding="utf-8"))["recipe"])
    assert recipe == EVERYTHING.but(epochs=2, batch_size=500, learning_rate=0.02)


def test_same_seed_gives_the_same_network_and_another_seed_another(train_py: Call, tmp_path: Path):
    one, two, other = (tmp_path / f"{name}.pt" for name in ("one", "two", "other"))
    for path, options in ((one, ()), (two, ("--seed", 0)), (other, ("--seed", 1))):
        start = ("--model", "full", *SMALL_SET, "--epochs", 2)
        assert train_py(*start, *options, "--out", path).code == 0
    assert same_network(one, two)
    assert not same_network(one, other)


def test_opening_says_what_is_about_to_happen(train_py: Call):
    options = ("--model", "full", *SMALL_SET, "--seed", 3, "--device", "cpu")
    out = train_py(*options, run=NeverTrained).out
    assert "Not on MNIST: " in out
    assert "full: MLP 784-16-10, dropout 0.2, batch norm, label smoothing, warps, " in out
    assert "12,762 parameters" in out
    assert "data: small set, 4,000 digits to learn from" in out
    assert out.endswith("training: epochs 1 to 4, batches of 256, seed 3, cpu\n")


def test_opening_tells_digits_from_photographs(train_py: Call):
    out = train_py("--model", "practised", *SMALL_SET, run=NeverTrained).out
    assert "data: small set, 4,000 digits and 10 photographs to learn from\n" in out


def test_on_few_digits_the_recorded_epochs_are_too_few(train_py: Call):
    out = train_py("--model", "tiny", "--source", "small", run=NeverTrained).out
    assert f"training: epochs 1 to {SMALL_SET_EPOCHS}, " in out


def test_without_a_name_it_is_the_plain_network(train_py: Call):
    out = train_py(*SMALL_SET, run=NeverTrained).out
    assert f"\nmlp: {PLAIN_MLP.title()}, " in out


def test_opening_counts_the_processes(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    run = Run(TINY, digits, 0, torch.device("cpu"))
    among_processes(monkeypatch, 0, 3)
    assert opening(Job("tiny", run, digits, Path("a"), None)).endswith("seed 0, cpu, 3 processes")


def test_run_is_told_its_device(train_py: Call):
    told = []

    def run(recipe: Recipe, digits: Data, seed: int, device: torch.device, task: Task) -> Run:
        told.append(device)
        return Run(recipe, digits, seed, device, task)

    with ctrl_c(1):
        train_py("--model", "tiny", *SMALL_SET, "--device", "cpu", "--out", "out.pt", run=run)
    train_py("--resume", "out.pt.unfinished", "--device", "cpu", run=run)
    assert told == [torch.device("cpu")] * 2


@pytest.fixture
def usual_threads() -> Iterator[None]:
    """How many threads PyTorch uses is a matter of the whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("usual_threads")
@pytest.mark.parametrize(
    ("recipe", "threads"),
    [
        (TINY, 1),
        (TINY.but(sizes=(784, 300, 10)), 3),
        (TINY.but(model="cnn", sizes=(2,)), 3),
        (TINY.but(model="separable", sizes=(8, 12)), 1),
        (TINY.but(model="separable", sizes=(100, 200)), 3),
    ],
)
def test_only_a_small_network_is_trained_on_one_thread(
    digits: Digits, recipe: Recipe, threads: int
):
    torch.set_num_threads(2)
    use_threads_for(Run(recipe, digits), all_threads=3)
    assert torch.get_num_threads() == threads


@pytest.mark.usefixtures("usual_threads")
def test_threads_are_set_before_training(train_py: Call):
    torch.set_num_threads(2)
    train_py("--model", "tiny", *SMALL_SET, run=NeverTrained)
    assert torch.get_num_threads() == 1


def test_mnist_is_used_where_it_is(train_py: Call, tmp_path: Path, mnist: SmallMnist):
    path = tmp_path / "metrics.json"
    options = ("--model", "tiny", "--data", mnist.root, "--metrics", path)
    outcome = train_py(*options, load_digits=partial(load_digits, origin=mnist.origin))
    assert outcome.code == 0
    assert "Not on MNIST" not in outcome.out
    assert json.loads(path.read_text(encoding="utf-8"))["dataset"] == "MNIST"


def test_without_mnist_the_small_set_is_used_and_it_says_why(
    train_py: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    outcome = train_py("--model", "tiny", "--data", tmp_path / "empty", "--epochs", 1)
    assert outcome.code == 0
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
