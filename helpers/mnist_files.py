"""The four MNIST files: found, downloaded if they are missing, and verified before use.

Torchvision's own download has no time limit and leaves half a file behind when it breaks off.
Here, each file is checked before it gets its name, and again whenever it is read. A file may also
lie in the folder packed (.gz), as mirrors serve it; it stays packed.
"""

import gzip
import hashlib
import queue
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from io import BufferedIOBase
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

import numpy as np
import torch
from torch import Tensor
from torchvision import datasets

from handreader.common.errors import UserError
from handreader.common.files import write_bytes
from handreader.common.progress import progress_bar

PATIENCE = 3.7  # seconds of silence until a mirror is given up: long for it, short for a person
GRACE = 0.5  # seconds to wait for each slower mirror once one has answered
LONGEST = 300.0  # seconds for the whole download; few people would wait longer
SLOWEST = 40_000  # bytes a second; all four files, 11.6 million bytes, just take that long
RUN_UP = 2  # times the patience until slowness counts, as many connections start slowly
LARGEST_FILE = 64_000_000  # bytes; MNIST's largest, unpacked, has 47,040,016
PIECE = 1 << 16  # bytes read at once, so that the progress bar moves

# MD5 is used to find damage, not forgery, which is allowed even where security rules forbid it.
md5 = partial(hashlib.md5, usedforsecurity=False)
MISSING, DAMAGED = "is missing", "is damaged or not MNIST"
IDX_OF_BYTES = 0x0800  # first word of an IDX file of bytes, plus its number of dimensions


class DataError(UserError):
    """A fault of the data and its remedy, in one sentence."""


class Sums(NamedTuple):
    """MD5 sums of one file: packed as the mirrors serve it, and unpacked."""

    packed: str
    unpacked: str


@dataclass(frozen=True)
class Origin:
    """The files that are wanted, their checksums, and the mirrors that serve them."""

    sums: Mapping[str, Sums]  # by the name of the file
    mirrors: Sequence[str]  # addresses of folders
    patience: float = PATIENCE
    longest: float = LONGEST

    def reachable(self, filename: str) -> list[str]:
        """Return the mirrors that have a file, the quickest first."""
        return quickest_first(self.mirrors, filename, self.patience)


MNIST_ORIGIN = Origin(
    {
        "train-images-idx3-ubyte": Sums(
            "f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"
        ),
        "train-labels-idx1-ubyte": Sums(
            "d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"
        ),
        "t10k-images-idx3-ubyte": Sums(
            "9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"
        ),
        "t10k-labels-idx1-ubyte": Sums(
            "ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"
        ),
    },
    (*datasets.MNIST.mirrors, "https://storage.googleapis.com/cvdf-datasets/mnist/"),
)


def raw_folder(root: Path) -> Path:
    """Return the folder below `root` that torchvision reads and that downloads go to."""
    return root / "MNIST" / "raw"


def places(root: Path, name: str) -> list[Path]:
    """Return the paths where a file may be: in the raw folder or the root, unpacked or packed."""
    return [folder / each for folder in (raw_folder(root), root) for each in (name, f"{name}.gz")]


