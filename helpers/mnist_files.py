"""The four MNIST files: found, fetched where they are missing, and never trusted unchecked.

Torchvision's own download has no time limit and leaves half a file behind when it breaks off;
here each file is checked before it gets its name, and checked again whenever it is read.
"""

import gzip
import hashlib
import queue
import tempfile
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

from torchvision import datasets
from tqdm import tqdm

from helpers.common.errors import UserError
from helpers.common.files import write_atomically
from helpers.common.progress import progress_bar

PATIENCE = 3.7  # seconds of silence until a mirror is given up: long for it, short for a reader
GRACE = 0.5  # seconds that slower mirrors have left once another has answered
LARGEST_FILE = 64_000_000  # bytes; MNIST's largest, unpacked, has 47,040,016
SLOWEST = 5_000  # bytes a second; the largest file, packed, would take half an hour
RUN_UP = 2  # times `PATIENCE` until slowness counts, as many connections start slowly
PIECE = 1 << 16  # bytes read at once, so that the progress bar moves

# It finds damage, not forgers; where security rules forbid MD5, they still allow that.
md5 = partial(hashlib.md5, usedforsecurity=False)


class DataError(UserError):
    """What is wrong with the data and the way out, in one sentence."""


class Sums(NamedTuple):
    """MD5 sums of one file, packed as the mirrors serve it and unpacked as it is read."""

    packed: str
    unpacked: str


@dataclass(frozen=True)
class Origin:
    """The files that are wanted, how they are known to be genuine, and who serves them."""

    sums: Mapping[str, Sums]  # of each file, by its name
    mirrors: Sequence[str]  # addresses of folders
    patience: float = PATIENCE

    def reachable(self, filename: str) -> list[str]:
        """The mirrors that have a file, the quickest first."""
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
    """Where torchvision looks for the files below its root."""
    return root / "MNIST" / "raw"


def fault(path: Path, sums: Sums) -> str | None:
    """Say in a few words what keeps a file from being used, or None if it is sound."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE or not (path.is_file() or path.is_dir()):
            return "is damaged or not MNIST"
        with path.open("rb") as file:
            found = hashlib.file_digest(file, md5).hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({error.strerror})"
    return None if found == sums.unpacked else "is damaged or not MNIST"


def ensure(root: Path, offline: bool = False, origin: Origin = MNIST_ORIGIN) -> None:
    """Leave all four files whole and verified below root, or say which one isn't and what to do."""
    folder = raw_folder(root)
    found = {name: fault(folder / name, sums) for name, sums in origin.sums.items()}
    faults = {name: trouble for name, trouble in found.items() if trouble}
    if not faults:
        return
    try:
        if offline:
            raise DataError("MNIST_OFFLINE forbids the download")
        fetch(folder, list(faults), origin)
    except DataError as reason:
        name, trouble = next(iter(faults.items()))
        raise DataError(
            f"{folder / name} {trouble}, and {reason}: "
            "mend that, or set MNIST_ROOT to a folder that holds the four MNIST files."
        ) from reason


def fetch(folder: Path, names: list[str], origin: Origin) -> None:
    """Download files into a folder; each appears there only when it is whole and verified."""
    require_writable(folder)
    mirrors = origin.reachable(f"{names[0]}.gz")
    for name in names:
        content = download(name, mirrors, origin)
        try:
            put_in_place(folder / name, content, origin.sums[name])
        except OSError as error:
            raise DataError(f"it can't be written there ({error.strerror})") from error


def put_in_place(path: Path, content: bytes, sums: Sums) -> None:
    """Write a verified file; what was there is set aside, unless somebody else was quicker."""
    verified = path.with_name(f"{path.name}.verified")
    write_atomically(verified, lambda file: file.write(content))
    if fault(path, sums) is None:
        verified.unlink()
        return
    if path.exists():  # not ours to throw away: it may be another data set
        path.replace(path.with_name(f"{path.name}.damaged"))
    verified.replace(path)


def require_writable(folder: Path) -> None:
    """Find out before a download, not after it, that its folder can't be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise DataError(f"the folder can't be written to ({error.strerror})") from error


def quickest_first(mirrors: Sequence[str], filename: str, patience: float) -> list[str]:
    """Ask all mirrors at once; return those that have the file, as they answer."""
    replies: queue.Queue[str | None] = queue.Queue()

    def ask(mirror: str) -> None:
        try:
            with urlopen(Request(mirror + filename, method="HEAD"), timeout=patience):
                replies.put(mirror)
        except (OSError, ValueError, HTTPException):
            replies.put(None)

    for mirror in mirrors:  # daemons, because a name server that hangs can't be timed out
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    found = wait_for(replies, len(mirrors), patience)
    if not found:
        raise DataError("no mirror on the internet can be reached")
    return found


def wait_for(replies: queue.Queue[str | None], count: int, patience: float) -> list[str]:
    """The mirrors that come in time; once there is one, the others must hurry."""
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


def download(name: str, mirrors: list[str], origin: Origin) -> bytes:
    """Return a file's verified, unpacked content from the first mirror that delivers it."""
    trouble = "no mirror was left"
    for mirror in mirrors:
        try:
            packed = read_address(f"{mirror}{name}.gz", origin.patience)
            if md5(packed).hexdigest() == origin.sums[name].packed:
                return gzip.decompress(packed)
            trouble = f"{mirror} sent something else"
        except (OSError, EOFError, zlib.error, ValueError, HTTPException) as error:
            trouble = f"{mirror}: {error}"
    raise DataError(f"the download of {name}.gz failed ({trouble})")


def read_address(url: str, patience: float) -> bytes:
    """Read a whole address with a progress bar; what breaks off is an error, not a file."""
    with urlopen(url, timeout=patience) as response:
        size = int(response.headers.get("Content-Length", 0))
        with progress_bar(size, f"download {url.rpartition('/')[2]}", "B", in_bytes=True) as bar:
            content = read_pieces(response, bar, patience)
    if size and len(content) != size:
        raise OSError(f"the connection broke off after {len(content):,} of {size:,} bytes")
    return content


def read_pieces(response: HTTPResponse, bar: tqdm, patience: float) -> bytes:
    """All that comes, as long as it comes neither without end nor drop by drop."""
    started, content = time.monotonic(), bytearray()
    while piece := response.read1(PIECE):
        content += piece
        bar.update(len(piece))
        count, seconds = len(content), time.monotonic() - started
        if count > LARGEST_FILE:
            raise OSError("far more came than a file of MNIST holds")
        if seconds > RUN_UP * patience and count < SLOWEST * seconds:
            raise OSError(f"only {count:,} bytes came in {seconds:.0f} seconds")
    return bytes(content)
