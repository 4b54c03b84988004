"""The service, asked as its clients ask it: what it answers, what it refuses, and how it ends."""

import io
import json
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep
from typing import get_args

import numpy as np
import psutil
import pytest
from PIL import Image
from support import Outcome, assert_refused

pytest.importorskip("fastapi_offline", reason="requirements-serve.txt is not installed")

from drawn import FIVE, FOUR, SEVEN, TWO, flat, photo
from services import Service, running, wait_for, wait_until_ready

from handreader import cli, reader
from handreader.service import app, server, watch, worker
from handreader.service.limits import Limits
from helpers.data import Digits

CLIENTS = 64
HEAD_SECONDS = 2
LIMITS = (
    f"head_seconds={HEAD_SECONDS}, body_seconds=3, places={CLIENTS}"  # a test needn't wait for long
)
FORM = "multipart/form-data"
PNG = {"content-type": "image/png"}
HEAD = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 999\r\n\r\n"

NEEDS_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

Call = Callable[..., Outcome]


def serve() -> int:
    """The command line of the service, as a terminal calls it."""
    return cli.serve(sys.argv[1:], str)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A service with the usual networks."""
    with running(LIMITS) as started:
        wait_until_ready(started)
        yield started


def packed(picture: np.ndarray, kind: str = "PNG") -> bytes:
    """The file that a picture becomes."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind)
    return file.getvalue()


def number(*digits: list) -> np.ndarray:
    """A number on one line."""
    return np.concatenate([photo(strokes, shape=(300, 200)) for strokes in digits], 1)


def crops(digits: Digits, count: int) -> list[bytes]:
    """Small crops of real digits."""
    return [packed(255 - image[0].numpy()) for image in digits.validation.images[:count]]


PICTURES = {
    "digit.png": packed(photo(SEVEN)),
    "digit.jpg": packed(photo(TWO), "JPEG"),
    "number.png": packed(number(FIVE, FOUR)),
    "page.webp": packed(np.concatenate([number(TWO, SEVEN), number(FOUR, FIVE)]), "WEBP"),
    "blank.png": packed(flat((240, 240, 235))),
    "damaged.png": packed(photo(SEVEN))[:500],
    "text.png": b"Dear diary",
    "empty.png": b"",
}


