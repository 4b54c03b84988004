"""The program behind `train.py`: prepare a run, train it, save it, and report its results."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import check_replaceable, check_writable, write_text
from helpers import checkpoints, parallel
from helpers.checkpoints import Checkpoint, CheckpointError
from helpers.data import Digits, load_digits
from helpers.models import count_parameters, fits_one_thread
from helpers.recipes import Recipe, recipe_for
from helpers.runs import Data, Run, describe, is_record
from helpers.training import Score, is_history, pick_device
from trainer.calibration import calibrate, calibrate_lines
from trainer.line_network import NETWORKS
from trainer.line_set import Lines
from trainer.recipes import RECIPES, ReaderRecipe
from trainer.sets import Practised, with_lines, with_photographs
from trainer.tasks import LINES, task_of

USUAL_NAME = "mlp"  # the default recipe: it trains in seconds
UNFINISHED = ".unfinished"  # added to the file name of a network that is still being trained
ALL_THREADS = torch.get_num_threads()


@dataclass(frozen=True)
class Job:
    """A run with its name, its data, and the files to write."""

    name: str
    run: Run
    digits: Data
    out: Path
    metrics: str | None


def run(options: Namespace) -> int:
    """Do what the command line asks for and return the exit code."""
    device = choose_device(options.device)
    with parallel.together(device):
        path = options.resume or kept_at_restart(options)
        job = resumed(path, options, device) if path else fresh(options, device)
        with place_for(job.out):
            say(opening(job))
            use_threads_for(job.run)
            return train(job)


def train(job: Job) -> int:
    """Train and save the network, or say how to go on, and return the exit code."""

    def after_epoch() -> None:
        keep(job)
        command_line.raise_pending_stop()

    code = 0
    try:
        with parallel.noticing_loss():
            job.run.train(after_epoch)
    except KeyboardInterrupt as stop:
        code = command_line.code_of(stop)
    except parallel.LostError:
        code = command_line.FAILED
    except UserError:  # these options can't lead to a good network
        unfinished(job.out).unlink(missing_ok=True)
        raise
    finally:
        command_line.uninterruptible()  # impatience can't cost what is being saved
    if code:
        stop_training(job)
    elif parallel.rank() == 0:
        finish(job)
    return code


def keep(job: Job) -> None:
    """Save a run at its last whole epoch, from the first process only."""
    if parallel.rank() == 0:
        state = job.run.last_state | {"name": job.name, "processes": parallel.count()}
        checkpoints.save(unfinished(job.out), replace(network_of(job), run=state))


def stop_training(job: Job) -> None:
    """Save a run at its last whole epoch, and print how to resume it."""
    run = job.run
    done = len(run.last_state["history"]["seconds"])
    if not done:
        return say("Stopped before the first epoch was complete: nothing was saved.")
    run.restore(run.last_state)
    keep(job)
    command = how_to_go_on(unfinished(job.out), parallel.count())
    say(f"Stopped after {done} of {run.recipe.epochs} epochs, which are saved; {command}")


def use_threads_for(run: Run, all_threads: int = ALL_THREADS) -> None:
    """Use one thread to train a small network, and all threads for a larger one."""
    torch.set_num_threads(1 if fits_one_thread(run.model) else all_threads)


def source_of(data_name: str) -> str:
    """Return the source, as in `--source`, of the data set with that name."""
    return "mnist" if data_name == "MNIST" else "small"


@contextmanager
def place_for(out: Path) -> Iterator[None]:
    """Lock the output file; raise UserError if another program holds it.

    Only the first process has to. A program that is killed loses its lock.
    """
    name = sha256(os.path.realpath(out).encode(errors="surrogateescape")).hexdigest()[:16]
    lock = Path(tempfile.gettempdir(), f"handwritten-{name}.lock")
    try:
        with nullcontext() if parallel.rank() else FileLock(lock, timeout=0, mode=0o666):
            yield
    except Timeout as error:
        text = f"{out} is being written by another program: name another."
        raise UserError(text) from error


def check_places(out: Path, metrics: str | None, resumed_from: str | None = None) -> None:
    """Check before training that all files can be written and replace nothing else."""
    kept = unfinished(out)
    with place_for(out):
        check_writable(out)
        check_writable(kept)
    check_replaceable(out, checkpoints.is_network, "a trained network of this project")
    if kept.exists() and not (resumed_from and kept.samefile(resumed_from)):
        raise UserError(
            f"{kept} holds a run that was stopped: go on with it by --resume, delete it, "
            "or choose another --out."
        )
    if metrics:
        check_writable(metrics)
        if Path(metrics).resolve() in (out.resolve(), kept.resolve()):
            raise UserError(f"{metrics} can't be the same file as the network's: choose another.")
        check_replaceable(metrics, is_record, "a record that train.py wrote")


def say(text: str) -> None:
    """Print from the first process only."""
    if parallel.rank() == 0:
        print(text, flush=True)


def choose_device(name: str) -> torch.device:
    """Return the device of that name; under `torchrun`, each process gets a GPU of its own."""
    device = pick_device(name)
    if device.type == "cuda" and parallel.launched():
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    return device


def out_of(options: Namespace, name: str) -> Path:
    """Return the file that the network with that name is saved to."""
    return Path(options.out or f"build/{name}.pt")


def kept_at_restart(options: Namespace) -> str | None:
    """Return what this run saved before `torchrun` restarted its processes, if anything."""
    kept = unfinished(out_of(options, options.model or USUAL_NAME))
    return str(kept) if parallel.restarted() and kept.exists() else None


def fresh(options: Namespace, device: torch.device) -> Job:
    """Prepare a new run, with all checks made before pictures are drawn, which takes minutes."""
    name, seed = options.model or USUAL_NAME, options.seed or 0
    out = out_of(options, name)
    check_places(out, options.metrics)
    digits = load_digits(options.source or "auto", options.data)
    asked = {name: getattr(options, name) for name in ("epochs", "batch_size", "learning_rate")}
    changes = {key: value for key, value in asked.items() if value is not None}
    recipe = recipe_for(name, digits.is_mnist, RECIPES).but(**changes)
    return Job(name, *begin(recipe, digits, seed, device), out, options.metrics)


def begin(recipe: Recipe, digits: Digits, seed: int, device: torch.device) -> tuple[Run, Data]:
    """Return a run that has not begun, and what it learns from, which may take minutes to draw."""
    data: Data = digits
    photos, task = recipe.photos if isinstance(recipe, ReaderRecipe) else 0, task_of(recipe)
    if task is LINES:
        check_batches(recipe, photos, parallel.count())
        data = with_lines(digits, photos, seed)
    else:
        check_batches(recipe, len(digits.train) + photos, parallel.count())
        data = with_photographs(digits, photos, seed) if photos else digits
    return Run(recipe, data, seed, device, task), data


def check_batches(recipe: Recipe, count: int, processes: int = 1) -> None:
    """Raise UserError if the last batch leaves a process too few pictures to learn from."""
    last = count % recipe.batch_size or recipe.batch_size
    fewest, needed = last // processes, 2 if recipe.batch_norm else 1
    if fewest < needed:
        raise UserError(
            f"With batches of {recipe.batch_size}, the last one has {last} of {count:,} digits, "
            f"too few for this network on {processes} process(es): "
            "choose another --batch-size."
        )


def resumed(path: str, options: Namespace, device: torch.device) -> Job:
    """Prepare a stopped run from its file, with the same data, where it stopped."""
    file = checkpoints.load(path, networks=NETWORKS)
    if file.run is None:
        raise CheckpointError(f"{path}: its training is finished, nothing is to be done.")
    try:
        return continued(file, file.run, path, options, device)
    except (UserError, OSError):
        raise
    except Exception as error:  # a forged file can raise nearly any
        raise CheckpointError(
            f"{path}: is no run that could be continued; start it again."
        ) from error


def continued(
    file: Checkpoint, state: dict, path: str, options: Namespace, device: torch.device
) -> Job:
    """Return the run that a checkpoint holds, ready to go on, if its data are still the same."""
    name, processes = state["name"], state.get("processes", 1)
    recipe = RECIPES[name].from_dict(state["recipe"])
    if processes != parallel.count():
        raise CheckpointError(
            f"{path}: another number of processes would end in other weights; "
            f"{how_to_go_on(path, processes)}."
        )
    out = Path(options.out or finished(Path(path)) or out_of(options, name))
    check_places(out, options.metrics, path)
    digits = load_digits(source_of(file.data_name), options.data)
    if (digits.name, digits.mean, digits.std) != (file.data_name, file.mean, file.std):
        raise CheckpointError(
            f"{path}: its training began on other digits than today's {digits.name}; "
            "start it again."
        )
    if not is_history(state["history"]):
        raise ValueError("its history is no history")
    run, learned = begin(recipe, digits, state["seed"], device)
    run.restore(state)
    return Job(name, run, learned, out, options.metrics)


def unfinished(out: Path) -> Path:
    """Return where a stopped run is kept, so that an older network isn't overwritten."""
    return Path(f"{out}{UNFINISHED}")