def content(path: Path, known: str) -> bytes:
    """Return the unpacked content of a file whose MD5 sum is `known`.

    Otherwise, a DataError says in a few words what is wrong with the file.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise DataError(DAMAGED)  # opening a pipe would block
        with unpacking(path) as file:
            found = file.read(LARGEST_FILE)
    except FileNotFoundError as error:
        raise DataError(MISSING) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(DAMAGED) from error
    except OSError as error:
        raise DataError(f"can't be read ({error.strerror})") from error
    if md5(found).hexdigest() != known:
        raise DataError(DAMAGED)
    return found


def unpacking(path: Path) -> BufferedIOBase:
    """Open a file for reading; if its name ends in .gz, it is unpacked on the way."""
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def find(root: Path, name: str, known: str) -> bytes:
    """Return the content of the first sound copy of a file.

    Otherwise, a DataError names a faulty copy, or the path where the file is missing.
    """
    troubles = []
    for path in places(root, name):
        try:
            return content(path, known)
        except DataError as error:
            troubles.append(f"{path} {error}")
    raise DataError(next((each for each in troubles if not each.endswith(MISSING)), troubles[0]))


def ensure(root: Path, offline: bool = False, origin: Origin = MNIST_ORIGIN) -> Mapping[str, bytes]:
    """Return all four files, verified; download those that are missing or damaged.

    If that fails, a DataError says in one sentence which file is wrong, why, and what to do.
    """
    found, faults = dict[str, bytes](), dict[str, DataError]()
    for name, sums in origin.sums.items():
        try:
            found[name] = find(root, name, sums.unpacked)
        except DataError as error:
            faults[name] = error
    try:
        if faults and offline:
            raise DataError("MNIST_OFFLINE forbids the download")
        return found | fetch(raw_folder(root), list(faults), origin)
    except DataError as reason:
        raise DataError(
            f"{next(iter(faults.values()))}, and {reason}: "
            "mend that, or name a folder that holds the four MNIST files by MNIST_ROOT (or --data)."
        ) from reason


def values_of(file: bytes, dimensions: int) -> Tensor:
    """Return the values of an IDX file, which has a word for its kind and its sizes in front."""
    head = 4 * (1 + dimensions)  # bytes
    kind, *sizes = np.frombuffer(file[:head], ">u4").tolist()
    if kind != IDX_OF_BYTES + dimensions:
        raise ValueError("another kind of file")
    return torch.from_numpy(np.frombuffer(file, np.uint8, offset=head).reshape(sizes).copy())


def fetch(folder: Path, names: list[str], origin: Origin) -> dict[str, bytes]:
    """Download files into a folder; each appears there only once it is whole and verified."""
    fetched = dict[str, bytes]()
    if not names:
        return fetched
    deadline = time.monotonic() + origin.longest
    require_writable(folder)
    mirrors = origin.reachable(f"{names[0]}.gz")
    for name in names:
        fetched[name] = download(name, mirrors, origin, deadline)
        try:
            put_in_place(folder / name, fetched[name], origin.sums[name].unpacked)
        except OSError as error:
            raise DataError(f"it can't be written there ({error.strerror})") from error
    return fetched


def put_in_place(path: Path, unpacked: bytes, known: str) -> None:
    """Write a verified file; a damaged one in its place is renamed, not deleted.

    If another process has put a sound file there in the meantime, that one stays.
    """
    verified = write_bytes(path.with_name(f"{path.name}.verified"), unpacked)
    with suppress(DataError):
        content(path, known)
        verified.unlink()
        return
    if path.exists():  # not ours to delete: it may be another data set
        path.replace(path.with_name(f"{path.name}.damaged"))
    verified.replace(path)


def require_writable(folder: Path) -> None:
    """Raise a DataError before a download if its folder can't be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise DataError(f"the folder can't be written to ({error.strerror})") from error


def quickest_first(mirrors: Sequence[str], filename: str, patience: float) -> list[str]:
    """Ask all mirrors at once; return those that have the file, in the order of their answers."""
    replies: queue.Queue[str | None] = queue.Queue()

    def ask(mirror: str) -> None:
        try:
            with urlopen(Request(mirror + filename, method="HEAD"), timeout=patience):
                replies.put(mirror)
        except (OSError, ValueError, HTTPException):
            replies.put(None)

    for mirror in mirrors:  # daemon threads, as no timeout stops a name server that hangs
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    found = wait_for(replies, len(mirrors), patience)
    if not found:
        raise DataError("no mirror on the internet can be reached")
    return found


