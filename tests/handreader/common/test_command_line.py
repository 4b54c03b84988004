"""Command lines: one sentence for what is wrong, no traceback, and honest exit codes."""

import argparse
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
from support import ROOT, Outcome

from handreader.common import command_line
from handreader.common.errors import UserError


@pytest.fixture(autouse=True)
def usual_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is tested here changes how the whole process takes signals."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    before = {number: signal.getsignal(number) for number in command_line.STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(main: Callable[[], int], capsys: pytest.CaptureFixture, *rest: str) -> tuple:
    """Exit code, and what was said on both streams."""
    with pytest.raises(SystemExit) as caught:
        command_line.run(main, *rest)
    said = capsys.readouterr()
    return caught.value.code, said.out, said.err


def raising(error: BaseException) -> Callable[[], int]:
    """A program that fails."""

    def main() -> int:
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("The cat sat on it: move the cat."), 1, "The cat sat on it: move the cat."),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device."),
        (OSError(errno.EACCES, "Permission denied", "a.pt"), 1, "a.pt: Permission denied."),
        (OSError("the disk is gone"), 1, "the disk is gone."),
        (ImportError("libGL is gone", name="cv2"), 1, "cv2 can't be loaded: call 'make run'"),
        (KeyboardInterrupt(), 130, "Stopped; go on later."),
    ],
)
def test_error_is_one_sentence_and_an_exit_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture
):
    ending, out, err = ended(raising(error), capsys, "Stopped; go on later.")
    assert (ending, out) == (code, "")
    assert err.startswith(said)
    assert len(err.splitlines()) == 1


