"""`predict.py`: what it says, what it refuses, and that one bad picture spoils no other."""

import contextlib
import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from support import ROOT, TINY, first_way

import predict
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.commands import predict as command
from helpers.common import command_line
from helpers.data import Digits
from helpers.models import CLASSES, MLP
from helpers.reading import picture_files
from helpers.reading.picture_files import open_picture
from helpers.reading.reader import WEIGHTS, Reader
from helpers.runs import train_recipe

REAL = WEIGHTS / "cnn.pt"
NEEDS_REAL = pytest.mark.skipif(not REAL.exists(), reason="there are no trained weights here")
SEVEN = [(30, 25), (85, 22), (50, 110)]
ONE = [(60, 20), (58, 110)]


class Outcome(NamedTuple):
    """How a call of `predict.py` ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


def drawn(path: Path, points: list[tuple[int, int]] = SEVEN, kind: str | None = None) -> Path:
    """A picture of a digit, written with a blue pen."""
    image = Image.new("RGB", (120, 140), (245, 243, 236))
    ImageDraw.Draw(image).line(points, fill=(20, 30, 110), width=9)
    image.save(path, kind)
    return path


@pytest.fixture(scope="module")
def weights_file(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network trained in a moment; what it makes of a digit does not matter much."""
    model, _ = train_recipe(TINY, digits)
    network = Checkpoint(model, digits.mean, digits.std, CLASSES, digits.name, {})
    trusted = replace(network, temperature=1.25, sure_from=0.5)
    return checkpoints.save(tmp_path_factory.mktemp("weights") / "tiny.pt", trusted)


