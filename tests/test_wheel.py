"""`pip install .` installs the reader with its networks, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import ROOT

pytest.importorskip("setuptools", reason="it builds the wheel")

MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, as building leaves files behind."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copy(ROOT / "pyproject.toml", source)
    shutil.copy(ROOT / "LICENSE", source)
    shutil.copytree(ROOT / "handreader", source / "handreader")
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", target)
    command = [sys.executable, "-m", "pip", "wheel", *options, source]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = target.glob("*.whl")
    return found


def test_wheel_is_small_and_holds_the_reader_with_its_networks(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packages = {name.split("/")[0] for name in names}
    assert packages == {"handreader", wheel.name.split("-py3")[0] + ".dist-info"}
    for needed in ("weights/digits.onnx", "weights/lines.onnx", "service/upload.html", "py.typed"):
        assert f"handreader/{needed}" in names
    assert wheel.stat().st_size < MOST_BYTES


def test_installed_reader_reads_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    picture = tmp_path / "7.png"
    code = (
        "import sys, cv2, numpy as np, handreader; "
        "seven = np.full((140, 120), 250, np.uint8); "
        "points = np.array([(30, 25), (85, 22), (50, 110)]); "
        "cv2.polylines(seven, [points], False, 20, 9); "
        f"cv2.imwrite({str(picture)!r}, seven); "
        f"assert handreader.__file__.startswith({str(installed)!r}); "
        f"print(handreader.Reader().read({str(picture)!r}).digit, 'torch' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout, run.stderr) == ("7 False\n", "")
