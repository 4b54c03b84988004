"""Kinds of things that bear digits: signs, screens, receipts, labels."""

import cv2
import numpy as np

from benchmarks.world import camera, grounds
from benchmarks.world.fonts import print_text
from benchmarks.world.objects import disc
from benchmarks.world.registry import SCENES, enlist
from benchmarks.world.strokes import Mask
from benchmarks.world.studio import NEAR, Drawn, Sheet, Studio, joined

SEGMENTS = {  # top, upper left, upper right, middle, lower left, lower right, bottom
    "0": "1110111",
    "1": "0010010",
    "2": "1011101",
    "3": "1011011",
    "4": "0111010",
    "5": "1101011",
    "6": "1101111",
    "7": "1010010",
    "8": "1111111",
    "9": "1111011",
}
BARS = (
    (0, 0, 1, 0),
    (0, 0, 0, 1),
    (1, 0, 1, 1),
    (0, 1, 1, 1),
    (0, 1, 0, 2),
    (1, 1, 1, 2),
    (0, 2, 1, 2),
)
DOTS = {  # a digit's five columns of seven dots, as on every dot matrix
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00010 00100 01000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
}


def dark_sheet(studio: Studio, wide: int, high: int, glow: tuple[int, int, int]) -> Sheet:
    """Return a dark screen whose signs glow."""
    return Sheet(grounds.plain(studio.random, (high, wide), (18, 19, 20)), glow, studio.random)


def seven_segments(studio: Studio) -> Drawn:
    """Light up the digits of a seven-segment display."""
    text, tall, bold = studio.digits(2, 6), studio.uniform(95, 125), studio.count(14, 22)
    sheet = dark_sheet(
        studio, 260 + 190 * len(text), 420, studio.pick([(255, 70, 50), (90, 240, 120)])
    )
    for place, digit in enumerate(text):
        for lit, (x0, y0, x1, y1) in zip(SEGMENTS[digit], BARS, strict=True):
            if lit == "1":
                ends = np.array([[x0, y0], [x1, y1]], float)
                ends += (ends.mean(axis=0) - ends) * 0.24
                corner = [150 + 190 * place, 210 - tall]
                sheet.stroke(ends * tall + corner, bold)
    return Drawn(studio.show(sheet, NEAR), [text])


def dot_matrix(studio: Studio) -> Drawn:
    """Light up the digits of a dot matrix."""
    text, step = studio.digits(2, 5), studio.count(26, 34)
    rows = ["0".join(parts) for parts in zip(*(DOTS[digit].split() for digit in text), strict=True)]
    wide = len(rows[0])
    sheet = dark_sheet(
        studio, step * (wide + 4), step * 12, studio.pick([(255, 176, 40), (255, 80, 60)])
    )
    for y, row in enumerate(rows):
        for x, lit in enumerate(row):
            ink = None if lit == "1" else (38, 36, 34)
            sheet.put(disc(0.4 * step), (x + 2.5) / (wide + 4), (y + 3) / 12, ink)
    return Drawn(studio.show(sheet, NEAR), [text])


def lines_of(numbers: list[str]) -> list[str]:
    """Return numbers as digits only."""
    return ["".join(sign for sign in each if sign.isdigit()) for each in numbers]


def receipt(studio: Studio) -> Drawn:
    """Print a receipt."""
    goods = studio.random.permutation(["MILCH", "BROT", "KAFFEE", "SEIFE", "TEE", "NUDELN", "SAFT"])
    cents = [studio.count(59, 1999) for _ in range(studio.count(3, 6))]
    prices = [f"{each // 100},{each % 100:02}" for each in [*cents, sum(cents)]]
    names = [*goods[: len(cents)], "SUMME"]
    rows = [f"{name:<10}{price:>7}" for name, price in zip(names, prices, strict=True)]
    sheet = studio.sheet(640, 150 + 62 * (len(rows) + 3), "")
    text = "\n".join(["   MARKT AM TOR", "", *rows[:-1], "-" * 17, rows[-1]])
    sheet.ink = (52, 52, 58)
    sheet.write(print_text(text, 24, "DejaVuSansMono"))
    return Drawn(studio.show(sheet, room=1.2), lines_of(prices), prices)


def spreadsheet(studio: Studio) -> Drawn:
    """Draw a spreadsheet, as a screenshot shows it."""
    columns, many = studio.count(3, 5), studio.count(4, 8)
    rows = [studio.numbers(columns, 2, 4) for _ in range(many)]
    wide, high = 150 * columns + 60, 52 * (many + 1)
    sheet = Sheet(np.full((high + 40, wide + 40, 3), 253, np.float32), (30, 30, 30), studio.random)
    cell, ok = studio.print("DejaVuSerif"), []
    for i in range(many + 1):
        sheet.stroke(np.array([[20, 20 + 52 * i], [wide + 20, 20 + 52 * i]]), 1, (190, 194, 198))
    for j in range(columns):
        sheet.stroke(np.array([[80 + 150 * j, 20], [80 + 150 * j, high + 20]]), 1, (190, 194, 198))
        put_at(sheet, cell("ABCDE"[j], 17), 155 + 150 * j, 46)
    for i, row in enumerate(rows):
        put_at(sheet, cell(str(i + 1), 17), 50, 98 + 52 * i)
        ok += joined([str(i + 1), *row])
        for j, text in enumerate(row):
            mask = cell(text, 18)
            put_at(sheet, mask, 222 + 150 * j - mask.shape[1] / 2, 98 + 52 * i)
    return Drawn(camera.jpeg(sheet.picture, 92), list(map("".join, rows)), ok=ok)


