"""Send requests to the service from many clients at once; compare with a loop without it."""

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from threading import Thread
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks import ROOT
from benchmarks.page_pictures import compose
from benchmarks.pages import PLAIN
from benchmarks.picture_runs import SEED, kept
from benchmarks.tables import show, table_of
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
JPEG = (cv2.IMWRITE_JPEG_QUALITY, 75)
REQUEST = "POST /read HTTP/1.1\r\nHost: a\r\nContent-Type: image/any\r\nContent-Length: {}\r\n\r\n"


class Asked(NamedTuple):
    """A picture's file, and the answer to it without a service."""

    content: bytes
    answer: str


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
        "digits": [cv2.imencode(".png", crop)[1].tobytes() for crop in crops],
        "pages": [cv2.imencode(".jpg", page[:, :, ::-1], JPEG)[1].tobytes() for page in pages],
    }


def read_in_a_loop(files: list[bytes], reader: Reader) -> tuple[list[Asked], float]:
    """Read files without the service; return the answers, and pictures a second."""
    started = time.perf_counter()

    def look(content: bytes, _name: str) -> Seen:
        return reader.read_with_steps(open_picture(content))

    asked = [Asked(each, answer_of("-", partial(look, each)).as_json()) for each in files]
    return asked, len(files) / (time.perf_counter() - started)


@contextmanager
def service() -> Iterator[int]:
    """Start a service on a free port; yield the port."""
    program = [sys.executable, "serve.py", "--port", "0"]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline() or "{}").get("listening")
        if not address:
            raise UserError("The service could not be started.")
        Thread(target=process.stdout.read, daemon=True).start()  # or its log would fill the pipe
        try:
            yield int(address.rpartition(":")[2])
        finally:
            process.terminate()


async def ask(port: int, clients: int, asked: list[Asked], count: int) -> dict:
    """Have pictures read by clients that each ask again as soon as they are answered."""
    left, seconds, wrong = islice(cycle(asked), count), [], 0

    async def client() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for content, wanted in left:
            started = time.perf_counter()
            writer.write(REQUEST.format(len(content)).encode() + content)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(head.partition(b"content-length:")[2].split()[0])
            answer = await reader.readexactly(size)
            wrong += answer != wanted.encode()
            seconds.append(time.perf_counter() - started)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return {
        "clients": clients,
        "requests": count,
        "rate": count / (time.perf_counter() - started),  # answers a second
        "median": 1000 * statistics.median(seconds),  # milliseconds until an answer
        "slowest": 1000 * statistics.quantiles(seconds, n=100)[-1],  # 99 % stay below
        "wrong": wrong,  # answers that differ from the loop's
    }


def measure(requests: int) -> dict:
    """Return the loads by kind of picture, each with the loop's rate just before and after."""
    reader = Reader()
    kinds: dict[str, list[dict]] = {}
    counts = {"digits": requests, "pages": requests // RARER}
    with service() as port, progress_bar(2 * len(CLIENTS), "service", "load") as bar:
        for kind, files in contents().items():
            asked, _ = read_in_a_loop(files, reader)
            asyncio.run(ask(port, 1, asked, len(asked)))  # warm up: it may still be loading
            loads = kinds.setdefault(kind, [])
            _, before = read_in_a_loop(files, reader)
            for clients in CLIENTS:
                count = max(counts[kind], clients, len(asked))
                load = asyncio.run(ask(port, clients, asked, count))
                _, after = read_in_a_loop(files, reader)
                loads.append(load | {"loop": (before + after) / 2})
                before = after
                bar.update()
    return {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "kinds": kinds}


def table(found: dict) -> list[str]:
    """Return the results as Markdown, compared with the same pictures read in a loop."""
    head = ("pictures", "clients", "a second", "in a loop", "of that", "median", "99 %", "wrong")
    rows = [
        (
            *(kind, f"{load['clients']}", f"{load['rate']:.1f}", f"{load['loop']:.1f}"),
            *(f"{load['rate'] / load['loop']:.0%}", f"{load['median']:.1f} ms"),
            *(f"{load['slowest']:.1f} ms", f"{load['wrong']}"),
        )
        for kind, loads in found["kinds"].items()
        for load in loads
    ]
    return [f"Measured on {found['machine']}, one process that reads.", "", *table_of(head, rows)]


def main(requests: int) -> int:
    """Measure, write down the results, and print the table."""
    show(table(kept(OUT, partial(measure, requests))), OUT)
    return 0
