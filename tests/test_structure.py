"""The house is what its plan says, and looking at it costs nothing."""

import ast
import importlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from support import ROOT

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


def called(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    """What a program of this environment said."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_packages_use_only_those_below_them_and_modules_form_no_circle() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    run = called("-X", "utf8", "-c", code, "--no-cache")  # or the folder would have to be ASCII
    assert run.returncode == 0, run.stdout + run.stderr
    assert "4 kept, 0 broken" in run.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def package_of(path: Path) -> str:
    """The package that a file lies in, as an import names it."""
    return ".".join(path.relative_to(ROOT).parent.parts)


def private_imports(path: Path) -> list[str]:
    """What a file takes from another package although its name begins with an underscore."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are written in full"
            inside = node.module == package_of(path) or node.module.startswith(
                package_of(path) + "."
            )
            names = [*node.module.split("."), *(alias.name for alias in node.names)]
            if package_of(path) == "" or not inside:
                found += [
                    name for name in names if name.startswith("_") and not name.endswith("__")
                ]
    return found


@pytest.mark.parametrize(
    "path", [*CODE, *SCRIPTS], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_nothing_private_is_used_across_packages(path: Path) -> None:
    assert private_imports(path) == []


@pytest.mark.parametrize(
    "path", [*CODE, *SCRIPTS], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_nobody_imports_the_scripts_at_the_root(path: Path) -> None:
    scripts = {script.stem for script in SCRIPTS}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not scripts & {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in scripts


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("helpers", "torch"),
        ("handreader.common.command_line", "torch"),
        ("helpers.recipes", "torch"),
        ("train", "torch"),
        ("handreader", "cv2 onnxruntime"),
        ("handreader.predict, handreader.reader", "torch matplotlib"),
        ("predict", "torch cv2"),
        ("serve", "torch cv2 fastapi"),
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
    assert (run.stdout, run.stderr) == ("[]\n", "")


@pytest.mark.parametrize("script", ["train.py", "predict.py", "serve.py"])
def test_wrong_option_is_refused_before_pytorch_is_loaded(script: str) -> None:
    run = called("-X", "importtime", script, "--no-such-option")
    assert run.returncode == 2
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "argparse" in loaded
    assert "torch" not in loaded


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
def test_windows_gets_the_same_bytes_as_every_system(tmp_path: Path) -> None:
    for ends in ("true", "false"):
        place = f"--prefix={tmp_path / ends}/"
        git = ["git", "-c", f"core.autocrlf={ends}", "checkout-index", "--all", place]
        subprocess.run(git, cwd=ROOT, check=True)
    files = [path for path in (tmp_path / "false").rglob("*") if path.is_file()]
    assert len(files) > len(CODE)
    for path in files:
        assert (tmp_path / "true" / path.relative_to(tmp_path / "false")).read_bytes() == (
            path.read_bytes()
        )


def test_code_is_linted_and_formatted() -> None:
    for arguments in (["check"], ["format", "--check"]):
        run = called("-m", "ruff", *arguments, "--no-cache", ".")
        assert run.returncode == 0, run.stdout + run.stderr


def test_types_are_right(tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = tmp_path_factory.getbasetemp().parent / f"mypy-{ROOT.name}"  # it saves 20 seconds
    run = called("-m", "mypy", f"--cache-dir={kept}")
    assert run.returncode == 0, run.stdout + run.stderr