def assert_sentence(response: object, status: int, part: str) -> None:
    """One sentence in JSON, and not that the service is at fault."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    (sentence,) = response.json().values()
    assert part in sentence
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1


# What is answered


@pytest.mark.parametrize("view", ["auto", "digit", "page"])
def test_answers_are_those_of_predict_py_in_a_form_and_alone(
    service: Service, digits: Digits, predict_py: Call, view: str
):
    small = {f"crop-{each}.png": content for each, content in enumerate(crops(digits, 12))}
    pictures = PICTURES | small
    for name, content in pictures.items():
        Path(name).write_bytes(content)
    options = ("--json", *([] if view == "auto" else [f"--{view}"]))
    said = predict_py(*pictures, *options, usual=None).out.splitlines()
    expected = [json.loads(line) for line in said]
    form = [("picture", (name, content)) for name, content in pictures.items()]
    together = service.post(files=form, params={"view": view})
    assert (together.status_code, together.json()) == (200, expected)
    with ThreadPoolExecutor(8) as clients:
        alone = clients.map(lambda content: service.read(content, view), pictures.values())
    for answer, response in zip(expected, alone, strict=True):
        assert response.json() == answer | {"file": "-"}
        assert response.status_code == (422 if "error" in answer else 200)


def test_many_clients_at_once_get_the_answers_that_each_would_get_alone(
    service: Service, digits: Digits
):
    contents = crops(digits, CLIENTS)
    before = service.number("digits_read_total")
    with ThreadPoolExecutor(CLIENTS) as clients:
        responses = list(clients.map(service.read, contents))
    assert {response.status_code for response in responses} == {200}
    assert service.number("digits_read_total") == before + CLIENTS
    for content, response in list(zip(contents, responses, strict=True))[::16]:
        assert service.read(content).json() == response.json()


# What is refused


@pytest.mark.parametrize(
    ("request_", "status", "part"),
    [
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "image/*"),
        ({"content": b"x"}, 415, "image/*"),
        ({"data": {"picture": "x"}}, 415, "image/*"),
        ({"files": {"picture": ("", b"")}}, 400, "no picture"),
        ({"files": {"picture": (None, b"text")}}, 400, "no picture"),
        ({"content": b"x", "headers": {"content-type": FORM}}, 400, "damaged"),
        ({"content": b"x", "headers": {"content-type": f"{FORM}; boundary=b"}}, 400, "damaged"),
        (
            {
                "files": {"picture": ("a", b"x")},
                "headers": {"content-type": f"{FORM}; charset=undefined; boundary=b"},
            },
            400,
            "damaged",
        ),
        ({"files": [("p", ("a", b"x"))] * 21}, 400, "more than 20"),
        ({"files": {"p": ("a", b"x")}, "params": {"view": "sideways"}}, 422, "auto, digit"),
        ({"content": bytes(10 * 2**20 + 1), "headers": PNG}, 413, "10 MB"),
        ({"content": iter([bytes(2**20)] * 11), "headers": PNG}, 413, "10 MB"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_request_is_one_sentence(service: Service, request_: dict, status: int, part: str):
    assert_sentence(service.post(**request_), status, part)


def test_form_of_bad_pictures_alone_says_what_is_wrong_with_each(service: Service):
    response = service.post(files=[("p", ("a", b"x")), ("p", ("b", b""))])
    assert response.status_code == 422
    assert [each["file"] for each in response.json()] == ["a", "b"]
    assert response.json()[1]["error"] == "is empty."


def test_unknown_paths_and_methods_are_one_sentence(service: Service):
    assert_sentence(service.get("/nothing/here"), 404, "/docs")
    assert_sentence(service.get("/read/"), 404, "/docs")
    assert_sentence(service.get("/read"), 405, "/docs")


def test_nothing_but_its_own_lines_is_logged(service: Service):
    service.post(content=b"--b\nx", headers={"content-type": "multipart/form-data; boundary=b"})
    service.post(content=b"x", params={"view": "secret"}, headers=PNG)
    service.log.seek(0)
    for line in service.log:
        assert {"time"} < set(json.loads(line))
        assert "secret" not in line
        assert "digit.png" not in line


def test_what_is_no_http_is_told_so(service: Service):
    with socket.create_connection(service.place) as line:
        line.sendall(b"Dear diary\r\n\r\n")
        assert answer_to(line).startswith(b"HTTP/1.1 400 ")


# Clients that are slow, or go


def answer_to(line: socket.socket) -> bytes:
    """All that is said until the other side hangs up."""
    line.settimeout(60)
    return b"".join(iter(lambda: line.recv(4096), b""))


def test_client_that_says_nothing_or_little_is_left(service: Service):
    with (
        socket.create_connection(service.place) as silent,
        socket.create_connection(service.place) as stuck,
        socket.create_connection(service.place) as slow,
    ):
        stuck.sendall(b"POST /read HTTP/1.1\r\nHo")
        slow.sendall(HEAD + b"some")
        assert answer_to(silent) == b""
        assert answer_to(stuck) == b""
        said = answer_to(slow)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert said.endswith(b'{"error":"The body takes too long to arrive: try again."}')


def test_killed_clients_leave_nothing_behind(service: Service):
    for _ in range(20):
        with socket.create_connection(service.place) as line:
            line.sendall(HEAD + b"some")
        with socket.create_connection(service.place) as line:
            line.sendall(HEAD + bytes(999))  # and doesn't wait for the answer
    wait_for(lambda: service.number("digits_places_taken") == 0)
    assert service.read(PICTURES["digit.png"]).json()["digit"] == 7


def test_when_there_is_too_much_to_do_one_is_told_to_come_again(service: Service):
    wait_for(lambda: service.number("digits_places_taken") == 0)
    lines = [socket.create_connection(service.place) for _ in range(CLIENTS)]
    for line in lines:
        line.sendall(HEAD)
    wait_for(lambda: service.number("digits_places_taken") == CLIENTS)
    refused = service.read(PICTURES["digit.png"])
    assert_sentence(refused, 503, "try again")
    assert refused.headers["retry-after"] == "1"
    for line in lines:
        line.close()
    wait_for(lambda: service.read(PICTURES["digit.png"]).status_code == 200)


def test_too_many_connections_are_refused(service: Service):
    with ExitStack() as ending:
        for _ in range(Limits.connections):
            ending.enter_context(socket.create_connection(service.place))
        wait_for(lambda: service.get("/health").status_code == 503)
    wait_for(lambda: service.get("/health").status_code == 200)


@NEEDS_SIGNALS
def test_second_of_two_requests_sent_together_may_take_longer_than_a_client_may_be_silent(
    service: Service,
):
    content = PICTURES["digit.png"]
    head = HEAD.replace(b"999\r\n", b"%d\r\nConnection: close\r\n" % len(content))
    with socket.create_connection(service.place) as line:
        with suspended(service.reader):
            line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + head + content)
            sleep(HEAD_SECONDS + 0.5)
        assert answer_to(line).count(b"HTTP/1.1 200 ") == 2


@contextmanager
def suspended(process: psutil.Process) -> Iterator[None]:
    """Let a process do nothing for a while."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()


