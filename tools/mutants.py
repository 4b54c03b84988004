"""Change helpers/ in small ways, one at a time: do the tests of that module notice?"""

import argparse
import compileall
import contextlib
import difflib
import importlib
import itertools
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = ROOT / "tests" / "mutants_equivalent.txt"
NOT_COPIED = (".git", ".venv", "build", "data", "__pycache__", ".*_cache")
WARM = (
    *("pytest", "torch", "torch.utils.data", "torchvision.transforms.v2", "cv2"),
    *("sklearn.datasets", "PIL.Image", "matplotlib.pyplot", "tqdm.notebook"),
)  # what tests import, and takes long
FORK: Final = "fork"  # how processes begin, so that they have what takes long to import already
PATIENCE, LEAST_SECONDS = 4, 10  # how long mutants may take: times what the sound tests took
MOST_MEMORY = 16 * 2**30  # bytes of address space, for mutants that would take all there is

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """A module of helpers/ with one change in it; without any, it is the sound module."""

    path: str
    text: str = ""
    diff: Lines = ()

    def changed(self, sign: str) -> Lines:
        """The lines before ("-") or after ("+"), by which a change is known wherever it stands."""
        return tuple(line[1:].strip() for line in self.diff if line.startswith(sign))

    @property
    def key(self) -> tuple[str, Lines, Lines]:
        """What the list of equivalent changes knows it by: line numbers would go stale."""
        return self.path, self.changed("-"), self.changed("+")


@dataclass(frozen=True)
class Trial:
    """One run of a module's tests, in a copy of the repository that is its own."""

    mutant: Mutant
    tests: Lines
    sound: Path
    limit: float = 900.0


@dataclass(frozen=True)
class Result:
    """What became of a trial: pytest's exit code, or None where time ran out."""

    mutant: Mutant
    code: int | None
    seconds: float
    said: str


# Which changes there are


def negated(node: cst.If | cst.While) -> Iterator[cst.CSTNode]:
    """Take the other branch, which mutmut tries only in conditional expressions."""
    inner = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), inner))


def never_begun(node: cst.For) -> Iterator[cst.CSTNode]:
    """Skip a loop."""
    yield node.with_changes(iter=cst.Tuple([]))


def not_called(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """Leave out a step that is taken for its effect."""
    if isinstance(node.value, cst.Call):
        yield node.with_changes(value=cst.Name("None"))


OPERATORS: tuple[tuple[type[cst.CSTNode], Callable[..., Iterable[cst.CSTNode]]], ...] = (
    *mutation_operators,
    (cst.If, negated),
    (cst.While, negated),
    (cst.For, never_begun),
    (cst.Expr, not_called),
)
POINTLESS = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Raise)


def is_pointless(node: cst.CSTNode) -> bool:
    """Types, imports and sentences for people: no test should pin them down word by word."""
    if isinstance(node, cst.SimpleString):
        return " " in node.value or len(node.value) < 3 or node.value.startswith('"""')
    if isinstance(node, cst.Assign):
        return any(getattr(each.target, "value", "") == "__all__" for each in node.targets)
    prints = isinstance(node, cst.Call) and getattr(node.func, "value", "") == "print"
    return prints or isinstance(node, POINTLESS)


class Finder(cst.CSTVisitor):
    """Collects all changes: mutmut's own search leaves out constants and decorated functions."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Try every operator on a node; of a string, one change says as much as three."""
        if is_pointless(node):
            return False
        fitting = [change for kind, change in OPERATORS if isinstance(node, kind)]
        new = list(itertools.chain.from_iterable(change(node) for change in fitting))
        for changed in new[:1] if isinstance(node, cst.SimpleString) else new:
            self.found.append((self.get_metadata(PositionProvider, node).start.line, node, changed))
        return True


def all_changes(path: str, seed: int) -> Iterator[Mutant]:
    """Every change, in an order that chance makes and that goes round the lines evenly."""
    tree, finder = MetadataWrapper(cst.parse_module((ROOT / path).read_text("utf-8"))), Finder()
    tree.visit(finder)
    random.Random(f"{seed}-{path}").shuffle(finder.found)
    turns, met = [], Counter[int]()
    for line, old, new in finder.found:
        met[line] += 1
        turns.append((met[line], old, new))
    for _, old, new in sorted(turns, key=lambda turn: turn[0]):
        changed = tree.module.deep_replace(old, new)
        assert isinstance(changed, cst.Module)
        yield made(path, tree.module.code, changed.code)


def made(path: str, before: str, after: str) -> Mutant:
    """The changed module, and what changed in it."""
    lines = before.splitlines(), after.splitlines()
    diff = difflib.unified_diff(*lines, path, path, n=0, lineterm="")
    return Mutant(path, after, tuple(diff)[2:])


