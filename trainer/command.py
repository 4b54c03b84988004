"""The program behind `train.py`: prepare a run, train it, save it, and report its results."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
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
from helpers.models import Network, count_parameters, fits_one_thread
from helpers.recipes import Recipe, recipe_for
from helpers.runs import Data, Run, Task, describe, is_record
from helpers.training import Score, is_history, pick_device
from trainer.calibration import calibrate
from trainer.line_calibration import calibrate_lines
from trainer.line_network import NETWORKS
from trainer.line_set import Lines
from trainer.line_sets import with_lines
from trainer.recipes import RECIPES, ReaderRecipe
from trainer.sets import Practised, with_photographs
from trainer.tasks import LINES, task_of

USUAL_NAME = "mlp"  # the default recipe: it trains in seconds
UNFINISHED = ".unfinished"  # added to the file name of a network that is still being trained
KEPT_EVERY = 2.0  # seconds from save to save: a killed run loses at most this and an epoch
ALL_THREADS = torch.get_num_threads()
STATE_ERRORS = (TypeError, ValueError, LookupError, RuntimeError)  # that a forged state can raise


@dataclass(frozen=True)
class Parts:
    """The functions and settings that a command is made of; a caller can pass smaller ones."""

    recipes: Mapping[str, Recipe] = field(default_factory=lambda: RECIPES)
    load_digits: Callable[[str, str | None], Digits] = load_digits
    add_photographs: Callable[[Digits, int, int], Digits] = with_photographs
    make_lines: Callable[[Digits, int, int], Lines] = with_lines
    run: Callable[[Recipe, Data, int, torch.device, Task], Run] = Run
    calibrate: Callable[[Network, Digits, int], tuple[dict, dict]] = calibrate
    calibrate_lines: Callable[[Network, Lines], tuple[dict, dict]] = calibrate_lines
    kept_every: float = KEPT_EVERY


USUAL_PARTS = Parts()


@dataclass(frozen=True)
class Job:
    """A run with its name, its data, and the files to write."""

    name: str
    run: Run
    digits: Data
    out: Path
    metrics: str | None


def run(options: Namespace, parts: Parts = USUAL_PARTS) -> int:
    """Do what the command line asks for and return the exit code."""
    device = choose_device(options.device)
    with parallel.together(device):
        job = (resumed if options.resume else fresh)(options, device, parts)
        with place_for(job.out):
            say(opening(job))
            use_threads_for(job.run)
            return ended(job, parts, trained(job, options.resume, parts))


def trained(job: Job, resumed_from: str | None, parts: Parts) -> int:
    """Train to the end or to a stop, ignore further stops, and return the exit code."""
    try:
        return trained_or_lost(job, resumed_from, parts)
    except KeyboardInterrupt as stop:
        command_line.uninterruptible()  # again: the stop may have interrupted the first call
        command_line.asked.clear()  # handled: a later error isn't due to this stop
        return command_line.code_of(stop)


def trained_or_lost(job: Job, resumed_from: str | None, parts: Parts) -> int:
    """Train, ignore stops from then on so that saving can finish, and return the exit code.

    It is FAILED if another process of the group ended.
    """
    try:
        with suspecting(resumed_from, STATE_ERRORS), parallel.noticing_loss():
            job.run.train(keeper(job, parts.kept_every))
    except parallel.LostError:
        return command_line.FAILED
    except UserError:
        if not resumed_from:  # these options can't lead to a good network
            unfinished(job.out).unlink(missing_ok=True)
        raise
    finally:
        command_line.uninterruptible()
    return 0


def ended(job: Job, parts: Parts, code: int) -> int:
    """Save the results, from the first process only, and return the exit code."""
    kept = unfinished(job.out)
    if parallel.rank() == 0 and not code:
        return finish(job, parts)
    if parallel.rank() == 0:
        keep_unfinished(job)
    elif code == command_line.FAILED and kept.exists():  # maybe it was the first that ended
        print("Another process ended;", how_to_go_on(kept, parallel.count()), file=sys.stderr)
    return code


def keeper(job: Job, kept_every: float) -> Callable[[], None]:
    """Return a function to call after each epoch, which saves the run.

    It saves at most every `kept_every` seconds. If a stop got lost, it raises KeyboardInterrupt.
    """
    last = time.monotonic()

    def keep() -> None:
        nonlocal last
        command_line.raise_pending_stop()
        if parallel.rank() == 0 and time.monotonic() - last >= kept_every:
            with suppress(OSError):  # `put` tries another place at the end
                checkpoints.save(unfinished(job.out), so_far(job))
            last = time.monotonic()

    return keep


def use_threads_for(run: Run, all_threads: int = ALL_THREADS) -> None:
    """Use one thread to train a small network, and all threads for a larger one."""
    torch.set_num_threads(1 if fits_one_thread(run.model) else all_threads)


def source_of(data_name: str) -> str:
    """Return the source, as in `--source`, of the data set with that name."""
    return "mnist" if data_name == "MNIST" else "small"


def usual_out(name: str) -> Path:
    """Return the file that a network is saved to by default."""
    return Path(f"build/{name}.pt")


def place_for(out: Path) -> AbstractContextManager[None]:
    """Lock the output file against a second run; only the first process has to."""
    return for_me_alone(out) if parallel.rank() == 0 else nullcontext()


@contextmanager
def for_me_alone(path: Path) -> Iterator[None]:
    """Lock a file that is about to be written; raise UserError if another program holds it.

    A program that is killed loses its lock.
    """
    name = sha256(os.path.realpath(path).encode(errors="surrogateescape")).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir(), f"handwritten-{name}.lock"), timeout=0, mode=0o666)
    try:
        lock.acquire()
    except Timeout as error:
        text = f"{path} is being written by another program: name another."
        raise UserError(text) from error
    try:
        yield
    finally:
        lock.release()


def check_places(out: Path, metrics: str | None, resumed_from: str | None = None) -> None:
    """Check before training that all files can be written and replace nothing else."""
    with place_for(out):
        check_writable(out)
        kept = unfinished(out)
        check_writable(kept)
    check_replaceable(out, checkpoints.is_network, "a trained network of this project")
    goes_on = resumed_from is not None and kept.exists() and kept.samefile(resumed_from)
    if kept.exists() and not goes_on and not parallel.restarted():
        check_replaceable(kept, is_stopped_run, "a run that was stopped")
        raise stopped_before(kept)
    if metrics:
        check_writable(metrics)
        if Path(metrics).resolve() in (out.resolve(), kept.resolve()):
            raise UserError(f"{metrics} can't be the same file as the network's: choose another.")
        check_replaceable(metrics, is_record, "a record that train.py wrote")


def is_stopped_run(path: Path) -> bool:
    """Tell whether a file holds a run that can be continued."""
    try:
        return checkpoints.load(path, networks=NETWORKS).run is not None
    except CheckpointError:
        return False


def stopped_before(kept: Path) -> UserError:
    """Return the error about a file that holds another run, which was stopped."""
    return UserError(
        f"{kept} holds a run that was stopped: go on with it by --resume, delete it, "
        "or choose another --out."
    )


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


def fresh(options: Namespace, device: torch.device, parts: Parts) -> Job:
    """Prepare a new run, with all checks made before pictures are drawn, which takes minutes."""
    name, seed = options.model or USUAL_NAME, options.seed or 0
    out = Path(options.out or usual_out(name))
    check_places(out, options.metrics)
    digits = parts.load_digits(options.source or "auto", options.data)
    recipe = recipe_for(name, digits.is_mnist, parts.recipes).but(**asked_for(options))
    learned = practised(recipe, digits, seed, parts)
    job = Job(
        name,
        parts.run(recipe, learned, seed, device, task_of(recipe)),
        learned,
        out,
        options.metrics,
    )
    if parallel.restarted() and unfinished(out).exists():
        take_up(job, unfinished(out))
    return job


def take_up(job: Job, kept: Path) -> None:
    """Restore what this run saved before `torchrun` restarted its processes."""
    file, digits, planned = checkpoints.load(kept, networks=NETWORKS), job.digits, state_of(job)
    found = file.run or {}
    same = all(found.get(each) == planned[each] for each in ("name", "recipe", "seed", "processes"))
    if not same or (digits.mean, digits.std) != (file.mean, file.std):
        raise stopped_before(kept)
    with suspecting(str(kept)):
        go_back(job.run, found)


def asked_for(options: Namespace) -> dict[str, float]:
    """Return the recipe's values that the options change."""
    asked = {
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.lr,
    }
    return {key: value for key, value in asked.items() if value is not None}