@pytest.fixture
def call(
    tmp_path: Path,
    weights_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> Iterator[Call]:
    """Call `predict.py` in a folder of its own; the small network stands for the usual one."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "cnn.pt").write_bytes(weights_file.read_bytes())
    monkeypatch.setattr(command, "WEIGHTS", tmp_path / "weights")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def called(*arguments: object, stdin: bytes | None = b"") -> Outcome:
        source = SimpleNamespace(buffer=io.BytesIO(stdin)) if stdin is not None else None
        monkeypatch.setattr(sys, "stdin", source)
        monkeypatch.setattr(sys, "argv", ["predict.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            command_line.run(predict.main)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Outcome(caught.value.code, said.out, said.err)

    yield called
    for number, handler in before.items():
        signal.signal(number, handler)


def objects(outcome: Outcome) -> list[dict]:
    """The lines of --json."""
    return [json.loads(line) for line in outcome.out.splitlines()]


def assert_refused(outcome: Outcome, *parts: str, code: int = 1) -> None:
    """One sentence, no answer."""
    assert (outcome.code, outcome.out) == (code, "")
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.endswith(".\n")
    for part in parts:
        assert part in outcome.err


# What is said


def test_answer_is_what_the_network_makes_of_the_framed_digit(call: Call, weights_file: Path):
    path = drawn(Path("seven.png"))
    framed = first_way(open_picture(path)).framed
    (expected,) = Reader.load(weights_file).read([framed])
    outcome = call(path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"seven.png: {expected}\n"
    assert re.fullmatch(
        r"seven\.png: (\d \(\d?\d\.\d %\)|not sure, perhaps \d \(\d?\d %\) or \d \(\d?\d %\))\n",
        outcome.out,
    )


def test_json_has_the_promised_fields(call: Call, weights_file: Path):
    path = drawn(Path("seven.png"))
    (expected,) = Reader.load(weights_file).read([first_way(open_picture(path)).framed])
    outcome = call(path, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    (answer,) = objects(outcome)
    assert list(answer) == ["file", "digit", "confidence", "unsure", "probabilities"]
    assert answer["file"] == "seven.png"
    assert answer["digit"] == expected.digit
    assert answer["unsure"] is expected.unsure
    assert answer["confidence"] == max(answer["probabilities"])
    assert answer["confidence"] == pytest.approx(expected.confidence, abs=1e-4)
    assert answer["probabilities"] == pytest.approx(expected.probabilities, abs=1e-4)
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-3)


def test_one_bad_picture_spoils_no_other(call: Call):
    drawn(Path("a.png"))
    Path("b.png").write_text("Dear diary", encoding="utf-8")
    Image.new("L", (90, 90), 250).save("c.png")
    drawn(Path("e.png"))
    names = ["a.png", "b.png", "c.png", "d.png", "x" * 300, "e.png"]
    outcome = call(*names)
    assert outcome.code == 1
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["a.png", "e.png"]
    bad = outcome.err.splitlines()
    assert [line.split(":")[0] for line in bad] == names[1:5]
    assert all(line.endswith((".", "?")) for line in bad)
    again = call(*names, "--json")
    assert (again.code, again.err) == (1, outcome.err)
    assert [answer["file"] for answer in objects(again)] == names
    for answer, said in zip(objects(again)[1:5], bad, strict=True):
        assert list(answer) == ["file", "error"]
        assert said == f"{answer['file']}: {answer['error']}"


def test_folder_means_the_pictures_in_it(call: Call):
    folder = Path("scans")
    (folder / "dir.png").mkdir(parents=True)
    for name in ("b.png", "a.JPG", "c.webp", ".hidden.png"):
        drawn(folder / name)
    (folder / "notes.txt").write_text("not a picture", encoding="utf-8")
    outcome = call(folder, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    names = [str(folder / name) for name in ("a.JPG", "b.png", "c.webp")]
    assert [answer["file"] for answer in objects(outcome)] == names


def test_folder_without_pictures_is_one_sentence(call: Call):
    Path("empty").mkdir()
    assert_refused(call("empty"), "empty: there is no picture in this folder")


def test_folder_that_may_not_be_read_is_one_sentence(call: Call, monkeypatch: pytest.MonkeyPatch):
    def refuse(_path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    Path("closed").mkdir()
    drawn(Path("a.png"))
    monkeypatch.setattr(Path, "iterdir", refuse)
    outcome = call("closed", "a.png")
    assert outcome.code == 1
    assert outcome.err == "closed: can't be read (Permission denied).\n"
    assert outcome.out.startswith("a.png: ")


def test_more_pictures_than_are_read_at_a_time_come_in_order(
    call: Call, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "BATCH", 3)
    names = [str(drawn(Path(f"{n}.png"), (SEVEN, ONE)[n % 2])) for n in range(7)]
    together = objects(call(*names, "--json"))
    assert [answer["file"] for answer in together] == names
    for answer in together:
        (alone,) = objects(call(answer["file"], "--json"))
        assert alone["probabilities"] == pytest.approx(answer["probabilities"], abs=2e-4)


def test_picture_may_come_from_the_standard_input(call: Call):
    content = drawn(Path("seven.png"), kind="JPEG").read_bytes()
    from_file = objects(call("seven.png", "--json"))
    from_stdin = objects(call("-", "--json", stdin=content))
    assert from_stdin == [from_file[0] | {"file": "-"}]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "-: is empty."),
        (None, "-: is closed."),
        (b"Dear diary", "-: is not a picture"),
        (b"%PDF-1.4", "-: is a PDF"),
    ],
)
def test_bad_standard_input_is_one_sentence(call: Call, content: bytes | None, sentence: str):
    assert_refused(call("-", stdin=content), sentence)


def test_endless_standard_input_is_given_up(call: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(picture_files, "MAX_FILE_BYTES", 2**20)
    assert_refused(call("-", stdin=bytes(2**20 + 1)), "-: is larger than 1 MB")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_odd_names_neither_break_the_line_nor_the_terminal(call: Call):
    names = ["two\nlines.png", "red\x1b[31m.png", "-x.png", "größe 4.png", "back\u202eward.png"]
    for name in names:
        drawn(Path(name))
    outcome = call("--", *names, "no\nsuch.png")
    assert [line.split(": ")[0] for line in outcome.out.splitlines()] == [
        "two\\nlines.png",
        "red\\x1b[31m.png",
        "-x.png",
        "größe 4.png",
        "back\\u202eward.png",
    ]
    assert outcome.err == "no\\nsuch.png: there is no such file.\n"
    answered = objects(call("--json", "--", *names))
    assert [answer["file"] for answer in answered] == names


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_name_that_is_no_text_is_read_and_shown(call: Call):
    path = drawn(Path(os.fsdecode(b"\xff.png")), kind="PNG")
    assert call(path).out.startswith("\\udcff.png: ")
    assert objects(call(path, "--json"))[0]["file"] == os.fsdecode(b"\xff.png")


def test_page_is_read_line_by_line(call: Call, weights_file: Path):
    drawn(Path("a.png"))
    Image.new("L", (90, 90), 250).save("blank.png")
    outcome = call("a.png", "blank.png", "missing.png", "--page", "--json")
    assert outcome.code == 1
    page, *errors = objects(outcome)
    assert list(page) == ["file", "lines", "digits"]
    assert "".join(page["lines"]) == "".join(str(each["digit"]) for each in page["digits"])
    for digit in page["digits"]:
        assert list(digit) == ["digit", "confidence", "unsure", "box"]
        left, top, wide, high = digit["box"]
        assert left >= 0 <= top
        assert left + wide <= 120
        assert top + high <= 140
    assert [list(each) for each in errors] == [["file", "error"]] * 2
    words = call("a.png", "--page", "--show", "page.png")
    assert (words.code, words.err) == (0, "")
    assert words.out.startswith("a.png:\n")
    assert words.out.splitlines()[1].replace("?", "") == page["lines"][0]
    assert Path("page.png").stat().st_size > 1000


# --show


def test_steps_are_drawn_as_png(call: Call):
    names = [drawn(Path("a.png")), Path("nothing.png"), drawn(Path("b.png"), ONE)]
    outcome = call(*names, "--show", "deep/er/steps.png")
    assert outcome.code == 1
    assert outcome.err == "nothing.png: there is no such file.\n"
    with Image.open("deep/er/steps.png") as figure:
        assert figure.format == "PNG"
        assert min(figure.size) > 200
    assert sorted(path.name for path in Path("deep/er").iterdir()) == ["steps.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_odd_names_can_be_drawn(call: Call):
    names = [r"$\frac{1$.png", "a$b$.png", "日本😀.png", "two\nlines.png"]
    names += [os.fsdecode(b"\xff.png")] if sys.platform == "linux" else []
    for name in names:
        drawn(Path(name), kind="PNG")
    outcome = call(*names, "--show", "steps.png")
    assert (outcome.code, outcome.err) == (0, "")
    assert Path("steps.png").stat().st_size > 1000


def test_without_any_picture_read_nothing_is_drawn(call: Call):
    assert call("nothing.png", "--show", "steps.png").code == 1
    assert not Path("steps.png").exists()


@pytest.fixture
def never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what has to be found before the work begins."""

    def never(*_: object) -> None:
        raise AssertionError("a picture was opened")

    monkeypatch.setattr(picture_files, "open_picture", never)


@pytest.mark.parametrize(
    ("place", "part"),
    [
        (".", "is a folder"),
        ("a.png", "is read, so it can't be written"),
        ("./folder/../a.png", "is read, so it can't be written"),
        ("a.png/steps.png", "can't be written"),
        ("x" * 300, "can't be written"),
    ],
)
def test_figure_that_could_not_be_written_is_found_before_the_work(
    call: Call, place: str, part: str, never_read: None
):
    Path("folder").mkdir()
    before = drawn(Path("a.png")).read_bytes()
    assert_refused(call("a.png", "--show", place), part)
    assert Path("a.png").read_bytes() == before


def test_figure_never_replaces_the_network(call: Call, weights_file: Path, never_read: None):
    before = weights_file.read_bytes()
    drawn(Path("a.png"))
    assert_refused(call("a.png", "--model", weights_file, "--show", weights_file), "is read")
    assert weights_file.read_bytes() == before


def test_figure_holds_only_so_much(call: Call, never_read: None):
    drawn(Path("a.png"))
    assert_refused(call(*["a.png"] * 21, "--show", "s.png"), "at most 20 pictures")
    assert_refused(call("a.png", "a.png", "--page", "--show", "s.png"), "at most one page")


# Networks


def test_another_network_may_be_named(call: Call, tmp_path: Path):
    torch.manual_seed(0)
    network = Checkpoint(MLP((784, 10)), 0.13, 0.31, CLASSES, "made up", {})
    other = checkpoints.save(tmp_path / "other.pt", network)
    drawn(Path("a.png"))
    one, two = (objects(call("a.png", "--json", *more)) for more in ((), ("--model", other)))
    assert one[0]["probabilities"] != two[0]["probabilities"]


@pytest.mark.parametrize("kind", ["missing", "a folder", "a picture", "cut off", "other classes"])
def test_file_that_is_no_network_is_one_sentence(
    call: Call, weights_file: Path, kind: str, never_read: None
):
    drawn(Path("a.png"))
    path = Path("net.pt")
    if kind == "a folder":
        path.mkdir()
    elif kind == "a picture":
        drawn(path, kind="PNG")
    elif kind == "cut off":
        path.write_bytes(weights_file.read_bytes()[:-100])
    elif kind == "other classes":
        letters = Checkpoint(MLP((784, 10)), 0.1, 0.3, list("abcdefghij"), "letters", {})
        checkpoints.save(path, letters)
    assert_refused(call("a.png", "--model", path), "net.pt: ")


def test_usual_network_that_is_missing_is_one_sentence(call: Call, tmp_path: Path):
    (tmp_path / "weights" / "cnn.pt").unlink()
    drawn(Path("a.png"))
    assert_refused(call("a.png"), "cnn.pt: there is no such file")


# Options and processes


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "IMAGE"),
        ([""], "empty"),
        (["a.png", ""], "empty"),
        (["a.png", "--show", ""], "empty"),
        (["a.png", "--model", ""], "empty"),
        (["a.png", "--show"], "--show"),
        (["a.png", "--colour"], "--colour"),
        (["a.png", "--json=yes"], "--json"),
        (["-", "-"], "only once"),
    ],
    ids=" ".join,
)
def test_wrong_option_is_one_sentence(call: Call, arguments: list[str], part: str):
    assert_refused(call(*arguments), part, "--help", code=2)


