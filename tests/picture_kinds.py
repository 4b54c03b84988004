"""Pictures in files of every kind: a stroke at the top and another down the left side."""

import io

import numpy as np
from PIL import Image, ImageDraw

HIGH, WIDE = 60, 40
INK, PAPER = (20, 30, 120), (250, 250, 245)


def seven(ink: object = INK, paper: object = PAPER, mode: str = "RGB") -> Image.Image:
    """A picture, higher than wide, with a stroke at its top and another down its left side."""
    image = Image.new(mode, (WIDE, HIGH), paper)
    pen = ImageDraw.Draw(image)
    pen.rectangle((8, 6, 31, 11), fill=ink)
    pen.rectangle((8, 6, 13, 29), fill=ink)
    return image


def packed(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    """The file that an image becomes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def palette(transparent: bool) -> Image.Image:
    """A picture of two colours in a table; the paper may be transparent."""
    image = Image.new("P", (WIDE, HIGH), 0)
    image.putpalette([*PAPER, *INK])
    image.paste(1, (8, 6, 32, 12))
    image.paste(1, (8, 6, 14, 30))
    if transparent:
        image.info["transparency"] = 0
    return image


def deep_grey(paper: int, ink: int, kind: type = np.uint16) -> Image.Image:
    """Sixteen bits a pixel, or even fractions."""
    values = np.full((HIGH, WIDE), paper, kind)
    values[6:12, 8:32] = values[6:30, 8:14] = ink
    return Image.fromarray(values)
