"""Open many damaged files: each must become a picture, or one sentence that refuses it."""

import argparse
import io
import multiprocessing
import os
import random
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.ink import picture_files
from handreader.reader import Reader, View

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 10_000, 20_000, 0x7FFFFFFF, 0xFFFFFFFF)
HEAD = 200  # bytes of a file in which most of its claims are
MOST_LISTED = 20
VIEWS: tuple[View, ...] = ("auto", "digit", "page")


@dataclass
class Outcome:
    """What became of one file."""

    number: int
    kind: str  # "opened", "refused", or what should not happen
    seconds: float = 0.0
    peak: float = 0.0  # megabytes that the process had taken up to then


def drawing(mode: str = "RGB") -> Image.Image:
    """A digit on paper, with some grain so that files are not all alike inside."""
    grain = np.random.default_rng(0).integers(225, 250, (90, 70, 3)).astype(np.uint8)
    image = Image.fromarray(grain)
    ImageDraw.Draw(image).line([(20, 20), (48, 18), (30, 70)], fill=(20, 30, 90), width=5)
    return image.convert(mode)


def seeds() -> list[bytes]:
    """Sound files of every kind."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a digit"
    palette = drawing().quantize(8)
    deep = Image.fromarray(np.asarray(drawing("L")).astype(np.uint16) * 200)
    wanted: list[tuple[Image.Image, str, dict]] = [
        (drawing(), "PNG", {}),
        (drawing("RGBA"), "PNG", {}),
        (palette, "PNG", {"transparency": 0}),
        (deep, "PNG", {}),
        (drawing("1"), "PNG", {}),
        (drawing(), "JPEG", {"exif": exif}),
        (drawing(), "JPEG", {"progressive": True}),
        (drawing("CMYK"), "JPEG", {}),
        (drawing(), "MPO", {"save_all": True, "append_images": [drawing()]}),
        (palette, "GIF", {}),
        (palette, "GIF", {"save_all": True, "append_images": [drawing()]}),
        (drawing(), "BMP", {}),
        (palette, "BMP", {}),
        (drawing(), "TIFF", {}),
        (deep, "TIFF", {"compression": "tiff_adobe_deflate"}),
        (drawing(), "TIFF", {"compression": "tiff_lzw"}),
        (drawing(), "TIFF", {"compression": "jpeg"}),
        (drawing("1"), "TIFF", {"compression": "group4"}),
        (drawing("F"), "TIFF", {}),
        (drawing(), "WEBP", {"exif": exif}),
        (drawing("RGBA"), "WEBP", {"lossless": True}),
        (drawing(), "PPM", {}),
    ]
    return [packed(image, kind, options) for image, kind, options in wanted]


def packed(image: Image.Image, kind: str, options: dict) -> bytes:
    """The file that an image becomes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def made(sound: list[bytes], seed: int, number: int) -> bytes:
    """The damaged file of that number, always the same one."""
    chance = random.Random(f"{seed}-{number}")
    content = bytearray(chance.choice(sound))
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        chance.choice((flip, flip, lie, lie, cut, insert, repeat, swap))(content, chance)
    return with_checksums(bytes(content)) if chance.random() < 0.7 else bytes(content)


def place(content: bytearray, chance: random.Random) -> int:
    """Somewhere in a file, as often in its head as in all the rest."""
    return chance.randrange(max(1, min(len(content), chance.choice((HEAD, len(content))))))


def flip(content: bytearray, chance: random.Random) -> None:
    """Change single bytes."""
    for _ in range(chance.choice((1, 1, 4, 30)) if content else 0):
        content[place(content, chance)] ^= chance.randrange(1, 256)


def lie(content: bytearray, chance: random.Random) -> None:
    """Put a number where it is likely to be a size, a count or an offset."""
    start, size = place(content, chance), chance.choice((1, 2, 4))
    number = chance.choice(NUMBERS) % 256**size
    content[start : start + size] = number.to_bytes(size, chance.choice(("big", "little")))


def cut(content: bytearray, chance: random.Random) -> None:
    """Lose the end, or a piece."""
    start = place(content, chance)
    del content[start : start + chance.choice((1, 7, 100, len(content)))]


def insert(content: bytearray, chance: random.Random) -> None:
    """Bytes that belong nowhere."""
    start = place(content, chance)
    content[start:start] = chance.randbytes(chance.choice((1, 4, 50)))


def repeat(content: bytearray, chance: random.Random) -> None:
    """A block that comes again, once or very often."""
    start = place(content, chance)
    block = bytes(content[start : start + chance.choice((4, 30, 200))])
    content[start:start] = block * chance.choice((1, 1, 3, 500))


def swap(content: bytearray, chance: random.Random) -> None:
    """Two blocks in each other's place."""
    size = chance.choice((2, 12, 60))
    one, other = sorted((place(content, chance), place(content, chance)))
    if other - one >= size and other + size <= len(content):
        first, second = bytes(content[one : one + size]), bytes(content[other : other + size])
        content[one : one + size], content[other : other + size] = second, first