def is_python(mutant: Mutant) -> bool:
    """A change that nobody could run would be caught by anything."""
    try:
        compile(mutant.text, mutant.path, "exec")
    except (SyntaxError, ValueError):
        return False
    return bool(mutant.diff)


def draw(path: str, count: int, seed: int) -> list[Mutant]:
    """So many changes of a module, none of them twice."""
    distinct: dict[str, Mutant] = {}
    for mutant in filter(is_python, all_changes(path, seed)):
        if len(distinct) == count:
            break
        distinct.setdefault(mutant.text, mutant)
    return sorted(distinct.values(), key=position)


def position(mutant: Mutant) -> int:
    """The line a change begins in."""
    return int(mutant.diff[0].split()[1].split(",")[0].lstrip("-"))


# Which tests belong to which module


def settings() -> dict:
    """What pyproject.toml says about mutants."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"]


def modules() -> list[str]:
    """The modules of helpers/ that are tried."""
    found = sorted(path.relative_to(ROOT) for path in (ROOT / "helpers").rglob("*.py"))
    out = [Path(folder) for folder in settings()["leave_out"]]
    return [
        path.as_posix()
        for path in found
        if path.name != "__init__.py" and not any(path.is_relative_to(folder) for folder in out)
    ]


def chosen(names: list[str]) -> list[str]:
    """The modules that are meant by "files", "common/files" or "handreader/common/files.py"."""
    wanted: dict[str, None] = {}
    for name in names:
        ending = "/" + name.removesuffix(".py")
        fitting = [path for path in modules() if f"/{path}".removesuffix(".py").endswith(ending)]
        if not fitting:
            sys.exit(f"No module that is tried is called {name}.")
        wanted |= dict.fromkeys(fitting)
    return list(wanted) or modules()


def tests_of(path: str) -> Lines:
    """tests/helpers/a/test_b.py and test_b_*.py for helpers/a/b.py, and what else is listed."""
    module, more = Path(path), settings().get("tests", {}).get(path, [])
    places = [ROOT / "tests" / module.parent, ROOT / "tests"]
    own = [
        sorted([*place.glob(f"test_{module.stem}.py"), *place.glob(f"test_{module.stem}_*.py")])
        for place in places
    ]
    first = next((found for found in own if found), [])
    listed = [found for pattern in more for found in sorted(ROOT.glob(pattern))]
    return tuple(dict.fromkeys(test.relative_to(ROOT).as_posix() for test in [*first, *listed]))


# Running them


def warm_up() -> None:
    """Import what takes long, pytest's plugins too: children are forked and have it already."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    for name in WARM:
        importlib.import_module(name)
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    sys.modules["torch"].set_num_threads(1)  # a pool of threads would not outlive the fork
    assert not [name for name in sys.modules if name.split(".")[0] == "helpers"]