def practised(recipe: Recipe, digits: Digits, seed: int, parts: Parts) -> Data:
    """Return the digits, with photographs or as lines if the recipe asks; this may take minutes."""
    photos = recipe.photos if isinstance(recipe, ReaderRecipe) else 0
    if task_of(recipe) is LINES:
        check_batches(recipe, photos, parallel.count())
        return parts.make_lines(digits, photos, seed)
    check_batches(recipe, len(digits.train) + photos, parallel.count())
    return parts.add_photographs(digits, photos, seed) if photos else digits


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


def resumed(options: Namespace, device: torch.device, parts: Parts) -> Job:
    """Prepare a stopped run from its file, with the same data, where it stopped."""
    path = options.resume
    file = checkpoints.load(path, networks=NETWORKS)
    if file.run is None:
        raise CheckpointError(f"{path}: its training is finished, nothing is to be done.")
    with suspecting(path):
        name, seed, recipe = plan_of(file.run, file.model.architecture(), parts.recipes)
        processes = int(file.run.get("processes", 1))
    if processes != parallel.count():
        raise CheckpointError(
            f"{path}: another number of processes would end in other weights; "
            f"{how_to_go_on(path, processes)}."
        )
    out = Path(options.out or finished(Path(path)) or usual_out(name))
    check_places(out, options.metrics, path)
    digits = parts.load_digits(source_of(file.data_name), options.data)
    if (digits.name, digits.mean, digits.std) != (file.data_name, file.mean, file.std):
        raise CheckpointError(
            f"{path}: its training began on other digits than today's {digits.name}; "
            "start it again."
        )
    with suspecting(path):
        learned = practised(recipe, digits, seed, parts)
        run = parts.run(recipe, learned, seed, device, task_of(recipe))
        go_back(run, file.run)
        job = Job(name, run, learned, out, options.metrics)
        opening(job)
    return job