def test_help_shows_examples_and_every_option(call: Call):
    outcome = call("--help")
    assert (outcome.code, outcome.err) == (0, "")
    for part in ("IMAGE", "--page", "--model FILE", "--show FILE", "--json", "python predict.py"):
        assert part in outcome.out


def test_options_are_checked_before_pytorch_is_loaded():
    code = (
        "import sys, predict\n"
        "sys.argv[1:] = ['-', '-']\n"
        "try:\n"
        "    predict.main()\n"
        "except SystemExit as end:\n"
        "    print(end.code, 'torch' in sys.modules, 'cv2' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "2 False False\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_while_it_waits_for_a_picture_is_quiet(tmp_path: Path, weights_file: Path):
    path = drawn(tmp_path / "a.png")
    names = [*[path] * command.BATCH, "-"]
    with subprocess.Popen(
        [sys.executable, "predict.py", *names, "--model", weights_file],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = [process.stdout.readline() for _ in range(command.BATCH)]  # now it waits
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate()
    assert all(line.startswith(f"{path}: ") for line in said)
    assert (process.returncode, rest, complaint) == (130, "", "Stopped by you.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a disk that is always full")
def test_full_disk_is_one_sentence(call: Call, monkeypatch: pytest.MonkeyPatch):
    drawn(Path("a.png"))
    with contextlib.suppress(OSError), open("/dev/full", "w") as full:  # it fails to close, too
        monkeypatch.setattr(sys, "stdout", full)
        outcome = call("a.png", "--json")
    assert_refused(outcome, f"{os.strerror(errno.ENOSPC)}.")


# With the trained network


@NEEDS_REAL
def test_real_handwriting_enlarged_onto_paper_is_read(call: Call, digits: Digits, monkeypatch):
    monkeypatch.setattr(command, "WEIGHTS", REAL.parent)
    random = np.random.default_rng(0)
    labels = digits.test.labels[:60].tolist()
    for number, image in enumerate(digits.test.images[:60, 0].numpy()):
        ink = np.asarray(Image.fromarray(image).resize((140, 140), Image.Resampling.BICUBIC))
        place = random.integers(0, 60, 2)
        page = np.full((200, 200), 0.0)
        page[place[0] : place[0] + 140, place[1] : place[1] + 140] = ink
        paper, pen = random.integers(200, 256), random.integers(0, 90)
        grey = paper + (pen - paper) * page / 255 + random.normal(0, 2, page.shape)
        Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(f"{number:02}.png")
    answered = objects(call(".", "--json"))
    right = [answer["digit"] == label for answer, label in zip(answered, labels, strict=True)]
    assert np.mean(right) > 0.9
