"""Run processes that read pictures, and queue the pictures that wait for them.

A process can be killed if a picture takes too long or breaks it; a thread can't.
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
LOOK_SECONDS = 1  # between two checks that an idle process is still alive
START_SECONDS = 120  # for a process to load the networks, even on a very busy machine


@dataclass
class Task:
    """A picture in the queue, and the future of its answer."""

    picture: Picture
    said: Future[Reply] = field(default_factory=Future)
    again: bool = False  # a process was lost while reading it


class LostError(Exception):
    """The loss of a process; its sentence is the answer for a picture that caused two."""


class LateError(LostError):
    """A picture that takes too long: it isn't tried again."""


class Line:
    """A queue of pictures: first come, first served."""

    def __init__(self) -> None:
        self.tasks: deque[Task] = deque()
        self.changed = Condition()
        self.closed = False

    def join(self, tasks: Iterable[Task]) -> None:
        """Add tasks at the end of the queue."""
        with self.changed:
            self.tasks.extend(tasks)
            self.changed.notify_all()

    def rejoin(self, task: Task) -> None:
        """Put a task back at the front of the queue."""
        with self.changed:
            self.tasks.appendleft(task)
            self.changed.notify_all()

    def take(self, wanted: Callable[[], bool]) -> Task | None:
        """Wait for the next task; return None once `wanted` is false or the queue is closed."""
        with self.changed:
            while wanted() and not self.tasks and not self.closed:
                self.changed.wait(LOOK_SECONDS)
            return None if self.closed or not wanted() else self.tasks.popleft()

    def close(self) -> None:
        """Close the queue and wake everybody who waits for it."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()


class ReaderProcess:
    """A process that reads, seen from the service."""

    def __init__(self, model: str | None, open_network: NetworkFile):
        spawned = get_context("spawn")
        self.pipe, far = spawned.Pipe()
        arguments = far, model, open_network
        self.process = spawned.Process(target=read_on, args=arguments, daemon=True)
        self.process.start()
        far.close()

    def is_alive(self) -> bool:
        """Tell whether the process is still running."""
        return self.process.is_alive()

    def say(self, picture: Picture) -> None:
        """Send a picture to be read."""
        with lost_if_broken():
            self.pipe.send(picture)

    def hear(self, seconds: float) -> Any:
        """Return the next message; raise LateError if it takes more than `seconds`."""
        with lost_if_broken():
            if self.pipe.poll(seconds):
                return self.pipe.recv()
        raise LateError("takes too long to read: crop it.")

    def kill(self) -> None:
        """Kill the process, whatever it does; waiting for its message raises LostError."""
        self.process.kill()

    def end(self) -> None:
        """Kill the process, wait for its end and close the pipe."""
        self.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def lost_if_broken() -> Iterator[None]:
    """Turn a broken pipe into a LostError."""
    try:
        yield
    except (EOFError, OSError) as error:
        raise LostError("can't be read: crop it, or export it again.") from error


def read_on(pipe: Connection, model: str | None, open_network: NetworkFile) -> None:
    """Run a process that reads; it ignores Ctrl-C, because the service will end it."""
    command_line.uninterruptible()
    from handreader.service import worker

    worker.read_on(pipe, model, open_network)


class Readers:
    """All processes that read, each with a thread that waits for its answers."""

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
        """Start to load the networks; call `failed` if they can't be loaded."""
        self.failed = failed
        for thread in self.threads:
            thread.start()

    def ask(self, pictures: Iterable[Picture]) -> list[Future[Reply]]:
        """Queue pictures, and return the future of each answer."""
        tasks = [Task(picture) for picture in pictures]
        self.line.join(tasks)
        return [task.said for task in tasks]

    def close(self) -> None:
        """Kill all processes, whatever they do, and wait for the threads."""
        self.line.close()
        for process in list(self.processes):
            process.kill()
        for thread in self.threads:
            if thread.is_alive():
                thread.join()

    def work(self) -> None:
        """Keep a process running, and replace it when it is lost, until the service ends."""
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
        """Start a process and wait until it has loaded the networks; end it afterwards."""
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
        """Hand pictures to a process until it is lost or the queue is closed."""
        while task := self.line.take(process.is_alive):
            try:
                process.say(task.picture)
                answer(task, process.hear(self.seconds))
            except LostError as error:
                return self.settle(task, error)

    def settle(self, task: Task, error: LostError) -> None:
        """Queue a picture again if it lost a process for the first time, or else refuse it."""
        if task.again or isinstance(error, LateError):
            return answer(task, refused(task.picture, str(error)))
        task.again = True
        self.line.rejoin(task)


def check(process: ReaderProcess) -> None:
    """Wait until a process has loaded the networks; raise UserError if it can't."""
    try:
        problem = process.hear(START_SECONDS)
    except LostError as error:
        sentence = "A process that reads could not be started: is there enough memory?"
        raise UserError(sentence) from error
    if problem:
        raise UserError(problem)


def answer(task: Task, said: Reply) -> None:
    """Deliver an answer, unless nobody waits for it any more."""
    with suppress(InvalidStateError):
        task.said.set_result(said)


def refused(picture: Picture, sentence: str) -> Reply:
    """Return the answer for a picture that no process could read."""
    return Reply(json.dumps({"file": picture.name, "error": sentence}), 0, is_error=True)
