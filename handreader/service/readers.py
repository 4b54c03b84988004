"""Run processes that read pictures, and queue the pictures that wait for them.

A process can be killed if a picture takes too long or breaks it; a thread can't.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from queue import SimpleQueue
from threading import Thread
from typing import Any

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.service.worker import NetworkFile, Picture, Reply, read_on

START_SECONDS = 120  # for a process to load the networks, even on a very busy machine


@dataclass
class Task:
    """A picture in the queue, and the future of its answer."""

    picture: Picture
    reply: Future[Reply] = field(default_factory=Future)
    again: bool = False  # a process was lost while reading it

    def answer(self, reply: Reply) -> None:
        """Deliver an answer, unless nobody waits for it any more."""
        with suppress(InvalidStateError):
            self.reply.set_result(reply)


class LostError(Exception):
    """The loss of a process; its sentence is the answer for a picture that caused two."""


class LateError(LostError):
    """A picture that takes too long: it isn't tried again."""


class ReaderProcess:
    """A process that reads, seen from the service."""

    def __init__(self, model: str | None, open_network: NetworkFile):
        spawned = get_context("spawn")
        self.pipe, far = spawned.Pipe()
        arguments = far, model, open_network
        self.process = spawned.Process(target=read_on, args=arguments, daemon=True)
        with command_line.unheard_by_others(*command_line.STOPS):  # even while it loads
            self.process.start()
        far.close()

    def load(self) -> None:
        """Wait until the process has loaded the networks; raise UserError if it can't."""
        try:
            problem = self.hear(START_SECONDS)
        except LostError:
            problem = "A process that reads could not be started: is there enough memory?"
        if problem:
            raise UserError(problem)

    def read(self, picture: Picture, seconds: float) -> Reply:
        """Have a picture read; raise LateError if it takes more than `seconds`."""
        with suppress(OSError):  # if it has ended, `hear` raises LostError
            self.pipe.send(picture)
        return self.hear(seconds)

    def hear(self, seconds: float) -> Any:
        """Return the next message; raise LateError if it takes more than `seconds`."""
        try:
            if self.pipe.poll(seconds):
                return self.pipe.recv()
        except (EOFError, OSError) as error:
            raise LostError("can't be read: crop it, or export it again.") from error
        raise LateError("takes too long to read: crop it.")

    def end(self) -> None:
        """Kill the process, wait for its end and close the pipe."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Readers:
    """All processes that read, each with a thread that waits for its answers."""

    def __init__(
        self, model: str | None, count: int, seconds: float, open_network: NetworkFile = str
    ):
        self.model, self.open_network, self.seconds = model, open_network, seconds
        self.tasks: SimpleQueue[Task | None] = SimpleQueue()
        self.threads = [Thread(target=self.work) for _ in range(count)]
        self.processes: set[ReaderProcess] = set()
        self.ready: set[ReaderProcess] = set()
        self.closed = False
        self.failure: UserError | None = None

    def start(self, failed: Callable[[], None]) -> None:
        """Start to load the networks; call `failed` if they can't be loaded."""
        self.failed = failed
        for thread in self.threads:
            thread.start()

    def ask(self, pictures: Iterable[Picture]) -> list[Future[Reply]]:
        """Queue pictures, and return the future of each answer."""
        tasks = [Task(picture) for picture in pictures]
        for task in tasks:
            self.tasks.put(task)
        return [task.reply for task in tasks]

    def close(self) -> None:
        """Kill all processes, whatever they do, and wait for the threads."""
        self.closed = True
        for process in list(self.processes):
            process.process.kill()  # its thread, which waits for a message, hears that it is lost
        for _ in self.threads:
            self.tasks.put(None)  # wakes one that waits
        for thread in self.threads:
            if thread.is_alive():
                thread.join()

    def work(self) -> None:
        """Keep a process running, and replace it when it is lost, until the service ends."""
        task: Task | None = None
        try:
            while not self.closed:
                with self.process() as process:
                    task = self.serve(process, task)
        except UserError as error:
            if not self.closed:
                self.failure = error
                self.failed()

    @contextmanager
    def process(self) -> Iterator[ReaderProcess]:
        """Start a process and wait until it has loaded the networks; end it afterwards."""
        process = ReaderProcess(self.model, self.open_network)
        self.processes.add(process)
        try:
            if not self.closed:
                process.load()
                self.ready.add(process)
            yield process
        finally:
            self.ready.discard(process)
            self.processes.discard(process)
            process.end()

    def serve(self, process: ReaderProcess, task: Task | None) -> Task | None:
        """Hand pictures to a process until it is lost; return a picture to be tried once more."""
        while not self.closed and (found := task or self.tasks.get()):
            try:
                found.answer(process.read(found.picture, self.seconds))
                task = None
            except LostError as error:
                if not found.again and not isinstance(error, LateError):
                    found.again = True
                    return found
                values = {"file": found.picture.name, "error": str(error)}
                found.answer(Reply(json.dumps(values), 0, is_error=True))
                break
        return None
