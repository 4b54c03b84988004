"""Results as Python objects, text and JSON: one digit, or a page of numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from handreader.ink.pixels import Box

PLACES = 4  # decimals of probabilities for programs: finer than they are accurate


@dataclass(frozen=True)
class Reading:
    """The network's reading of one digit: the probability of each of the ten classes.

    >>> print(Reading([0.02] * 9 + [0.82], unsure=False))
    9 (82.0 %)
    """

    probabilities: list[float]
    unsure: bool

    @property
    def digit(self) -> int:
        """Return the likeliest digit."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def text(self) -> str:
        """Return the digit as text, as a number has its own."""
        return str(self.digit)

    @property
    def confidence(self) -> float:
        """Return the probability of the likeliest digit."""
        return max(self.probabilities)

    @property
    def short(self) -> str:
        """Return the digit alone, with a question mark if it is unsure."""
        return f"{self.digit}{'?' * self.unsure}"

    def brief(self) -> dict:
        """Return the digit, its confidence and whether it is unsure, ready for JSON."""
        return {
            "digit": self.digit,
            "confidence": rounded(self.confidence),
            "unsure": self.unsure,
        }

    def to_dict(self) -> dict:
        """Return the whole reading as plain values, ready for JSON."""
        probabilities = [rounded(value) for value in self.probabilities]
        return self.brief() | {"probabilities": probabilities}

    def _repr_html_(self) -> str:
        """Show the ten probabilities in a notebook."""
        cells = "".join(f"<td>{percent(each)}</td>" for each in self.probabilities)
        heads = "".join(f"<th>{digit}</th>" for digit in range(len(self.probabilities)))
        return f"<p>{self}</p><table><tr>{heads}</tr><tr>{cells}</tr></table>"

    def __str__(self) -> str:
        order = sorted(range(10), key=self.probabilities.__getitem__, reverse=True)
        first, second = ((digit, self.probabilities[digit]) for digit in order[:2])
        if self.unsure:
            one, other = (f"{digit} ({percent(chance, 0)})" for digit, chance in (first, second))
            return f"not sure, perhaps {one} or {other}"
        return f"{first[0]} ({percent(first[1])})"


def rounded(probability: float) -> float:
    """Round a probability for programs, and keep it below 1: nothing is certain."""
    return min(round(probability, PLACES), 1 - 10**-PLACES)


def percent(probability: float, places: int = 1) -> str:
    """Format a probability for people, and keep it below 100 %: nothing is certain."""
    return f"{min(100 * probability, 100 - 10**-places):.{places}f} %"


@dataclass(frozen=True)
class Placed:
    """A digit or a mark and its box: left, top, width, height in pixels of the picture."""

    text: str
    confidence: float
    unsure: bool
    box: Box

    @property
    def is_digit(self) -> bool:
        """Tell whether it is a digit and not a mark."""
        return self.text.isdigit()

    def to_dict(self) -> dict:
        """Return a digit as plain values, ready for JSON."""
        return {
            "digit": int(self.text),
            "confidence": rounded(self.confidence),
            "unsure": self.unsure,
            "box": list(self.box),
        }

    def __str__(self) -> str:
        return f"{self.text}{'?' * self.unsure}"


@dataclass(frozen=True)
class Number:
    """A line's digits, with the marks . , - / : among them; unsure if any sign is.

    >>> signs = [Placed(text, 0.99, False, (10 * n, 0, 8, 20)) for n, text in enumerate("4.7")]
    >>> number = Number(signs, confidence=0.97)
    >>> number.text, number.digits_only, number.box
    ('4.7', '47', (0, 0, 28, 20))
    """

    signs: Sequence[Placed]
    confidence: float

    @property
    def text(self) -> str:
        """Return the number as it is written, with its marks."""
        return "".join(sign.text for sign in self.signs)

    @property
    def digits(self) -> list[Placed]:
        """Return the signs that are digits."""
        return [sign for sign in self.signs if sign.is_digit]

    @property
    def digits_only(self) -> str:
        """Return the text without the marks."""
        return "".join(sign.text for sign in self.digits)

    @property
    def unsure(self) -> bool:
        """Tell whether any sign is unsure."""
        return any(sign.unsure for sign in self.signs)

    @property
    def box(self) -> Box:
        """Return the box around all signs."""
        left, top = min(sign.box[0] for sign in self.signs), min(sign.box[1] for sign in self.signs)
        right = max(sign.box[0] + sign.box[2] for sign in self.signs)
        bottom = max(sign.box[1] + sign.box[3] for sign in self.signs)
        return left, top, right - left, bottom - top

    def to_dict(self) -> dict:
        """Return the number as plain values, ready for JSON."""
        return {
            "text": self.text,
            "digits_only": self.digits_only,
            "confidence": rounded(self.confidence),
            "unsure": self.unsure,
            "box": list(self.box),
            "digits": [digit.to_dict() for digit in self.digits],
        }

    def __str__(self) -> str:
        return "".join(map(str, self.signs))


@dataclass(frozen=True)
class Page:
    """The lines of a picture, from top to bottom; there may be only one.

    >>> page = Page([Number([Placed("7", 0.9, True, (5, 5, 12, 20))], 0.9)])
    >>> print(page)
    7? (90 %)
    >>> page.to_dict()["lines"][0]["text"]
    '7'
    """

    lines: list[Number]

    def __iter__(self) -> Iterator[Number]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def confidence(self) -> float:
        """Return the probability that every line is right."""
        return prod(line.confidence for line in self.lines)

    @property
    def unsure(self) -> bool:
        """Tell whether any line is unsure."""
        return any(line.unsure for line in self.lines)

    def to_dict(self) -> dict:
        """Return the page as plain values, ready for JSON; a table comes with its size."""
        cells = [line.text.split("\t") for line in self.lines]
        columns = max(map(len, cells), default=0)
        table = {"rows": len(cells), "columns": columns, "cells": cells} if columns > 1 else {}
        return {"lines": [line.to_dict() for line in self.lines]} | table

    def _repr_html_(self) -> str:
        """Show the numbers in a notebook, each with its confidence."""
        rows = "".join(
            f"<tr><td>{line}</td><td>{percent(line.confidence)}</td></tr>" for line in self.lines
        )
        return f"<table><tr><th>number</th><th>confidence</th></tr>{rows}</table>"

    def __str__(self) -> str:
        if len(self.lines) == 1:
            return f"{self.lines[0]} ({percent(self.lines[0].confidence, 0)})"
        return "\n".join(map(str, self.lines))
