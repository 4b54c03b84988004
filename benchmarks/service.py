"""Send requests to the service from many clients at once; compare with a loop without it."""

import asyncio
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks import ROOT
from benchmarks.page_pictures import compose
from benchmarks.pages import PLAIN
from benchmarks.picture_runs import SEED, kept
from benchmarks.tables import head_of, row_of, show
from handreader import Reader, open_picture
from handreader.answers import answer_of
from handreader.common.errors import UserError
from handreader.common.progress import progress_bar
from handreader.reader import Seen
from helpers import data
from trainer.synthesis.subjects import Source

OUT = ROOT / "build" / "service.json"
CLIENTS = (1, 8, 64)
PICTURES = {"digits": 500, "pages": 8}  # different ones, each sent equally often
RARER = 125  # times fewer requests with pages, which take so much longer
MORE = 5  # times as many requests between two measurements of memory
HEAD = "POST /read HTTP/1.1\r\nHost: a\r\nContent-Type: image/any\r\nContent-Length: {size}\r\n\r\n"


class Asked(NamedTuple):
    """A picture's file, and the answer to it without a service."""

    content: bytes
    answer: str


@dataclass(frozen=True)
class Load:
    """Measurements with a number of clients."""

    clients: int
    requests: int
    rate: float  # answers a second
    median: float  # milliseconds until an answer
    slowest: float  # milliseconds that 99 % of answers stay below
    wrong: int  # answers that differ from the loop's
    loop: float = 0.0  # pictures a second without a service, just before and after


def packed(picture: np.ndarray, kind: str) -> bytes:
    """Return a picture as the bytes of an image file of that kind."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind)
    return file.getvalue()


def contents() -> dict[str, list[bytes]]:
    """Return files of validation digits, 28 x 28 pixels each, and of pages of such digits."""
    digits = data.load_digits().validation
    crops = [255 - image[0].numpy() for image in digits.images[: PICTURES["digits"]]]
    source = Source(digits.images[:, 0].numpy(), digits.labels.numpy())
    pages = [
        compose(PLAIN, source, np.random.default_rng([SEED, number]))[0]
        for number in range(PICTURES["pages"])
    ]
    return {
        "digits": [packed(crop, "PNG") for crop in crops],
        "pages": [packed(page, "JPEG") for page in pages],
    }


def read_in_a_loop(files: list[bytes], reader: Reader) -> tuple[list[Asked], float]:
    """Read files without the service; return the answers, and pictures a second."""
    started = time.perf_counter()

    def look(content: bytes, _name: str) -> Seen:
        return reader.read_with_steps(open_picture(content))

    asked = [Asked(each, answer_of("-", partial(look, each)).as_json()) for each in files]
    return asked, len(files) / (time.perf_counter() - started)


@contextmanager
def service() -> Iterator[tuple[int, int]]:
    """Start a service on a free port; yield its process id and its port."""
    program = [sys.executable, "serve.py", "--port", "0"]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline() or "{}").get("listening")
        if not address:
            raise UserError("The service could not be started.")
        Thread(target=process.stdout.read, daemon=True).start()  # or its log would fill the pipe
        try:
            yield process.pid, int(address.rpartition(":")[2])
        finally:
            process.terminate()


def memory(process: int) -> float:
    """Return the megabytes held by a process and its children; 0 where that is unknown."""
    folder = Path(f"/proc/{process}")
    if not folder.exists():
        return 0.0
    lines = (folder / "status").read_text(encoding="ascii").splitlines()
    (own,) = [int(line.split()[1]) for line in lines if line.startswith("VmRSS:")]
    children = [each.read_text(encoding="ascii").split() for each in folder.glob("task/*/children")]
    return own / 1024 + sum(memory(int(child)) for child in chain.from_iterable(children))


async def ask_all(port: int, clients: int, asked: list[Asked]) -> Load:
    """Have pictures read by clients that each ask again as soon as they are answered."""
    left, seconds, answers = iter(asked), [], []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for content, wanted in left:
            started = time.perf_counter()
            writer.write(HEAD.format(size=len(content)).encode() + content)
            answers.append(await body(reader) == wanted.encode())
            seconds.append(time.perf_counter() - started)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    rate = len(asked) / (time.perf_counter() - started)
    slowest = statistics.quantiles(seconds, n=100)[-1]
    median = statistics.median(seconds)
    return Load(clients, len(asked), rate, 1000 * median, 1000 * slowest, answers.count(False))


async def body(reader: asyncio.StreamReader) -> bytes:
    """Return the body of the next response."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = head.partition(b"content-length:")[2].split()[0]
    return await reader.readexactly(int(size))


def ask(port: int, clients: int, asked: list[Asked], count: int) -> Load:
    """Send `count` requests with these pictures, in turns."""
    return asyncio.run(ask_all(port, clients, list(islice(cycle(asked), count))))


def measure(requests: int) -> dict:
    """Return all results, as plain values."""
    reader, files = Reader(), contents()
    counts = {"digits": requests, "pages": requests // RARER}
    found: dict = {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "kinds": {}}
    with service() as (process, port), progress_bar(3 * len(CLIENTS), "service", "load") as bar:
        for kind, count in counts.items():
            asked, _ = read_in_a_loop(files[kind], reader)
            ask(port, 1, asked, len(asked))  # warm up: it may still be loading
            loads = found["kinds"][kind] = []
            _, before = read_in_a_loop(files[kind], reader)
            for clients in CLIENTS:
                load = ask(port, clients, asked, max(count, clients, len(asked)))
                _, after = read_in_a_loop(files[kind], reader)
                loads.append(asdict(replace(load, loop=(before + after) / 2)))
                before = after
                bar.update()
        asked, _ = read_in_a_loop(files["digits"], reader)
        found["memory"] = memory_of(process, port, asked, MORE * requests)
    return found


def memory_of(process: int, port: int, asked: list[Asked], count: int) -> dict:
    """Return the memory before and after `count` requests, in megabytes."""
    before = memory(process)
    load = ask(port, max(CLIENTS), asked, count)
    return {"requests": count, "wrong": load.wrong, "before": before, "after": memory(process)}


def table(found: dict) -> list[str]:
    """Return the results as Markdown."""
    rows = [row_of(kind, *cells(load)) for kind, loads in found["kinds"].items() for load in loads]
    held = found["memory"]
    return [
        f"Measured on {found['machine']}, one process that reads.",
        "",
        *head_of(
            "pictures", "clients", "a second", "in a loop", "of that", "median", "99 %", "wrong"
        ),
        *rows,
        "",
        f"Memory: {held['before']:.0f} MB, and {held['after']:.0f} MB after "
        f"{held['requests']:,} more requests ({held['wrong']} wrong).",
    ]


def cells(load: dict) -> list[str]:
    """Return the cells of a row, compared with the same pictures read in a loop."""
    rate, loop = load["rate"], load["loop"]
    times = [f"{load[name]:.1f} ms" for name in ("median", "slowest")]
    rates = [f"{rate:.1f}", f"{loop:.1f}", f"{rate / loop:.0%}"]
    return [str(load["clients"]), *rates, *times, str(load["wrong"])]


def main(requests: int) -> int:
    """Measure, write down the results, and print the table."""
    show(table(kept(OUT, partial(measure, requests))), OUT)
    return 0