def finished(path: Path) -> Path | None:
    """Return where the network of a stopped run belongs, if the file's name tells."""
    name = path.name.removesuffix(UNFINISHED)
    return None if name in ("", path.name) else path.with_name(name)


def opening(job: Job) -> str:
    """Describe the run that is about to start: its network, data and training."""
    run, recipe, digits = job.run, job.run.recipe, job.digits
    notice = f"Not on MNIST: {digits.notice}\n" if digits.notice else ""
    processes = f", {parallel.count()} processes" if parallel.count() > 1 else ""
    return (
        f"{notice}{job.name}: {recipe.title()}, {count_parameters(run.model):,} parameters\n"
        f"data: {digits.name}, {extent(digits)} to learn from\n"
        f"training: epochs {len(run.history.seconds) + 1} to {recipe.epochs}, "
        f"batches of {recipe.batch_size}, seed {run.seed}, {run.device.type}{processes}"
    )


def extent(digits: Data) -> str:
    """Describe how much training data there is."""
    count = len(digits.train)
    if isinstance(digits, Practised):
        photographs = digits.photographs
        return f"{count - photographs:,} digits and {photographs:,} photographs"
    return f"{count:,} {'lines' if isinstance(digits, Lines) else 'digits'}"


def network_of(job: Job) -> Checkpoint:
    """Return the network as a checkpoint, with all that is needed to use it."""
    digits, model = job.digits, job.run.model
    return Checkpoint(model, digits.mean, digits.std, model.classes, digits.name, metrics={})