def test_mistake_in_the_program_itself_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        command_line.run(lambda: 1 // 0)


@pytest.mark.parametrize(("rank", "said"), [("0", "Broken.\n"), ("1", "")])
def test_several_processes_complain_once_but_one_alone_does_whatever_its_rank(
    rank: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    monkeypatch.setenv("RANK", rank)
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    assert ended(raising(UserError("Broken.")), capsys) == (1, "", "Broken.\n")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "several")
    assert ended(raising(UserError("Broken.")), capsys) == (1, "", said)


def python(
    code: str, stdin: int | None = None, stdout: int | IO[str] = subprocess.PIPE, **changes: str
) -> subprocess.Popen:
    """Another process, which has the helpers but not PyTorch, in an environment with changes."""
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONUNBUFFERED"}
    start = "import os, signal, sys\nfrom handreader.common import command_line\n"
    return subprocess.Popen(
        [sys.executable, "-c", start + code],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment | changes,
        cwd=ROOT,
        text=True,
    )


@pytest.mark.parametrize(
    "prints", ["print('x')", "print('x' * 100_000)", "command_line.Parser().parse_args(['--help'])"]
)
def test_reader_that_has_gone_is_no_error(prints: str):
    code = f"def main():\n    input()\n    {prints}\ncommand_line.run(main)"
    with python(code, stdin=subprocess.PIPE) as process:
        process.stdout.close()
        process.stdin.write("go on\n")
        process.stdin.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("flush", [False, True])
def test_full_disk_is_complained_about_once(flush: bool):
    code = f"command_line.run(lambda: print('1', flush={flush}) or 0)"
    with open("/dev/full", "w", encoding="utf-8") as full, python(code, stdout=full) as process:
        assert process.stderr.read() == f"{os.strerror(errno.ENOSPC)}.\n"
    assert process.returncode == 1


def test_terminal_that_lacks_a_sign_shows_another():
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with python("command_line.run(lambda: print('98 % \\xb1 1') or 0)", **ascii_only) as process:
        assert process.communicate() == ("98 % ? 1\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_stream_that_the_caller_closed_is_no_error(name: str):
    said = "[print('1'), print('2', file=sys.stderr)]"
    with python(f"sys.{name} = None\ncommand_line.run(lambda: {said} and 3)") as process:
        out, err = process.communicate()
    assert (out, err) == (("", "2\n") if name == "stdout" else ("1\n", ""))
    assert process.returncode == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_stop_while_things_are_loaded_is_quiet():
    code = "with command_line.loading():\n    os.kill(os.getpid(), signal.SIGINT)\nprint('went on')"
    with python(code) as process:
        assert process.communicate() == ("", "")
    assert process.returncode == -signal.SIGINT


def test_threads_wait_without_spinning(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "")  # so that it is put back
    del os.environ["OMP_WAIT_POLICY"]
    with command_line.loading():
        pass
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.parametrize("given", ["digits", None])
def test_folder_of_the_data_means_the_same_after_a_change_of_folder(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    work, caller = tmp_path / "work", tmp_path / "caller"
    work.mkdir()
    caller.mkdir()
    monkeypatch.chdir(caller)
    monkeypatch.setenv("MNIST_ROOT", given or "")
    command_line.work_in(work)
    assert Path.cwd() == work
    assert os.environ["MNIST_ROOT"] == (str(caller / given) if given else "")


@pytest.mark.parametrize("number", command_line.STOPS)
def test_whatever_asks_to_stop_does_the_same_and_can_be_put_off(number: signal.Signals):
    command_line.interruptible()
    with pytest.raises(KeyboardInterrupt) as caught:
        signal.raise_signal(number)
    assert command_line.code_of(caught.value) == 128 + number
    command_line.uninterruptible()
    signal.raise_signal(number)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("end", "code", "said"), [("0", 0, ""), ("stop()", 130, "Stopped by you.\n")]
)
def test_stop_while_python_ends_comes_too_late(end: str, code: int, said: str):
    stop = "import atexit\ndef stop(): os.kill(os.getpid(), signal.SIGINT)\n"
    with python(f"{stop}atexit.register(stop)\ncommand_line.run(lambda: {end})") as process:
        assert process.communicate() == ("", said)
    assert process.returncode == code


def test_error_that_a_swallowed_stop_led_to_is_the_stop(program: Callable[..., Outcome]):
    def main() -> int:
        swallowed(signal.SIGTERM)
        raise TypeError("what a library says that lost its way")

    outcome = program(main)
    assert (outcome.code, outcome.out, outcome.err) == (143, "", "Stopped by you.\n")


HALF_MADE = """
class Made:
    def __init__(self):
        signal.raise_signal(signal.SIGINT)
        self.is_whole = True
    def __del__(self):
        assert self.is_whole
command_line.run(lambda: Made() and 0)"""


def test_what_a_stop_left_half_made_does_not_complain():
    with python(HALF_MADE) as process:
        assert process.communicate() == ("", "Stopped by you.\n")
    assert process.returncode == 130


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such processes")
@pytest.mark.parametrize(("stop", "code"), [("SIGINT", 7), ("SIGTERM", -signal.SIGTERM)])
def test_process_that_was_forked_leaves_ctrl_c_to_the_first_and_has_no_word_of_its_own(
    stop: str, code: int
):
    main = f"""
def main():
    child = os.fork()
    if not child:
        os.kill(os.getpid(), signal.{stop})
        os._exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return 0
command_line.run(main)"""
    with python(main) as process:
        assert process.communicate() == (f"{code}\n", "")


def swallowed(number: int) -> None:
    """A stop that is raised where Python drops what is raised, as in a destructor."""
    with suppress(KeyboardInterrupt):
        signal.raise_signal(number)


def test_stop_that_came_to_nothing_is_heeded_later():
    command_line.interruptible()
    command_line.raise_pending_stop()
    swallowed(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt) as caught:
        command_line.raise_pending_stop()
    assert command_line.code_of(caught.value) == 143
    command_line.interruptible()
    command_line.raise_pending_stop()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_program_that_is_to_outlive_its_terminal_does_so():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what nohup does
    command_line.interruptible()
    signal.raise_signal(signal.SIGHUP)


def test_terminal_that_is_gone_is_not_complained_to(monkeypatch: pytest.MonkeyPatch):
    def write(_text: str) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=write))
    assert command_line.complain("Stopped.", 129) == 129


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_is_quiet_while_a_tool_imports_what_it_needs(tmp_path: Path):
    stop = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nsignal.pause()\n"
    (tmp_path / "nbformat.py").write_text(stop, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tools.run_notebook"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (-signal.SIGINT, "", "")


OPTIONS = {
    "--epochs": command_line.whole_number(1, 1000),
    "--lr": command_line.positive_number,
    "--out": command_line.file_name,
    "--seed": command_line.whole_number(0),
}


def parsed(*arguments: str) -> argparse.Namespace:
    """The options of a program that has one of each kind."""
    parser = command_line.Parser(prog="train.py")
    for name, kind in OPTIONS.items():
        parser.add_argument(name, type=kind)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("--epochs", "1", 1),
        ("--epochs", "1000", 1000),
        ("--seed", "2147483647", 2**31 - 1),
        ("--lr", "1e-3", 0.001),
        ("--out", " a b", " a b"),
    ],
)
def test_good_option_is_taken(option: str, text: str, value: object):
    assert getattr(parsed(option, text), option.lstrip("-")) == value


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--epochs", text] for text in ("", "0", "1001", "1.0", "1e2", "½", "nan", "9" * 5000)),
        *(["--lr", text] for text in ("", "0", "-0.1", "inf", "nan", "1e-999", "small")),
        ["--seed", "2147483648"],
        ["--out", ""],
        ["--lr"],
        ["--unknown"],
        ["surplus"],
    ],
    ids=lambda each: " ".join(each)[:20],
)
def test_wrong_options_are_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit) as caught:
        parsed(*arguments)
    said = capsys.readouterr()
    assert (caught.value.code, said.out) == (2, "")
    assert said.err.startswith("train.py: ")
    assert said.err.endswith("; see --help.\n")
    assert len(said.err.splitlines()) == 1
    assert all(each in said.err for each in arguments)
