"""Opening pictures: every common kind comes out upright and legible, all else is one sentence."""

import io
import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from helpers.reading.picture_files import LIMITS, Limits, PictureError, open_picture

HIGH, WIDE = 60, 40
INK, PAPER = (20, 30, 120), (250, 250, 245)
TURNS = {  # the EXIF note, and what the camera did to the upright picture
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


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


def assert_legible(picture: np.ndarray, contrast: float = 100, light_ink: bool = False) -> None:
    """Upright, of the right shape, and with the strokes where they were drawn."""
    assert picture.shape == (HIGH, WIDE, 3)
    assert picture.dtype == np.uint8
    grey = picture.astype(float).mean(2)
    ink, paper = grey[7:10, 10:30].mean(), grey[35:55].mean()
    assert (ink - paper if light_ink else paper - ink) > contrast
    assert abs(grey[15:28, 9:12].mean() - ink) < 20
    assert abs(grey[15:28, 20:38].mean() - paper) < 20


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


KINDS = {
    "colour PNG": (seven(), "PNG", {}),
    "grey PNG": (seven(20, 250, "L"), "PNG", {}),
    "one bit": (seven(0, 1, "1"), "PNG", {}),
    "palette": (palette(False), "PNG", {}),
    "palette on transparent paper": (palette(True), "PNG", {"transparency": 0}),
    "grey and alpha": (seven((20, 255), (250, 255), "LA"), "PNG", {}),
    "ink alone, dark": (seven((20, 20, 40, 255), (0, 0, 0, 0), "RGBA"), "PNG", {}),
    "ink alone, half transparent": (seven((0, 0, 0, 120), (0, 0, 0, 0), "RGBA"), "PNG", {}),
    "grey ink alone": (seven((20, 255), (0, 0), "LA"), "PNG", {}),
    "sixteen bits": (deep_grey(60_000, 4_000), "PNG", {}),
    "sixteen bits, of which twelve are used": (deep_grey(4000, 300), "TIFF", {}),
    "fractions": (deep_grey(1.0, 0.1, np.float32), "TIFF", {}),
    "JPEG": (seven(), "JPEG", {}),
    "grey JPEG": (seven(20, 250, "L"), "JPEG", {}),
    "CMYK JPEG": (seven().convert("CMYK"), "JPEG", {}),
    "GIF": (seven(), "GIF", {}),
    "BMP": (seven(), "BMP", {}),
    "TIFF": (seven(), "TIFF", {}),
    "packed TIFF": (seven(), "TIFF", {"compression": "tiff_lzw"}),
    "fax TIFF": (seven(0, 1, "1"), "TIFF", {"compression": "group4"}),
    "WebP": (seven(), "WEBP", {}),
    "lossless WebP with alpha": (seven((0, 0, 0, 255), (0, 0, 0, 0), "RGBA"), "WEBP", {}),
    "PPM": (seven(), "PPM", {}),
    "PGM": (seven(20, 250, "L"), "PPM", {}),
    "two in one JPEG": (seven(), "MPO", {"save_all": True, "append_images": [seven()]}),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_common_kind_is_opened(name: str):
    image, kind, options = KINDS[name]
    contrast = 60 if "half transparent" in name else 100
    assert_legible(open_picture(packed(image, kind, **options)), contrast)


def test_avif_is_opened_where_pillow_can():
    try:
        file = packed(seven(), "AVIF")
    except (OSError, KeyError):
        pytest.skip("this Pillow can't write AVIF")
    assert_legible(open_picture(file))


@pytest.mark.parametrize(
    "image",
    [
        seven((255, 255, 255, 255), (0, 0, 0, 0), "RGBA"),
        seven((240, 230, 150, 255), (255, 255, 255, 0), "RGBA"),
        seven((255, 255), (255, 0), "LA"),
    ],
    ids=["white", "chalk", "grey"],
)
def test_light_ink_on_nothing_is_put_on_dark_paper(image: Image.Image):
    assert_legible(open_picture(packed(image, "PNG")), light_ink=True)


def test_transparent_corners_become_the_paper_that_is_there():
    image = seven().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 50, 6, 60))
    picture = open_picture(packed(image, "PNG"))
    assert_legible(picture)
    assert np.abs(picture[50:, :6].astype(int) - PAPER).max() <= 2


