"""`train.py`: what it writes, what it refuses, and that a stop costs nothing."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from mirrors import SmallMnist
from support import EVERYTHING, ROOT, TINY, interrupted, weights

import train
from helpers import checkpoints, data, parallel
from helpers.checkpoints import Checkpoint
from helpers.commands import train as command
from helpers.common import command_line
from helpers.common.errors import UserError
from helpers.data import Digits, DigitSet, batches
from helpers.mnist_files import MNIST_ORIGIN
from helpers.models import CLASSES, build
from helpers.practice.calibration import calibrate
from helpers.practice.sets import Workers, with_photographs
from helpers.recipes import RECIPES, Recipe
from helpers.runs import Run
from helpers.training import History
from helpers.transforms import Normalize

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
EMBEDDED = ("--source", "embedded")


class Outcome(NamedTuple):
    """How a call of `train.py` ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]


@pytest.fixture
def call(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    digits: Digits,
) -> Iterator[Call]:
    """Call `train.py` in a folder of its own, with two small networks to choose from besides."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    for name in ("RANK", "TORCHELASTIC_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    monkeypatch.setitem(RECIPES, "full", EVERYTHING)
    monkeypatch.setattr(data, "embedded_digits", lambda _notice: digits)
    monkeypatch.setattr("helpers.recipes.EMBEDDED_EPOCHS", 4)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def called(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["train.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            command_line.run(train.main)
        said = capsys.readouterr()
        return Outcome(caught.value.code, said.out, said.err)

    yield called
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Outcome]]:
    """A folder for networks trained without a stop, and what was said about each."""
    return tmp_path_factory.mktemp("trained"), {}


@pytest.fixture
def whole(call: Call, trained: tuple[Path, dict[str, Outcome]]) -> Whole:
    """Train by a recipe from seed 7, without a stop, and only once for all tests."""
    folder, outcomes = trained

    def made(name: str) -> tuple[Path, Outcome]:
        out, metrics = folder / f"{name}.pt", folder / f"{name}.json"
        if name not in outcomes:
            options = ("--seed", 7, "--out", out, "--metrics", metrics)
            outcomes[name] = call("--model", name, *EMBEDDED, *options)
        assert (outcomes[name].code, outcomes[name].err) == (0, "")
        return out, outcomes[name]

    return made


@pytest.fixture
def never_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what has to be found before the work begins."""

    def never(_run: Run) -> None:
        raise AssertionError("it was trained")

    monkeypatch.setattr(Run, "train", never)


def same_network(one: Path, other: Path) -> bool:
    """Whether two files hold the same weights, bit for bit."""
    return torch.equal(*(weights(checkpoints.load(path).model) for path in (one, other)))


def assert_refused(outcome: Outcome, *parts: str, code: int = 1) -> None:
    """One sentence on stderr, and nothing that looks like success."""
    assert outcome.code == code
    assert "Traceback" not in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.endswith(".\n")
    for part in parts:
        assert part in outcome.err


def ctrl_c(epoch: int, moment: int | str = 0) -> AbstractContextManager[None]:
    """What is trained in here gets the very signal that Ctrl-C sends."""
    return interrupted(epoch, moment, lambda: signal.raise_signal(signal.SIGINT))


# What comes out


def test_metrics_have_the_promised_fields(call: Call, tmp_path: Path):
    path = tmp_path / "deep" / "metrics.json"
    assert call(*EMBEDDED, "--epochs", 3, "--seed", 5, "--metrics", path).code == 0
    metrics = json.loads(path.read_text(encoding="utf-8"))
    assert {name: type(metrics[name]) for name in PROMISED} == PROMISED
    assert metrics["model"] == "mlp"
    assert metrics["parameters"] == 109_386
    assert metrics["dataset"] == "embedded digits"
    assert (metrics["seed"], metrics["epochs"]) == (5, 3)
    assert 0.5 < metrics["validation_accuracy"] <= 1
    assert 0.5 < metrics["test_accuracy"] <= 1
    assert metrics["train_seconds"] >= 0
    assert metrics["seconds_per_epoch"] >= 0


