"""The queue of pictures, and what becomes of them when a process that reads is lost."""

import json
import sys
from collections.abc import Callable
from multiprocessing import Pipe

import pytest
from support import Outcome

pytest.importorskip("fastapi_offline", reason="requirements-serve.txt is not installed")

from handreader import cli
from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.service import readers, worker
from handreader.service.readers import LateError, LostError, Readers
from handreader.service.worker import Picture, Reply

PATIENCE = 180  # seconds, on a machine that is very busy
HANGS, DEAD = b"hangs", b"dead"


class Process:
    """Stands for a process: says of each picture what is in it, unless that loses it."""

    begun: list["Process"]
    problem = ""

    def __init__(self, _model: str | None, _open_network: object):
        self.contents: list[bytes] = []
        self.ended = False
        self.process = self
        self.begun.append(self)

    def load(self) -> None:
        if self.problem:
            raise UserError(self.problem)

    def read(self, picture: Picture, _seconds: float) -> Reply:
        self.contents.append(picture.content)
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


def replies_to(*contents: bytes, cancelled: int = 0) -> list[Reply]:
    """The replies to pictures that waited before the first process was there."""
    all_readers = Readers(None, 1, PATIENCE)
    replies = all_readers.ask([Picture("a.png", content, "auto") for content in contents])
    for reply in replies[:cancelled]:
        reply.cancel()
    all_readers.start(lambda: None)
    try:
        return [reply.result(PATIENCE) for reply in replies[cancelled:]]
    finally:
        all_readers.close()


def test_pictures_that_wait_are_read_one_after_the_other(process: type[Process]):
    contents = [str(number).encode() for number in range(20)]
    assert [each.json.encode() for each in replies_to(*contents)] == contents
    (only,) = process.begun
    assert only.contents == contents
    assert only.ended


@pytest.mark.parametrize(
    ("bad", "sentence", "tries"), [(HANGS, "takes too long.", 1), (DEAD, "can't be read.", 2)]
)
def test_picture_that_a_process_is_lost_by_is_refused_and_spoils_no_other(
    process: type[Process], bad: bytes, sentence: str, tries: int
):
    replies = replies_to(b"1", bad, b"2", bad)
    refusal = json.dumps({"file": "a.png", "error": sentence})
    assert [each.json for each in replies] == ["1", refusal, "2", refusal]
    assert [each.is_error for each in replies] == [False, True, False, True]
    assert all(each.ended for each in process.begun)
    assert sum(each.contents.count(bad) for each in process.begun) == 2 * tries


@pytest.mark.usefixtures("process")
def test_client_that_gave_up_stops_nothing():
    assert [each.json for each in replies_to(b"1", b"2", cancelled=1)] == ["2"]


def test_networks_that_cannot_be_loaded_end_the_service_with_one_sentence(
    process: type[Process], program: Callable[..., Outcome]
):
    process.problem = "no/such.pt: there is no such file."
    outcome = program(lambda: cli.serve(sys.argv[1:], str), "--port", 0)
    assert (outcome.code, outcome.err) == (1, f"{process.problem}\n")
    assert list(json.loads(outcome.out)) == ["time", "listening"]


def test_network_that_is_not_there_is_said_by_the_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command_line, "uninterruptible", lambda: None)  # this process stays so
    here, there = Pipe()
    worker.read_on(there, "no/such.pt", str)
    assert here.recv() == "no/such.pt: there is no such file."
