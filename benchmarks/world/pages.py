"""Kinds with several numbers: pages, columns, grids and tables."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks.world.registry import PAGE, enlist
from benchmarks.world.studio import ANYWHERE, NEAR, SHADOW, Drawn, Sheet, Studio, joined

Rows = Sequence[Sequence[str]]
ROOM = 1.3  # a page takes most of its picture, or its digits would be too small


class Cells(NamedTuple):
    """The cells of a table: their size in pixels, and how they are written."""

    wide: int
    high: int
    height: float  # of digits
    lines: bool = False  # around the cells
    right: bool = False  # whether numbers end below one another, or are centred


def page(studio: Studio, *places: str) -> Drawn:
    """Draw a sheet with a number on each line."""
    numbers, hand = studio.numbers(studio.count(3, 7), 2, 7), studio.hand()
    height, lead = studio.uniform(46, 70), studio.uniform(1.9, 2.6)
    rows = len(numbers) + 1.6
    sheet = studio.sheet(studio.count(700, 1000), round(height * lead * rows))
    left = studio.uniform(0.1, 0.22) * sheet.wide
    for row, text in enumerate(numbers):
        mask = hand(text, height)
        middle = left + mask.shape[1] / 2 + studio.random.normal(0, 0.15) * height
        sheet.write(mask, middle / sheet.wide, (row + 1.3) / rows)
    return Drawn(studio.show(sheet, studio.pick(places), ROOM), numbers)


def table(studio: Studio, rows: Rows, cells: Cells) -> Sheet:
    """Write rows of texts into cells."""
    wide, high, hand = cells.wide * len(rows[0]), cells.high * len(rows), studio.hand()
    edge = max(90, round(0.1 * max(wide, high)))
    sheet = studio.sheet(wide + 2 * edge, high + 2 * edge, "")
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            mask = hand(text, cells.height)
            off = studio.random.normal(0, 0.06 * cells.height, 2)
            inside = 0.86 * cells.wide - mask.shape[1] / 2 if cells.right else 0.5 * cells.wide
            x = edge + cells.wide * j + inside + off[0]
            y = edge + cells.high * (i + 0.5) + off[1]
            sheet.write(mask, x / sheet.wide, y / sheet.high)
    for j in range(len(rows[0]) + 1) if cells.lines else ():
        x = edge + j * cells.wide
        sheet.stroke(np.array([[x, edge], [x, edge + high]]), 3)
    for i in range(len(rows) + 1) if cells.lines else ():
        y = edge + i * cells.high
        sheet.stroke(np.array([[edge, y], [edge + wide, y]]), 3)
    return sheet


def rows_drawn(studio: Studio, rows: Rows, cells: Cells, place: str = ANYWHERE) -> Drawn:
    """Draw a table whose rows may be read whole, or cell by cell."""
    picture = studio.show(table(studio, rows, cells), place, ROOM)
    ok = [run for row in rows for run in joined(row)]
    return Drawn(picture, ["".join(row) for row in rows], ok=ok)


def digit_rows(studio: Studio, rows: int, columns: int) -> Rows:
    """Return up to so many rows and columns of single digits."""
    wide = studio.count(3, columns)
    return [studio.numbers(wide, 1, 1) for _ in range(studio.count(2, rows))]


def spaced_rows(studio: Studio) -> Drawn:
    """Draw widely spaced digits in two or three rows."""
    side = studio.count(190, 260)
    cells = Cells(side, side, studio.uniform(80, 110))
    return rows_drawn(studio, digit_rows(studio, 3, 5), cells, NEAR)


def grid(studio: Studio, lines: bool) -> Drawn:
    """Draw a grid of digits."""
    side = studio.count(110, 145)
    cells = Cells(side, side, studio.uniform(56, 72), lines)
    return rows_drawn(studio, digit_rows(studio, 6, 7), cells)


def number_table(studio: Studio, lines: bool) -> Drawn:
    """Draw a table of numbers."""
    wide = studio.count(2, 4)
    rows = [studio.numbers(wide, 1, 4) for _ in range(studio.count(3, 6))]
    return rows_drawn(studio, rows, Cells(260, studio.count(95, 130), 52, lines, right=True))


def column(studio: Studio) -> Drawn:
    """Draw numbers below one another, a line and their sum."""
    numbers = [int(each) for each in studio.numbers(studio.count(2, 5), 2, 4)]
    texts = [*map(str, numbers), str(sum(numbers))]
    sheet = table(studio, [[text] for text in texts], Cells(380, 120, 66, right=True))
    y = sheet.high / 2 + 120 * (len(texts) / 2 - 1)
    sheet.stroke(np.array([[120, y], [sheet.wide - 120, y + 4]]), 6)
    return Drawn(studio.show(sheet, room=ROOM), texts)


def downwards(studio: Studio) -> Drawn:
    """Draw digits below one another: each is a number, or all are one."""
    text = studio.digits(3, 6)
    sheet = table(studio, [[each] for each in text], Cells(240, 150, 88))
    return Drawn(studio.show(sheet), list(text), ok=[text])


enlist(
    PAGE,
    "work",
    {
        "page of numbers, near": lambda s: page(s, NEAR),
        "page of numbers on wood or black": lambda s: page(s, "wood", "black"),
        "widely spaced digits in rows": spaced_rows,
        "grid of digits in lines": partial(grid, lines=True),
        "table without lines": partial(number_table, lines=False),
    },
)
enlist(
    PAGE,
    "held",
    {
        "page of numbers, a hand's shadow": lambda s: page(s, SHADOW),
        "page of numbers on grey or cloth": lambda s: page(s, "grey", "blue cloth", "light"),
        "grid of digits without lines": partial(grid, lines=False),
        "table with lines": partial(number_table, lines=True),
        "column of numbers above their sum": column,
        "digits below one another": downwards,
    },
)