def enter(folder: Path) -> None:
    """Make this child a process of its own group, at home in its copy and silent."""
    os.setsid()
    os.chdir(folder / "copy")
    os.environ |= {"TMPDIR": str(folder), "PWD": str(folder / "copy")}
    tempfile.tempdir = None
    sys.modules["__main__"] = types.ModuleType("__main__")  # spawned processes would import it
    sys.path[0] = str(folder / "copy")
    said = os.open(folder / "said.txt", os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(said, stream)


def limit_memory() -> None:
    """Let no mutant take the whole machine, where the system can see to that."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def run_tests(folder: Path, tests: Lines) -> None:
    """All that a child does; whatever happens in it, it ends here and with a code."""
    code = 1
    try:
        enter(folder)
        limit_memory()
        code = int(sys.modules["pytest"].main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def attempt(trial: Trial) -> Result:
    """Put a mutant into a fresh copy, so that nothing it leaves behind meets the next one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copytree(trial.sound, folder / "copy")
        if trial.mutant.text:
            (folder / "copy" / trial.mutant.path).write_text(trial.mutant.text, "utf-8")
        started = time.perf_counter()
        code = exit_code(folder, trial)
        said = (folder / "said.txt").read_text("utf-8", "replace")
        return Result(trial.mutant, code, time.perf_counter() - started, said)


def exit_code(folder: Path, trial: Trial) -> int | None:
    """Wait for the tests no longer than allowed, and leave none of their processes behind."""
    context = multiprocessing.get_context(FORK)
    child = context.Process(target=run_tests, args=(folder, trial.tests))
    child.start()
    assert child.pid is not None  # now that it has started
    try:
        child.join(trial.limit)
        return child.exitcode
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.join()


def attempt_all(pool: ProcessPoolExecutor, trials: list[Trial], what: str) -> list[Result]:
    """Results in the order of the trials, with a bar where somebody watches."""
    running = pool.map(attempt, trials)
    return list(tqdm(running, what, len(trials), leave=False, disable=None))


def sound_copy(folder: Path) -> Path:
    """The repository as it is now, compiled so that not every child has to do it."""
    copy = folder / "sound"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    compileall.compile_dir(copy / "helpers", quiet=2)
    return copy


# What is said about them


def known_equivalent() -> dict[tuple[str, Lines, Lines], str]:
    """The changes that change nothing, and why: blocks of a path, "-", "+" and "=" lines."""
    known = {}
    blocks = EQUIVALENT.read_text("utf-8").split("\n\n") if EQUIVALENT.exists() else []
    for block in blocks:
        path, *rest = [line for line in block.splitlines() if line and line[0] != "#"] or [""]
        by_sign = {s: tuple(line[1:].strip() for line in rest if line[0] == s) for s in "-+="}
        known[path, by_sign["-"], by_sign["+"]] = " ".join(by_sign["="])
    return {key: reason for key, reason in known.items() if key[0]}


def outdated(known: Iterable[tuple[str, Lines, Lines]]) -> Iterator[str]:
    """What is listed as equivalent, but in lines that are no longer there."""
    for path, before, _ in known:
        file = ROOT / path
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        if not set(before) <= {line.strip() for line in lines}:
            yield f"{EQUIVALENT.name} lists lines that {path} doesn't have: {' '.join(before)}"


def report(path: str, results: list[Result], equivalent: int) -> list[Result]:
    """Say how a module fared, and return the survivors."""
    survivors = [result for result in results if result.code == 0]
    late = sum(result.code is None or result.code < 0 for result in results)
    each = sum(result.seconds for result in results) / max(1, len(results))
    caught = len(results) - len(survivors)
    print(
        f"{path}: {len(results)} tried, {caught} caught ({late} by time or crash), "
        f"{equivalent} equivalent, {each:.1f} s each"
    )
    for survivor in survivors:
        print(*("  " + line for line in survivor.mutant.diff), sep="\n")
    return survivors


def failing(sound: list[Result]) -> Iterator[str]:
    """The modules whose tests say nothing about mutants, as they fail without one."""
    for result in sound:
        if result.code != 0:
            yield f"{result.mutant.path}: its tests fail as it is.\n{result.said[-2000:]}"


def try_modules(paths: list[str], args: argparse.Namespace, folder: Path) -> int:
    """Time the sound tests, run them on all mutants, and count what nobody noticed."""
    copy, known = sound_copy(folder), known_equivalent()
    sound = [Trial(Mutant(path), tests_of(path), copy) for path in paths]
    drawn = {path: draw(path, args.count, args.seed) for path in paths}
    with ProcessPoolExecutor(args.jobs, multiprocessing.get_context(FORK)) as pool:
        timed = attempt_all(pool, sound, "Sound tests")
        if wrong := list(failing(timed)):
            sys.exit("\n".join(wrong))
        trials = [
            Trial(mutant, trial.tests, copy, max(LEAST_SECONDS, PATIENCE * result.seconds))
            for trial, result in zip(sound, timed, strict=True)
            for mutant in drawn[trial.mutant.path]
            if mutant.key not in known
        ]
        results = attempt_all(pool, trials, "Mutants")
    return summary(drawn, results)


def summary(drawn: dict[str, list[Mutant]], results: list[Result]) -> int:
    """Say it module by module, then in one line; return how many survived."""
    survived = 0
    for path, mutants in drawn.items():
        tried = [result for result in results if result.mutant.path == path]
        survived += len(report(path, tried, len(mutants) - len(tried)))
    print(f"{len(results)} mutants, {survived} survived.")
    return survived


def above_zero(text: str) -> int:
    """The type of an option that counts something."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def arguments() -> argparse.Namespace:
    """Which modules, how many changes, and how many at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="like files or common/files (default: all)")
    parser.add_argument("--count", type=above_zero, default=20, help="changes of each module")
    parser.add_argument("--seed", type=int, default=0, help="other changes for another number")
    parser.add_argument("--jobs", type=above_zero, default=os.cpu_count(), help="how many at once")
    return parser.parse_args()


def main() -> int:
    """Exit with 1 where a change went unnoticed that is not known to change nothing."""
    args = arguments()
    if FORK not in multiprocessing.get_all_start_methods():
        sys.exit("Mutants need a system on which a process can be forked: Linux, macOS or WSL.")
    paths = [path for path in chosen(args.modules) if draw(path, 1, args.seed)]
    complaints = [f"{path} has no tests of its own." for path in paths if not tests_of(path)]
    complaints += outdated(known_equivalent())
    if complaints:
        sys.exit("\n".join(complaints))
    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        return int(try_modules(paths, args, Path(folder)) > 0)


if __name__ == "__main__":
    sys.exit(main())
