"""Kinds in which other signs stand among the digits."""

from collections.abc import Sequence

import numpy as np

from benchmarks.world.numbers import sheet_with
from benchmarks.world.registry import SIGNS, enlist
from benchmarks.world.studio import Drawn, Studio, joined

WORDS = {
    "work": ("Zimmer", "Haus", "Milch", "Anna", "room", "Gleis", "Mai", "table"),
    "held": ("Platz", "Brot", "Hotel", "Peter", "page", "Bus", "April", "water"),
}


def written(studio: Studio, text: str, lines: Sequence[str], ok: Sequence[str] = ()) -> Drawn:
    """Write a text in which these numbers are to be read."""
    picture = studio.show(sheet_with(studio, text, rule=None)[0])
    return Drawn(picture, lines, [text] if len(lines) == 1 else None, ok)


def parted(studio: Studio, mark: str, parts: Sequence[str], unit: str = "") -> Drawn:
    """Write a number of several parts; it may be read whole, or in its parts."""
    drawn = written(studio, mark.join(parts) + unit, ["".join(parts)], joined(parts))
    return drawn._replace(texts=[mark.join(parts)])


def date(studio: Studio) -> Drawn:
    """Write a date."""
    day, month, year = studio.count(1, 28), studio.count(1, 12), studio.count(1950, 2039)
    return parted(studio, studio.pick([".", "/", "-"]), [f"{day:02}", f"{month:02}", str(year)])


def time(studio: Studio) -> Drawn:
    """Write a time of day."""
    return parted(studio, ":", [f"{studio.count(10, 23)}", f"{studio.count(0, 59):02}"])


def price(studio: Studio) -> Drawn:
    """Write a price in euros."""
    return parted(studio, ",", [studio.digits(1, 3), f"{studio.count(0, 99):02}"], " €")


def phone(studio: Studio) -> Drawn:
    """Write a phone number."""
    parts = "0" + studio.digits(2, 3), studio.digits(5, 7)
    return parted(studio, studio.pick([" ", "/", "-"]), parts)


def around(studio: Studio, before: str, after: str) -> Drawn:
    """Write a number with a sign before and after it."""
    text = str(studio.count(1, studio.pick([9, 99, 999])))
    return written(studio, before + text + after, [text])


def addition(studio: Studio) -> Drawn:
    """Write a sum of two numbers: each number stands for itself."""
    one, other = studio.count(1, 40), studio.count(1, 40)
    return written(studio, f"{one}+{other}={one + other}", [str(one), str(other), str(one + other)])


def power(studio: Studio) -> Drawn:
    """Write a number with a small one above its right end, which may be left out."""
    base, small = studio.digits(1, 2), studio.digits(1)
    sheet, hand, height = studio.sheet(900, 650), studio.hand(), studio.uniform(150, 200)
    box = sheet.write(hand(base, height), 0.45, 0.55)
    x, y = box[2] + 0.32 * height, box[1] + 0.05 * height
    sheet.write(hand(small, 0.45 * height), x / sheet.wide, y / sheet.high)
    return Drawn(studio.show(sheet), [base], ok=[small])


def fraction(studio: Studio) -> Drawn:
    """Write one number above another, with a bar between."""
    numbers = [str(studio.count(1, 99)), str(studio.count(2, 99))]
    sheet, hand, height = studio.sheet(700, 800), studio.hand(), studio.uniform(130, 170)
    for text, y in zip(numbers, (0.33, 0.67), strict=True):
        sheet.write(hand(text, height), 0.5, y)
    bar = np.array([[0.3, 0.5], [0.7, 0.49]]) * [sheet.wide, sheet.high]
    sheet.stroke(bar, studio.pen * height)
    return Drawn(studio.show(sheet), numbers)


def root(studio: Studio) -> Drawn:
    """Write a number under a root."""
    text = str(studio.count(2, studio.pick([9, 99, 999])))
    sheet, (left, top, right, bottom) = sheet_with(studio, text)
    tall, wide = bottom - top, (right - left) / (bottom - top)
    sign = [[-0.75, 0.6], [-0.6, 0.55], [-0.38, 1.05], [-0.18, -0.25], [wide + 0.15, -0.22]]
    sheet.stroke(np.array(sign) * tall + np.array([left, top]), studio.pen * tall)
    return Drawn(studio.show(sheet), [text])


def mixed(studio: Studio, form: str) -> Drawn:
    """Write a word and a number, which may be read, but needn't be."""
    number = studio.digits(1, 4)
    text = form.format(word=studio.pick(WORDS[studio.half]), number=number)
    return Drawn(studio.show(sheet_with(studio, text, studio.font_hand())[0]), ok=[number])


enlist(
    SIGNS,
    "work",
    {
        "date": date,
        "price": price,
        "sum": addition,
        "power": power,
        "number in brackets": lambda s: around(s, "(", ")"),
        "word and number": lambda s: mixed(s, "{word} {number}"),
    },
)
enlist(
    SIGNS,
    "held",
    {
        "time of day": time,
        "phone number": phone,
        "fraction": fraction,
        "root": root,
        "negative number": lambda s: around(s, "-", ""),
        "number with a letter": lambda s: around(s, "", s.pick("bA")),
        "number and word": lambda s: mixed(s, "{number} {word}"),
    },
)