def with_checksums(content: bytes) -> bytes:
    """A PNG whose checksums are right again, so that its lies are believed."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content
    whole, start = bytearray(content), 8
    while start + 12 <= len(whole):
        size = int.from_bytes(whole[start : start + 4], "big")
        end = start + 8 + size
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = zlib.crc32(whole[start + 4 : end]).to_bytes(4, "big")
        start = end + 4
    return bytes(whole)


def look(content: bytes) -> str:
    """Do with a file what predict.py does with it, in each view."""
    reader = usual_reader()
    try:
        picture = picture_files.open_picture(io.BytesIO(content))
    except UserError as error:
        return "refused" if is_sentence(error) else f"said more: {error}"
    for view in VIEWS:
        try:
            reader.read(picture, view)
        except UserError as error:
            if not is_sentence(error):
                return f"said more: {error}"
    return "opened"


@cache
def usual_reader() -> Reader:
    """The networks that predict.py uses, loaded once in each process."""
    torch.set_num_threads(1)  # digits on such pictures are few
    reader = Reader()
    reader.lines  # noqa: B018, it is loaded when it is asked for
    return reader


def is_sentence(error: UserError) -> bool:
    """Whether it is said in one line."""
    return len(str(error).splitlines()) == 1


def look_at_all(pipe: Connection, seed: int, memory: int) -> None:
    """A process of its own, which may run out of memory, hang or crash."""
    said = tempfile.TemporaryFile()  # noqa: SIM115, it ends with the process
    os.dup2(said.fileno(), 2)
    sound = seeds()
    usual_reader()
    limit_memory(memory)
    while True:
        number = pipe.recv()
        started, before = time.perf_counter(), os.fstat(2).st_size
        try:
            kind = look(made(sound, seed, number))
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} in {where.name}: {' '.join(str(error).split())[:150]}"
        if os.fstat(2).st_size > before:
            kind = f"wrote to stderr: {os.pread(2, 150, before)!r}"
        pipe.send(Outcome(number, kind, time.perf_counter() - started, peak_memory()))


def limit_memory(megabytes: int) -> None:
    """Let this process take no more than so much beyond what it has, where the system can."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        allowed = pages * resource.getpagesize() + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    except (ImportError, OSError, ValueError):
        return


def peak_memory() -> float:
    """The most megabytes that this process ever had at a time; 0 where that is unknown."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


class Worker:
    """The process that opens files, started again when it has to be ended."""

    def __init__(self, seed: int, memory: int):
        self.settings = seed, memory
        self.start()

    def start(self) -> None:
        """A fresh process."""
        spawned = multiprocessing.get_context("spawn")
        self.pipe, far = spawned.Pipe()
        self.process = spawned.Process(target=look_at_all, args=(far, *self.settings), daemon=True)
        self.process.start()
        far.close()

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def ask(self, number: int, seconds: int) -> Outcome:
        """What becomes of a file, if the process lives to tell it."""
        self.pipe.send(number)
        try:
            if self.pipe.poll(seconds):
                return self.pipe.recv()
            kind = f"took more than {seconds} s"
        except (EOFError, OSError):
            self.process.join()
            kind = f"the process ended with {self.process.exitcode}"
        self.stop()
        self.start()
        return Outcome(number, kind, float(seconds))


def parse() -> argparse.Namespace:
    """The options."""
    parser = command_line.Parser(description=__doc__)
    whole, add = command_line.whole_number, parser.add_argument
    add("--files", type=whole(1), default=2000, help="how many (default: 2000)")
    add("--seed", type=whole(0), default=0, help="others for another (default: 0)")
    add("--only", type=whole(0), metavar="NUMBER", help="one file, with traceback")
    add("--seconds", type=whole(1, 3600), default=30, help="for a file")
    add("--memory", type=whole(100), default=1500, help="megabytes for all files")
    return parser.parse_args()


def main() -> int:
    """Open them all and say how it went; the exit code is 1 if anything else happened."""
    options = parse()
    if options.only is not None:
        print(look(made(seeds(), options.seed, options.only)))
        return 0
    worker, outcomes = Worker(options.seed, options.memory), []
    try:
        for number in range(options.files):
            outcomes.append(worker.ask(number, options.seconds))
    finally:
        worker.stop()
    counts = Counter(outcome.kind for outcome in outcomes)
    wrong = [each for each in outcomes if each.kind not in ("opened", "refused")]
    for outcome in wrong[:MOST_LISTED]:
        print(f"--seed {options.seed} --only {outcome.number}: {outcome.kind}")
    print(
        f"{len(outcomes):,} files: {counts['opened']:,} opened, {counts['refused']:,} refused, "
        f"{len(wrong):,} otherwise; at most {max(each.seconds for each in outcomes):.1f} s "
        f"and {max(each.peak for each in outcomes):,.0f} MB"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    command_line.run(main)
