"""The content of pictures, and how much of it was read: lines of digits, alone or on pages."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, replace

import numpy as np
import torch
from torchvision.ops import box_convert, box_iou

from benchmarks.page_parts import WrittenSign
from benchmarks.page_pictures import Box, Truth
from handreader import Number, Reader
from handreader.common.errors import UserError

REAL = "real ones"  # name of the condition, if there are any
FOUND = 0.5  # intersection over union of two boxes, above which both are the same digit's


@dataclass(frozen=True)
class Shown:
    """A picture, (height, width, 3) bytes, the texts of its lines, and its signs if known."""

    picture: np.ndarray
    texts: list[str]
    signs: list[WrittenSign] = field(default_factory=list)

    @classmethod
    def page(cls, picture: np.ndarray, truth: Truth) -> "Shown":
        """Return a page whose signs and places are all known."""
        texts = ["".join(sign.text for sign in line) for line in truth]
        return cls(picture, texts, [sign for line in truth for sign in line])


@dataclass(frozen=True)
class Score:
    """Counts of what was read on some pictures."""

    pictures: int = 0
    lines: int = 0
    exact: int = 0  # lines that are right with every mark
    digits_right: int = 0  # the same, but marks don't count
    sure: int = 0  # lines read without doubt, right or wrong
    sure_and_right: int = 0
    digits: int = 0  # whose places are known
    in_place: int = 0  # of these digits, read right at the right place
    seconds: float = 0.0

    @property
    def sure_right(self) -> float:
        """Return the share of sure lines that are right."""
        return self.sure_and_right / max(1, self.sure)

    def __add__(self, other: "Score") -> "Score":
        return Score(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def read_all(shown: Iterable[Shown], reader: Reader) -> Score:
    """Read all pictures and return the sum of their scores."""
    return sum((read_and_score(each, reader) for each in shown), Score())


def read_and_score(shown: Shown, reader: Reader) -> Score:
    """Read one picture and return its score and how long it took."""
    started = time.perf_counter()
    try:
        lines = reader.read(shown.picture, "page").lines
    except UserError:
        lines = []
    return replace(score(lines, shown), seconds=time.perf_counter() - started)


def score(lines: Sequence[Number], shown: Shown) -> Score:
    """Count what was read right on one picture."""
    wanted = [only_digits(text) for text in shown.texts]
    sure = [line.digits_only for line in lines if not line.unsure]
    digits = [sign for sign in shown.signs if sign.text.isdigit()]
    got = [digit for line in lines for digit in line.digits]
    pairs = matched([each.box for each in digits], [each.box for each in got])
    return Score(
        pictures=1,
        lines=len(wanted),
        exact=in_both([line.text for line in lines], shown.texts),
        digits_right=in_both([line.digits_only for line in lines], wanted),
        sure=len(sure),
        sure_and_right=in_both(sure, wanted),
        digits=len(digits),
        in_place=sum(digits[one].text == got[other].text for one, other in pairs),
    )


def only_digits(text: str) -> str:
    """Return a text without its marks."""
    return "".join(sign for sign in text if sign.isdigit())


def in_both(some: Sequence[str], others: Sequence[str]) -> int:
    """Count the texts that two lists share, in any order."""
    return (Counter(some) & Counter(others)).total()


def matched(
    wanted: Sequence[Box], got: Sequence[tuple[int, int, int, int]]
) -> list[tuple[int, int]]:
    """Return pairs of boxes that are of the same digit, by number.

    Each wanted box takes the one that overlaps it most, which no other can take then.
    """
    if not wanted or not got:
        return []
    corners = (
        box_convert(torch.tensor(boxes, dtype=torch.float64), "xywh", "xyxy")
        for boxes in (wanted, got)
    )
    overlaps = box_iou(*corners)
    pairs = []
    for one, row in enumerate(overlaps):
        other = int(row.argmax())
        if row[other] > FOUND:
            pairs.append((one, other))
            overlaps[:, other] = -1  # taken
    return pairs