def test_thin_writing_with_transparent_corners_stays_on_its_paper():
    image = Image.new("RGBA", (200, 200), (*PAPER, 255))
    ImageDraw.Draw(image).line((100, 40, 100, 160), fill=(*INK, 255), width=2)
    image.paste((0, 0, 0, 0), (0, 0, 9, 9))
    assert np.abs(open_picture(packed(image, "PNG"))[:9, :9].astype(int) - PAPER).max() <= 2


def test_what_is_wholly_transparent_is_blank():
    nothing = Image.new("RGBA", (WIDE, HIGH), (90, 0, 0, 0))
    assert (open_picture(packed(nothing, "PNG")) == 255).all()


def test_blank_paper_in_sixteen_bits_stays_blank():
    grain = np.random.default_rng(0).integers(59_800, 60_000, (HIGH, WIDE)).astype(np.uint16)
    assert np.ptp(open_picture(packed(Image.fromarray(grain), "PNG"))) <= 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("note", TURNS)
def test_picture_is_turned_as_the_camera_was_held(note: int, kind: str):
    exif = Image.Exif()
    exif[0x0112] = note
    assert_legible(open_picture(packed(seven().transpose(TURNS[note]), kind, exif=exif)))


def test_damaged_note_of_a_camera_does_not_matter():
    file = packed(seven(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(60)))
    assert_legible(open_picture(file))


