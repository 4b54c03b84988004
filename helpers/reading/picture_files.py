"""Opening the files that people send: every common kind, and none that could do harm."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.common.errors import UserError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")  # JPEG includes MPO
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".pgm", ".ppm"}
SUFFIXES |= {".pbm", ".avif", ".jfif"}
RAW = {".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".rw2", ".orf", ".pef", ".srw"}
MAX_PIXELS = 70_000_000  # a file may claim any size; more would take over a gigabyte of memory
MAX_JPEG = 130_000_000  # a large JPEG can be decoded smaller; phones take such pictures
MAX_FILE_BYTES = 300 * 2**20
MAX_SIDE = 3000  # what is kept of a larger picture

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it logs, it also raises


class PictureError(UserError):
    """Why a file can't be read as a picture, in one sentence."""


def open_picture(source: str | Path | BinaryIO) -> np.ndarray:
    """The picture in a file as (high, wide, 3) bytes, upright and without transparency."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's are about details that don't matter here
        try:
            with opened(source) as image:
                check(image)
                return as_colours(reduced(image))
        except UserError:
            raise
        except MemoryError as error:
            raise PictureError("is too large for this machine's memory: reduce it.") from error
        except Exception as error:  # a damaged file can provoke nearly any of them
            raise PictureError("is cut short or damaged: copy or export it again.") from error


def opened(source: str | Path | BinaryIO) -> Image.Image:
    """The file as Pillow sees it, before anything large is read."""
    if isinstance(source, (str, Path)):
        check_file(Path(source))
    try:
        return Image.open(source, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureError(what_else(first_bytes(source))) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large() from error


def check_file(path: Path) -> None:
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
    if size > MAX_FILE_BYTES:
        raise PictureError(f"is larger than {MAX_FILE_BYTES // 2**20} MB: reduce it.")
    if path.suffix.lower() in RAW:
        raise PictureError("is a camera's raw file: export it as JPEG or PNG.")


def first_bytes(source: str | Path | BinaryIO) -> bytes:
    """The beginning of a file, from which its kind can be told."""
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as file:
            return file.read(32)
    source.seek(0)
    return source.read(32)


def what_else(start: bytes) -> str:
    """What to say of a file that is no picture Pillow knows."""
    if start[4:8] == b"ftyp":
        return "is a HEIC picture or a film: export it as JPEG or PNG."
    if start.startswith(b"%PDF"):
        return "is a PDF: export the page as PNG."
    if start.lstrip().startswith((b"<svg", b"<?xml")):
        return "is a drawing in SVG: export it as PNG."
    return "is not a picture, or is damaged: PNG, JPEG, WebP, GIF, BMP and TIFF can be read."


def too_large(most: int = MAX_PIXELS) -> PictureError:
    """The same sentence wherever a size is found to be too large."""
    return PictureError(f"has more than {most // 10**6} million pixels: reduce it.")


def check(image: Image.Image) -> None:
    """Refuse what would take all memory, and what is more than one picture."""
    most = MAX_JPEG if image.format in ("JPEG", "MPO") else MAX_PIXELS
    if image.width * image.height > most:
        raise too_large(most)
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise PictureError("holds several pictures or an animation: save one of them as PNG.")


def reduced(image: Image.Image) -> Image.Image:
    """The picture decoded, not much larger than needed, and turned as the camera was held."""
    image.draft(None, (MAX_SIDE // 2, MAX_SIDE // 2))  # lets a large JPEG be decoded smaller
    with quiet_libraries() if image.format == "TIFF" else nullcontext():
        image.load()
    factor = -(-max(image.size) // MAX_SIDE)
    with suppress(Exception):  # the note of a camera may be damaged, and the picture well
        ImageOps.exif_transpose(image, in_place=True)
    image = averageable(image)
    return image.reduce(factor) if factor > 1 else image


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep libtiff from writing to the terminal itself; what is wrong is raised by Pillow, too."""
    with open(os.devnull, "wb") as nowhere:
        try:
            usual = os.dup(2)
        except OSError:  # the caller has closed it
            yield
            return
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(usual, 2)
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
    """More than 256 levels of grey, as bytes from black to the lightest."""
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
    if grey.std() > 40 or len(solid) > 0.7 * cover.size:  # there are ink and paper
        ground = np.median(solid, 0)
    else:
        ground = np.full(3, 255.0 if grey.mean() < 128 else 0.0)
    part = cover[..., None].astype(np.float32) / 255
    return np.round(colours * part + ground.astype(np.float32) * (1 - part)).astype(np.uint8)
