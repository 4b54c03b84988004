"""What a picture says: one digit, or a page of numbers, as Python objects, text and JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from handreader.ink.pixels import Box

PLACES = 4  # of probabilities for programs: a hundredth of a percent, finer than they are right


@dataclass(frozen=True)
class Reading:
    """What the network makes of one digit: the probability of each of the ten.

    >>> print(Reading([0.02] * 9 + [0.82], unsure=False))
    9 (82.0 %)
    """

    probabilities: list[float]
    unsure: bool

    @property
    def digit(self) -> int:
        """The likeliest one."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """How likely that one is."""
        return max(self.probabilities)

    @property
    def short(self) -> str:
        """The digit alone, with a question mark if it is only a guess."""
        return f"{self.digit}{'?' * self.unsure}"

    def brief(self) -> dict:
        """What matters most, as plain values."""
        return {
            "digit": self.digit,
            "confidence": rounded(self.confidence),
            "unsure": self.unsure,
        }

    def to_dict(self) -> dict:
        """All of it as plain values, ready for JSON."""
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
    """A probability for programs; never a certainty."""
    return min(round(probability, PLACES), 1 - 10**-PLACES)


def percent(probability: float, places: int = 1) -> str:
    """A probability for people; never a certainty."""
    return f"{min(100 * probability, 100 - 10**-places):.{places}f} %"


@dataclass(frozen=True)
class Placed:
    """A digit, or a mark, and where it is: left, top, width, height in pixels of the picture."""

    text: str
    confidence: float
    unsure: bool
    box: Box

    @property
    def is_digit(self) -> bool:
        """Whether it is no mark."""
        return self.text.isdigit()

    def to_dict(self) -> dict:
        """A digit as plain values, ready for JSON."""
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
    """A line: digits, and the marks . , - / : within them; unsure if any part is.

    >>> signs = [Placed(text, 0.99, False, (10 * n, 0, 8, 20)) for n, text in enumerate("4.7")]
    >>> number = Number(signs, confidence=0.97)
    >>> number.text, number.digits_only, number.box
    ('4.7', '47', (0, 0, 28, 20))
    """

    signs: Sequence[Placed]
    confidence: float

    @property
    def text(self) -> str:
        """All of it, as it is written."""
        return "".join(sign.text for sign in self.signs)

    @property
    def digits(self) -> list[Placed]:
        """Its signs without the marks."""
        return [sign for sign in self.signs if sign.is_digit]

    @property
    def digits_only(self) -> str:
        """Its text without the marks."""
        return "".join(sign.text for sign in self.digits)

    @property
    def unsure(self) -> bool:
        """Whether any part is."""
        return any(sign.unsure for sign in self.signs)

    @property
    def box(self) -> Box:
        """What surrounds all its signs."""
        left, top = min(sign.box[0] for sign in self.signs), min(sign.box[1] for sign in self.signs)
        right = max(sign.box[0] + sign.box[2] for sign in self.signs)
        bottom = max(sign.box[1] + sign.box[3] for sign in self.signs)
        return left, top, right - left, bottom - top

    def to_dict(self) -> dict:
        """All of it as plain values, ready for JSON."""
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
    """The lines of a picture, from top to bottom; it may be a single number.

    >>> page = Page([Number([Placed("7", 0.9, True, (5, 5, 12, 20))], 0.9)])
    >>> print(page)
    7? (90 %)
    >>> page.to_dict()["lines"][0]["text"]
    '7'
    """

    lines: list[Number]

    @property
    def confidence(self) -> float:
        """How likely all of it is right."""
        return prod(line.confidence for line in self.lines)

    @property
    def unsure(self) -> bool:
        """Whether any line is."""
        return any(line.unsure for line in self.lines)

    def to_dict(self) -> dict:
        """All of it as plain values, ready for JSON."""
        return {"lines": [line.to_dict() for line in self.lines]}

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
