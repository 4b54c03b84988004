"""How much the service takes on, and for how long; so that no client can take all of it."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """What is refused beyond: found by what a usual machine can do, not by measuring."""

    body_bytes: int = 10 * MEGABYTE  # the photograph of a phone is rarely larger
    pictures: int = 20  # in one request
    places: int = 72  # pictures on their way: 64 of as many clients, and room for a batch
    all_bytes: int = 256 * MEGABYTE  # of all these requests together
    head_seconds: int = 10  # for a connection to say what it wants
    body_seconds: float = 20.0  # for a body to arrive: 10 MB at 4 Mbit/s
    picture_seconds: float = 30.0  # for a picture to be read; the slowest known page takes five
    end_seconds: int = 60  # for what is being sent and read, once the service is to end


LIMITS = Limits()
