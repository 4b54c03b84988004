"""What is built elsewhere: `.ci/run`, where perhaps no browser can be had, and the container."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

SCRIPT = ROOT / ".ci" / "run"
NEEDED = ("bash", "dirname", "env", "id")
WITHOUT_NETWORK = {"apt-get": "exit 100", "make": 'echo "make $*"; [ "$1" = test ]'}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such programs")
@pytest.mark.parametrize(
    ("ci", "code", "last"), [("", 0, "make test"), ("true", 1, "make .venv/.ready-to-change")]
)
def test_browser_that_cannot_be_installed(tmp_path: Path, ci: str, code: int, last: str) -> None:
    for name in NEEDED:
        (tmp_path / name).symlink_to(shutil.which(name))
    for name, does in WITHOUT_NETWORK.items():
        (tmp_path / name).write_text(f"#!/usr/bin/env bash\n{does}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o700)
    run = subprocess.run(
        [tmp_path / "bash", SCRIPT],
        env={"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == code
    assert run.stdout.splitlines()[-1] == last
    assert "Chromium can't be installed, " in run.stdout + run.stderr


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not installed")
def test_container_file_is_written_as_it_should_be() -> None:
    run = subprocess.run(
        ["hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")
