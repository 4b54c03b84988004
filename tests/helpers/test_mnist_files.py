"""The four files: checked, fetched from real local servers, and never lost half-way."""

import errno
import gzip
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support import ROOT

from helpers import data, mnist_files
from helpers.common import files
from helpers.mnist_files import FILES, DataError

TRAIN_IMAGES, TRAIN_LABELS, _, TEST_LABELS = FILES
LONG = 30.0  # seconds that a healthy run never comes near, however slow the machine

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def whole(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    send(request, packed, len(packed))


def garbage(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    page = b"<html>Sign in to use this network</html>"
    send(request, page, len(page))


def another_file(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    """A file that unpacks without complaint, but isn't the one that was asked for."""
    other = gzip.compress(gzip.decompress(packed)[:-1] + b"?")
    send(request, other, len(other))


def cut_short(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    send(request, packed[: len(packed) // 2], len(packed))


def absent(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    request.send_error(404)


def cut_short_in_chunks(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    """The same accident where the server never says how much is to come."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = f"{len(packed):x}\r\n".encode() + packed[: len(packed) // 2]
    request.wfile.write(head if request.command == "HEAD" else head + body)


def not_http(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    request.wfile.write(b"220 mail.example ready\r\n")


def send(request: BaseHTTPRequestHandler, body: bytes, announced: int) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(announced))
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(body)


class Mirror(ThreadingHTTPServer):
    """A web server on this machine that gives every request the same kind of answer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, packed: dict[str, bytes], answer: Answer):
        self.packed, self.answer = packed, answer
        self.asked: list[str] = []
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


def stalls(request: BaseHTTPRequestHandler, packed: bytes) -> None:
    """Half of the file, then silence on an open connection."""
    cut_short(request, packed)
    if request.command == "GET":
        request.wfile.flush()
        request.server.closing.wait(LONG)


@pytest.fixture
def folder(mnist_root: Path) -> Path:
    return mnist_files.raw_folder(mnist_root)


@pytest.fixture
def contents(folder: Path) -> dict[str, bytes]:
    """What the four files hold before a test does anything to them."""
    return read_files(folder)


@pytest.fixture
def start_mirrors(
    contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., list[Mirror]]]:
    """Start one server for each given answer and make them the only mirrors."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    packed = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in contents.items()}
    with ExitStack() as running:

        def start(*answers: Answer) -> list[Mirror]:
            mirrors = [Mirror(packed, answer) for answer in answers]
            for mirror in mirrors:
                running.callback(mirror.close)
            monkeypatch.setattr(mnist_files, "MIRRORS", [mirror.address for mirror in mirrors])
            return mirrors

        yield start


@pytest.fixture
def fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the mirrors in the order they are listed, not by who happens to answer first."""
    monkeypatch.setattr(mnist_files, "reachable", lambda mirrors, filename, patience: mirrors)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Record every attempt to open a connection, and let none succeed."""
    opened: list[object] = []

    def refuse(address: object, *_: object, **__: object) -> None:
        opened.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(mnist_files, "urlopen", refuse)
    return opened


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def remove_files(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def flip_byte(path: Path, position: int) -> bytes:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    return bytes(content)


def refuse_to_write(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with room for a few bytes, but not for a file."""
    sync = os.fsync

    def fsync(handle: int) -> None:
        if os.fstat(handle).st_size > 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)


def ensure_in_time(root: Path, patience: float) -> None:
    """Run it aside, so that waiting for ever fails one test instead of stopping all of them."""
    outcome: queue.Queue[BaseException | None] = queue.Queue()

    def attempt() -> None:
        try:
            outcome.put(mnist_files.ensure(root, patience=patience))
        except BaseException as error:
            outcome.put(error)

    threading.Thread(target=attempt, daemon=True).start()
    try:
        error = outcome.get(timeout=LONG)
    except queue.Empty:
        pytest.fail("The download waits for ever.")
    if error is not None:
        raise error


def assert_helpful(message: str, name: str, *parts: str) -> None:
    """One line that names the file, says what is wrong with it, and tells the way out."""
    assert "\n" not in message
    assert message.endswith(".")
    for part in (name, "MNIST_ROOT", *parts):
        assert part in message


def test_whole_files_are_accepted_and_left_alone(
    mnist_root: Path, contents: dict[str, bytes], connections: list[object]
) -> None:
    mnist_files.ensure(mnist_root)
    assert read_files(mnist_files.raw_folder(mnist_root)) == contents
    assert connections == []


@pytest.mark.parametrize("name", list(FILES))
def test_missing_file_is_named(mnist_root: Path, folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root, offline=True)
    assert_helpful(str(caught.value), str(folder / name), "is missing")


@pytest.mark.parametrize("name", list(FILES))
def test_truncated_file_is_named(mnist_root: Path, folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root, offline=True)
    assert_helpful(str(caught.value), str(folder / name), "damaged")


@pytest.mark.parametrize("position", [0, 40, -1])
@pytest.mark.parametrize("name", list(FILES))
def test_one_flipped_bit_is_noticed(
    mnist_root: Path, folder: Path, name: str, position: int
) -> None:
    flip_byte(folder / name, position)
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root, offline=True)
    assert_helpful(str(caught.value), str(folder / name), "damaged")


@pytest.mark.parametrize(
    ("name", "other"), [(TRAIN_LABELS, TEST_LABELS), (TEST_LABELS, TRAIN_LABELS)]
)
def test_labels_of_the_other_part_are_noticed(
    mnist_root: Path, folder: Path, name: str, other: str
) -> None:
    (folder / name).write_bytes((folder / other).read_bytes())
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root, offline=True)
    assert_helpful(str(caught.value), str(folder / name), "not MNIST")


def test_folder_in_the_place_of_a_file_is_named(mnist_root: Path, folder: Path) -> None:
    (folder / TRAIN_LABELS).unlink()
    (folder / TRAIN_LABELS).mkdir()
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root, offline=True)
    assert_helpful(str(caught.value), str(folder / TRAIN_LABELS), "can't be read")


def test_file_in_the_place_of_the_root_is_one_sentence(
    tmp_path: Path, start_mirrors: Callable[..., list[Mirror]]
) -> None:
    start_mirrors(whole)
    (tmp_path / "note.txt").write_text("not a folder")
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(tmp_path / "note.txt")
    assert_helpful(str(caught.value), TRAIN_IMAGES)
    assert (tmp_path / "note.txt").read_text() == "not a folder"


def test_missing_files_are_downloaded(
    tmp_path: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    (mirror,) = start_mirrors(whole)
    mnist_files.ensure(tmp_path / "new")
    assert read_files(mnist_files.raw_folder(tmp_path / "new")) == contents
    assert sorted(mirror.asked) == sorted(f"{name}.gz" for name in FILES)


def test_only_what_is_missing_is_downloaded(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    (mirror,) = start_mirrors(whole)
    (folder / TRAIN_LABELS).unlink()
    mnist_files.ensure(mnist_root)
    assert read_files(folder) == contents
    assert mirror.asked == [f"{TRAIN_LABELS}.gz"]


@pytest.mark.usefixtures("fixed_order")
@pytest.mark.parametrize("bad", [garbage, another_file, cut_short, absent])
def test_bad_mirror_is_passed_over(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
    bad: Answer,
) -> None:
    first, second = start_mirrors(bad, whole)
    remove_files(folder)
    mnist_files.ensure(mnist_root)
    assert read_files(folder) == contents
    assert first.asked == second.asked
    assert len(first.asked) == len(FILES)


def test_mirror_without_the_file_is_not_even_tried(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    first, _ = start_mirrors(absent, whole)
    remove_files(folder)
    mnist_files.ensure(mnist_root)
    assert read_files(folder) == contents
    assert first.asked == []


@pytest.mark.parametrize("bad", [garbage, another_file, cut_short, absent])
def test_failed_download_leaves_nothing_and_the_next_start_succeeds(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
    bad: Answer,
) -> None:
    start_mirrors(bad, bad)
    remove_files(folder)
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), "is missing")
    assert read_files(folder) == {}
    start_mirrors(whole)
    mnist_files.ensure(mnist_root)
    assert read_files(folder) == contents


@pytest.mark.usefixtures("fixed_order")
def test_connection_that_broke_off_is_told_from_a_wrong_file(
    mnist_root: Path, folder: Path, start_mirrors: Callable[..., list[Mirror]]
) -> None:
    (folder / TRAIN_LABELS).unlink()
    for answer, trouble in ((cut_short, "broke off after"), (another_file, "something else")):
        (mirror,) = start_mirrors(answer)
        with pytest.raises(DataError) as caught:
            mnist_files.ensure(mnist_root)
        assert_helpful(str(caught.value), TRAIN_LABELS, mirror.address, trouble)


@pytest.mark.usefixtures("fixed_order")
def test_files_that_arrived_whole_are_kept_when_a_later_one_fails(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    def only_labels(request: BaseHTTPRequestHandler, packed: bytes) -> None:
        (whole if "labels" in request.path else cut_short)(request, packed)

    start_mirrors(only_labels)
    (folder / TRAIN_LABELS).unlink()
    (folder / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(DataError):
        mnist_files.ensure(mnist_root)
    del contents["t10k-images-idx3-ubyte"]
    assert read_files(folder) == contents


def test_damaged_file_is_set_aside_and_replaced(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    start_mirrors(whole)
    damaged = flip_byte(folder / TRAIN_IMAGES, 100)
    mnist_files.ensure(mnist_root)
    assert read_files(folder) == contents | {f"{TRAIN_IMAGES}.damaged": damaged}


@pytest.mark.usefixtures("fixed_order")
def test_damaged_file_stays_if_no_better_one_can_be_had(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    start_mirrors(cut_short)
    damaged = flip_byte(folder / TRAIN_IMAGES, 100)
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), "is damaged")
    assert read_files(folder) == contents | {TRAIN_IMAGES: damaged}


def test_silent_mirror_is_given_up(
    mnist_root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    remove_files(folder)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(mnist_files, "MIRRORS", [address])
        with pytest.raises(DataError) as caught:
            ensure_in_time(mnist_root, patience=0.3)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), "no mirror")
    assert read_files(folder) == {}


@pytest.mark.usefixtures("fixed_order")
def test_mirror_that_falls_silent_in_the_middle_is_given_up(
    mnist_root: Path,
    folder: Path,
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    (mirror,) = start_mirrors(stalls)
    remove_files(folder)
    with pytest.raises(DataError) as caught:
        ensure_in_time(mnist_root, patience=0.3)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), mirror.address)
    assert read_files(folder) == {}


def test_unreachable_mirrors_are_one_sentence(
    mnist_root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    remove_files(folder)
    with socket.socket() as closed:  # bound, so that nobody else takes it, but not listening
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        monkeypatch.setattr(mnist_files, "MIRRORS", [address, address])
        with pytest.raises(DataError) as caught:
            ensure_in_time(mnist_root, patience=LONG)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), "no mirror")
    assert read_files(folder) == {}


def test_slow_mirror_is_waited_for_although_another_failed_at_once(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
) -> None:
    def slow(request: BaseHTTPRequestHandler, packed: bytes) -> None:
        if request.command == "HEAD":
            request.server.closing.wait(1.0)
        whole(request, packed)

    start_mirrors(absent, slow)
    remove_files(folder)
    mnist_files.ensure(mnist_root, patience=LONG)
    assert read_files(folder) == contents


@pytest.mark.usefixtures("fixed_order")
@pytest.mark.parametrize("bad", [cut_short_in_chunks, not_http])
def test_mirror_that_breaks_the_protocol_is_passed_over(
    mnist_root: Path,
    folder: Path,
    contents: dict[str, bytes],
    start_mirrors: Callable[..., list[Mirror]],
    bad: Answer,
) -> None:
    start_mirrors(bad, whole)
    remove_files(folder)
    mnist_files.ensure(mnist_root)
    assert read_files(folder) == contents


def test_offline_opens_no_connection(
    mnist_root: Path, folder: Path, connections: list[object]
) -> None:
    remove_files(folder)
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root, offline=True)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), "MNIST_OFFLINE")
    assert connections == []


