"""Processes that read pictures, and the line of pictures that wait for them.

A process can be ended if a picture takes too long, or breaks it; a thread could not.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Condition, Thread
from typing import Any

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.service.messages import Picture, Reply

NetworkFile = Callable[[str], Any]  # from what --model names to a network
LOOK_SECONDS = 1  # between two looks at whether an idle process is still there
START_SECONDS = 120  # until a process has loaded the networks, on a machine that is very busy


@dataclass
class Task:
    """A picture in the line, and where its answer is waited for."""

    picture: Picture
    said: Future[Reply] = field(default_factory=Future)
    again: bool = False  # a process was lost with it, perhaps by it


class LostError(Exception):
    """A process that reads is gone; its sentence is said of a picture that did it twice."""


class LateError(LostError):
    """It takes too long, which needs no second try."""


class Line:
    """Pictures that wait, first come, first served."""

    def __init__(self) -> None:
        self.tasks: deque[Task] = deque()
        self.changed = Condition()
        self.closed = False

    def join(self, tasks: Iterable[Task]) -> None:
        """Wait behind all others."""
        with self.changed:
            self.tasks.extend(tasks)
            self.changed.notify_all()

    def rejoin(self, task: Task) -> None:
        """Wait before all others."""
        with self.changed:
            self.tasks.appendleft(task)
            self.changed.notify_all()

    def take(self, wanted: Callable[[], bool]) -> Task | None:
        """Wait for the next one, while any is wanted."""
        with self.changed:
            while wanted() and not self.tasks and not self.closed:
                self.changed.wait(LOOK_SECONDS)
            return None if self.closed or not wanted() else self.tasks.popleft()

    def close(self) -> None:
        """Let nobody wait any more."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()


class ReaderProcess:
    """One process that reads, seen from outside."""

    def __init__(self, model: str | None, open_network: NetworkFile):
        spawned = get_context("spawn")
        self.pipe, far = spawned.Pipe()
        arguments = far, model, open_network
        self.process = spawned.Process(target=read_on, args=arguments, daemon=True)
        self.process.start()
        far.close()

    def is_alive(self) -> bool:
        """Whether it is still there."""
        return self.process.is_alive()

    def say(self, picture: Picture) -> None:
        """Hand over what is to be read."""
        with lost_if_broken():
            self.pipe.send(picture)

    def hear(self, seconds: float) -> Any:
        """What it says next."""
        with lost_if_broken():
            if self.pipe.poll(seconds):
                return self.pipe.recv()
        raise LateError("takes too long to read: crop it.")

    def kill(self) -> None:
        """Stop it, whatever it is doing; whoever listens to it then hears that it is lost."""
        self.process.kill()

    def end(self) -> None:
        """Leave nothing of it."""
        self.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def lost_if_broken() -> Iterator[None]:
    """Say what a broken pipe means."""
    try:
        yield
    except (EOFError, OSError) as error:
        raise LostError("can't be read: crop it, or export it again.") from error


def read_on(pipe: Connection, model: str | None, open_network: NetworkFile) -> None:
    """What such a process does; Ctrl-C is meant for the service, which will end it."""
    command_line.uninterruptible()
    from handreader.service import worker

    worker.read_on(pipe, model, open_network)


class Readers:
    """All processes, each with a thread that waits for it."""

    def __init__(
        self, model: str | None, count: int, seconds: float, open_network: NetworkFile = str
    ):
        self.model, self.open_network, self.seconds = model, open_network, seconds
        self.line = Line()
        self.threads = [Thread(target=self.work) for _ in range(count)]
        self.processes: set[ReaderProcess] = set()
        self.ready: set[ReaderProcess] = set()
        self.failure: UserError | None = None

    def start(self, failed: Callable[[], None]) -> None:
        """Begin to load; `failed` is called if networks can't be loaded."""
        self.failed = failed
        for thread in self.threads:
            thread.start()

    def ask(self, pictures: Iterable[Picture]) -> list[Future[Reply]]:
        """Let pictures wait to be read."""
        tasks = [Task(picture) for picture in pictures]
        self.line.join(tasks)
        return [task.said for task in tasks]

    def close(self) -> None:
        """End all processes: whatever they are still doing, nobody waits for it."""
        self.line.close()
        for process in list(self.processes):
            process.kill()
        for thread in self.threads:
            if thread.is_alive():
                thread.join()

    def work(self) -> None:
        """Keep a process that reads, and another if it is lost, until the service ends."""
        command_line.leave_stops_to_first_thread()
        try:
            while not self.line.closed:
                with self.process() as process:
                    self.serve(process)
        except UserError as error:
            if not self.line.closed:
                self.failure = error
                self.failed()

    @contextmanager
    def process(self) -> Iterator[ReaderProcess]:
        """A fresh process that has loaded the networks, and is ended afterwards."""
        process = ReaderProcess(self.model, self.open_network)
        self.processes.add(process)
        try:
            if not self.line.closed:
                check(process)
                self.ready.add(process)
            yield process
        finally:
            self.ready.discard(process)
            self.processes.discard(process)
            process.end()

    def serve(self, process: ReaderProcess) -> None:
        """Hand pictures to a process until it is lost, or nobody waits any more."""
        while task := self.line.take(process.is_alive):
            try:
                process.say(task.picture)
                answer(task, process.hear(self.seconds))
            except LostError as error:
                return self.settle(task, error)

    def settle(self, task: Task, error: LostError) -> None:
        """Try the picture again that a process was lost with, but only once."""
        if task.again or isinstance(error, LateError):
            return answer(task, refused(task.picture, str(error)))
        task.again = True
        self.line.rejoin(task)


def check(process: ReaderProcess) -> None:
    """Wait until a process has loaded the networks."""
    try:
        problem = process.hear(START_SECONDS)
    except LostError as error:
        sentence = "A process that reads could not be started: is there enough memory?"
        raise UserError(sentence) from error
    if problem:
        raise UserError(problem)


def answer(task: Task, said: Reply) -> None:
    """Hand an answer to who waits for it, if anybody still does."""
    with suppress(InvalidStateError):
        task.said.set_result(said)


def refused(picture: Picture, sentence: str) -> Reply:
    """The answer for a picture that no process could read."""
    return Reply(json.dumps({"file": picture.name, "error": sentence}), 0, is_error=True)