def plan_of(
    state: dict, architecture: dict, recipes: Mapping[str, Recipe]
) -> tuple[str, int, Recipe]:
    """Return the name, seed and recipe of a stopped run, if they fit this network."""
    name, seed = state["name"], state["seed"]
    recipe = recipes[name].from_dict(state["recipe"])
    if recipe.architecture() != architecture:
        raise ValueError("the recipe is another network's")
    if isinstance(recipe, ReaderRecipe) and recipe.photos != vars(recipes[name])["photos"]:
        raise ValueError("there is no such recipe")
    return name, seed, recipe


def go_back(run: Run, state: dict) -> None:
    """Restore a run's state, and check that it can continue from there."""
    run.restore(state)
    if not is_history(state["history"]) or len(run.history.seconds) > run.recipe.epochs:
        raise ValueError("its history is no history")
    run.reseed(0)


@contextmanager
def suspecting(
    path: str | None, kinds: tuple[type[Exception], ...] = (Exception,)
) -> Iterator[None]:
    """Report errors of these kinds as a damaged file: a forged one can raise nearly any.

    UserError passes unchanged, as does any error if there is no file.
    """
    try:
        yield
    except UserError:
        raise
    except kinds as error:
        if path is None:
            raise
        raise CheckpointError(
            f"{path}: is no run that could be continued; start it again."
        ) from error


