"""What people write on one line: numbers of all kinds, and what stands beside them."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from trainer.synthesis.no_digits import LETTERS

MOST_DIGITS = 12  # of a line

# How often numbers are of which length and kind; by looking at what people write.
LENGTHS = (7, 9, 13, 15, 15, 13, 9, 6, 4, 3, 2, 2)  # of 1 to 12 digits, about in a hundred
RUN = 0.35  # how often a digit of a number is the one before it: 00, 11
ROUND = 0.5  # how often an amount ends in zeros
GROUPED = 0.65  # how often a long amount has marks or gaps between its thousands
CENTS = 0.3  # how often an amount has two digits after a decimal mark
SPACED = 0.25  # how often there is a gap beside a mark

# What stands beside a number and isn't one; a space keeps it apart.
BEFORE = ("$", "$ ", "#", "* ", "= ", "- ", "€ ", "Fr. ", "CHF ", "EUR ", "USD ", "R$ ", "N. ")
AFTER = (
    ".-",
    ",-",
    "-",
    " -",
    "=",
    " =",
    "--",
    ".=",
    ".",
    ",",
    ".",
    ",",
    "~",
    " ~",
    "#",
    "*",
    " $",
    " €",
    " kg",
    " m",
    " EUR",
    " CHF",
    " Fr.",
    "m",
    "h",
    "%",
)
BEFORE_OFTEN, AFTER_OFTEN = 0.22, 0.4  # how often something stands there
WORD = 0.08  # how often it is a word that says nothing
WORD_LETTERS = (2, 8)  # of it


@dataclass(frozen=True)
class Text:
    """What a line shows: only the number in the middle is to be read."""

    number: str  # "" where nothing is; a blank in it is a gap that nobody reads
    before: str = ""
    after: str = ""

    @property
    def label(self) -> str:
        """What a reader should say."""
        return self.number.replace(" ", "")


def some_text(random: np.random.Generator, alone: bool = False) -> Text:
    """Any number, and what may stand beside it unless it is alone."""
    number = KINDS[bisect_right(UP_TO, random.random())][1](random)
    if alone:
        return Text(number)
    before = beside(BEFORE, random, "{} ") if random.random() < BEFORE_OFTEN else ""
    after = beside(AFTER, random, " {}") if random.random() < AFTER_OFTEN else ""
    return Text(number, before, after)


def columns_needed(label: str) -> int:
    """Of scores, for CTC: one for each sign, and one between two that are the same."""
    return len(label) + sum(one == other for one, other in pairwise(label))


def beside(usual: tuple[str, ...], random: np.random.Generator, apart: str) -> str:
    """A currency, a final dash, or some word kept apart from the number."""
    if random.random() < WORD:
        return apart.format(word(random))
    return usual[random.integers(len(usual))]


def word(random: np.random.Generator) -> str:
    """Letters in any order."""
    letters = random.integers(len(LETTERS), size=random.integers(*WORD_LETTERS))
    return "".join(LETTERS[each] for each in letters)


def digits(count: int, random: np.random.Generator) -> str:
    """Digits, all equally often first and last, and often twice in a row."""
    chosen = random.integers(10, size=count)
    again = random.random(count) < RUN * random.random()
    for place in range(1, count):
        if again[place]:
            chosen[place] = chosen[place - 1]
    return "".join(map(str, chosen))


def some_length(random: np.random.Generator) -> int:
    """How many digits a number has."""
    return bisect_right(LENGTHS_UP_TO, random.random() * LENGTHS_UP_TO[-1]) + 1


def plain(random: np.random.Generator) -> str:
    """Digits and nothing else."""
    return digits(some_length(random), random)


def amount(random: np.random.Generator) -> str:
    """Money: round or not, with marks between thousands and before cents, or without."""
    number = digits(some_length(random), random)
    if random.random() < ROUND:
        zeros = int(random.integers(1, 1 + min(6, len(number))))
        number = number[: len(number) - zeros] + "0" * zeros
    thousand, point = ((".", ","), (",", "."), (" ", ","), (" ", "."))[random.integers(4)]
    if len(number) > 3 and random.random() < GROUPED:
        number = grouped(number, thousand)
    if random.random() < CENTS and len(number) < MOST_DIGITS - 3:
        number += point + ("00" if random.random() < ROUND else digits(2, random))
    return loosened(number, random)


def grouped(number: str, mark: str) -> str:
    """Thousands set apart."""
    first = len(number) % 3
    parts = [number[:first], *(number[at : at + 3] for at in range(first, len(number), 3))]
    return mark.join(part for part in parts if part)


def loosened(number: str, random: np.random.Generator) -> str:
    """Now and then a gap beside a mark."""
    if random.random() < SPACED:
        mark = ".,-/:"[random.integers(5)]
        return number.replace(mark, mark + " ")
    return number


def date(random: np.random.Generator) -> str:
    """A day, written in one of the usual ways."""
    mark = "./-"[random.integers(3)]
    parts = [digits(int(random.integers(1, 3)), random) for _ in range(2)]
    parts.append(digits((2, 4)[random.integers(2)], random))
    if random.random() < 0.2:
        parts.reverse()
    return loosened(mark.join(parts), random)


def clock(random: np.random.Generator) -> str:
    """A time of the day, or of a race."""
    parts = [digits(int(random.integers(1, 3)), random), digits(2, random)]
    if random.random() < 0.3:
        parts.append(digits(2, random))
    return ":".join(parts)


def telephone(random: np.random.Generator) -> str:
    """Groups of digits with dashes, slashes or gaps between them."""
    parts = [digits(int(random.integers(2, 5)), random) for _ in range(random.integers(2, 4))]
    return (" - ", "-", "/", " ", "-")[random.integers(5)].join(parts)


def measured(random: np.random.Generator) -> str:
    """A number with a decimal mark anywhere."""
    number = digits(some_length(random) + 1, random)[:MOST_DIGITS]
    place = int(random.integers(1, max(2, len(number))))
    return number[:place] + ".,"[random.integers(2)] + number[place:]


def same(random: np.random.Generator) -> str:
    """One digit again and again, perhaps after others."""
    return digits(int(random.integers(0, 4)), random) + str(random.integers(10)) * int(
        random.integers(2, 6)
    )


def none(_: np.random.Generator) -> str:
    """No number at all."""
    return ""


# So many of 100 lines show this.
KINDS: tuple[tuple[int, Callable[[np.random.Generator], str]], ...] = (
    (30, plain),
    (36, amount),
    (7, date),
    (3, clock),
    (5, telephone),
    (6, measured),
    (9, same),
    (4, none),
)
UP_TO = [total / 100 for total in accumulate(share for share, _ in KINDS)]
LENGTHS_UP_TO = list(accumulate(LENGTHS))