def how_to_go_on(path: str | Path, processes: int) -> str:
    """Return the command to resume a run; it ends in the same weights as without a stop."""
    start = "python" if processes == 1 else f"torchrun --nproc-per-node {processes}"
    quote = subprocess.list2cmdline if sys.platform == "win32" else shlex.join
    return f"to go on: {start} train.py --resume {quote([str(path)])}"


def finish(job: Job) -> None:
    """Test the network, save everything, and print the results."""
    network, found = network_of(job), dict[str, float]()
    if isinstance(job.run.recipe, ReaderRecipe):
        checkpoints.to_16_bits(job.run.model)  # so that the saved network is the measured one
        trust, found = calibrated(job)
        temperature, sure_from = trust["temperature"], trust["sure_from"]
        network = replace(network, temperature=temperature, sure_from=sure_from)
    record = describe(job.name, job.run, job.digits) | found
    checkpoints.save(job.out, replace(network, metrics=record))
    if job.metrics:
        write_text(job.metrics, json.dumps(record, indent=1) + "\n")
    say(closing(job, record))
    unfinished(job.out).unlink(missing_ok=True)


def calibrated(job: Job) -> tuple[dict[str, float], dict[str, float]]:
    """Return the network's calibration, and measurements of how well it works."""
    if isinstance(job.digits, Lines):
        return calibrate_lines(job.run.model, job.digits)
    assert isinstance(job.digits, Digits)
    return calibrate(job.run.model, job.digits, job.run.seed)


def closing(job: Job, record: dict) -> str:
    """Describe the results, and list the files written."""
    test = Score(0.0, record["test_accuracy"], record["test_images"])
    what = job.run.task.unit
    return "\n".join(
        [
            f"trained in {record['train_seconds']:.1f} s",
            f"validation accuracy: {record['validation_accuracy']:.2%} "
            f"({len(job.digits.validation):,} {what}): compare settings by this",
            f"test accuracy:       {test.accuracy:.2%} ± {100 * test.standard_error:.2f} "
            f"({test.count:,} {what}): choose nothing by this",
            *[f"saved: {path}" for path in (job.out, job.metrics) if path],
        ]
    )
