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
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

from torchvision import datasets

from helpers.common.errors import UserError
from helpers.common.files import write_atomically
from helpers.common.progress import progress_bar

PATIENCE = 3.7  # seconds of silence after which a mirror counts as unreachable
LARGEST = 64_000_000  # bytes; no file of MNIST comes near it
SLOWEST = 5_000  # bytes a second, below which waiting for the whole would take all day
MIRRORS = [*datasets.MNIST.mirrors, "https://storage.googleapis.com/cvdf-datasets/mnist/"]


class DataError(UserError):
    """What is wrong with the data and the way out, in one sentence."""


class Sums(NamedTuple):
    """MD5 sums of one file, packed as the mirrors serve it and unpacked as it is read."""

    packed: str
    unpacked: str


FILES = {
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
}


def raw_folder(root: Path) -> Path:
    """Where torchvision looks for the files below its root."""
    return root / "MNIST" / "raw"


def fault(path: Path) -> str | None:
    """Say in a few words what keeps a file from being used, or None if it is sound."""
    try:
        size = path.stat().st_size
        if size > LARGEST or not (path.is_file() or path.is_dir()):
            return "is damaged or not MNIST"
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({error.strerror})"
    return None if found.hexdigest() == FILES[path.name].unpacked else "is damaged or not MNIST"


def ensure(root: Path, offline: bool = False, patience: float = PATIENCE) -> None:
    """Leave all four files whole and verified below root, or say which one isn't and what to do."""
    folder = raw_folder(root)
    faults = {name: trouble for name in FILES if (trouble := fault(folder / name))}
    if not faults:
        return
    try:
        if offline:
            raise DataError("MNIST_OFFLINE forbids the download")
        fetch(folder, list(faults), patience)
    except DataError as reason:
        name, trouble = next(iter(faults.items()))
        raise DataError(
            f"{folder / name} {trouble}, and {reason}: "
            "mend that, or set MNIST_ROOT to a folder that holds the four MNIST files."
        ) from reason


def fetch(folder: Path, names: list[str], patience: float) -> None:
    """Download files into a folder; each appears there only when it is whole and verified."""
    require_writable(folder)
    mirrors = reachable(MIRRORS, f"{names[0]}.gz", patience)
    for name in names:
        content = download(name, mirrors, patience)
        try:
            whole = folder / f"{name}.verified"
            write_atomically(whole, lambda file, content=content: file.write(content))
            if fault(folder / name) is None:  # somebody else was quicker
                whole.unlink()
                continue
            if (folder / name).exists():  # not ours to throw away: it may be another data set
                (folder / name).replace(folder / f"{name}.damaged")
            whole.replace(folder / name)
        except OSError as error:
            raise DataError(f"it can't be written there ({error.strerror})") from error


def require_writable(folder: Path) -> None:
    """Find out before a download, not after it, that its folder can't be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise DataError(f"the folder can't be written to ({error.strerror})") from error


def reachable(mirrors: list[str], filename: str, patience: float) -> list[str]:
    """Ask all mirrors at once; return those that answer in time, the quickest first."""
    answers: queue.Queue[str | None] = queue.Queue()

    def ask(mirror: str) -> None:
        try:
            with urlopen(Request(mirror + filename, method="HEAD"), timeout=patience):
                answers.put(mirror)
        except (OSError, ValueError, HTTPException):
            answers.put(None)

    for mirror in mirrors:  # daemons, because a name server that hangs can't be timed out
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    deadline = time.monotonic() + patience
    found = []
    try:
        for _ in mirrors:
            left = max(deadline - time.monotonic(), 0)
            found.append(answers.get(timeout=min(left, 0.5) if any(found) else left))
    except queue.Empty:
        pass
    found = [mirror for mirror in found if mirror]
    if not found:
        raise DataError("no mirror on the internet can be reached")
    return found


def download(name: str, mirrors: list[str], patience: float) -> bytes:
    """Return a file's verified, unpacked content from the first mirror that delivers it."""
    trouble = "no mirror was left"
    for mirror in mirrors:
        try:
            packed = read_all(f"{mirror}{name}.gz", patience)
            if hashlib.md5(packed, usedforsecurity=False).hexdigest() != FILES[name].packed:
                trouble = f"{mirror} sent something else"
                continue
            return gzip.decompress(packed)
        except (OSError, EOFError, zlib.error, ValueError, HTTPException) as error:
            trouble = f"{mirror}: {error}"
    raise DataError(f"the download of {name}.gz failed ({trouble})")


def read_all(url: str, patience: float) -> bytes:
    """Read a whole address with a progress bar; a connection cut short is an error, not a file."""
    started, content = time.monotonic(), bytearray()
    with urlopen(url, timeout=patience) as response:
        size = int(response.headers.get("Content-Length", 0))
        with progress_bar(size, f"download {url.rpartition('/')[2]}", "B", bytes_=True) as bar:
            while chunk := response.read1(1 << 16):
                content += chunk
                if len(content) > LARGEST:
                    raise OSError("far more came than a file of MNIST holds")
                bar.update(len(chunk))
                seconds = time.monotonic() - started
                if seconds > 2 * patience and len(content) < SLOWEST * seconds:
                    raise OSError(f"only {len(content):,} bytes came in {seconds:.0f} seconds")
    if size and len(content) != size:
        raise OSError(f"the connection broke off after {len(content):,} of {size:,} bytes")
    return bytes(content)
