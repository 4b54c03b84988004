"""Sound pictures of every kind, and damage as hypothesis invents it."""

import io
import zlib

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageDraw

NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 10_000, 20_000, 0x7FFFFFFF, 0xFFFFFFFF)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def drawing(mode: str = "RGB") -> Image.Image:
    """A digit on paper, with some grain so that files are not all alike inside."""
    grain = np.random.default_rng(0).integers(225, 250, (90, 70, 3)).astype(np.uint8)
    image = Image.fromarray(grain)
    ImageDraw.Draw(image).line([(20, 20), (48, 18), (30, 70)], fill=(20, 30, 90), width=5)
    return image.convert(mode)


def packed(image: Image.Image, kind: str, **options: object) -> bytes:
    """The file that an image becomes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def sound_files() -> list[bytes]:
    """Files of every kind that is read."""
    exif, palette = Image.Exif(), drawing().quantize(8)
    exif[0x0112], exif[0x010E] = 6, "a digit"
    deep = Image.fromarray(np.asarray(drawing("L")).astype(np.uint16) * 200)
    return [
        packed(drawing(), "PNG"),
        packed(drawing("RGBA"), "PNG"),
        packed(palette, "PNG", transparency=0),
        packed(deep, "PNG"),
        packed(drawing("1"), "PNG"),
        packed(drawing(), "JPEG", exif=exif),
        packed(drawing(), "JPEG", progressive=True),
        packed(drawing("CMYK"), "JPEG"),
        packed(drawing(), "MPO", save_all=True, append_images=[drawing()]),
        packed(palette, "GIF"),
        packed(palette, "GIF", save_all=True, append_images=[drawing()]),
        packed(drawing(), "BMP"),
        packed(deep, "TIFF", compression="tiff_adobe_deflate"),
        packed(drawing(), "TIFF", compression="tiff_lzw"),
        packed(drawing(), "TIFF", compression="jpeg"),
        packed(drawing("1"), "TIFF", compression="group4"),
        packed(drawing("F"), "TIFF"),
        packed(drawing(), "WEBP", exif=exif),
        packed(drawing("RGBA"), "WEBP", lossless=True),
        packed(drawing(), "PPM"),
    ]


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A file some of whose bytes are others, are lost, or come where they don't belong."""
    content = bytearray(draw(st.sampled_from(sound_files())))
    numbers = st.sampled_from(NUMBERS).map(lambda number: number.to_bytes(4, "big"))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, draw(st.sampled_from((200, len(content))))))
        lost = draw(st.sampled_from((0, 1, 2, 4, 4, 100, len(content))))
        put = draw(st.one_of(numbers, st.binary(max_size=4), numbers.map(lambda each: each[2:])))
        content[start : start + lost] = put
    return with_checksums(bytes(content)) if draw(st.booleans()) else bytes(content)


def with_checksums(content: bytes) -> bytes:
    """A PNG whose checksums are right again, so that its lies are believed."""
    whole, start = bytearray(content), len(SIGNATURE)
    while content.startswith(SIGNATURE) and start + 12 <= len(whole):
        end = start + 8 + int.from_bytes(whole[start : start + 4], "big")
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = zlib.crc32(whole[start + 4 : end]).to_bytes(4, "big")
        start = end + 4
    return bytes(whole)