def test_offline_variable_keeps_load_digits_from_the_network(
    tmp_path: Path, connections: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_OFFLINE", "1")
    found = data.load_digits("auto", root=tmp_path / "nowhere")
    assert found.name == "embedded digits"
    assert_helpful(found.notice, TRAIN_IMAGES, "MNIST_OFFLINE")
    assert connections == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("value", [None, "", "0"])
def test_without_the_offline_variable_a_download_is_tried(
    tmp_path: Path,
    connections: list[object],
    monkeypatch: pytest.MonkeyPatch,
    value: str | None,
) -> None:
    if value is None:
        monkeypatch.delenv("MNIST_OFFLINE", raising=False)
    else:
        monkeypatch.setenv("MNIST_OFFLINE", value)
    found = data.load_digits("auto", root=tmp_path / "nowhere")
    assert found.name == "embedded digits"
    assert_helpful(found.notice, TRAIN_IMAGES, "no mirror")
    assert len(connections) == len(mnist_files.MIRRORS)


def test_folder_without_write_permission_is_noticed_before_the_download(
    mnist_root: Path,
    folder: Path,
    connections: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remove_files(folder)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse_to_write)
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root)
    assert_helpful(
        str(caught.value), str(folder / TRAIN_IMAGES), "can't be written", "Permission denied"
    )
    assert connections == []