def put_at(sheet: Sheet, mask: Mask, x: float, y: float) -> None:
    """Print a mask with its centre at pixels."""
    sheet.put(mask, x / sheet.wide, y / sheet.high)


def calendar(studio: Studio) -> Drawn:
    """Print a month's calendar."""
    first, days = studio.count(0, 6), studio.count(28, 31)
    sheet, cell, weeks = studio.sheet(900, 760, ""), studio.print(), dict[int, list[str]]()
    put_at(sheet, cell(studio.pick(["Mai", "Juni", "August", "Oktober"]), 34), 450, 90)
    for column, name in enumerate(("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")):
        put_at(sheet, cell(name, 22), 120 + 110 * column, 170)
    for day in range(1, days + 1):
        week, column = divmod(first + day - 1, 7)
        weeks.setdefault(week, []).append(str(day))
        put_at(sheet, cell(str(day), 26), 120 + 110 * column, 240 + 85 * week)
    ok = [each for row in weeks.values() for each in joined(row)]
    return Drawn(studio.show(sheet, room=1.2), list(map("".join, weeks.values())), ok=ok)


def barcode(studio: Studio) -> Drawn:
    """Print a barcode, and its digits below."""
    parts = studio.digits(1), studio.digits(6), studio.digits(6)
    sheet, left = studio.sheet(860, 560, ""), 120
    while left < 730:
        bar, space = studio.count(1, 4) * 4, studio.count(1, 4) * 4
        cv2.rectangle(sheet.picture, (left, 90), (left + bar, 360), (22, 22, 24), -1)
        left += bar + space
    put_at(sheet, studio.print()("  ".join(parts), 44), 430, 420)
    return Drawn(studio.show(sheet, NEAR), ["".join(parts)], ok=joined(parts))


def signed(studio: Studio, sheet: Sheet, colours: list[tuple[int, tuple[int, int, int]]]) -> Drawn:
    """Paint discs upon each other, and a number in the middle."""
    text = studio.digits(2)
    for radius, colour in colours:
        sheet.put(disc(radius), 0.5, 0.5, colour)
    sheet.ink = (22, 22, 24)
    sheet.write(studio.print()(text, 120))
    return Drawn(studio.show(sheet, NEAR), [text])


def road_sign(studio: Studio) -> Drawn:
    """Put up a sign with a speed limit."""
    behind = studio.pick([grounds.foliage, grounds.GROUNDS["grey"], grounds.GROUNDS["light"]])
    sheet = Sheet(behind(studio.random, (760, 900)), (20, 20, 20), studio.random)
    return signed(studio, sheet, [(290, (188, 28, 34)), (226, (240, 240, 238))])


def ball(studio: Studio) -> Drawn:
    """Lay a ball or a badge on cloth."""
    behind = studio.pick([(36, 96, 62), (120, 40, 44), (60, 62, 70)])
    surface = grounds.cloth(studio.random, (760, 900), behind)
    colour = studio.pick([(214, 160, 40), (190, 44, 40), (40, 70, 150), (60, 130, 80)])
    sheet = Sheet(surface, (20, 20, 20), studio.random)
    return signed(studio, sheet, [(250, colour), (140, (242, 240, 232))])


def plate(studio: Studio) -> Drawn:
    """Put up a licence plate."""
    number = studio.digits(2, 4)
    letters = "".join(studio.pick("AEFHKMNPRT") for _ in range(3))
    sheet = Sheet(
        grounds.plain(studio.random, (220, 940), (238, 238, 236)), (24, 24, 26), studio.random
    )
    cv2.rectangle(sheet.picture, (6, 6), (933, 213), (24, 24, 26), 6)
    cv2.rectangle(sheet.picture, (12, 12), (74, 207), (28, 62, 150), -1)
    sheet.write(studio.print()(f"{letters[0]} {letters[1:]} {number}", 104), 0.54)
    return Drawn(studio.show(sheet, "grey"), [number])


def house_number(studio: Studio) -> Drawn:
    """Put up the number of a house."""
    text = studio.digits(1, 3)
    blue = grounds.plain(studio.random, (500, 640), (30, 66, 150))
    sheet = Sheet(blue, (240, 240, 238), studio.random)
    cv2.rectangle(sheet.picture, (22, 22), (617, 477), (236, 236, 234), 7)
    sheet.write(studio.print()(text, 230))
    return Drawn(studio.show(sheet, studio.pick(["grey", "light", "wood"])), [text])


enlist(
    SCENES,
    "work",
    {
        "seven-segment display": seven_segments,
        "receipt": receipt,
        "calendar": calendar,
        "road sign": road_sign,
        "licence plate": plate,
    },
)
enlist(
    SCENES,
    "held",
    {
        "dot-matrix display": dot_matrix,
        "spreadsheet on a screen": spreadsheet,
        "barcode with digits below": barcode,
        "ball or badge with a number": ball,
        "house number": house_number,
    },
)
