"""`predict.py`: what it says, what it refuses, and that one bad picture spoils no other."""

import contextlib
import errno
import json
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from support import NEEDS_NAMES, Outcome, Screen, assert_refused, first_way

from handreader.answers import answer_of
from handreader.digits import DigitReader
from handreader.framing import CLASSES
from handreader.ink import picture_files
from handreader.ink.picture_files import open_picture
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.models import MLP
from helpers.network_files import open_network

SEVEN = [(30, 25), (85, 22), (50, 110)]
ONE = [(60, 20), (58, 110)]
FOUR = [(35, 15), (22, 70), (95, 66), (72, 66), (78, 20), (66, 115)]

LINUX = sys.platform == "linux"

Call = Callable[..., Outcome]


def drawn(path: Path, points: list[tuple[int, int]] = SEVEN, kind: str | None = None) -> Path:
    """A picture of a digit, written with a blue pen."""
    image = Image.new("RGB", (120, 140), (245, 243, 236))
    ImageDraw.Draw(image).line(points, fill=(20, 30, 110), width=9)
    image.save(path, kind)
    return path


def objects(outcome: Outcome) -> list[dict]:
    """The lines of --json."""
    return [json.loads(line) for line in outcome.out.splitlines()]


def assert_nothing_read(outcome: Outcome, *parts: str) -> None:
    """One sentence, no answer."""
    assert_refused(outcome, *parts)
    assert outcome.out == ""


# What is said