@pytest.mark.parametrize("name", ["tiny", "full"])
def test_saved_network_reads_as_well_as_was_reported(
    call: Call, tmp_path: Path, digits: Digits, name: str
):
    out, metrics = tmp_path / "small.pt", tmp_path / "small.json"
    outcome = call("--model", name, *EMBEDDED, "--out", out, "--metrics", metrics)
    assert (outcome.code, outcome.err) == (0, "")
    file = checkpoints.load(out)
    assert file.run is None
    assert file.data_name == "embedded digits"
    assert file.classes == CLASSES
    look = Normalize(file.mean, file.std)
    with torch.no_grad():
        logits = file.model(look(digits.test.images))
    answers, labels = logits.argmax(1).tolist(), digits.test.labels.tolist()
    pairs = enumerate(zip(answers, labels, strict=True))
    misread = [[index, answer] for index, (answer, label) in pairs if answer != label]
    accuracy = 1 - len(misread) / 257
    record = json.loads(metrics.read_text(encoding="utf-8"))
    assert record["test_accuracy"] == pytest.approx(accuracy, abs=1e-12)
    assert record["misread"] == misread
    assert record == file.metrics
    assert Recipe.from_dict(record["recipe"]) == RECIPES[name]
    assert re.search(rf"test accuracy: +{accuracy:.2%} ± \d\.\d\d \(257 digits\)", outcome.out)
    assert f"validation accuracy: {record['validation_accuracy']:.2%}" in outcome.out
    assert f"saved: {out}\nsaved: {metrics}\n" in outcome.out


def test_network_goes_to_build_and_nothing_else_is_written(call: Call, tmp_path: Path):
    outcome = call("--model", "tiny", *EMBEDDED)
    assert outcome.code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "build" / "tiny.pt"]


def test_options_change_the_recipe(call: Call, tmp_path: Path):
    path = tmp_path / "metrics.json"
    options = ("--epochs", 2, "--batch-size", 500, "--lr", 0.02)
    assert call("--model", "full", *EMBEDDED, *options, "--metrics", path).code == 0
    recipe = Recipe.from_dict(json.loads(path.read_text(encoding="utf-8"))["recipe"])
    assert recipe == EVERYTHING.but(epochs=2, batch_size=500, learning_rate=0.02)


def test_same_seed_gives_the_same_network_and_another_seed_another(call: Call, tmp_path: Path):
    one, two, other = (tmp_path / f"{name}.pt" for name in ("one", "two", "other"))
    for path, options in ((one, ()), (two, ("--seed", 0)), (other, ("--seed", 1))):
        start = ("--model", "full", *EMBEDDED, "--epochs", 2)
        assert call(*start, *options, "--out", path).code == 0
    assert same_network(one, two)
    assert not same_network(one, other)


def test_opening_says_what_is_about_to_happen(call: Call):
    out = call("--model", "full", *EMBEDDED, "--seed", 3).out
    assert "Not on MNIST: " in out
    assert "full: MLP 784-16-10, dropout 0.2, batch norm, label smoothing, warps, " in out
    assert "12,762 parameters" in out
    assert "data: embedded digits, 1,412 digits to learn from" in out
    assert "training: epochs 1 to 4, batches of 256, seed 3" in out


@pytest.mark.parametrize(
    ("recipe", "threads"),
    [
        (TINY, 1),
        (TINY.but(sizes=(784, 300, 10)), 3),
        (TINY.but(model="cnn", sizes=(2,)), 3),
    ],
)
def test_only_a_small_mlp_is_trained_on_one_thread(
    digits: Digits, recipe: Recipe, threads: int, monkeypatch: pytest.MonkeyPatch
):
    used: list[int] = []
    monkeypatch.setattr(command, "ALL_THREADS", 3)
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    command.use_threads_for(Run(recipe, digits))
    assert used == [threads]