def test_disk_that_fills_up_is_one_sentence_and_leaves_nothing(
    mnist_root: Path,
    folder: Path,
    start_mirrors: Callable[..., list[Mirror]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_mirrors(whole)
    remove_files(folder)
    fill_disk(monkeypatch)
    with pytest.raises(DataError) as caught:
        mnist_files.ensure(mnist_root)
    assert_helpful(str(caught.value), str(folder / TRAIN_IMAGES), os.strerror(errno.ENOSPC))
    assert read_files(folder) == {}


def test_load_digits_falls_back_where_it_may_not_write(
    mnist_root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_OFFLINE")
    remove_files(folder)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse_to_write)
    found = data.load_digits("auto")
    assert found.name == "embedded digits"
    assert_helpful(found.notice, str(folder / TRAIN_IMAGES), "Permission denied")
    with pytest.raises(DataError, match="Permission denied"):
        data.load_digits("mnist")


def test_load_digits_falls_back_on_a_full_disk(
    mnist_root: Path,
    folder: Path,
    start_mirrors: Callable[..., list[Mirror]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MNIST_OFFLINE")
    start_mirrors(whole)
    remove_files(folder)
    fill_disk(monkeypatch)
    found = data.load_digits("auto")
    assert found.name == "embedded digits"
    assert_helpful(found.notice, str(folder / TRAIN_IMAGES), os.strerror(errno.ENOSPC))


def test_writing_creates_folders_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "file"
    assert files.write_atomically(path, lambda file: file.write(b"old")) == path
    files.write_text(path, "né\n")
    assert read_files(path.parent) == {"file": b"n\xc3\xa9\n"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_failure_while_writing_keeps_the_old_content(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def break_off(file) -> None:
        file.write(b"half of the new")
        file.flush()
        raise error

    with pytest.raises(type(error)):
        files.write_atomically(path, break_off)
    assert read_files(tmp_path) == {"file": b"old"}


def test_killed_process_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    script = """
import sys, time
from helpers.common.files import write_atomically

def stop_half_way(file):
    file.write(b"half of the new")
    file.flush()
    print("half", flush=True)
    time.sleep(60)

write_atomically(sys.argv[1], stop_half_way)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline().strip() == b"half"
        process.kill()
    assert process.returncode != 0
    assert path.read_bytes() == b"old"
