"""Files that aren't pictures, or could do harm, are refused in one sentence."""

import errno
import io
import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from picture_kinds import INK, PAPER, packed, palette, seven
from PIL import Image

from handreader.ink.picture_files import LIMITS, Limits, PictureError, open_picture


def assert_refused(source: object, part: str, limits: Limits = LIMITS) -> None:
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
    "zeros": (bytes(5000), "is not a picture"),
    "PNG cut in the middle": (cut(noisy("PNG"), 0.5), "cut short or damaged"),
    "JPEG cut in the middle": (cut(noisy("JPEG"), 0.5), "cut short or damaged"),
    "GIF cut in the middle": (cut(noisy("GIF"), 0.5), "cut short or damaged"),
    "PNG without a size": (png_of_size(0, 0), ""),
    "too large": (png_of_size(20_000, 20_000), "more than 70 million pixels: reduce it"),
    "slightly too large": (png_of_size(9_000, 8_000), "more than 70 million pixels"),
    "absurdly large": (png_of_size(2**31 - 1, 2**31 - 1), ""),
    "animation": (MOVING, "several pictures or an animation"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "HEIC picture or a film"),
    "film": (b"\0\0\0\x20ftypisom\0\0\x02\0" + bytes(500), "HEIC picture or a film"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(500), "is a PDF"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing in SVG"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_one_sentence(tmp_path: Path, name: str):
    content, part = BAD[name]
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    assert_refused(path, part)
    assert_refused(content, part)


def test_what_is_no_picture_at_all_is_refused():
    assert_refused(np.zeros((5, 4)), "is an array of float64 (5, 4)")
    assert_refused(np.zeros((5, 0), np.uint8), "is an array of uint8 (5, 0)")
    with pytest.raises(TypeError, match="A picture is a file, bytes"):
        open_picture(7)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_libraries_keep_off_the_terminal_and_leave_no_file_open(
    compression: str, capfd: pytest.CaptureFixture
):
    content = packed(seven(), "TIFF", compression=compression).read()
    before = next_handle()
    for place in range(10, len(content), 19):
        damaged = content[:place] + b"\xa5\x5a" + content[place + 2 :]
        with suppress(PictureError):
            open_picture(io.BytesIO(damaged))
    assert next_handle() == before
    assert capfd.readouterr() == ("", "")
    os.write(2, b"still heard")
    assert capfd.readouterr().err == "still heard"


def next_handle() -> int:
    """The number that the next file gets which this process opens."""
    handle = os.dup(2)
    os.close(handle)
    return handle


def memory(name: str) -> int:
    """What Linux says that this process has, or had at most, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition(f"{name}:")[2].split()[0])


def most_taken(do: Callable[[], object]) -> int:
    """How many bytes more than before were taken at a time."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget what was taken once
    before = memory("VmRSS")
    do()
    return memory("VmHWM") - before


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can forget a peak")


@LINUX
def test_large_picture_takes_little_more_memory_than_its_pixels_whatever_its_kind(tmp_path: Path):
    path, side = tmp_path / "large.png", 2500
    note = Image.Exif()
    note[0x0112] = 6
    Image.new("RGBA", (side, side), (*INK, 100)).save(path, compress_level=1, exif=note)
    taken = most_taken(lambda: open_picture(path, Limits(side=500)))
    assert taken < 7 * side**2  # bytes; four for each pixel are the picture itself


def test_raw_file_of_a_camera_is_named_as_such(tmp_path: Path):
    path = tmp_path / "seven.NEF"
    path.write_bytes(packed(seven(), "TIFF").read())  # which is what they look like
    assert_refused(path, "raw file")


def test_file_that_is_too_large_to_be_read(tmp_path: Path):
    path = tmp_path / "large.png"
    seven().save(path)
    size = path.stat().st_size
    for source in (path, path.read_bytes()):
        assert_refused(source, "is larger than", Limits(file_bytes=size - 1))
        assert open_picture(source, Limits(file_bytes=size)).any()


def fifo(folder: Path) -> Path:
    """Something that would make a reader wait for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no FIFOs")
    os.mkfifo(folder / "pipe.png")
    return folder / "pipe.png"


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "missing.png", "there is no such file"),
    "folder": (lambda folder: folder, "is a folder"),
    "below a file": (lambda _: Path(__file__) / "x.png", "there is no such file"),
    "NUL": (lambda folder: folder / "a\0b.png", ""),
    "too long a name": (
        lambda folder: folder / ("x" * 5000),
        f"can't be read ({os.strerror(errno.ENAMETOOLONG)})",
    ),
    "FIFO": (fifo, "not an ordinary file"),
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
