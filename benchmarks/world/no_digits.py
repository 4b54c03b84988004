"""Kinds on which there is no digit to read: other signs and shapes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.world.numbers import sheet_with
from benchmarks.world.objects import ring
from benchmarks.world.registry import NO_DIGIT, enlist
from benchmarks.world.strokes import spline
from benchmarks.world.studio import Drawn, Sheet, Studio, Writer

LETTERS = "ACEFHKMNPRTWXadefhkmnrtuwx"
DIGIT_LIKE = {"S": "", "Z": "", "B": "", "q": "", "b": "", "O": "0", "I": "1", "l": "1"}
ROMAN = ["II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIV", "XX", "XL"]
WORDS = ("Guten Morgen", "Hello world", "Viele Grüße", "Danke", "see you soon", "Einkauf")
PRINTED = ("Alles Gute", "thank you", "Bis morgen", "Sommer", "please call me", "Kaffee")
STROKES_IN_A_ROW = ["1" * many for many in range(1, 5)]  # nobody can tell them from ones


def written(studio: Studio, text: str, writer: Writer, ok: Sequence[str] = ()) -> Drawn:
    """Write a text without a digit."""
    return Drawn(studio.show(sheet_with(studio, text, writer, None)[0]), ok=ok)


def some(studio: Studio, signs: str, most: int) -> str:
    """Return some of the signs in a row."""
    return "".join(studio.pick(signs) for _ in range(studio.count(1, most)))


def like_digit(studio: Studio) -> Drawn:
    """Write a letter that looks like a digit."""
    text = studio.pick(list(DIGIT_LIKE))
    return written(studio, text, studio.own_hand(), list(DIGIT_LIKE[text]))


def printed_words(studio: Studio) -> Drawn:
    """Print lines of words."""
    lines = studio.random.permutation(PRINTED)[: studio.count(1, 4)]
    return written(studio, "\n".join(lines), studio.print())


def shape(studio: Studio, points: np.ndarray) -> Drawn:
    """Draw a line through points (n, 2) around 0, at some size, a little turned."""
    sheet, size = studio.sheet(800, 650), studio.uniform(0.7, 1.6)
    angle = studio.uniform(-0.25, 0.25)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shaken = points + studio.random.normal(0, 4, points.shape)
    place = studio.random.uniform(0.4, 0.6, 2) * [sheet.wide, sheet.high]
    sheet.stroke(shaken @ turn * size + place, studio.uniform(8, 20))
    return Drawn(studio.show(sheet))


def tick(studio: Studio) -> Drawn:
    """Draw a tick, an arrow or a cross."""
    tick = [[-90, 0], [-30, 80], [110, -110]]
    arrow = [[-140, 10], [140, 0], [70, -60], [140, 0], [75, 65]]
    cross = [[-80, -80], [80, 80], [0, 0], [80, -80], [-80, 80]]
    return shape(studio, np.array(studio.pick([tick, arrow, cross])))


def polygon(corners: int, inner: float = 1) -> np.ndarray:
    """Return a closed polygon; if its inner radius is smaller, it is a star."""
    angles = np.arange(2 * corners + 1) * np.pi / corners - np.pi / 2
    radius = np.where(np.arange(len(angles)) % 2, inner * np.cos(np.pi / corners), 1) * 110
    return np.stack([np.cos(angles), np.sin(angles)], 1) * radius[:, None]


def smiley(studio: Studio) -> Drawn:
    """Draw a face that is glad or sad."""
    sheet, pen, mood = studio.sheet(800, 650), studio.uniform(8, 14), studio.pick([1, 1, -1])
    middle = np.array([400, 325])
    sheet.stroke(ring(160, 160) + middle, pen)
    for x in (-55, 55):
        sheet.stroke(ring(6, 9) + middle + [x, -45], pen)
    mouth = np.array([[-70, 45], [-40, 45 + 28 * mood], [0, 45 + 38 * mood]])
    sheet.stroke(np.vstack([mouth, mouth[::-1] * [-1, 1]]) + middle, pen)
    return Drawn(studio.show(sheet))


def scribble(studio: Studio) -> Drawn:
    """Draw a line that goes anywhere."""
    sheet, many = studio.sheet(900, 650), studio.count(40, 110)
    time = np.linspace(0, studio.uniform(20, 60), many)
    loops = 2.5 * np.stack([np.cos(time), np.sin(time)], 1)
    walk = spline(studio.random.normal(0, 1, (many, 2)).cumsum(axis=0) + loops)
    path = walk - (walk.min(axis=0) + walk.max(axis=0)) / 2
    sheet.stroke(path / np.abs(path).max() * 230 + [450, 325], studio.uniform(5, 12))
    return Drawn(studio.show(sheet))


def tally(studio: Studio) -> Drawn:
    """Draw tally marks: each fifth one strikes through four."""
    sheet, left = studio.sheet(1100, 500), 150.0
    for mark in range(1, studio.count(4, 14) + 1):
        if mark % 5:
            left += studio.uniform(28, 40)
            draw_line(sheet, left + studio.random.normal(0, 5, 2), (170, 330))
        else:
            draw_line(sheet, (left - 130, left + 22), (300, 200))
            left += 60
    return Drawn(studio.show(sheet), ok=STROKES_IN_A_ROW)


def draw_line(sheet: Sheet, x: ArrayLike, y: ArrayLike) -> None:
    """Draw a line through the points with these places."""
    sheet.stroke(np.array([x, y]).T, 8)


def roman(studio: Studio) -> Drawn:
    """Write a Roman numeral."""
    text = studio.pick(ROMAN)
    return written(studio, text, studio.own_hand(), STROKES_IN_A_ROW[: text.count("I")])


def arabic_indic(studio: Studio) -> Drawn:
    """Print Arabic-Indic numerals; four of them look like others of ours."""
    return written(studio, some(studio, "٢٣٤٥٦٧٨٩", 4), studio.print("DejaVuSans"), list("0789"))


def devanagari(studio: Studio) -> Drawn:
    """Print Devanagari numerals; two of them are ours, and one looks like it."""
    return written(studio, some(studio, "१२३४५६७८९", 4), studio.print("Kalam"), list("239"))


enlist(
    NO_DIGIT,
    "work",
    {
        "one letter": lambda s: written(s, s.pick(LETTERS), s.font_hand()),
        "written words": lambda s: written(s, s.pick(WORDS), s.font_hand()),
        "Chinese numerals": lambda s: written(s, some(s, "一二三十六七八", 3), s.own_hand()),
        "Arabic-Indic numerals": arabic_indic,
        "ticks and arrows": tick,
        "polygons": lambda s: shape(s, polygon(s.count(3, 6))),
        "tally marks": tally,
    },
)
enlist(
    NO_DIGIT,
    "held",
    {
        "letter like a digit": like_digit,
        "printed words": printed_words,
        "Roman numerals": roman,
        "Devanagari numerals": devanagari,
        "stars": lambda s: shape(s, polygon(s.count(5, 6), 0.5)),
        "smileys": smiley,
        "scribbles": scribble,
    },
)
