"""The line of pictures that wait, and what becomes of them when a process that reads is lost."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe

import pytest
from support import Outcome

pytest.importorskip("fastapi_offline", reason="requirements-serve.txt is not installed")

from services import wait_for

from handreader import cli
from handreader.service import readers, worker
from handreader.service.messages import Picture, Reply
from handreader.service.readers import LateError, LostError, Readers

PATIENCE = 180  # seconds, on a machine that is very busy
HANGS, DEAD = b"hangs", b"dead"


def serve() -> int:
    """The command line of the service, as a terminal calls it."""
    return cli.serve(sys.argv[1:], str)


class Process:
    """Stands for a process: says of each picture what is in it, unless that loses it."""

    begun: list["Process"]
    problem = ""

    def __init__(self, _model: str | None, _open_network: object):
        self.read: list[Picture] = []
        self.to_say: Iterator[object] = iter([self.problem])
        self.is_gone = self.ended = False
        self.begun.append(self)

    def is_alive(self) -> bool:
        return not self.is_gone

    def say(self, picture: Picture) -> None:
        self.read.append(picture)
        self.to_say = iter([picture])

    def hear(self, _seconds: float) -> object:
        picture = next(self.to_say)
        if not isinstance(picture, Picture):
            return picture
        if picture.content == HANGS:
            raise LateError("takes too long.")
        if picture.content == DEAD:
            raise LostError("can't be read.")
        return Reply(picture.content.decode(), 1, is_error=False)

    def kill(self) -> None:
        self.ended = True

    end = kill


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> type[Process]:
    """A stand-in for processes that takes no time."""
    fresh = type("Fresh", (Process,), {"begun": []})
    monkeypatch.setattr(readers, "ReaderProcess", fresh)
    return fresh


def pictures(*contents: bytes) -> list[Picture]:
    """What is to be read."""
    return [Picture("a.png", content, "auto") for content in contents]


@contextmanager
def started(all_readers: Readers, failed: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Readers at work."""
    all_readers.start(failed)
    try:
        yield
    finally:
        all_readers.close()


def said_of(*contents: bytes) -> list[Reply]:
    """What is said of pictures that waited before the first process was there."""
    all_readers = Readers(None, 1, PATIENCE)
    answers = all_readers.ask(pictures(*contents))
    with started(all_readers):
        return [answer.result(PATIENCE) for answer in answers]


def test_pictures_that_wait_are_read_one_after_the_other(process: type[Process]):
    contents = [str(number) for number in range(20)]
    said = said_of(*(content.encode() for content in contents))
    assert [each.json for each in said] == contents
    assert [each.content.decode() for each in process.begun[0].read] == contents
    assert [each.ended for each in process.begun] == [True]


@pytest.mark.parametrize(
    ("bad", "sentence"), [(HANGS, "takes too long."), (DEAD, "can't be read.")]
)
def test_picture_that_a_process_is_lost_by_is_refused_and_spoils_no_other(
    process: type[Process], bad: bytes, sentence: str
):
    said = said_of(b"1", b"2", bad, b"3", b"4", bad)
    refusal = json.dumps({"file": "a.png", "error": sentence})
    assert [each.json for each in said] == ["1", "2", refusal, "3", "4", refusal]
    assert [each.is_error for each in said] == [False, False, True, False, False, True]
    assert all(each.ended for each in process.begun)


@pytest.mark.parametrize(("bad", "tries"), [(HANGS, 1), (DEAD, 2)])
def test_only_what_takes_too_long_is_refused_without_a_second_try(
    process: type[Process], bad: bytes, tries: int
):
    (said,) = said_of(bad)
    assert said.is_error
    assert [len(each.read) for each in process.begun[:tries]] == [1] * tries
    assert not any(each.read for each in process.begun[tries:])


def test_process_that_is_lost_while_nobody_asks_is_replaced(
    process: type[Process], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(readers, "LOOK_SECONDS", 0.01)
    all_readers = Readers(None, 1, PATIENCE)
    with started(all_readers):
        wait_for(lambda: all_readers.ready)
        process.begun[0].is_gone = True
        wait_for(lambda: len(process.begun) == 2 and all_readers.ready)
        (answer,) = all_readers.ask(pictures(b"1"))
        assert answer.result(PATIENCE).json == "1"
    assert process.begun[0].ended


@pytest.mark.usefixtures("process")
def test_client_that_gave_up_stops_nothing():
    all_readers = Readers(None, 1, PATIENCE)
    gone, here = all_readers.ask(pictures(b"1", b"2"))
    gone.cancel()
    with started(all_readers):
        assert here.result(PATIENCE).json == "2"


def test_networks_that_cannot_be_loaded_end_the_service_with_one_sentence(
    process: type[Process], program: Callable[..., Outcome]
):
    process.problem = "no/such.pt: there is no such file."
    outcome = program(serve, "--port", 0)
    assert (outcome.code, outcome.err) == (1, f"{process.problem}\n")
    assert list(json.loads(outcome.out)) == ["time", "listening"]


def test_network_that_is_not_there_is_said_by_the_process():
    here, there = Pipe()
    worker.read_on(there, "no/such.pt", str)
    assert here.recv() == "no/such.pt: there is no such file."
