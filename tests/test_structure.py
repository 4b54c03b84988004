"""The house is what its plan says, and looking at it costs nothing."""

import ast
import importlib
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from support import ROOT, called

PRODUCTS = ("handreader", "helpers", "trainer")
MODULES = sorted(path for part in PRODUCTS for path in (ROOT / part).rglob("*.py"))
NAMES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES]
if not find_spec("fastapi_offline"):  # requirements-serve.txt is not installed
    NAMES = [name for name in NAMES if "service" not in name]
CODE = sorted(
    path
    for part in (*PRODUCTS, "benchmarks", "page", "tools")
    for path in (ROOT / part).rglob("*.py")
)
SCRIPTS = sorted(ROOT.glob("*.py"))


def test_packages_use_only_those_below_them_and_modules_form_no_circle() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    run = called("-X", "utf8", "-c", code, "--no-cache")  # or the folder would have to be ASCII
    assert run.code == 0, run.out + run.err
    assert "4 kept, 0 broken" in run.out


def test_modules_say_what_they_are() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    assert [path for path, tree in trees.items() if not ast.get_docstring(tree)] == []


@pytest.mark.parametrize("path", [*CODE, *SCRIPTS], ids=str)
def test_nothing_private_is_imported_and_no_script_at_the_root(path: Path) -> None:
    modules, names = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            modules.add(node.module)
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    assert not modules & {script.stem for script in SCRIPTS}
    assert [each for each in modules | names if re.search(r"\b_(?!\w*__$)", each)] == []


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("helpers", "torch"),
        ("handreader.common.command_line", "torch"),
        ("helpers.recipes", "torch"),
        ("handreader", "cv2 onnxruntime"),
        ("handreader.predict, handreader.reader", "torch matplotlib"),
        ("benchmarks.__main__", "torch"),
        ("handreader, trainer.synthesis", "torchvision sklearn matplotlib"),
    ],
)
def test_importing_loads_nothing_that_takes_long_and_is_not_needed(
    module: str, unwanted: str
) -> None:
    run = called(
        "-c", f"import sys, {module}; print(sorted(set({unwanted.split()!r}) & set(sys.modules)))"
    )
    assert (run.out, run.err) == ("[]\n", "")


@pytest.mark.parametrize("script", ["train.py", "predict.py", "serve.py"])
def test_wrong_option_is_refused_before_large_libraries_are_loaded(script: str) -> None:
    run = called("-X", "importtime", script, "--no-such-option")
    assert run.code == 2
    loaded = {line.rpartition("|")[2].strip() for line in run.err.splitlines()}
    assert "argparse" in loaded
    assert not loaded & {"torch", "cv2", "fastapi"}


@pytest.fixture
def not_imported() -> Iterator[None]:
    """No package has been imported yet; what others hold is put back afterwards."""
    names = [name for name in sys.modules if name.split(".")[0] in PRODUCTS]
    before = {name: sys.modules.pop(name) for name in names}
    yield
    for name in [name for name in sys.modules if name.split(".")[0] in PRODUCTS]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.mark.usefixtures("not_imported")
def test_importing_downloads_trains_and_draws_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened, or a network was trained")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(torch.Tensor, "backward", refuse)
    monkeypatch.chdir(tmp_path)
    drawn = plt.get_fignums()
    for name in NAMES:
        if not name.endswith("__main__"):
            importlib.import_module(name.removesuffix(".__init__"))
    assert plt.get_fignums() == drawn
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone")
def test_windows_gets_the_same_bytes_as_every_system() -> None:
    command = ["git", "ls-files", "--eol"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    kinds = {(line.split()[0], line.partition("\t")[0].split("attr/")[1].strip())
             for line in listed.splitlines()}  # fmt: skip
    assert kinds <= {(kind, "text=auto eol=lf") for kind in ("i/lf", "i/-text", "i/none")}


def test_code_is_linted_and_formatted() -> None:
    for arguments in (["check"], ["format", "--check"]):
        run = called("-m", "ruff", *arguments, "--no-cache", ".")
        assert run.code == 0, run.out + run.err


def test_types_are_right(tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = tmp_path_factory.getbasetemp().parent / f"mypy-{ROOT.name}"  # it saves 20 seconds
    run = called("-m", "mypy", f"--cache-dir={kept}")
    assert run.code == 0, run.out + run.err
