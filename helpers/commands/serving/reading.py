"""What a process that reads does: it loads the networks once, and reads what it is handed."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from multiprocessing.connection import Connection

import cv2
import numpy as np
import torch

from helpers.commands.answers import answer_of, picture_in
from helpers.commands.serving.messages import Picture, Said
from helpers.common.errors import UserError
from helpers.reading.digit import ways_to_see
from helpers.reading.door import DIGIT_WEIGHTS, Reader, Seen, SeenDigit


class Waiting:
    """A picture of a batch, opened once."""

    def __init__(self, picture: Picture):
        self.name, self.content, self.view = picture.name, picture.content, picture.view
        self.digit: SeenDigit | None = None

    @cached_property
    def pixels(self) -> np.ndarray:
        """The picture opened."""
        return picture_in(self.content)

    def said(self, reader: Reader) -> Said:
        """What `predict.py` says of it."""

        def look(_name: str) -> Seen:
            return reader.look(self.pixels, self.view, self.digit)

        answer = answer_of(self.name, look)
        return Said(answer.as_json(), answer.digits, answer.is_error)


def read_on(pipe: Connection, model: str | None) -> None:
    """Read what comes, as long as anybody asks."""
    cv2.setNumThreads(1)  # another core is for another process
    torch.set_num_threads(1)
    try:
        reader = Reader.load(model or DIGIT_WEIGHTS)
        reader.lines  # noqa: B018, it is loaded when it is asked for
    except (UserError, OSError) as error:
        return pipe.send(str(error))
    pipe.send("")
    with suppress(EOFError, OSError):
        while True:
            for said in answers(pipe.recv(), reader):
                pipe.send(said)


def answers(pictures: Sequence[Picture], reader: Reader) -> Iterator[Said]:
    """The answers in their order, each as soon as it is known."""
    batch = [Waiting(picture) for picture in pictures]
    if len(batch) > 1:
        read_together([each for each in batch if each.view != "page"], reader)
    for each in batch:
        yield each.said(reader)


def read_together(batch: Sequence[Waiting], reader: Reader) -> None:
    """Read the digit that each picture would be read for first, all as one batch."""
    ways = {}
    for each in batch:
        with suppress(Exception):  # it goes wrong again when this one is read alone, and is told
            ways[each] = ways_to_see(each.pixels)
    digits = reader.digits.read_pictures(list(ways.values()))
    for each, digit in zip(ways, digits, strict=True):
        each.digit = digit
