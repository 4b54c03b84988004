"""The messages between the service and the processes that read."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

View = Literal["auto", "digit", "page"]  # as in handreader.reader, but without importing OpenCV


@dataclass(frozen=True)
class Picture:
    """A picture to be read."""

    name: str
    content: bytes
    view: View


class Reply(NamedTuple):
    """The answer for a picture as `predict.py --json` prints it, and its number of digits."""

    json: str
    digits: int
    is_error: bool
