"""The four MNIST files: found, downloaded if they are missing, and verified before use.

Torchvision's own download has no time limit and leaves half a file behind when it breaks off.
Here, each file is checked before it gets its name, and again whenever it is read. A file may also
lie in the folder packed (.gz), as mirrors serve it; it stays packed.
"""

import gzip
import hashlib
import io
import queue
import tempfile
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from io import BufferedIOBase
from pathlib import Path
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

MISSING, DAMAGED = "is missing", "is damaged or not MNIST"


class DataError(UserError):
    """A fault of the data and its remedy, in one sentence."""


@dataclass(frozen=True)
class Origin:
    """The files that are wanted, their checksums, and the mirrors that serve them."""

    sums: Mapping[str, str]  # the MD5 sum of each file, unpacked, by its name
    mirrors: Sequence[str]  # addresses of folders
    patience: float = PATIENCE
    longest: float = LONGEST

    def reachable(self, filename: str) -> list[str]:
        """Return the mirrors that have a file, the quickest first."""
        return quickest_first(self.mirrors, filename, self.patience)


MNIST_ORIGIN = Origin(
    {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    (*datasets.MNIST.mirrors, "https://storage.googleapis.com/cvdf-datasets/mnist/"),
)


def md5(content: bytes) -> str:
    """Return a sum that finds damage; forgery isn't looked for, so security rules allow it."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


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
        with unpacking(path) as file:
            found = file.read(LARGEST_FILE)
    except FileNotFoundError as error:
        raise DataError(MISSING) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(DAMAGED) from error
    except OSError as error:
        raise DataError(f"can't be read ({error.strerror})") from error
    if md5(found) != known:
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
    for name, known in origin.sums.items():
        try:
            found[name] = find(root, name, known)
        except DataError as error:
            faults[name] = error
    if not faults:
        return found
    try:
        if offline:
            raise DataError("MNIST_OFFLINE forbids the download")
        return found | fetch(raw_folder(root), list(faults), origin)
    except DataError as reason:
        raise DataError(
            f"{next(iter(faults.values()))}, and {reason}: "
            "mend that, or name a folder that holds the four MNIST files by MNIST_ROOT (or --data)."
        ) from reason


def values_of(file: bytes, dimensions: int) -> Tensor:
    """Return the values of a verified IDX file; in front are words with its kind and its sizes."""
    head = 4 * (1 + dimensions)  # bytes
    sizes = np.frombuffer(file[4:head], ">u4").tolist()
    return torch.from_numpy(np.frombuffer(file, np.uint8, offset=head).reshape(sizes).copy())


def fetch(folder: Path, names: list[str], origin: Origin) -> dict[str, bytes]:
    """Download files into a folder; each appears there only once it is whole and verified."""
    deadline = time.monotonic() + origin.longest
    require_writable(folder)
    mirrors, fetched = origin.reachable(f"{names[0]}.gz"), dict[str, bytes]()
    for name in names:
        fetched[name] = download(name, mirrors, origin, deadline)
        try:
            put_in_place(folder / name, fetched[name])
        except OSError as error:
            raise DataError(f"it can't be written there ({error.strerror})") from error
    return fetched


def put_in_place(path: Path, unpacked: bytes) -> None:
    """Write a verified file; a damaged one in its place is renamed, not deleted."""
    with suppress(OSError):
        if path.read_bytes() == unpacked:  # another process has downloaded it in the meantime
            return
    if path.exists():  # not ours to delete: it may be another data set
        path.replace(path.with_name(f"{path.name}.damaged"))
    write_bytes(path, unpacked)


def require_writable(folder: Path) -> None:
    """Raise a DataError before a download if its folder can't be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise DataError(f"the folder can't be written to ({error.strerror})") from error


def quickest_first(mirrors: Sequence[str], filename: str, patience: float) -> list[str]:
    """Ask all mirrors at once; return those that have the file, in the order of their answers.

    After the first answer, the wait for each next one is only GRACE seconds.
    """
    replies: queue.Queue[str | None] = queue.Queue()

    def ask(mirror: str) -> None:
        try:
            with urlopen(Request(mirror + filename, method="HEAD"), timeout=patience):
                replies.put(mirror)
        except (OSError, ValueError, HTTPException):
            replies.put(None)

    for mirror in mirrors:  # daemon threads, as no timeout stops a name server that hangs
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    found: list[str] = []
    deadline = time.monotonic() + patience
    with suppress(queue.Empty):
        for _ in mirrors:
            left = max(deadline - time.monotonic(), 0)
            if reply := replies.get(timeout=min(left, GRACE) if found else left):
                found.append(reply)
    if not found:
        raise DataError("no mirror on the internet can be reached")
    return found


def download(name: str, mirrors: list[str], origin: Origin, deadline: float) -> bytes:
    """Return a file's verified, unpacked content from the first mirror that delivers it."""
    trouble = "no mirror was left"
    for mirror in mirrors:
        try:
            packed = read_address(f"{mirror}{name}.gz", origin.patience, deadline)
            unpacked = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(LARGEST_FILE)
            if md5(unpacked) == origin.sums[name]:
                return unpacked
            trouble = f"{mirror} sent something else"
        except (OSError, EOFError, zlib.error, ValueError, HTTPException) as error:
            trouble = f"{mirror}: {error}"
    raise DataError(f"the download of {name}.gz failed ({trouble})")


def read_address(url: str, patience: float, deadline: float) -> bytes:
    """Download a whole address with a progress bar.

    A connection that breaks off, pauses or is too slow is an OSError.
    """
    content, started = bytearray(), time.monotonic()
    with urlopen(url, timeout=patience) as response:
        size = int(response.headers.get("Content-Length", 0))
        with progress_bar(size, f"download {url.rpartition('/')[2]}", "B", in_bytes=True) as bar:
            while piece := response.read1(PIECE):
                content += piece
                bar.update(len(piece))
                check_pace(len(content), time.monotonic() - started, patience, deadline)
    if size and len(content) != size:
        raise OSError(f"the connection broke off after {len(content):,} of {size:,} bytes")
    return bytes(content)


def check_pace(count: int, seconds: float, patience: float, deadline: float) -> None:
    """Raise an OSError if a download is too large, too slow, or past its deadline."""
    if count > LARGEST_FILE:
        raise OSError("far more came than a file of MNIST holds")
    if seconds > RUN_UP * patience and count < SLOWEST * seconds:
        raise OSError(f"only {count:,} bytes came in {seconds:.0f} seconds")
    if time.monotonic() > deadline:
        raise OSError("the whole download took too long")
