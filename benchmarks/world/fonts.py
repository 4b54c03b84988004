"""Text in fonts: some look like handwriting, some like print.

Caveat, Kalam, Indie Flower and Shadows Into Light are under the SIL Open Font License 1.1, and
Permanent Marker is under the Apache License 2.0. Matplotlib ships DejaVu (Bitstream Vera's free
licence) and STIX (SIL Open Font License).
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import fontpkg  # type: ignore[import-untyped]
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.world.strokes import Mask

HANDWRITTEN = {
    "work": ("Caveat", "Indie Flower"),
    "held": ("Kalam", "Shadows Into Light", "Permanent Marker"),
}
PRINTED = {
    "work": ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"),
    "held": ("DejaVuSerif", "STIXGeneral", "DejaVuSerif-Bold"),
}
PROBE = 100  # pixels: the size at which a font's digits are measured


def path_of(name: str) -> Path:
    """Return where a font lies: in its package, or in Matplotlib's."""
    spec = find_spec("matplotlib")  # not imported: that takes long
    assert spec, "the printed fonts lie in Matplotlib's package"
    origin = Path(spec.origin or "")
    shipped = origin.parent / "mpl-data" / "fonts" / "ttf" / f"{name}.ttf"
    return shipped if shipped.exists() else fontpkg.path(name, nearest=True)


@cache
def font_of(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Open a font at a size in pixels."""
    return ImageFont.truetype(str(path_of(name)), size)


def sized(name: str, height: float) -> ImageFont.FreeTypeFont:
    """Open a font at the size at which its digits are `height` pixels high."""
    _, top, _, bottom = font_of(name, PROBE).getbbox("0")
    return font_of(name, max(6, round(PROBE * height / (bottom - top))))


def crop(mask: Mask) -> Mask:
    """Cut a mask down to its ink."""
    rows, columns = np.nonzero(mask.max(axis=1) > 0)[0], np.nonzero(mask.max(axis=0) > 0)[0]
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def print_text(text: str, height: float, name: str) -> Mask:
    """Print a text; line breaks are allowed."""
    font = sized(name, height)
    probe = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = probe.multiline_textbbox((0, 0), text, font)
    image = Image.new("L", (round(right - left) + 8, round(bottom - top) + 8))
    ImageDraw.Draw(image).multiline_text((4 - left, 4 - top), text, 255, font)
    return crop(np.asarray(image, np.float32) / 255)


def write(text: str, height: float, name: str, random: np.random.Generator) -> Mask:
    """Write a text in a font, each sign a little out of line, as a hand does."""
    font = sized(name, height)
    room = round(2 * height)
    mask = np.zeros((2 * room, 2 * room + round(1.4 * font.getlength(text))), np.float32)
    left = room / 2
    for sign in text:
        image = Image.new("L", (2 * room, 2 * room))
        ImageDraw.Draw(image).text((room / 2, room), sign, 255, font, anchor="ls")
        middle = (room / 2 + font.getlength(sign) / 2, room - height / 2)
        turn = cv2.getRotationMatrix2D(middle, random.normal(0, 2.5), random.normal(1, 0.03))
        turn[1, 2] += random.normal(0, 0.03) * height
        drawn = cv2.warpAffine(np.asarray(image, np.float32) / 255, turn, (2 * room, 2 * room))
        part = mask[:, round(left) : round(left) + 2 * room]
        np.maximum(part, drawn[:, : part.shape[1]], out=part)
        left += font.getlength(sign) + random.uniform(-0.02, 0.1) * height
    return crop(mask)