LARGE = {
    "RGB": seven(),
    "RGBA": seven((0, 0, 0, 255), (0, 0, 0, 0), "RGBA"),
    "LA": seven((0, 255), (250, 255), "LA"),
    "L": seven(20, 250, "L"),
    "P": palette(False),
    "P, transparent": palette(True),
    "1": seven(0, 1, "1"),
    "I;16": deep_grey(60_000, 4_000),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_picture_of_any_mode_is_reduced(name: str):
    picture = open_picture(packed(LARGE[name], "PNG"), Limits(side=20))
    assert picture.shape == (20, 14, 3)
    grey = picture.mean(2)
    assert grey[12:].mean() - grey[2:4, 4:10].mean() > 100


def test_large_jpeg_is_reduced_and_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = packed(seven().transpose(TURNS[6]), "JPEG", exif=exif)
    picture = open_picture(file, Limits(side=30))
    assert picture.shape == (30, 20, 3)
    assert picture[20:].mean() - picture[4:5, 6:14].mean() > 80


def test_path_and_text_and_open_file_are_all_the_same(tmp_path: Path):
    path = tmp_path / "sévén 7 #%.png"
    seven().save(path)
    for source in (path, str(path), io.BytesIO(path.read_bytes())):
        assert_legible(open_picture(source))


def test_name_may_lie_about_the_kind(tmp_path: Path):
    path = tmp_path / "seven.gif"
    path.write_bytes(packed(seven(), "TIFF").read())
    assert_legible(open_picture(path))


# What is refused


def assert_refused(source: str | Path | BinaryIO, part: str, limits: Limits = LIMITS) -> None:
    """One short sentence, that goes on after the file's name."""
    with pytest.raises(PictureError) as caught:
        open_picture(source, limits)
    sentence = str(caught.value)
    assert part in sentence
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 120


def chunk(kind: bytes, content: bytes) -> bytes:
    """A piece of a PNG with its right checksum."""
    size, check = len(content), zlib.crc32(kind + content)
    return size.to_bytes(4, "big") + kind + content + check.to_bytes(4, "big")


def png_of_size(wide: int, high: int) -> bytes:
    """A small file that claims to be a picture of that size."""
    head = wide.to_bytes(4, "big") + high.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def noisy(kind: str) -> bytes:
    """A picture whose file is long enough to be cut anywhere."""
    grain = np.random.default_rng(0).integers(0, 256, (80, 80, 3)).astype(np.uint8)
    return packed(Image.fromarray(grain), kind).read()


def cut(content: bytes, share: float) -> bytes:
    """The beginning of a file."""
    return content[: int(len(content) * share)]


MOVING = packed(seven(), "GIF", save_all=True, append_images=[seven(PAPER, INK)]).read()
BAD = {
    "empty": (b"", "is empty"),
    "text": (b"Dear diary,\n" * 20, "is not a picture"),
    "one byte": (b"\x89", "is not a picture"),
    "zeros": (bytes(5000), "is not a picture"),
    "PNG cut in the middle": (cut(noisy("PNG"), 0.5), "cut short or damaged"),
    "PNG cut in its head": (cut(noisy("PNG"), 0.001), ""),
    "JPEG cut in the middle": (cut(noisy("JPEG"), 0.5), "cut short or damaged"),
    "WebP cut in the middle": (cut(noisy("WEBP"), 0.5), ""),
    "TIFF cut in the middle": (cut(noisy("TIFF"), 0.5), ""),
    "BMP cut in the middle": (cut(noisy("BMP"), 0.5), "cut short or damaged"),
    "GIF cut in the middle": (cut(noisy("GIF"), 0.5), "cut short or damaged"),
    "PNG without a size": (png_of_size(0, 0), ""),
    "PNG without a width": (png_of_size(0, 5), ""),
    "too large": (png_of_size(20_000, 20_000), "more than 70 million pixels: reduce it"),
    "slightly too large": (png_of_size(11_000, 11_000), "more than 70 million pixels"),
    "absurdly large": (png_of_size(2**31 - 1, 2**31 - 1), ""),
    "animation": (MOVING, "several pictures or an animation"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "HEIC picture or a film"),
    "film": (b"\0\0\0\x20ftypisom\0\0\x02\0" + bytes(500), "HEIC picture or a film"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(500), "is a PDF"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing in SVG"),
    "SVG with a head": (b'\n<?xml version="1.0"?><svg/>', "drawing in SVG"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_one_sentence(tmp_path: Path, name: str):
    content, part = BAD[name]
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    assert_refused(path, part)
    assert_refused(str(path), part)
    if content:
        assert_refused(io.BytesIO(content), part)


@pytest.mark.parametrize("compression", ["tiff_lzw", "group4", "tiff_adobe_deflate"])
def test_libraries_keep_off_the_terminal(compression: str, capfd: pytest.CaptureFixture):
    image = seven(0, 1, "1") if compression == "group4" else seven()
    content = packed(image, "TIFF", compression=compression).read()
    for place in range(10, len(content), 9):
        damaged = content[:place] + b"\xa5\x5a" + content[place + 2 :]
        with suppress(PictureError):
            open_picture(io.BytesIO(damaged))
    assert capfd.readouterr() == ("", "")
    os.write(2, b"still heard")
    assert capfd.readouterr().err == "still heard"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts memory otherwise")
def test_bomb_is_refused_without_taking_memory(tmp_path: Path):
    import resource

    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_size(20_000, 20_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert_refused(path, "million pixels")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100_000  # kilobytes; on a Mac even bytes


@pytest.mark.parametrize("suffix", [".dng", ".NEF", ".cr2"])
def test_raw_file_of_a_camera_is_named_as_such(tmp_path: Path, suffix: str):
    path = tmp_path / f"seven{suffix}"
    path.write_bytes(packed(seven(), "TIFF").read())  # which is what they look like
    assert_refused(path, "raw file")


def test_file_that_is_too_large_to_be_read(tmp_path: Path):
    path = tmp_path / "large.png"
    seven().save(path)
    size = path.stat().st_size
    assert_refused(path, "is larger than", Limits(file_bytes=size - 1))
    assert open_picture(path, Limits(file_bytes=size)).any()


def fifo(folder: Path) -> Path:
    """Something that would make a reader wait for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no FIFOs")
    os.mkfifo(folder / "pipe.png")
    return folder / "pipe.png"


def closed(folder: Path) -> Path:
    """A file that this user may not read."""
    path = folder / "closed.png"
    seven().save(path)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    return path


def loop(folder: Path) -> Path:
    """A link to itself."""
    path = folder / "loop.png"
    try:
        path.symlink_to(path)
    except OSError:
        pytest.skip("this user may not make links")
    return path


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "missing.png", "there is no such file"),
    "folder": (lambda folder: folder, "is a folder"),
    "below a file": (lambda _: Path(__file__) / "x.png", "there is no such file"),
    "NUL": (lambda folder: folder / "a\0b.png", ""),
    "too long a name": (lambda folder: folder / ("x" * 5000), "can't be read"),
    "device": (lambda _: Path(os.devnull), ""),
    "FIFO": (fifo, "not an ordinary file"),
    "closed": (closed, "can't be read"),
    "loop": (loop, ""),
}


@pytest.mark.parametrize("name", PLACES)
def test_place_without_a_readable_file_is_one_sentence(tmp_path: Path, name: str):
    make, part = PLACES[name]
    assert_refused(make(tmp_path), part)


def test_memory_that_does_not_suffice_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "convert", fail)
    assert_refused(packed(palette(False), "PNG"), "too large for this machine's memory")


def test_stop_by_the_user_is_not_taken_for_damage(monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "convert", stop)
    with pytest.raises(KeyboardInterrupt):
        open_picture(packed(palette(False), "PNG"))