def unfinished(out: Path) -> Path:
    """Return where a stopped run is kept, so that an older network isn't overwritten."""
    return out.with_name(f"{out.name}{UNFINISHED}")


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
    if isinstance(digits, Lines):
        return f"{len(digits.train):,} lines"
    if isinstance(digits, Practised):
        count = len(digits.train) - digits.photographs
        return f"{count:,} digits and {digits.photographs:,} photographs"
    return f"{len(digits.train):,} digits"


def network_of(job: Job, metrics: dict) -> Checkpoint:
    """Return the network as a checkpoint, with all that is needed to use it."""
    digits = job.digits
    model = job.run.model
    return Checkpoint(model, digits.mean, digits.std, model.classes, digits.name, metrics)


def state_of(job: Job) -> dict:
    """Return all that is needed to continue the run after its last whole epoch."""
    return job.run.last_state | {"name": job.name, "processes": parallel.count()}


def so_far(job: Job) -> Checkpoint:
    """Return the checkpoint of an unfinished run, which can be resumed."""
    return replace(network_of(job, {}), run=state_of(job))


def keep_unfinished(job: Job) -> None:
    """Save a run at its last whole epoch, and print how to resume it."""
    run = job.run
    done = len(run.last_state["history"]["seconds"])
    if not done:
        return say("Stopped before the first epoch was complete: nothing was saved.")
    run.restore(run.last_state)
    path = put(unfinished(job.out), lambda path: checkpoints.save(path, so_far(job)))
    say(
        f"Stopped after {done} of {run.recipe.epochs} epochs, which are saved; "
        f"{how_to_go_on(path, parallel.count())}"
    )


def how_to_go_on(path: str | Path, processes: int) -> str:
    """Return the command to resume a run; it ends in the same weights as without a stop."""
    start = "python" if processes == 1 else f"torchrun --nproc-per-node {processes}"
    return f"to go on: {start} train.py --resume {quoted(str(path))}"


def quoted(name: str) -> str:
    """Return a file name quoted for the shell; Windows knows no single quotes."""
    return subprocess.list2cmdline([name]) if sys.platform == "win32" else shlex.quote(name)


def finish(job: Job, parts: Parts) -> int:
    """Test the network, save everything, print the results, and return the exit code."""
    network = network_of(job, {})
    found: dict[str, float] = {}
    if isinstance(job.run.recipe, ReaderRecipe):
        checkpoints.to_16_bits(job.run.model)  # so that the saved network is the measured one
        trust, found = calibrated(job, parts)
        temperature, sure_from = trust["temperature"], trust["sure_from"]
        network = replace(network, temperature=temperature, sure_from=sure_from)
    record = describe(job.name, job.run, job.digits) | found
    text = json.dumps(record, indent=1) + "\n"
    wanted = [job.out, *([Path(job.metrics)] if job.metrics else [])]
    saved = [put(job.out, lambda path: checkpoints.save(path, replace(network, metrics=record)))]
    if job.metrics:
        saved.append(put(Path(job.metrics), lambda path: write_text(path, text)))
    say(closing(job, record, saved))
    unfinished(job.out).unlink(missing_ok=True)
    return 0 if saved == wanted else command_line.FAILED


def put(path: Path, write: Callable[[Path], Path]) -> Path:
    """Write a file or, if that fails, write it to a new folder and say so; return its path."""
    try:
        return write(path)
    except (OSError, UserError) as error:
        try:
            other = write(Path(tempfile.mkdtemp(prefix="digits-"), path.name))
        except OSError:
            raise error from None
        reason = getattr(error, "strerror", error)
        command_line.complain(f"{path} can't be written ({reason}): it is {other} now.", 1)
        return other


def calibrated(job: Job, parts: Parts) -> tuple[dict, dict]:
    """Return the network's calibration, and measurements of how well it works."""
    if isinstance(job.digits, Lines):
        return parts.calibrate_lines(job.run.model, job.digits)
    assert isinstance(job.digits, Digits)
    return parts.calibrate(job.run.model, job.digits, job.run.seed)


def closing(job: Job, record: dict, saved: list[Path]) -> str:
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
            *[f"saved: {path}" for path in saved],
        ]
    )
