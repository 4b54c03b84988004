"""What is read on a picture that shows numbers: their signs, in lines, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from helpers.reading.digit_reader import percent, rounded
from helpers.reading.pixels import Box


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

    def as_dict(self) -> dict:
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
    """A line: digits, and the marks . , - / : within them; unsure if any part is."""

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

    def as_dict(self) -> dict:
        """All of it as plain values, ready for JSON."""
        return {
            "text": self.text,
            "digits_only": self.digits_only,
            "confidence": rounded(self.confidence),
            "unsure": self.unsure,
            "box": list(self.box),
            "digits": [digit.as_dict() for digit in self.digits],
        }

    def __str__(self) -> str:
        return "".join(map(str, self.signs))


@dataclass(frozen=True)
class Page:
    """The lines of a picture, from top to bottom; it may be a single number."""

    lines: list[Number]

    @property
    def confidence(self) -> float:
        """How likely all of it is right."""
        return prod(line.confidence for line in self.lines)

    @property
    def unsure(self) -> bool:
        """Whether any line is."""
        return any(line.unsure for line in self.lines)

    def as_dict(self) -> dict:
        """All of it as plain values, ready for JSON."""
        return {"lines": [line.as_dict() for line in self.lines]}

    def __str__(self) -> str:
        if len(self.lines) == 1:
            return f"{self.lines[0]} ({percent(self.lines[0].confidence, 0)})"
        return "\n".join(map(str, self.lines))
