"""Opening the files that people send: every common kind, and none that could do harm."""

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
MAX_FILE_BYTES = 300 * 2**20  # 70 million pixels in colour take 210 million, without any packing
BAND = 256  # rows, or few more, of a picture that are made smaller at once
HEAD_BYTES = 32  # of a file, from which its kind can be told

# What is transparent: found by trying, on digits drawn with and without paper.
RESTLESS = 40  # grey levels, as a standard deviation: what is solid differs so if it is two things
MOST_SOLID = 0.7  # of a picture: if more of it is solid, that can't be ink alone
LIGHT = 128  # grey levels, half of all: lighter ink is put on black

Picture = str | Path | BinaryIO | bytes | Image.Image | np.ndarray

STDERR = 2  # the number by which every system knows a process's error stream

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it logs, it also raises


@dataclass(frozen=True)
class Limits:
    """How large pictures may be: a file may claim any size, and memory has an end."""

    file_bytes: int = MAX_FILE_BYTES
    pixels: int = 70_000_000  # more would take over a gigabyte of memory
    jpeg_pixels: int = 130_000_000  # a large JPEG can be decoded smaller; phones take such pictures
    side: int = 3000  # pixels of a larger picture that are kept: several for one that is looked at


LIMITS = Limits()


def open_picture(source: Picture, limits: Limits = LIMITS) -> np.ndarray:
    """Return a picture as (high, wide, 3) bytes, upright and without transparency.

    The source is a file's name, an open file or its content, a picture of Pillow's, or an array.
    Large pictures are reduced to 3,000 pixels a side.

    >>> open_picture(np.zeros((5, 4), np.uint8)).shape
    (5, 4, 3)
    """
    if isinstance(source, np.ndarray):
        return from_array(source)
    if isinstance(source, bytes):
        if not source:
            raise PictureError("is empty.")
        source = io.BytesIO(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's are about details that don't matter here
        try:
            if isinstance(source, Image.Image):
                return as_colours(upright(source, limits))
            with opened(source, limits) as image:
                return as_colours(upright(image, limits))
        except UserError:
            raise
        except MemoryError as error:
            raise PictureError("is too large for this machine's memory: reduce it.") from error
        except Exception as error:  # a damaged file can provoke nearly any of them
            raise PictureError("is cut short or damaged: copy or export it again.") from error


def opened(source: str | Path | BinaryIO, limits: Limits) -> Image.Image:
    """The file as Pillow sees it, before anything large is read."""
    if isinstance(source, (str, Path)):
        check_file(Path(source), limits.file_bytes)
    try:
        return Image.open(source, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureError(what_else(first_bytes(source))) from error
    except Image.DecompressionBombError as error:
        raise too_large(limits.pixels) from error


def check_file(path: Path, most_bytes: int) -> None:
    """Say what is wrong with a file that isn't there, or isn't one, or can't be a picture."""
    try:
        if path.is_dir():
            raise PictureError("is a folder.")
        if not path.exists():
            raise PictureError("there is no such file.")
        if not path.is_file():
            raise PictureError("is not an ordinary file.")
        size = path.stat().st_size
        path.open("rb").close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a name for a file"
        raise PictureError(f"can't be read ({reason}).") from error
    if not size:
        raise PictureError("is empty.")
    if size > most_bytes:
        raise PictureError(f"is larger than {most_bytes // 2**20} MB: reduce it.")
    if path.suffix.lower() in RAW:
        raise PictureError("is a camera's raw file: export it as JPEG or PNG.")


def first_bytes(source: str | Path | BinaryIO) -> bytes:
    """The beginning of a file, from which its kind can be told."""
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as file:
            return file.read(HEAD_BYTES)
    source.seek(0)
    return source.read(HEAD_BYTES)


def what_else(start: bytes) -> str:
    """What to say of a file that is no picture Pillow knows."""
    if start[4:8] == b"ftyp":
        return "is a HEIC picture or a film: export it as JPEG or PNG."
    if start.startswith(b"%PDF"):
        return "is a PDF: export the page as PNG."
    if start.lstrip().startswith((b"<svg", b"<?xml")):
        return "is a drawing in SVG: export it as PNG."
    return "is not a picture, or is damaged: PNG, JPEG, WebP, GIF, BMP and TIFF can be read."


def too_large(most: int) -> PictureError:
    """The same sentence wherever a size is found to be too large."""
    return PictureError(f"has more than {most // 10**6} million pixels: reduce it.")


def check_image(image: Image.Image, limits: Limits) -> None:
    """Refuse what would take all memory, and what is more than one picture."""
    most = limits.jpeg_pixels if image.format in ("JPEG", "MPO") else limits.pixels
    if image.width * image.height > most:
        raise too_large(most)
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise PictureError("holds several pictures or an animation: save one of them as PNG.")


def from_array(picture: np.ndarray) -> np.ndarray:
    """Return an array of bytes, (high, wide) or (high, wide, 1, 3 or 4), as (high, wide, 3)."""
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
    """The picture decoded, not much larger than needed, and turned as the camera was held."""
    check_image(image, limits)
    image.draft(None, (limits.side // 2, limits.side // 2))  # lets a large JPEG come smaller
    with quiet_libraries() if image.format == "TIFF" else nullcontext():
        image.load()
    small = reduced(image, -(-max(image.size) // limits.side))
    with suppress(Exception):  # the note of a camera may be damaged, and the picture well
        small.getexif()[Base.Orientation] = image.getexif()[Base.Orientation]
        ImageOps.exif_transpose(small, in_place=True)
    return small


def reduced(image: Image.Image, factor: int) -> Image.Image:
    """The means of blocks, band by band: there may be no room for all of it in another mode."""
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
    """Keep libtiff from writing to the terminal itself; what is wrong is raised by Pillow, too."""
    with open(os.devnull, "wb") as nowhere:
        try:
            usual = os.dup(STDERR)
        except OSError:  # the caller has closed it
            yield
            return
        os.dup2(nowhere.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(usual, STDERR)
            os.close(usual)


def averageable(image: Image.Image) -> Image.Image:
    """The picture in one of the few modes whose neighbouring pixels have a mean."""
    if image.mode.startswith("I"):
        return image.convert("I")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        return image.convert("RGBA").convert("RGBa")  # what is transparent has no say
    return image if image.mode in ("RGB", "L", "F") else image.convert("RGB")


def as_colours(image: Image.Image) -> np.ndarray:
    """What is left of the modes as red, green and blue."""
    if image.mode in ("I", "F"):
        return as_bytes(np.asarray(image, dtype=np.float32))
    if image.mode == "RGBa":
        return without_transparency(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("RGB"))


def as_bytes(values: np.ndarray) -> np.ndarray:
    """More than 256 levels of grey (high, wide), as bytes (high, wide, 3) up to the lightest."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    values = values - min(float(values.min()), 0)
    levels = values * (255 / max(float(values.max()), 1e-6))
    return np.repeat(levels.astype(np.uint8)[..., None], 3, 2)


def without_transparency(picture: np.ndarray) -> np.ndarray:
    """What is transparent becomes paper: like the paper that is there, or else unlike the ink."""
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