def test_answer_is_what_the_network_makes_of_the_framed_digit(
    predict_py: Call, small_network: Path
):
    path = drawn(Path("seven.png"))
    framed = first_way(open_picture(path)).framed
    (expected,) = DigitReader(open_network(str(small_network))).read([framed])
    outcome = predict_py(path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"seven.png: {expected}\n"
    assert re.fullmatch(
        r"seven\.png: (\d \(\d?\d\.\d %\)|not sure, perhaps \d \(\d?\d %\) or \d \(\d?\d %\))\n",
        outcome.out,
    )
    outcome = predict_py(path, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert objects(outcome) == [{"file": "seven.png"} | expected.to_dict()]
    assert list(objects(outcome)[0]) == ["file", "digit", "confidence", "unsure", "probabilities"]


def test_one_bad_picture_spoils_no_other(predict_py: Call):
    drawn(Path("a.png"))
    Path("b.png").write_text("Dear diary", encoding="utf-8")
    Image.new("L", (90, 90), 250).save("c.png")
    drawn(Path("e.png"))
    names = ["a.png", "b.png", "c.png", "d.png", "x" * 300, "e.png"]
    outcome = predict_py(*names)
    assert outcome.code == 1
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["a.png", "e.png"]
    bad = outcome.err.splitlines()
    assert [line.split(":")[0] for line in bad] == names[1:5]
    assert all(line.endswith((".", "?")) for line in bad)
    again = predict_py(*names, "--json")
    assert (again.code, again.err) == (1, outcome.err)
    assert [answer["file"] for answer in objects(again)] == names
    for answer, said in zip(objects(again)[1:5], bad, strict=True):
        assert list(answer) == ["file", "error"]
        assert said == f"{answer['file']}: {answer['error']}"


def test_folder_means_the_pictures_in_it(predict_py: Call):
    folder = Path("scans")
    (folder / "dir.png").mkdir(parents=True)
    for name in ("b.png", "a.JPG", "c.webp", ".hidden.png"):
        drawn(folder / name)
    (folder / "notes.txt").write_text("not a picture", encoding="utf-8")
    outcome = predict_py(folder, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    names = [str(folder / name) for name in ("a.JPG", "b.png", "c.webp")]
    assert [answer["file"] for answer in objects(outcome)] == names


def test_folder_that_is_empty_or_may_not_be_read_is_one_sentence(
    predict_py: Call, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    Path("folder").mkdir()
    assert_nothing_read(predict_py("folder"), "folder: there is no picture in this folder")
    drawn(Path("a.png"))
    monkeypatch.setattr(Path, "iterdir", refuse)
    outcome = predict_py("folder", "a.png")
    assert outcome.code == 1
    assert outcome.err == "folder: can't be read (Permission denied).\n"
    assert outcome.out.startswith("a.png: ")


def test_terminal_shows_how_many_pictures_there_are(
    predict_py: Call, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    names = [drawn(Path(f"{n}.png")) for n in range(2)]
    with contextlib.redirect_stderr(Screen()) as screen:
        predict_py(*names)
    assert re.search(r"reading: +0%\|[^|]*\| 0/2 \[.*\?picture/s\]", screen.getvalue())


def test_picture_may_come_from_the_standard_input(predict_py: Call):
    content = drawn(Path("seven.png"), kind="JPEG").read_bytes()
    from_file = objects(predict_py("seven.png", "--json"))
    from_stdin = objects(predict_py("-", "--json", stdin=content))
    assert from_stdin == [from_file[0] | {"file": "-"}]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "-: is empty."),
        (b"Dear diary", "-: is not a picture"),
        (bytes(2**20 + 1), "-: is larger than 1 MB"),
    ],
    ids=["empty", "text", "large"],
)
def test_bad_standard_input_is_one_sentence(
    predict_py: Call, monkeypatch: pytest.MonkeyPatch, content: bytes, sentence: str
):
    small = partial(open_picture, limits=picture_files.Limits(file_bytes=2**20))
    monkeypatch.setattr(picture_files, "open_picture", small)
    assert_nothing_read(predict_py("-", stdin=content), sentence)


@NEEDS_NAMES
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_odd_names_neither_break_the_line_nor_the_terminal(predict_py: Call):
    names = ["two\nlines.png", "red\x1b[31m.png", "-x.png", "größe 4.png", "back\u202eward.png"]
    for name in names:
        drawn(Path(name))
    outcome = predict_py("--", *names, "no\nsuch.png")
    assert [line.split(": ")[0] for line in outcome.out.splitlines()] == [
        "two\\nlines.png",
        "red\\x1b[31m.png",
        "-x.png",
        "größe 4.png",
        "back\\u202eward.png",
    ]
    assert outcome.err == "no\\nsuch.png: there is no such file.\n"
    answered = objects(predict_py("--json", "--", *names))
    assert [answer["file"] for answer in answered] == names


@pytest.mark.skipif(not LINUX, reason="names are bytes on Linux alone")
def test_name_that_is_no_text_is_read_and_shown(predict_py: Call):
    path = drawn(Path(os.fsdecode(b"\xff.png")), kind="PNG")
    assert predict_py(path).out.startswith("\\udcff.png: ")
    assert objects(predict_py(path, "--json"))[0]["file"] == r"\udcff.png"


def numbers(path: Path, lines: list[str]) -> Path:
    """A page on which each digit is drawn with straight strokes."""
    image = Image.new("RGB", (90 * max(map(len, lines)) + 60, 160 * len(lines) + 40), "white")
    pen = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        for column, digit in enumerate(line):
            strokes = {"7": SEVEN, "1": ONE, "4": FOUR}[digit]
            at = [(30 + 90 * column + 0.7 * x, 40 + 160 * row + y) for x, y in strokes]
            pen.line(at, fill=(20, 30, 110), width=8, joint="curve")
    image.save(path)
    return path


def test_page_is_read_line_by_line(predict_py: Call):
    numbers(Path("a.png"), ["717", "4471"])
    Image.new("L", (90, 90), 250).save("blank.png")
    outcome = predict_py("a.png", "blank.png", "missing.png", "--page", "--json", usual=None)
    assert outcome.code == 1
    page, *errors = objects(outcome)
    assert list(page) == ["file", "lines"]
    assert [line["text"] for line in page["lines"]] == ["717", "4471"]
    for line in page["lines"]:
        keys = ["text", "digits_only", "confidence", "unsure", "box", "digits"]
        assert list(line) == keys
        for digit in line["digits"]:
            assert list(digit) == ["digit", "confidence", "unsure", "box"]
            left, top, wide, high = digit["box"]
            assert left >= 0 <= top
            assert left + wide <= 420
            assert top + high <= 360
    assert [list(each) for each in errors] == [["file", "error"]] * 2
    words = predict_py("a.png", "--page", "--show", "page.png", usual=None)
    assert (words.code, words.err) == (0, "")
    assert words.out.replace("?", "") == "a.png:\n717\n4471\n"
    assert Path("page.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (MemoryError(), "memory: reduce it"),
        (cv2.error("(-4:Insufficient memory)"), "memory: reduce it"),
        (RuntimeError("can't allocate memory"), "memory: reduce it"),
        (cv2.error("(-215:Assertion failed)"), "crop it"),
        (OSError(errno.EIO, "Input/output error"), "(Input/output error)"),
        (OSError("the disk is gone"), "(the disk is gone)"),
    ],
)
def test_picture_that_the_machine_fails_at_is_one_sentence(error: Exception, part: str):
    def fail(_name: str) -> None:
        raise error

    answer = answer_of("a.png", fail)
    assert answer.is_error
    assert part in json.loads(answer.as_json())["error"]


def test_mistake_in_the_program_is_not_taken_for_a_bad_picture():
    with pytest.raises(ZeroDivisionError):
        answer_of("a.png", lambda _: 1 // 0)


def test_page_that_shows_too_much_spoils_no_other(predict_py: Call):
    stripes = np.indices((600, 600)).sum(0) // 4 % 2 * 255
    Image.fromarray(stripes.astype(np.uint8)).save("stripes.png")
    drawn(Path("a.png"))
    outcome = predict_py("stripes.png", "a.png", "--page")
    assert outcome.code == 1
    assert outcome.err == "stripes.png: shows too much: crop it.\n"
    assert outcome.out.startswith("a.png: ")


# --show


@NEEDS_NAMES
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_steps_are_drawn_as_png_whatever_the_names_of_pictures(predict_py: Call):
    names = [r"$\frac{1$.png", "日本😀.png", *([os.fsdecode(b"\xff.png")] if LINUX else [])]
    for name in names:
        drawn(Path(name), kind="PNG")
    outcome = predict_py(*names, "nothing.png", "--digit", "--show", "deep/er/steps.png")
    assert (outcome.code, outcome.err) == (1, "nothing.png: there is no such file.\n")
    with Image.open("deep/er/steps.png") as figure:
        assert figure.format == "PNG"
        assert min(figure.size) > 200
    assert [path.name for path in Path("deep/er").iterdir()] == ["steps.png"]


@pytest.mark.parametrize("place", [".", "a.png/steps.png", "x" * 300])
def test_figure_that_could_not_be_written_is_found_before_the_work(predict_py: Call, place: str):
    drawn(Path("a.png"))
    assert_nothing_read(predict_py("a.png", "--show", place), place)


def test_figure_never_replaces_a_photo_or_network(predict_py: Call, small_network: Path):
    drawn(Path("a.png"))
    for path in (drawn(Path("b.png")), small_network):
        before = path.read_bytes()
        outcome = predict_py("a.png", "--show", path)
        assert_nothing_read(outcome, "exists and is not a figure that --show drew")
        assert path.read_bytes() == before
    outcome = predict_py("--digit", "--show", "a.png", "b.png")  # as a shell expands *.png
    assert_nothing_read(outcome, "a.png exists")


def test_figure_may_be_drawn_again(predict_py: Call):
    drawn(Path("a.png"))
    Path("steps.png").touch()  # as a script does that asks for a name of its own
    for options in ((), ("--page",)):
        before = Path("steps.png").read_bytes()
        assert predict_py("a.png", *options, "--show", "steps.png").err == ""
        assert Path("steps.png").read_bytes() != before


@pytest.mark.parametrize(("count", "options"), [(21, ("--digit",)), (2, ("--page",)), (2, ())])
def test_figure_holds_only_so_much(predict_py: Call, count: int, options: tuple[str, ...]):
    sentence = "--show draws one picture, or up to 20 with --digit"
    assert_nothing_read(predict_py(*["a.png"] * count, *options, "--show", "s.png"), sentence)
    outcome = predict_py(*["a.png"] * (count - 1), *options, "--show", "s.png")
    assert outcome.err == "a.png: there is no such file.\n" * (count - 1)
    assert not Path("s.png").exists()


# Networks


def test_another_network_may_be_named(predict_py: Call, tmp_path: Path):
    torch.manual_seed(0)
    network = Checkpoint(MLP((784, 10)), 0.13, 0.31, CLASSES, "made up", {})
    other = checkpoints.save(tmp_path / "other.pt", network)
    drawn(Path("a.png"))
    one, two = (objects(predict_py("a.png", "--json", *more)) for more in ((), ("--model", other)))
    assert one[0]["probabilities"] != two[0]["probabilities"]


@pytest.mark.parametrize("kind", ["missing", "a folder", "a picture", "cut off", "other classes"])
def test_file_that_is_no_network_is_one_sentence(predict_py: Call, small_network: Path, kind: str):
    drawn(Path("a.png"))
    path = Path("net.pt")
    if kind == "a folder":
        path.mkdir()
    elif kind == "a picture":
        drawn(path, kind="PNG")
    elif kind == "cut off":
        path.write_bytes(small_network.read_bytes()[:-100])
    elif kind == "other classes":
        letters = Checkpoint(MLP((784, 10)), 0.1, 0.3, list("abcdefghij"), "letters", {})
        checkpoints.save(path, letters)
    assert_nothing_read(predict_py("a.png", "--model", path), "net.pt: ")


@pytest.mark.skipif(not LINUX, reason="only Linux has a disk that is always full")
def test_full_disk_is_one_sentence(predict_py: Call, monkeypatch: pytest.MonkeyPatch):
    drawn(Path("a.png"))
    # It fails to close, too.
    with contextlib.suppress(OSError), open("/dev/full", "w", encoding="ascii") as full:
        monkeypatch.setattr(sys, "stdout", full)
        outcome = predict_py("a.png", "--json")
    assert_nothing_read(outcome, f"{os.strerror(errno.ENOSPC)}.")


def test_closed_input_is_one_sentence(predict_py: Call):
    assert_nothing_read(predict_py("-", stdin=None), "-: is closed.")


def test_figure_that_is_read_is_never_replaced(predict_py: Call):
    drawn(Path("a.png"))
    predict_py("a.png", "--show", "steps.png")
    before = Path("steps.png").read_bytes()
    outcome = predict_py("./steps.png", "--digit", "--show", "steps.png")
    assert_nothing_read(outcome, "steps.png is read, so it can't be written")
    assert Path("steps.png").read_bytes() == before
