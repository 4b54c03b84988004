"""Run a process that reads: load the networks once, then read each picture that arrives."""

from contextlib import suppress
from multiprocessing.connection import Connection

import cv2

from handreader.answers import answer_of
from handreader.common.errors import UserError
from handreader.ink.picture_files import open_picture
from handreader.reader import Reader
from handreader.service.readers import NetworkFile, Picture, Reply


def read_on(pipe: Connection, model: str | None, open_network: NetworkFile) -> None:
    """Load the networks, report how that went, and read pictures until the pipe is closed."""
    cv2.setNumThreads(1)  # the other cores are for other processes
    try:
        reader = Reader(open_network(model)) if model else Reader()
        reader.lines  # noqa: B018, its network is loaded on first use: now
    except (UserError, OSError) as error:
        return pipe.send(str(error))
    pipe.send("")
    with suppress(EOFError, OSError):
        while True:
            pipe.send(said_of(pipe.recv(), reader))


def said_of(picture: Picture, reader: Reader) -> Reply:
    """Read a picture and return the answer as `--json` prints it."""
    answer = answer_of(
        picture.name, lambda _: reader.read_with_steps(open_picture(picture.content), picture.view)
    )
    return Reply(answer.as_json(), answer.digits, answer.is_error)
