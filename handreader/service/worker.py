"""Run a process that reads: load the networks once, then read each picture that arrives.

The service imports this, too, but not OpenCV and the networks, which it doesn't need itself.
"""

from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple

from handreader.common import command_line
from handreader.common.errors import UserError

View = Literal["auto", "digit", "page"]  # as in handreader.reader
NetworkFile = Callable[[str], Any]  # from what --model names to a network


class Picture(NamedTuple):
    """A picture to be read."""

    name: str
    content: bytes
    view: View


class Reply(NamedTuple):
    """The answer for a picture as `predict.py --json` prints it, and its number of digits."""

    json: str
    digits: int
    is_error: bool


def read_on(pipe: Connection, model: str | None, open_network: NetworkFile) -> None:
    """Load the networks, report how that went, and read pictures until the pipe is closed.

    Ctrl-C is ignored, because the service will end this process.
    """
    command_line.uninterruptible()
    import cv2

    from handreader.answers import answer_of
    from handreader.ink.picture_files import open_picture
    from handreader.reader import Reader

    cv2.setNumThreads(1)  # the other cores are for other processes
    try:
        reader = Reader(open_network(model)) if model else Reader()
        reader.lines  # noqa: B018, its network is loaded on first use: now
    except (UserError, OSError) as error:
        return pipe.send(str(error))
    pipe.send("")

    def reply_to(picture: Picture) -> Reply:
        answer = answer_of(
            picture.name,
            lambda _: reader.read_with_steps(open_picture(picture.content), picture.view),
        )
        return Reply(answer.as_json(), answer.digits, answer.is_error)

    with suppress(EOFError, OSError):
        while True:
            pipe.send(reply_to(pipe.recv()))