def test_threads_are_told_to_wait_quietly(call: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OMP_WAIT_POLICY")
    assert call("--model", "tiny", *EMBEDDED).code == 0
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.fixture
def mnist_root(mnist: SmallMnist, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with small files that are taken for the genuine ones."""
    for name, sums in mnist.origin.sums.items():
        monkeypatch.setitem(MNIST_ORIGIN.sums, name, sums)
    return mnist.root


def test_mnist_is_used_where_it_is(call: Call, tmp_path: Path, mnist_root: Path):
    path = tmp_path / "metrics.json"
    outcome = call("--model", "tiny", "--data", mnist_root, "--metrics", path)
    assert outcome.code == 0
    assert "Not on MNIST" not in outcome.out
    assert json.loads(path.read_text(encoding="utf-8"))["dataset"] == "MNIST"


REAL_EMBEDDED_DIGITS = data.embedded_digits  # which the fixture above replaces by a copy


def test_without_mnist_the_embedded_digits_are_used_and_it_says_why(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    monkeypatch.setattr(data, "embedded_digits", REAL_EMBEDDED_DIGITS)
    outcome = call("--model", "tiny", "--data", tmp_path / "empty")
    assert outcome.code == 0
    assert re.search(r"Not on MNIST: .*empty.* is missing", outcome.out)


PRACTISED = EVERYTHING.but(photos=10, label_smoothing=0.0)
FOUND = ("photo_accuracy", "refused_digits", "refused_others", "calibration_error")


@pytest.fixture
def practising(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe with a few photographs, made without processes, and few to calibrate by."""
    threads = Workers(ThreadPoolExecutor)
    few = partial(calibrate, pictures=30, workers=threads)
    made = partial(with_photographs, workers=threads)
    monkeypatch.setattr("helpers.commands.train.with_photographs", made)
    monkeypatch.setattr("helpers.commands.train.calibrate", few)
    monkeypatch.setitem(RECIPES, "practised", PRACTISED)


def test_practised_network_is_calibrated_and_small(whole: Whole, digits: Digits, practising: None):
    out, outcome = whole("practised")
    assert "warps, photos, " in outcome.out
    file = checkpoints.load(out)
    assert 0.1 <= file.temperature <= 10
    assert file.temperature != 1
    assert 0.1 < file.sure_from <= 1
    record = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert all(0 <= record[name] <= 1 for name in FOUND)
    assert record == file.metrics
    assert Recipe.from_dict(record["recipe"]) == PRACTISED
    state = torch.load(out, weights_only=True)["state"]
    kinds = {tensor.dtype for tensor in state.values() if tensor.is_floating_point()}
    assert kinds == {torch.float16}
    with torch.no_grad():
        logits = file.model(Normalize(file.mean, file.std)(digits.test.images))
    right = (logits.argmax(1) == digits.test.labels).double().mean().item()
    assert record["test_accuracy"] == pytest.approx(right, abs=1e-12)


def test_stopped_practice_goes_on_to_the_same_network(
    call: Call, whole: Whole, tmp_path: Path, practising: None
):
    (expected, _), out = whole("practised"), tmp_path / "out.pt"
    with ctrl_c(2, 3):
        start = ("--model", "practised", *EMBEDDED, "--seed", 7, "--out", out)
        assert call(*start).code == 130
    assert checkpoints.load(tmp_path / "out.pt.unfinished").temperature == 1
    assert call("--resume", tmp_path / "out.pt.unfinished").code == 0
    assert same_network(out, expected)
    one, two = (checkpoints.load(path) for path in (expected, out))
    assert (one.temperature, one.sure_from) == (two.temperature, two.sure_from)
    assert [one.metrics[name] for name in FOUND] == [two.metrics[name] for name in FOUND]


# What is refused


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--model", "rnn"], ("--model", "'rnn'", "mlp")),
        (["--epochs", "0"], ("--epochs", "'0'", "from 1")),
        (["--epochs", "1.5"], ("--epochs", "'1.5'")),
        (["--epochs", "9" * 40], ("--epochs",)),
        (["--batch-size", "-1"], ("--batch-size",)),
        (["--lr", "nan"], ("--lr", "'nan'")),
        (["--lr", "0"], ("--lr", "above 0")),
        (["--seed", "-1"], ("--seed",)),
        (["--source", "MNIST"], ("--source", "embedded")),
        (["--device", "tpu"], ("--device", "cpu")),
        (["--out"], ("--out",)),
        (["--optimizer", "sgd"], ("--optimizer",)),
        (["digits.pt"], ("digits.pt",)),
        (["--out", "a", "--metrics", "a"], ("--out", "--metrics")),
        (["--resume", "a.pt.unfinished", "--model", "mlp"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--epochs", "3"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--batch-size", "3"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--lr", "3"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--seed", "0"], ("--resume",)),
        (["--resume", "a.pt.unfinished", "--source", "auto"], ("--resume",)),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_wrong_option_is_one_sentence(
    call: Call, tmp_path: Path, arguments: list[str], parts: tuple[str, ...]
):
    outcome = call(*arguments)
    assert_refused(outcome, "--help", *parts, code=2)
    assert outcome.out == ""
    assert list(tmp_path.iterdir()) == []


def test_options_are_checked_before_pytorch_is_loaded():
    code = (
        "import sys, train\n"
        "sys.argv[1:] = ['--epochs', 'many']\n"
        "try:\n"
        "    train.main()\n"
        "except SystemExit as end:\n"
        "    print(end.code, 'torch' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "2 False\n"


def test_help_names_every_option_and_what_is_done_without_it(call: Call):
    outcome = call("--help")
    assert (outcome.code, outcome.err) == (0, "")
    for option in ("model", "epochs", "batch-size", "lr", "seed", "source", "data", "device"):
        assert f"--{option}" in outcome.out
    for option in ("out", "metrics", "resume"):
        assert f"--{option} FILE" in outcome.out
    assert "torchrun" in outcome.out


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_device_that_is_not_there_is_one_sentence(
    call: Call, name: str, monkeypatch: pytest.MonkeyPatch, never_trained: None
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert_refused(call("--model", "tiny", "--device", name), "--device cpu")


def test_mnist_that_was_asked_for_and_is_not_there_is_one_sentence(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, never_trained: None
):
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    outcome = call("--source", "mnist", "--data", tmp_path / "empty")
    assert_refused(outcome, "is missing", "MNIST_OFFLINE")


def test_loss_beyond_all_bounds_is_one_sentence_and_saves_nothing(call: Call, tmp_path: Path):
    outcome = call("--model", "tiny", *EMBEDDED, "--lr", 1e30)
    assert_refused(outcome, "lower learning rate")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
    call: Call, tmp_path: Path, option: str, kind: str, never_trained: None
):
    path = bad_place(kind, tmp_path)
    outcome = call("--model", "tiny", *EMBEDDED, option, path)
    assert_refused(outcome, str(path))
    assert "training" not in outcome.out


def test_place_for_an_unfinished_run_is_found_before_training(
    call: Call, tmp_path: Path, never_trained: None
):
    path = bad_place("no place for an unfinished run", tmp_path)
    assert_refused(call("--model", "tiny", *EMBEDDED, "--out", path), "blocked.pt.unfinished")


@pytest.mark.parametrize("path", [".", "/"])
def test_path_without_a_name_is_one_sentence(call: Call, path: str, never_trained: None):
    assert_refused(call("--model", "tiny", *EMBEDDED, "--out", path), "is a folder")


@pytest.mark.parametrize("path", ["build/tiny.pt", "./build/tiny.pt"])
def test_metrics_never_replace_the_network(call: Call, path: str, never_trained: None):
    outcome = call("--model", "tiny", *EMBEDDED, "--metrics", path)
    assert "can't be the same file" in outcome.err


@pytest.mark.parametrize(("size", "fits"), [(83, False), (1411, False), (84, True), (5000, True)])
def test_batch_size_that_leaves_batch_norm_one_digit_is_refused(
    call: Call, size: int, fits: bool, monkeypatch: pytest.MonkeyPatch
):
    options = (*EMBEDDED, "--batch-size", size, "--epochs", 1)  # 1,412 digits are 17 * 83 + 1
    assert call("--model", "tiny", *options).code == 0
    if fits:
        assert call("--model", "full", *options).code == 0
        return
    monkeypatch.setattr(Run, "train", lambda _run: pytest.fail("it was trained"))
    assert_refused(call("--model", "full", *options), "--batch-size", "1 of 1,412 digits")


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_batches_are_refused_if_and_only_if_a_process_gets_too_few(
    parts: int, batch_norm: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parallel, "count", lambda: parts)
    for count in range(1, 14):
        digits = DigitSet(torch.arange(count), torch.arange(count))
        for size in range(1, 16):
            shares = [batches(digits, size, part=(part, parts)) for part in range(parts)]
            fewest = min(len(labels) for loader in shares for _, labels in loader)
            recipe = TINY.but(batch_size=size, batch_norm=batch_norm)
            try:
                command.check_batches(recipe, count)
                fits = True
            except UserError:
                fits = False
            assert fits == (fewest >= (2 if batch_norm else 1)), (count, size)


# Stopping and going on


@pytest.mark.parametrize("moment", [0, 3, "after"])
def test_stopped_run_is_kept_and_goes_on_to_the_same_network(
    call: Call, whole: Whole, tmp_path: Path, moment: int | str
):
    (undisturbed, _), out, metrics = whole("full"), tmp_path / "out.pt", tmp_path / "out.json"
    unfinished = tmp_path / "out.pt.unfinished"
    out.write_bytes(b"older")
    with ctrl_c(2, moment):
        outcome = call("--model", "full", *EMBEDDED, "--seed", 7, "--out", out)
    assert (outcome.code, outcome.err) == (130, "")
    assert "after 2 of 4 epochs, which are saved; to go on: " in outcome.out
    assert outcome.out.endswith(f"python train.py --resume {unfinished}\n")
    assert out.read_bytes() == b"older"
    assert checkpoints.load(unfinished).run["seed"] == 7

    outcome = call("--resume", unfinished, "--metrics", metrics)
    assert (outcome.code, outcome.err) == (0, "")
    assert "training: epochs 3 to 4" in outcome.out
    assert same_network(out, undisturbed)
    assert not unfinished.exists()
    record = json.loads(metrics.read_text(encoding="utf-8"))
    expected = checkpoints.load(undisturbed).metrics
    for name in ("model", "seed", "epochs", "recipe", "validation_accuracy", "test_accuracy"):
        assert record[name] == expected[name]


def test_unfinished_file_is_a_network_as_it_was_after_its_last_whole_epoch(
    call: Call, tmp_path: Path
):
    states = []
    for moment in (0, 3):
        out = tmp_path / f"{moment}.pt"
        with ctrl_c(2, moment):
            assert call("--model", "full", *EMBEDDED, "--out", out).code == 130
        states.append(tmp_path / f"{moment}.pt.unfinished")
    assert same_network(*states)
    file = checkpoints.load(states[0])
    assert torch.equal(file.model.layers[1].weight, file.run["model"]["layers.1.weight"])


def test_run_may_be_stopped_twice(call: Call, whole: Whole, tmp_path: Path):
    out, unfinished = tmp_path / "out.pt", tmp_path / "out.pt.unfinished"
    start = ("--model", "full", *EMBEDDED, "--seed", 7, "--out", out)
    for arguments, stop, done in (
        (start, (1, 2), 1),
        (("--resume", unfinished), (0, 4), 1),  # before another epoch was complete
        (("--resume", unfinished), (2, "after"), 3),
    ):
        with ctrl_c(*stop):
            outcome = call(*arguments)
        assert outcome.code == 130
        assert f"after {done} of 4 epochs" in outcome.out
        assert not out.exists()
    assert call("--resume", unfinished).code == 0
    assert same_network(out, whole("full")[0])


def test_unfinished_file_of_another_name_goes_to_build_or_where_it_is_told(
    call: Call, tmp_path: Path
):
    with ctrl_c(2, 0):
        call("--model", "tiny", *EMBEDDED)
    renamed = (tmp_path / "build" / "tiny.pt.unfinished").rename(tmp_path / "later.pt")
    before = renamed.read_bytes()
    assert call("--resume", renamed).code == 0
    assert call("--resume", renamed, "--out", tmp_path / "there.pt").code == 0
    assert same_network(tmp_path / "build" / "tiny.pt", tmp_path / "there.pt")
    assert renamed.read_bytes() == before


def test_run_on_mnist_goes_on_with_mnist_alone(call: Call, tmp_path: Path, mnist_root: Path):
    with ctrl_c(1):
        assert call("--model", "tiny", "--out", "out.pt").code == 130
    assert_refused(call("--resume", "out.pt.unfinished", "--data", "empty"), "is missing")
    assert call("--resume", "out.pt.unfinished").code == 0
    assert checkpoints.load("out.pt").data_name == "MNIST"


def test_stop_before_the_first_epoch_is_complete_saves_nothing(call: Call, tmp_path: Path):
    with ctrl_c(0, 4):
        outcome = call("--model", "tiny", *EMBEDDED, "--out", tmp_path / "out.pt")
    assert outcome.code == 130
    assert "nothing was saved" in outcome.out
    assert list(tmp_path.iterdir()) == []


def test_impatience_does_not_cost_what_is_being_saved(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    save = torch.save

    def slow(*arguments: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        save(*arguments)

    with monkeypatch.context() as patch, ctrl_c(2, 1):
        patch.setattr(torch, "save", slow)
        outcome = call("--model", "tiny", *EMBEDDED, "--out", tmp_path / "out.pt")
    assert outcome.code == 130
    assert call("--resume", tmp_path / "out.pt.unfinished").code == 0


def test_stop_after_the_last_epoch_comes_too_late(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    describe = command.describe

    def slow(*arguments: object) -> dict:
        signal.raise_signal(signal.SIGINT)
        return describe(*arguments)

    monkeypatch.setattr(command, "describe", slow)
    assert call("--model", "tiny", *EMBEDDED, "--out", tmp_path / "out.pt").code == 0
    assert checkpoints.load(tmp_path / "out.pt").run is None


def test_finished_run_has_nothing_to_go_on_with(call: Call, tmp_path: Path):
    call("--model", "tiny", *EMBEDDED, "--out", tmp_path / "out.pt")
    outcome = call("--resume", tmp_path / "out.pt")
    assert_refused(outcome, f"{tmp_path / 'out.pt'}: its training is finished")
    assert outcome.out == ""


@pytest.mark.parametrize("kind", ["missing", "a folder", "text", "of something else", "cut off"])
def test_file_that_is_no_run_is_one_sentence(
    call: Call, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, never_trained: None
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
    outcome = call("--resume", path)
    assert_refused(outcome, f"{path}: ")
    assert outcome.out == ""


def save_run(path: Path, run: dict) -> Path:
    """Write a small network together with whatever is said to be its training."""
    model = build(TINY.architecture())
    digits = data.load_digits("embedded")
    network = Checkpoint(model, digits.mean, digits.std, CLASSES, digits.name, {}, run=run)
    return checkpoints.save(path, network)


@pytest.fixture(scope="module")
def tiny_run(digits: Digits) -> dict:
    """What is kept of a run that has not begun."""
    return Run(TINY.but(schedule="one-cycle"), digits).state() | {"name": "tiny"}


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
    call: Call, tmp_path: Path, tiny_run: dict, changes: dict, never_trained: None
):
    path = tmp_path / "out.pt.unfinished"
    save_run(path, tiny_run | changes)
    assert_refused(call("--resume", path), f"{path}: ")


def test_run_of_another_network_than_the_file_holds_is_one_sentence(
    call: Call, tmp_path: Path, digits: Digits, never_trained: None
):
    other = Run(TINY.but(sizes=(784, 9, 10)), digits).state() | {"name": "tiny"}
    path = save_run(tmp_path / "out.pt.unfinished", other)
    assert_refused(call("--resume", path), f"{path}: ")


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
    call: Call, tmp_path: Path, tiny_run: dict, changes: dict
):
    path = save_run(tmp_path / "out.pt.unfinished", tiny_run | changes)
    assert_refused(call("--resume", path), f"{path}: ")


def test_name_inside_a_file_leads_nowhere(call: Call, tmp_path: Path, tiny_run: dict):
    path = save_run(tmp_path / "foreign.pt", tiny_run | {"name": "../../elsewhere"})
    call("--resume", path)
    assert not (tmp_path.parent / "elsewhere.pt").exists()


# Real processes


def wait_for_batch(screen: int, number: int) -> str:
    """Read what a terminal shows until its bar has come so far; return it all."""
    shown = ""
    while not any(int(done) >= number for done in re.findall(r"(\d+)/\d+ \[", shown)):
        shown += os.read(screen, 4096).decode(errors="replace")
        assert len(shown) < 100_000, shown[-1000:]
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither pty nor such signals")
def test_ctrl_c_keeps_the_epochs_done_and_leaves_the_older_file(tmp_path: Path):
    import pty
    import termios

    out = tmp_path / "out.pt"
    out.write_bytes(b"older")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("TQDM_DISABLE", None)
    screen, terminal = pty.openpty()  # where the bar shows how far it has come
    termios.tcsetwinsize(screen, (24, 80))
    with subprocess.Popen(
        [sys.executable, "train.py", *EMBEDDED, "--epochs", "5000", "--out", out],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        os.close(terminal)
        shown = wait_for_batch(screen, 2 * 6)  # of the second epoch, so the first is kept
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    os.close(screen)
    assert process.returncode == 130
    assert "Traceback" not in shown + said
    assert out.read_bytes() == b"older"
    file = checkpoints.load(tmp_path / "out.pt.unfinished")
    done = len(file.run["history"]["seconds"])
    assert done >= 1
    assert f"Stopped by you after {done} of 5000 epochs" in said
    assert f"--resume {tmp_path / 'out.pt.unfinished'}" in said


@pytest.mark.skipif(sys.platform == "win32", reason="PyTorch's launcher wants a POSIX system")
def test_two_processes_train_the_network_that_one_would(call: Call, tmp_path: Path):
    out, metrics, alone = tmp_path / "two.pt", tmp_path / "two.json", tmp_path / "one.pt"
    options = [*EMBEDDED, "--epochs", "4", "--seed", "2", "--device", "cpu"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    torchrun += ["--nproc-per-node", "2"]
    run = subprocess.run(
        [*torchrun, "train.py", *options, "--out", out, "--metrics", metrics],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("test accuracy") == 1
    assert run.stdout.count("2 processes") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["two.json", "two.pt"]

    assert call(*options, "--out", alone).code == 0
    record, expected = json.loads(metrics.read_text()), checkpoints.load(alone).metrics
    assert record.keys() >= PROMISED.keys()
    for name in ("model", "parameters", "dataset", "seed", "epochs", "recipe"):
        assert record[name] == expected[name]
    for name in ("validation_accuracy", "test_accuracy"):
        assert record[name] == pytest.approx(expected[name], abs=0.03)
    difference = weights(checkpoints.load(out).model) - weights(checkpoints.load(alone).model)
    assert difference.abs().mean() < 1e-4  # each digit once an epoch, in the same batches


def test_fresh_run_leaves_a_stopped_one_alone(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out.pt"
    with ctrl_c(2, 1):
        call("--model", "tiny", *EMBEDDED, "--out", out)
    kept = (tmp_path / "out.pt.unfinished").read_bytes()
    monkeypatch.setattr(Run, "__init__", lambda *_: pytest.fail("it took its time to say no"))
    assert_refused(call("--model", "tiny", *EMBEDDED, "--out", out), "go on with it by --resume")
    assert (tmp_path / "out.pt.unfinished").read_bytes() == kept


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
def test_made_up_state_is_refused(call: Call, tmp_path: Path, tiny_run: dict, changes: dict):
    path = save_run(tmp_path / "made.pt", tiny_run | changes)
    assert_refused(call("--resume", path), "start it again")
