"""Four small files in the place of MNIST's, and web servers on this machine that serve them."""

import gzip
import queue
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torch import Tensor

from helpers import mnist_files
from helpers.mnist_files import DataError, Origin

TRAIN, TEST = 240, 60
NAMES = tuple(mnist_files.MNIST_ORIGIN.sums)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
LONG = 30.0  # seconds that a healthy run never comes near, however slow the machine

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def small_digits(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Random pictures with ten labels in equal parts."""
    images = torch.randint(0, 256, (count, 28, 28), generator=torch.Generator().manual_seed(seed))
    return images.to(torch.uint8), torch.arange(count) % 10


def write_idx(path: Path, values: Tensor) -> Path:
    """Write bytes in the IDX format that MNIST comes in: magic number, sizes, values."""
    header = struct.pack(f">HBB{values.dim()}I", 0, 8, values.dim(), *values.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + values.to(torch.uint8).numpy().tobytes())
    return path


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def packed(content: bytes) -> bytes:
    """As mirrors serve it, the same bytes each time."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def sums_of(contents: dict[str, bytes]) -> dict[str, str]:
    """What tells these files from all others."""

    return {name: mnist_files.md5(contents[name]) for name in NAMES}


def assert_helpful(message: str, *parts: str) -> None:
    """One sentence in one line that has these parts in it."""
    assert "\n" not in message
    assert message.endswith(".")
    for part in parts:
        assert part in message


# How a mirror may answer


def send(request: BaseHTTPRequestHandler, body: bytes, announced: int) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(announced))
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(body)


def whole(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    send(request, packed, len(packed))


def garbage(request: BaseHTTPRequestHandler, _packed: bytes) -> None:
    page = b"<html>Sign in to use this network</html>"
    send(request, page, len(page))


def another_file(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    """A file that unpacks without complaint, but isn't the one that was asked for."""
    other = gzip.compress(gzip.decompress(packed)[:-1] + b"?")
    send(request, other, len(other))


def cut_short(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    send(request, packed[: len(packed) // 2], len(packed))


def absent(request: BaseHTTPRequestHandler, _packed: bytes) -> None:
    request.send_error(404)


def cut_short_in_chunks(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    """The same accident where the server never says how much is to come."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = f"{len(packed):x}\r\n".encode() + packed[: len(packed) // 2]
    request.wfile.write(head if request.command == "HEAD" else head + body)


def not_http(request: BaseHTTPRequestHandler, _packed: bytes) -> None:
    request.wfile.write(b"220 mail.example ready\r\n")


def stalls(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    """Half of the file, then silence on an open connection."""
    cut_short(request, packed)
    if request.command == "GET":
        request.wfile.flush()
        request.server.closing.wait(LONG)


class Mirror(ThreadingHTTPServer):
    """A web server on this machine that gives every request the same kind of answer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, contents: dict[str, bytes], answer: Answer):
        self.packed = {f"{name}.gz": packed(content) for name, content in contents.items()}
        self.answer, self.asked = answer, []
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", 0), MirrorRequest)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class MirrorRequest(BaseHTTPRequestHandler):
    server: Mirror

    def do_HEAD(self) -> None:
        self.server.answer(self, self.server.packed[self.path.strip("/")])

    def do_GET(self) -> None:
        self.server.asked.append(self.path.strip("/"))
        self.do_HEAD()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""


class ListedOrder(Origin):
    """Its mirrors are used in the order they are listed, not by who happens to answer first."""

    def reachable(self, _filename: str) -> list[str]:
        return list(self.mirrors)


# The files


class SmallMnist:
    """Files that a test may harm, what they held before, and an origin that knows them."""

    def __init__(self, root: Path):
        self.root, self.folder = root, mnist_files.raw_folder(root)
        for part, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
            images, labels = small_digits(count, seed)
            write_idx(self.folder / f"{part}-images-idx3-ubyte", images)
            write_idx(self.folder / f"{part}-labels-idx1-ubyte", labels)
        self.contents = self.present()
        self.origin = Origin(sums_of(self.contents), (), LONG)
        self.running = ExitStack()

    def path(self, name: str) -> Path:
        return self.folder / name

    def present(self) -> dict[str, bytes]:
        """What the folder holds now."""
        return read_files(self.folder)

    def remove(self, *names: str) -> None:
        """Take these files away, or all."""
        for path in map(self.path, names or self.present()):
            path.unlink()

    def pack(self, folder: Path, *names: str) -> None:
        """Put these files, or all, into a folder as mirrors serve them."""
        for name in names or NAMES:
            self.remove(name)
            (folder / f"{name}.gz").write_bytes(packed(self.contents[name]))

    def flip_byte(self, name: str, position: int) -> bytes:
        """Change a byte of a file; what the file then holds is returned."""
        content = bytearray(self.path(name).read_bytes())
        content[position] ^= 1
        self.path(name).write_bytes(content)
        return bytes(content)

    def serve(self, *answers: Answer, kind: type[Origin] = Origin) -> list[Mirror]:
        """Start one server for each answer; they are the only mirrors."""
        mirrors = [Mirror(self.contents, answer) for answer in answers]
        for mirror in mirrors:
            self.running.callback(mirror.close)
        addresses = [mirror.address for mirror in mirrors]
        self.origin = kind(self.origin.sums, addresses, self.origin.patience)
        return mirrors

    def serve_in_order(self, *answers: Answer) -> list[Mirror]:
        """As `serve`, and the first is used first."""
        return self.serve(*answers, kind=ListedOrder)

    def redirect(self, addresses: Sequence[str], patience: float) -> None:
        """Let nobody serve the files but who may listen at these addresses."""
        self.origin = replace(self.origin, mirrors=addresses, patience=patience)

    def ensure(self, offline: bool = False) -> None:
        """Do it aside, so that waiting for ever fails one test instead of stopping all of them."""
        outcome: queue.Queue[BaseException | None] = queue.Queue()

        def attempt() -> None:
            try:
                mnist_files.ensure(self.root, offline, self.origin)
                outcome.put(None)
            except BaseException as error:
                outcome.put(error)

        threading.Thread(target=attempt, daemon=True).start()
        try:
            error = outcome.get(timeout=2 * LONG)
        except queue.Empty:
            pytest.fail("The download waits for ever.")
        if error is not None:
            raise error

    def assert_refused(self, name: str, *parts: str, offline: bool = False) -> None:
        """One sentence that names the file, says what is wrong with it, and tells the way out."""
        with pytest.raises(DataError) as caught:
            self.ensure(offline)
        assert_helpful(str(caught.value), str(self.path(name)), "MNIST_ROOT", *parts)
