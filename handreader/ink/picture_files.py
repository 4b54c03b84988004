"""Open the picture files that people send: every common format, and safely."""

import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base

from handreader.common.errors import PictureError, UserError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")  # JPEG includes MPO
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".pgm", ".ppm"}
SUFFIXES |= {".pbm", ".avif", ".jfif"}
RAW = {".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".rw2", ".orf", ".pef", ".srw"}
MAX_FILE_BYTES = 300 * 2**20  # 70 million pixels in colour take 210 MB without compression
BAND = 256  # rows of a picture, or slightly more, that are reduced at a time
HEAD_BYTES = 32  # at the beginning of a file, which tell its kind

# Transparency: found by trying, on digits drawn with and without paper.
RESTLESS = 40  # grey levels, a standard deviation: solid pixels that vary more are ink and paper
MOST_SOLID = 0.7  # of a picture: if more pixels are solid, they can't be ink alone
LIGHT = 128  # grey levels, half of all: lighter ink is put on black

TOO_LARGE = "has more than {} million pixels: reduce it."

Picture = str | Path | BinaryIO | bytes | bytearray | memoryview | Image.Image | np.ndarray

STDERR = 2  # the number of a process's error stream, on every system

logging.getLogger("PIL").addHandler(logging.NullHandler())  # it also raises what it logs


@dataclass(frozen=True)
class Limits:
    """Limits on a picture's size: a file may claim any size, but memory is limited."""

    file_bytes: int = MAX_FILE_BYTES
    pixels: int = 70_000_000  # more would take over a gigabyte of memory
    jpeg_pixels: int = 130_000_000  # phones take such pictures, and a JPEG can be decoded smaller
    side: int = 3000  # pixels: larger pictures are reduced to this, more than reading needs


LIMITS = Limits()


def open_picture(source: Picture, limits: Limits = LIMITS) -> np.ndarray:
    """Return a picture as (H, W, 3) bytes, upright and without transparency.

    The source is a file's name, an open file or its content, a Pillow image, or an array. Large
    pictures are reduced to 3,000 pixels a side, but arrays are not.

    >>> open_picture(np.zeros((5, 4), np.uint8)).shape
    (5, 4, 3)
    """
    if isinstance(source, np.ndarray):
        return from_array(source)
    if source == "":  # as a path, it would be the folder we are in
        raise PictureError("has no name.")
    if isinstance(source, str | Path):
        with open_file(Path(source), limits) as file:
            return open_picture(file, limits)
    if isinstance(source, bytes | bytearray | memoryview):
        check_size(len(source), limits)
        source = io.BytesIO(source)
    if not isinstance(source, Image.Image) and not hasattr(source, "read"):
        raise TypeError(f"A picture is a file, bytes, an image or an array, not {source!r}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of details that don't matter here
        try:
            if isinstance(source, Image.Image):
                return as_colours(upright(source, limits))
            with open_image(source, limits) as image:
                return as_colours(upright(image, limits))
        except UserError:
            raise
        except MemoryError as error:
            raise PictureError("is too large for this machine's memory: reduce it.") from error
        except Exception as error:  # a damaged file can provoke nearly any error
            raise PictureError("is cut short or damaged: copy or export it again.") from error


def open_file(path: Path, limits: Limits) -> BinaryIO:
    """Open a file; raise a PictureError if it is missing, is no file, or can't be a picture."""
    try:
        if not path.exists():
            raise PictureError("there is no such file.")
        if not path.is_file():
            raise PictureError("is a folder." if path.is_dir() else "is not an ordinary file.")
        check_size(path.stat().st_size, limits)
        if path.suffix.lower() in RAW:
            raise PictureError("is a camera's raw file: export it as JPEG or PNG.")
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a name for a file"
        raise PictureError(f"can't be read ({reason}).") from error


def check_size(size: int, limits: Limits) -> None:
    """Raise a PictureError for a file of no bytes, or of too many."""
    if not size:
        raise PictureError("is empty.")
    if size > limits.file_bytes:
        raise PictureError(f"is larger than {limits.file_bytes // 2**20} MB: reduce it.")


def open_image(file: BinaryIO, limits: Limits) -> Image.Image:
    """Open a picture with Pillow, before anything large is read."""
    try:
        return Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        file.seek(0)
        raise PictureError(what_else(file.read(HEAD_BYTES))) from error
    except Image.DecompressionBombError as error:
        raise PictureError(TOO_LARGE.format(limits.pixels // 10**6)) from error


def what_else(start: bytes) -> str:
    """Return a sentence on a file that Pillow doesn't recognise."""
    if start[4:8] == b"ftyp":
        return "is a HEIC picture or a film: export it as JPEG or PNG."
    if start.startswith(b"%PDF"):
        return "is a PDF: export the page as PNG."
    if start.lstrip().startswith((b"<svg", b"<?xml")):
        return "is a drawing in SVG: export it as PNG."
    return "is not a picture, or is damaged: PNG, JPEG, WebP, GIF, BMP and TIFF can be read."


def check_image(image: Image.Image, limits: Limits) -> None:
    """Refuse a picture that would take too much memory, and a file with several pictures."""
    most = limits.jpeg_pixels if image.format in ("JPEG", "MPO") else limits.pixels
    if image.width * image.height > most:
        raise PictureError(TOO_LARGE.format(most // 10**6))
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise PictureError("holds several pictures or an animation: save one of them as PNG.")


def from_array(picture: np.ndarray) -> np.ndarray:
    """Convert an array of bytes, (H, W) or (H, W, 1, 3 or 4), to (H, W, 3)."""
    grey = picture[..., None] if picture.ndim == 2 else picture
    if grey.dtype != np.uint8 or grey.ndim != 3 or grey.shape[2] not in (1, 3, 4) or not grey.size:
        raise PictureError(
            f"is an array of {picture.dtype} {picture.shape}, but should be one of "
            "uint8 (high, wide) or (high, wide, 3)."
        )
    if grey.shape[2] == 4:
        return without_transparency(grey)
    return np.ascontiguousarray(np.broadcast_to(grey, (*grey.shape[:2], 3)))


def upright(image: Image.Image, limits: Limits) -> Image.Image:
    """Decode a picture, reduce it if it is large, and turn it as the camera was held."""
    check_image(image, limits)
    image.draft(None, (limits.side // 2, limits.side // 2))  # decodes a large JPEG smaller
    with quiet_libraries() if image.format == "TIFF" else nullcontext():
        image.load()
    small = reduced(image, -(-max(image.size) // limits.side))
    with suppress(Exception):  # a picture with damaged EXIF can still be fine
        small.getexif()[Base.Orientation] = image.getexif()[Base.Orientation]
        ImageOps.exif_transpose(small, in_place=True)
    return small


def reduced(image: Image.Image, factor: int) -> Image.Image:
    """Average blocks of pixels, in bands: a converted copy of the whole may not fit into memory."""
    step = -(-BAND // factor) * factor
    boxes = [
        (0, top, image.width, min(top + step, image.height)) for top in range(0, image.height, step)
    ]
    bands = [averageable(image.crop(box)).reduce(factor) for box in boxes]
    small = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    for number, band in enumerate(bands):
        small.paste(band, (0, number * step // factor))
    return small


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep libtiff from writing to the terminal; Pillow raises what is wrong anyway."""
    usual = os.dup(STDERR)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), STDERR)
    try:
        yield
    finally:
        os.dup2(usual, STDERR)
        os.close(usual)


def averageable(image: Image.Image) -> Image.Image:
    """Convert a picture to a mode in which neighbouring pixels can be averaged."""
    if image.mode.startswith("I"):
        return image.convert("I")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        return image.convert("RGBA").convert("RGBa")  # transparent pixels don't count
    return image if image.mode in ("RGB", "L", "F") else image.convert("RGB")


def as_colours(image: Image.Image) -> np.ndarray:
    """Convert a picture in one of these modes to red, green and blue: (H, W, 3) bytes."""
    if image.mode in ("I", "F"):
        return as_bytes(np.asarray(image, dtype=np.float32))
    if image.mode == "RGBa":
        return without_transparency(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("RGB"))


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Scale any range of grey levels (H, W) to bytes (H, W, 3), with the lightest at 255."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    values = values - min(float(values.min()), 0)
    levels = values * (255 / max(float(values.max()), 1e-6))
    return np.repeat(levels.astype(np.uint8)[..., None], 3, 2)


def without_transparency(picture: np.ndarray) -> np.ndarray:
    """Put a picture (H, W, 4) on paper, and return it as (H, W, 3).

    The paper is that in the picture, if there is any, or else white or black, unlike the ink.
    """
    colours, cover = picture[..., :3], picture[..., 3]
    if cover.min() == 255:
        return np.ascontiguousarray(colours)
    solid = colours[cover > cover.max() // 2]
    if not len(solid):
        return np.full_like(colours, 255)
    grey = solid.mean(1)
    if grey.std() > RESTLESS or len(solid) > MOST_SOLID * cover.size:  # there are ink and paper
        ground = np.median(solid, 0)
    else:
        ground = np.full(3, 255.0 if grey.mean() < LIGHT else 0.0)
    part = cover[..., None].astype(np.float32) / 255
    return np.round(colours * part + ground.astype(np.float32) * (1 - part)).astype(np.uint8)
