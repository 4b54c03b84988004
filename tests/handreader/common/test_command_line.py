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
def usual_signals() -> Iterator[None]:
    """What is tested here changes how the whole process takes signals."""
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


@pytest.mark.parametrize("code", [0, 1, 130])
def test_exit_code_is_the_programs_own(code: int, capsys: pytest.CaptureFixture):
    assert ended(lambda: code, capsys) == (code, "", "")


def test_what_is_wrong_is_said_in_its_own_words(capsys: pytest.CaptureFixture):
    main = raising(UserError("The cat sat on it: move the cat."))
    assert ended(main, capsys) == (1, "", "The cat sat on it: move the cat.\n")


def test_stopped_program_says_so(capsys: pytest.CaptureFixture):
    main = raising(KeyboardInterrupt())
    assert ended(main, capsys) == (130, "", "Stopped by you.\n")
    assert ended(main, capsys, "Stopped; go on later.") == (130, "", "Stopped; go on later.\n")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device."),
        (OSError(errno.EACCES, "Permission denied", "a.pt"), "a.pt: Permission denied."),
        (OSError("the disk is gone"), "the disk is gone."),
    ],
)
def test_trouble_with_files_is_one_sentence(
    error: OSError, sentence: str, capsys: pytest.CaptureFixture
):
    assert ended(raising(error), capsys) == (1, "", f"{sentence}\n")


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


@pytest.mark.parametrize(("set_before", "found"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_wait_without_spinning_unless_the_user_wants_it(
    set_before: str | None, found: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OMP_WAIT_POLICY", set_before or "")
    if set_before is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    with command_line.loading():
        pass
    assert os.environ["OMP_WAIT_POLICY"] == found


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
@pytest.mark.parametrize("number", command_line.STOPS)
def test_stop_is_said_whatever_asked_for_it(number: signal.Signals):
    main = f"lambda: os.kill(os.getpid(), {number:d})"
    with python(f"command_line.run({main})") as process:
        assert process.communicate() == ("", "Stopped by you.\n")
    assert process.returncode == 128 + number


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("end", "code", "said"), [("0", 0, ""), ("stop()", 130, "Stopped by you.\n")]
)
def test_stop_while_python_ends_comes_too_late(end: str, code: int, said: str):
    stop = "import atexit\ndef stop(): os.kill(os.getpid(), signal.SIGINT)\n"
    with python(f"{stop}atexit.register(stop)\ncommand_line.run(lambda: {end})") as process:
        assert process.communicate() == ("", said)
    assert process.returncode == code


DROPPED = """
class Closed:
    def __del__(self):
        {error}
def main():
    Closed()
    return 0
command_line.run(main)"""


@pytest.mark.parametrize(
    ("error", "said"),
    [("signal.raise_signal(signal.SIGINT)", ""), ("1 / 0", "ZeroDivisionError: division by zero")],
)
def test_stop_that_python_drops_is_not_told_but_errors_are(error: str, said: str):
    with python(DROPPED.format(error=error)) as process:
        assert (process.communicate()[1].splitlines() or [""])[-1] == said
    assert process.returncode == 0


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


def test_stop_that_came_to_nothing_is_heeded_before_pytorch_is_imported():
    command_line.interruptible()
    swallowed(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), command_line.loading():
        pytest.fail("it was not heeded")


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


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use can't be removed there")
def test_working_folder_that_is_gone_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = "The working folder is gone: change to another one.\n"
    assert ended(lambda: 0, capsys) == (1, "", said)


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


def parser() -> command_line.Parser:
    """One option of each kind."""
    made = command_line.Parser(prog="train.py")
    made.add_argument("--epochs", type=command_line.whole_number(1, 1000))
    made.add_argument("--lr", type=command_line.positive_number)
    made.add_argument("--model", choices=("mlp", "cnn"))
    return made


def test_parser_is_described_by_what_a_program_says_of_itself(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        command_line.parser_of("What it does.\n\nexamples:\n  two   columns").parse_args(["-h"])
    said = capsys.readouterr().out
    assert "\n\nWhat it does.\n\n" in said
    assert said.endswith("\n\nexamples:\n  two   columns\n")
    assert not command_line.parser_of(None).description  # as under `python -OO`


def test_file_that_looks_like_an_option_is_named_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    Path("-dash.png").write_bytes(b"")
    monkeypatch.setattr(sys, "argv", ["predict.py", "-dash.png"])
    with pytest.raises(SystemExit):
        parser().parse_args()
    said = capsys.readouterr().err
    assert said == "train.py: to name the file -dash.png, write ./-dash.png; see --help.\n"


def test_name_of_a_file_is_taken_as_it_is_unless_it_is_empty():
    assert command_line.file_name(" a b") == " a b"
    with pytest.raises(argparse.ArgumentTypeError, match="the name is empty"):
        command_line.file_name("")


def test_good_options_are_taken():
    options = parser().parse_args(["--epochs", "12", "--lr", "1e-2", "--model", "cnn"])
    assert (options.epochs, options.lr, options.model) == (12, 0.01, "cnn")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--epochs", "many"],
        ["--epochs", "0"],
        ["--lr", "-1"],
        ["--model", "rnn"],
        ["--model"],
        ["--unknown"],
        ["surplus"],
    ],
    ids=" ".join,
)
def test_wrong_options_are_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(arguments)
    said = capsys.readouterr()
    assert (caught.value.code, said.out) == (2, "")
    assert said.err.startswith("train.py: ")
    assert said.err.endswith("; see --help.\n")
    assert len(said.err.splitlines()) == 1
    assert arguments[0] in said.err


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("1000", 1000), ("007", 7)])
def test_whole_numbers_within_their_limits_are_taken(text: str, value: int):
    assert command_line.whole_number(1, 1000)(text) == value


def test_whole_number_fits_into_32_bits_if_no_other_limit_is_set():
    convert = command_line.whole_number(0)
    assert convert("2147483647") == 2**31 - 1
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 2147483647"):
        convert("2147483648")


def test_limits_may_be_below_zero():
    assert command_line.whole_number(-5, 5)("-5") == -5


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1001", "1.0", "1e2", "+1", " 1", "1_0", "½", "²", "nan", "-"]
)
def test_all_else_is_no_whole_number(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number from 1 to 1000"):
        command_line.whole_number(1, 1000)(text)


@pytest.mark.parametrize("text", ["--5", "9" * 5000], ids=["two signs", "thousands of figures"])
def test_what_only_looks_like_a_whole_number_is_refused_in_the_same_words(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number from 1 to 1000"):
        command_line.whole_number(1, 1000)(text)


@pytest.mark.parametrize(("text", "value"), [("1e-3", 0.001), ("0.5", 0.5), ("1e30", 1e30)])
def test_positive_numbers_are_taken(text: str, value: float):
    assert command_line.positive_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "0", "-0.1", "1.01e30", "inf", "nan", "1e999", "1e-999", "small"]
)
def test_all_else_is_no_positive_number(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is not a number above 0"):
        command_line.positive_number(text)