# What else there is


def test_service_describes_itself_without_any_other_host(service: Service):
    shown = service.get("/docs").text
    places = re.findall(r'(?:src|href)="([^"]+)"', shown)
    assert len(places) >= 3
    for place in places:
        assert place.startswith("/static-offline-docs/")
        assert service.get(place).status_code == 200
    described = service.get("/openapi.json").json()
    assert set(described["paths"]) == {"/read", "/health", "/ready", "/metrics"}
    (asked,) = described["paths"]["/read"]["post"]["parameters"]
    assert asked["schema"]["enum"] == list(get_args(reader.View)) == list(get_args(worker.View))
    assert service.get("/health").json() == {"alive": True}
    assert service.get("/").headers["content-type"].startswith("text/html")


def test_page_is_the_tutorial_if_it_was_made_or_else_one_to_try_the_service_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(app, "TUTORIAL", tmp_path / "index.html")
    upload = Path(app.page().path).read_text(encoding="utf-8")
    assert "<title>Read handwritten digits</title>" in upload
    app.TUTORIAL.write_text("The tutorial", encoding="utf-8")
    assert app.page().path == app.TUTORIAL


def test_log_is_for_people_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    watch.log("200 POST /read", status=200)
    assert json.loads(capsys.readouterr().out)["status"] == 200
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    watch.log("200 POST /read", status=200)
    assert re.fullmatch(r"\d\d:\d\d:\d\d 200 POST /read\n", capsys.readouterr().out)


# How it begins and ends


@NEEDS_SIGNALS
@pytest.mark.parametrize("number", [signal.SIGINT, getattr(signal, "SIGHUP", None)])
def test_stop_while_it_loads_ends_in_good_order_if_its_processes_are_asked_as_well(
    number: signal.Signals,
):
    with running() as service:
        assert service.get("/ready").status_code == 503
        reader = service.reader
        reader.send_signal(number)
        sleep(0.3)  # in which it would end, if it heard of that
        assert service.reader == reader
        assert service.end(number)[0] == 0


def test_answers_are_sent_at_once():
    with server.listening("127.0.0.1", 0) as door:
        assert door.proto == socket.IPPROTO_TCP  # or asyncio lets each answer wait 40 ms for more


@pytest.mark.parametrize("host", ["a" * 70, "no such.invalid"])
def test_host_that_is_none_is_one_sentence(program: Call, host: str):
    assert_refused(program(serve, "--host", host, "--port", 0), host, "name another")


def test_port_in_use_is_one_sentence(program: Call, service: Service):
    port = service.place[1]
    assert_refused(program(serve, "--port", port), str(port), "name another")


@NEEDS_SIGNALS
def test_what_was_sent_is_read_before_the_end_though_the_process_that_reads_it_is_killed(
    service: Service, digits: Digits
):
    """End the service that other tests share: the last test."""
    with ThreadPoolExecutor(20) as clients:
        with suspended(service.reader):
            waiting = [clients.submit(service.read, each) for each in crops(digits, 20)]
            wait_for(lambda: service.number("digits_places_taken") == 20)
            service.reader.kill()
        wait_for(lambda: service.number("digits_readers_ready") == 0)
        assert_sentence(service.get("/ready"), 503, "try again")
        code, logged = service.end(signal.SIGTERM)
        assert {each.result().status_code for each in waiting} == {200}
    assert code == 0
    assert not any("mistake" in line for line in logged)
    read = [line for line in logged if line.get("path") == "/read"][-20:]
    assert sum(line["digits"] for line in read) == 20
    for line in read:
        assert set(line) == {"time", "method", "path", "status", "milliseconds", "digits"}
