"""The fuzzer of pictures: finds nothing wrong now, and would if there were something."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

from tools.fuzz_pictures import made, seeds

SICK = """
import os, sys, time
sys.path.insert(0, {root!r})
from tools import fuzz_pictures

calls = []

def look(content):
    calls.append(content)
    if len(calls) == 2:
        raise ZeroDivisionError("two")
    if len(calls) == 3:
        os.write(2, b"libsick: three")
    if len(calls) == 4:
        os.abort()
    return "opened"

fuzz_pictures.look = look
if __name__ == "__main__":
    fuzz_pictures.command_line.run(fuzz_pictures.main)
"""


def run(*arguments: object) -> subprocess.CompletedProcess:
    """Call a program and wait for it."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_damaged_files_are_opened_or_refused_and_nothing_else():
    ended = run("-m", "tools.fuzz_pictures", "--files", 60, "--seed", 7)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.startswith("60 files: ")
    assert ", 0 otherwise; at most " in ended.stdout
    assert ended.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows can't read what was written there")
def test_what_should_not_happen_is_listed_so_that_it_can_be_made_again(tmp_path: Path):
    script = tmp_path / "sick.py"
    script.write_text(SICK.format(root=str(ROOT)), encoding="utf-8")
    ended = run(script, "--files", 5, "--seed", 3)
    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == [
        f"--seed 3 --only {number}" for number in (1, 2, 3)
    ]
    assert "ZeroDivisionError in look: two" in lines[0]
    assert "wrote to stderr: b'libsick: three'" in lines[1]
    assert "the process ended with " in lines[2]
    assert lines[3].startswith("5 files: 2 opened, 0 refused, 3 otherwise; at most ")


def test_same_number_is_always_the_same_file():
    sound = seeds()
    files = [made(sound, seed, number) for seed in range(2) for number in range(20)]
    assert len(set(files)) == 40
    assert files[:20] == [made(seeds(), 0, number) for number in range(20)]
