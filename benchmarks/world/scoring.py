"""Compare an answer with what is to be read on a picture."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from handreader import Page, Reading
from handreader.common.errors import PictureError

Answer = Reading | Page | PictureError
RIGHT, UNSURE, WRONG = "right", "unsure", "sure and wrong"


class Truth(NamedTuple):
    """The numbers to be read on a picture, and those that may be read besides: digits only."""

    lines: Sequence[str]
    ok: Sequence[str] = ()


class Score(NamedTuple):
    """The result of comparing an answer with the truth."""

    outcome: str  # "right", "unsure" or "sure and wrong"
    one_for_many: bool  # one digit is answered for sure where several are
    sure: int  # numbers that were read for sure
    sure_right: int  # of these, the ones that are there, or may be read


def sure_numbers(answer: Answer) -> list[str]:
    """Return the numbers that were read for sure, in their order, without marks."""
    if isinstance(answer, PictureError):
        return []
    numbers = (
        [(each.digits_only, each.unsure) for each in answer]
        if isinstance(answer, Page)
        else [(answer.text, answer.unsure)]
    )
    return [text for text, unsure in numbers if text and not unsure]  # a mark alone is no number


def is_one_digit(answer: Answer) -> bool:
    """Tell whether the whole answer is one digit, for sure."""
    if isinstance(answer, Page) and len(answer) != 1:
        return False
    return [len(each) for each in sure_numbers(answer)] == [1]


def runs(sure: Sequence[str], ok: Sequence[str]) -> list[str]:
    """Return numbers, and the neighbours joined that may be read as parts of a number."""
    found = list(sure)
    for start in range(len(sure)):
        end = start + 1
        while end < len(sure) and sure[start] in ok and sure[end] in ok:
            end += 1
            found.append("".join(sure[start:end]))
    return found


def score(truth: Truth, answer: Answer) -> Score:
    """Score an answer.

    It is right if every number is read for sure, whole or in parts that may be read, and
    nothing else is; where nothing is to be read, if nothing is sure.
    """
    sure = sure_numbers(answer)
    allowed = {*truth.lines, *truth.ok}
    sure_right = sum(each in allowed for each in sure)
    one_for_many = is_one_digit(answer) and sum(map(len, truth.lines)) > 1
    outcome = UNSURE
    if one_for_many or sure_right < len(sure):
        outcome = WRONG
    elif Counter(truth.lines) <= Counter(runs(sure, truth.ok)):
        outcome = RIGHT
    return Score(outcome, one_for_many, len(sure), sure_right)
