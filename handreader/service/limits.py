"""Limits on the service's load and waiting time, so that no client can take it all."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Upper limits, estimated from what a usual machine can do, not measured."""

    body_bytes: int = 10 * MEGABYTE  # a phone's photograph is rarely larger
    pictures: int = 20  # in one request
    places: int = 72  # pictures at a time: from 64 clients with one each, and room for a batch
    all_bytes: int = 256 * MEGABYTE  # the bodies of all these requests together
    connections: int = 200  # at a time: each is an open file, and macOS allows a process 256
    head_seconds: int = 10  # for a client to send a request's headers
    body_seconds: float = 20.0  # for a body to arrive: 10 MB at 4 Mbit/s
    picture_seconds: float = 30.0  # for a picture to be read; the slowest known page takes five
    end_seconds: int = 60  # for unfinished requests, once the service is to end


LIMITS = Limits()
