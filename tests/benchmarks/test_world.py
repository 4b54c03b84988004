"""The foreign world: each kind draws, the halves share nothing, and answers are scored fairly."""

import subprocess
import sys

import pytest
from support import ROOT

from benchmarks.world import camera, fonts, measurement, strokes
from benchmarks.world.kinds import draw, kinds_of, pictures
from benchmarks.world.measurement import label, table
from benchmarks.world.registry import GROUPS, KINDS
from benchmarks.world.scoring import RIGHT, UNSURE, WRONG, Answer, Score, Truth, score
from handreader import Number, Page, Reading
from handreader.common.errors import PictureError
from handreader.results import Placed

REFUSED = PictureError("There is nothing to read.")


def number(text: str, unsure: bool = False) -> Number:
    """A number as the reader answers it."""
    signs = [Placed(sign, 0.9, unsure, (9 * n, 0, 8, 20)) for n, sign in enumerate(text)]
    return Number(signs, 0.9)


def page(*texts: str) -> Page:
    """A page of numbers that are sure, but for those with a question mark."""
    return Page([number(text.rstrip("?"), text.endswith("?")) for text in texts])


def digit(value: int, unsure: bool = False) -> Reading:
    """A reading of one digit."""
    return Reading([0.91 if each == value else 0.01 for each in range(10)], unsure)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_draws_the_same_picture_twice(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(camera, "long_side", lambda _: 400)  # small photographs are drawn faster
    kind = KINDS[name]
    one, again = draw(kind, 0), draw(kind, 0)
    assert one == again
    assert one.picture.ndim == 3
    assert max(one.picture.shape[:2]) >= 400
    assert all(text.isdigit() for text in [*one.lines, *one.ok])


def test_halves_share_no_kind_font_or_hand_but_each_group():
    for shared in (fonts.HANDWRITTEN, fonts.PRINTED, strokes.HANDS):
        assert not set(shared["work"]) & set(shared["held"])
    names = {half: {kind.name for kind in kinds_of(half)} for half in ("work", "held")}
    assert not names["work"] & names["held"]
    for group in GROUPS:
        work, held = (
            sum(kind.group == group for kind in kinds_of(half)) for half in ("work", "held")
        )
        assert abs(work - held) <= 1


def test_what_draws_imports_nothing_of_this_project():
    code = (
        "import sys, benchmarks.world.kinds; print(*{name.split('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"handreader", "helpers", "trainer", "torch"} & set(run.stdout.split())


@pytest.mark.parametrize(
    ("truth", "answer", "outcome"),
    [
        (Truth(["7"]), digit(7), RIGHT),
        (Truth(["7"]), page("7"), RIGHT),
        (Truth(["7"]), digit(1), WRONG),
        (Truth(["7"]), digit(1, unsure=True), UNSURE),
        (Truth(["7"]), REFUSED, UNSURE),
        (Truth([]), REFUSED, RIGHT),
        (Truth([]), digit(1, unsure=True), RIGHT),
        (Truth([]), digit(1), WRONG),
        (Truth([], ["12"]), page("12"), RIGHT),
        (Truth(["12032024"]), page("12.03.2024"), RIGHT),
        (Truth(["12", "34"]), page("34", "12"), RIGHT),
        (Truth(["12", "34"]), page("12", "34?"), UNSURE),
        (Truth(["12", "12"]), page("12"), UNSURE),
        (Truth(["12", "34"]), page("12", "34", "5"), WRONG),
        (Truth(["1234"], ["12", "34"]), page("12", "34"), RIGHT),
        (Truth(["1234"], ["12", "34"]), page("12"), UNSURE),
    ],
)
def test_score(truth: Truth, answer: Answer, outcome: str):
    found = score(truth, answer)
    assert (found.outcome, found.one_for_many) == (outcome, False)


@pytest.mark.parametrize("answer", [digit(1), page("1")])
def test_one_digit_for_many_is_wrong(answer: Answer):
    assert score(Truth(["1", "2"], ["1"]), answer) == Score(WRONG, True, 1, 1)
    assert not score(Truth(["1", "2"], ["1"]), digit(1, unsure=True)).one_for_many


def test_table_and_labels_tell_of_each_kind(monkeypatch: pytest.MonkeyPatch):
    shown = next(pictures("work", 1))
    monkeypatch.setattr(measurement, "pictures", lambda *_: iter([shown]))
    monkeypatch.setattr(measurement, "kinds_of", lambda _: [shown.kind])
    monkeypatch.setattr(measurement, "GROUPS", [shown.kind.group])
    found = measurement.measure("work", 1)
    assert found["all"]["pictures"] == 1
    assert any(row.startswith(f"| {shown.kind.name} | 1 |") for row in table(found))
    kept = label(shown, "00.jpg")
    assert (kept["half"], kept["group"]) == ("work", "one digit")
