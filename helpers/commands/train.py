"""What `train.py` does: prepare a run, train it, save it, and say how it went."""

import json
import os
import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import torch

from helpers import checkpoints, parallel
from helpers.checkpoints import Checkpoint, CheckpointError
from helpers.common import command_line
from helpers.common.errors import UserError
from helpers.common.files import check_writable, write_text
from helpers.data import Digits, load_digits
from helpers.models import CLASSES, count_parameters
from helpers.practice.calibration import calibrate
from helpers.practice.sets import with_photographs
from helpers.recipes import RECIPES, Recipe, recipe_for
from helpers.runs import Run, describe
from helpers.training import Score, is_history, pick_device

UNFINISHED = ".unfinished"  # put behind the name of a network that is still being trained
ALL_THREADS = torch.get_num_threads()
SMALL = 200_000  # parameters of an MLP, below which a second thread costs more than it brings


def train(options: Namespace) -> int:
    """Do what the command line asks for; the exit code is returned."""
    device = choose_device(options.device)
    with parallel.together(device):
        if not options.resume:  # at once, since practice pictures take minutes to be made
            check_places(place(options, options.model or "mlp"), options.metrics, None)
        name, run, digits = (resumed if options.resume else fresh)(options, device)
        out = place(options, name)
        check_places(out, options.metrics, options.resume)
        say(opening(name, run, digits))
        command_line.interruptible()
        use_threads_for(run)
        try:
            run.train()
        except (TypeError, ValueError, LookupError, RuntimeError) as error:
            if options.resume and not isinstance(error, UserError):
                raise not_a_run(options.resume) from error
            raise
        except KeyboardInterrupt:
            command_line.uninterruptible()
            if parallel.rank() == 0:
                say(keep_unfinished(name, run, digits, out))
            return command_line.INTERRUPTED
        command_line.uninterruptible()
        if parallel.rank() == 0:
            finish(name, run, digits, out, options.metrics)
    return 0


def use_threads_for(run: Run) -> None:
    """Train a small MLP on one thread, and whatever is larger on all there are."""
    is_small = run.recipe.model == "mlp" and count_parameters(run.model) < SMALL
    torch.set_num_threads(1 if is_small else ALL_THREADS)


def source_of(data_name: str) -> str:
    """The source that gives the digits of that name."""
    return "mnist" if data_name == "MNIST" else "embedded"


def place(options: Namespace, name: str) -> Path:
    """Where the trained network is to be saved."""
    return Path(options.out or f"build/{name}.pt")


def check_places(out: Path, metrics: str | None, resumed_from: str | None) -> None:
    """Find out before training whether what comes of it can be written, and side by side."""
    check_writable(out)
    kept = unfinished(out)
    check_writable(kept)
    if kept.exists() and (resumed_from is None or not kept.samefile(resumed_from)):
        raise UserError(
            f"{kept} holds a run that was stopped: go on with it by --resume, delete it, "
            "or choose another --out."
        )
    if metrics:
        check_writable(metrics)
        if Path(metrics).resolve() in (out.resolve(), kept.resolve()):
            raise UserError(f"{metrics} can't be the same file as the network's: choose another.")


def say(text: str) -> None:
    """Print from one process only."""
    if parallel.rank() == 0:
        print(text, flush=True)


def choose_device(name: str) -> torch.device:
    """The device of that name if this machine has it; each process of a group has its own GPU."""
    if name == "auto":
        device = pick_device()
    elif name == "cuda" and not torch.cuda.is_available():
        raise UserError("There is no CUDA device that PyTorch can use: choose --device cpu.")
    elif name == "mps" and not torch.backends.mps.is_available():
        raise UserError("There is no Apple GPU that PyTorch can use: choose --device cpu.")
    else:
        device = torch.device(name)
    if device.type == "cuda" and parallel.launched():
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    return device


def fresh(options: Namespace, device: torch.device) -> tuple[str, Run, Digits]:
    """A run from the beginning, by the recorded recipe and what was asked to be different."""
    name = options.model or "mlp"
    digits = load_digits(options.source or "auto", options.data)
    asked = {
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.lr,
    }
    changes = {key: value for key, value in asked.items() if value is not None}
    recipe = recipe_for(name, digits.is_mnist).but(**changes)
    seed = options.seed or 0
    check_batches(recipe, len(digits.train) + recipe.photos)  # now: photographs take minutes
    digits = with_photographs(digits, recipe.photos, seed)
    return name, Run(recipe, digits, seed, device), digits


def check_batches(recipe: Recipe, digits: int) -> None:
    """Refuse a batch size that leaves a process too few digits, before training stumbles on it."""
    last = digits % recipe.batch_size or recipe.batch_size
    fewest, needed = last // parallel.count(), 2 if recipe.batch_norm else 1
    if fewest < needed:
        raise UserError(
            f"With batches of {recipe.batch_size}, the last one has {last} of {digits:,} digits, "
            f"too few for this network on {parallel.count()} process(es): "
            "choose another --batch-size."
        )


