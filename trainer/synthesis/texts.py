"""Texts that people write on one line: numbers of all kinds, and what stands beside them."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise

from numpy.random import Generator

from trainer.synthesis.no_digits import PRINTABLE

MOST_DIGITS = 12  # on a line

# How often numbers have which length and kind, from looking at what people write.
LENGTHS = (7, 9, 13, 15, 15, 13, 9, 6, 4, 3, 2, 2)  # weights of 1 to 12 digits, about in percent
RUN = 0.35  # the most often that a digit repeats the one before it: 00, 11
ROUND = 0.5  # how often an amount ends in zeros
GROUPED = 0.65  # how often a long amount has marks or gaps between its thousands
CENTS = 0.3  # how often an amount has two digits after a decimal mark
SPACED = 0.25  # how often there is a gap beside a mark

# What stands beside a number and isn't part of it; a space sets it apart.
BEFORE = ("$", "$ ", "#", "* ", "= ", "- ", "€ ", "Fr. ", "CHF ", "EUR ", "USD ", "R$ ", "N. ")
DASHES_AFTER = (".-", ",-", "-", " -", "=", " =", "--", ".=")
MARKS_AFTER = (".", ",", ".", ",", "~", " ~", "#", "*")
UNITS_AFTER = (" $", " €", " kg", " m", " EUR", " CHF", " Fr.", "m", "h", "%")
AFTER = DASHES_AFTER + MARKS_AFTER + UNITS_AFTER
BEFORE_OFTEN, AFTER_OFTEN = 0.22, 0.4  # how often something stands there
WORD = 0.08  # how often it is a meaningless word
WORD_LETTERS = (2, 8)  # from 2 to 7 of them


@dataclass(frozen=True)
class Text:
    """The text of a line; only the number in the middle is to be read."""

    number: str  # "" for none; a space in it is a gap, which isn't read
    before: str = ""
    after: str = ""

    @property
    def label(self) -> str:
        """Return the text that a reader should give."""
        return self.number.replace(" ", "")


def some_text(random: Generator, alone: bool = False) -> Text:
    """Draw any number, and what may stand beside it unless it is alone."""
    number = KINDS[bisect_right(UP_TO, random.random())][1](random)
    if alone:
        return Text(number)
    before = beside(BEFORE, random, "{} ") if random.random() < BEFORE_OFTEN else ""
    after = beside(AFTER, random, " {}") if random.random() < AFTER_OFTEN else ""
    return Text(number, before, after)


def columns_needed(label: str) -> int:
    """Count the columns that CTC needs: one for each sign, and one between two equal signs."""
    return len(label) + sum(one == other for one, other in pairwise(label))


def beside(usual: tuple[str, ...], random: Generator, apart: str) -> str:
    """Draw one of the usual signs or, now and then, a word set apart as the format says."""
    if random.random() < WORD:
        return apart.format(word(random))
    return usual[random.integers(len(usual))]


def word(random: Generator) -> str:
    """Draw a word of random letters."""
    letters = random.integers(len(PRINTABLE), size=random.integers(*WORD_LETTERS))
    return "".join(PRINTABLE[each] for each in letters)


def digits(count: int, random: Generator) -> str:
    """Draw so many digits, all equally likely in any place, some repeating the one before."""
    chosen = random.integers(10, size=count)
    again = random.random(count) < RUN * random.random()
    for place in range(1, count):
        if again[place]:
            chosen[place] = chosen[place - 1]
    return "".join(map(str, chosen))


def some_length(random: Generator) -> int:
    """Draw the number of digits, from 1 to MOST_DIGITS."""
    return bisect_right(LENGTHS_UP_TO, random.random() * LENGTHS_UP_TO[-1]) + 1


def plain(random: Generator) -> str:
    """Draw digits and nothing else."""
    return digits(some_length(random), random)


def amount(random: Generator) -> str:
    """Draw an amount of money: round or not, with or without marks for thousands and cents."""
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
    """Put a mark between thousands."""
    first = len(number) % 3
    parts = [number[:first], *(number[at : at + 3] for at in range(first, len(number), 3))]
    return mark.join(part for part in parts if part)


def loosened(number: str, random: Generator) -> str:
    """Put a gap behind a mark now and then."""
    if random.random() < SPACED:
        mark = ".,-/:"[random.integers(5)]
        return number.replace(mark, mark + " ")
    return number


def date(random: Generator) -> str:
    """Draw digits in one of the usual formats of a date."""
    mark = "./-"[random.integers(3)]
    parts = [digits(int(random.integers(1, 3)), random) for _ in range(2)]
    parts.append(digits((2, 4)[random.integers(2)], random))
    if random.random() < 0.2:
        parts.reverse()
    return loosened(mark.join(parts), random)


def clock(random: Generator) -> str:
    """Draw digits in the format of a time of day, or of a race."""
    parts = [digits(int(random.integers(1, 3)), random), digits(2, random)]
    if random.random() < 0.3:
        parts.append(digits(2, random))
    return ":".join(parts)


def telephone(random: Generator) -> str:
    """Draw groups of digits with dashes, slashes or gaps between them."""
    parts = [digits(int(random.integers(2, 5)), random) for _ in range(random.integers(2, 4))]
    return (" - ", "-", "/", " ", "-")[random.integers(5)].join(parts)


def measured(random: Generator) -> str:
    """Draw a number with a decimal mark anywhere."""
    number = digits(some_length(random) + 1, random)[:MOST_DIGITS]
    place = int(random.integers(1, max(2, len(number))))
    return number[:place] + ".,"[random.integers(2)] + number[place:]


def same(random: Generator) -> str:
    """Draw one digit repeated, perhaps after others."""
    return digits(int(random.integers(0, 4)), random) + str(random.integers(10)) * int(
        random.integers(2, 6)
    )


# How many of 100 lines show each kind.
KINDS: tuple[tuple[int, Callable[[Generator], str]], ...] = (
    (30, plain),
    (36, amount),
    (7, date),
    (3, clock),
    (5, telephone),
    (6, measured),
    (9, same),
    (4, lambda _: ""),  # no number at all
)
UP_TO = [total / 100 for total in accumulate(share for share, _ in KINDS)]
LENGTHS_UP_TO = list(accumulate(LENGTHS))