def wait_for(replies: queue.Queue[str | None], count: int, patience: float) -> list[str]:
    """Return the mirrors that answer within `patience` seconds.

    After the first answer, the wait for each next one is only GRACE seconds.
    """
    deadline = time.monotonic() + patience
    found: list[str] = []
    for _ in range(count):
        left = max(deadline - time.monotonic(), 0)
        try:
            mirror = replies.get(timeout=min(left, GRACE) if found else left)
        except queue.Empty:
            break
        if mirror:
            found.append(mirror)
    return found


def download(name: str, mirrors: list[str], origin: Origin, deadline: float) -> bytes:
    """Return a file's verified, unpacked content from the first mirror that delivers it."""
    trouble = "no mirror was left"
    for mirror in mirrors:
        try:
            packed = read_address(f"{mirror}{name}.gz", origin.patience, deadline)
            if md5(packed).hexdigest() == origin.sums[name].packed:
                return gzip.decompress(packed)
            trouble = f"{mirror} sent something else"
        except (OSError, EOFError, zlib.error, ValueError, HTTPException) as error:
            trouble = f"{mirror}: {error}"
    raise DataError(f"the download of {name}.gz failed ({trouble})")


def read_address(url: str, patience: float, deadline: float) -> bytes:
    """Download a whole address with a progress bar; a connection that breaks off is an OSError."""
    arriving = pieces(url, patience, deadline)
    size, content = int(next(arriving)), bytearray()
    with progress_bar(size, f"download {url.rpartition('/')[2]}", "B", in_bytes=True) as bar:
        for piece in arriving:
            content += piece
            bar.update(len(piece))
    if size and len(content) != size:
        raise OSError(f"the connection broke off after {len(content):,} of {size:,} bytes")
    return bytes(content)


def pieces(url: str, patience: float, deadline: float) -> Iterator[bytes]:
    """Yield the length that a server announces, as digits, then the content piece by piece.

    A server that pauses too long or sends too slowly is an OSError. Another thread reads, because
    no time limit stops a server that sends its headers drop by drop.
    """
    arriving: queue.Queue[bytes | Exception] = queue.Queue()
    given_up = threading.Event()
    threading.Thread(target=read, args=(url, patience, arriving, given_up), daemon=True).start()
    started, count = time.monotonic(), 0
    try:
        while piece := next_piece(arriving, patience):
            yield piece
            count += len(piece)
            check_pace(count, time.monotonic() - started, patience, deadline)
    finally:
        given_up.set()


def read(
    url: str,
    patience: float,
    arriving: queue.Queue[bytes | Exception],
    given_up: threading.Event,
) -> None:
    """Put the announced length of an address in a queue, then each piece, and b"" at the end.

    An error is put there instead of being raised, because this runs in a thread of its own.
    """
    try:
        with urlopen(url, timeout=patience) as response:
            arriving.put(response.headers.get("Content-Length", "0").encode())
            while (piece := response.read1(PIECE)) and not given_up.is_set():
                arriving.put(piece)
        arriving.put(b"")
    except (OSError, ValueError, HTTPException) as error:
        arriving.put(error)


def next_piece(arriving: queue.Queue[bytes | Exception], patience: float) -> bytes:
    """Return the next piece, b"" at the end; raise an error that was put in the queue."""
    try:
        piece = arriving.get(timeout=patience)
    except queue.Empty as error:
        raise OSError(f"nothing came for {patience:g} seconds") from error
    if isinstance(piece, Exception):
        raise piece
    return piece


def check_pace(count: int, seconds: float, patience: float, deadline: float) -> None:
    """Raise an OSError if a download is too large, too slow, or past its deadline."""
    if count > LARGEST_FILE:
        raise OSError("far more came than a file of MNIST holds")
    if seconds > RUN_UP * patience and count < SLOWEST * seconds:
        raise OSError(f"only {count:,} bytes came in {seconds:.0f} seconds")
    if time.monotonic() > deadline:
        raise OSError("the whole download took too long")