def resumed(options: Namespace, device: torch.device) -> tuple[str, Run, Digits]:
    """The run that a file was left by, on the same data, as far as it had come."""
    file = checkpoints.load(options.resume)
    if file.run is None:
        raise CheckpointError(f"{options.resume}: its training is finished, nothing is to be done.")
    digits = load_digits(source_of(file.data_name), options.data)
    if (digits.mean, digits.std) != (file.mean, file.std):
        raise CheckpointError(f"{options.resume}: its training began on other digits than these.")
    try:
        recipe = Recipe.from_dict(file.run["recipe"])
        if recipe.architecture() != file.model.architecture():
            raise ValueError("the recipe is another network's")
        name, seed = file.run["name"], file.run["seed"]
        if name not in RECIPES or recipe.photos != RECIPES[name].photos:
            raise ValueError("there is no such recipe")
        check_batches(recipe, len(digits.train) + recipe.photos)
        digits = with_photographs(digits, recipe.photos, seed)
        run = Run(recipe, digits, seed, device)
        run.restore(file.run)
        if not is_history(file.run["history"]) or len(run.history.seconds) > recipe.epochs:
            raise ValueError("its history is no history")
        run.reseed(0)
        opening(name, run, digits)
    except UserError:
        raise
    except Exception as error:  # a made-up file can provoke nearly any of them
        raise not_a_run(options.resume) from error
    options.out = options.out or finished(Path(options.resume))
    return name, run, digits


def not_a_run(path: str) -> CheckpointError:
    """What to say of a file that looks like a stopped run and isn't one."""
    return CheckpointError(f"{path}: is no run that could be continued; start it again.")


def unfinished(out: Path) -> Path:
    """Where a run that was stopped is kept, so that an older network stays what it is."""
    return out.with_name(f"{out.name}{UNFINISHED}")


def finished(path: Path) -> Path | None:
    """Where the network of an unfinished run belongs, if the file's name tells."""
    name = path.name.removesuffix(UNFINISHED)
    return None if name in ("", path.name) else path.with_name(name)


def opening(name: str, run: Run, digits: Digits) -> str:
    """What is about to happen."""
    recipe, done = run.recipe, len(run.history.seconds)
    notice = f"Not on MNIST: {digits.notice}\n" if digits.notice else ""
    processes = f", {parallel.count()} processes" if parallel.count() > 1 else ""
    return (
        f"{notice}{name}: {recipe.title()}, {count_parameters(run.model):,} parameters\n"
        f"data: {digits.name}, {extent(digits)} to learn from\n"
        f"training: epochs {done + 1} to {recipe.epochs}, batches of {recipe.batch_size}, "
        f"seed {run.seed}, {run.device.type}{processes}"
    )


def extent(digits: Digits) -> str:
    """How much there is to learn from."""
    count = len(digits.train) - digits.photographs
    photographs = f" and {digits.photographs:,} photographs" if digits.photographs else ""
    return f"{count:,} digits{photographs}"


def network_of(run: Run, digits: Digits, metrics: dict) -> Checkpoint:
    """The network with all that is needed to use it."""
    return Checkpoint(run.model, digits.mean, digits.std, CLASSES, digits.name, metrics)


def keep_unfinished(name: str, run: Run, digits: Digits, out: Path) -> str:
    """Save a run at its last whole epoch, and say how to go on."""
    done = len(run.last_state["history"]["seconds"])
    if not done:
        return "Stopped by you before the first epoch was complete: nothing was saved."
    run.restore(run.last_state)
    network = replace(network_of(run, digits, {}), run=run.last_state | {"name": name})
    path = checkpoints.save(unfinished(out), network)
    return (
        f"Stopped by you after {done} of {run.recipe.epochs} epochs, which are saved; "
        f"to go on: python train.py --resume {shlex.quote(str(path))}"
    )


def finish(name: str, run: Run, digits: Digits, out: Path, metrics: str | None) -> None:
    """Meet the test set, save everything, and report."""
    trust: dict[str, float] = checkpoints.UNCALIBRATED
    found: dict[str, float] = {}
    if run.recipe.photos:
        checkpoints.halve(run.model)  # so that what is measured is what is saved
        trust, found = calibrate(run.model, digits, run.seed)
    record = describe(name, run, digits) | found
    network = network_of(run, digits, record)
    temperature, sure_from = trust["temperature"], trust["sure_from"]
    checkpoints.save(out, replace(network, temperature=temperature, sure_from=sure_from))
    if metrics:
        write_text(metrics, json.dumps(record, indent=1) + "\n")
    unfinished(out).unlink(missing_ok=True)
    test = Score(0.0, record["test_accuracy"], record["test_images"])
    say(
        f"trained in {record['train_seconds']:.1f} s\n"
        f"validation accuracy: {record['validation_accuracy']:.2%} "
        f"({len(digits.validation):,} digits): compare settings by this\n"
        f"test accuracy:       {test.accuracy:.2%} ± {100 * test.standard_error:.2f} "
        f"({test.count:,} digits): choose nothing by this\n"
        f"saved: {out}"
    )
    if metrics:
        say(f"saved: {metrics}")
