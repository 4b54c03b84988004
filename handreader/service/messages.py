"""What passes between the service and the processes that read."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

View = Literal["auto", "digit", "page"]  # as in handreader.reader, which imports OpenCV


@dataclass(frozen=True)
class Picture:
    """What is to be read."""

    name: str
    content: bytes
    view: View


class Reply(NamedTuple):
    """What `predict.py --json` says of a picture, and how many digits that are."""

    json: str
    digits: int
    is_error: bool
