"""Send many damaged requests to a service: each must be answered, or refused in one sentence."""

import argparse
import json
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

from handreader.common import command_line
from handreader.common.errors import UserError
from tools import fuzz_pictures

CLIENTS = 8  # at once
SECONDS = 60  # for an answer, on a machine that is very busy
PATIENCE = 2  # seconds, after which a request that lost some of its end is left
MOST_LISTED = 20
BOUNDARY = "b"
PICTURE = "POST /read?view={view} HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\n"
PART = '--b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def request(head: str, body: bytes = b"") -> bytes:
    """All bytes of a request that closes its connection."""
    end = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + end).encode() + body


def form(content: bytes) -> bytes:
    """The same picture twice, in a form."""
    return (PART.encode() + content + b"\r\n") * 2 + f"--{BOUNDARY}--\r\n".encode()


@cache
def sound_pictures() -> list[bytes]:
    """Files that are read."""
    return fuzz_pictures.seeds()


def with_damaged_picture(seed: int, number: int) -> bytes:
    """A sound request for a picture that isn't."""
    content = fuzz_pictures.made(sound_pictures(), seed, number)
    view = fuzz_pictures.VIEWS[number % 3]
    if number % 2:
        return request(PICTURE.format(view=view, kind=FORM), form(content))
    return request(PICTURE.format(view=view, kind="image/png"), content)


def damaged(seed: int, number: int) -> bytes:
    """A damaged request."""
    content = sound_pictures()[0]
    sound = [
        request(PICTURE.format(view="auto", kind="image/png"), content),
        request(PICTURE.format(view="digit", kind=FORM), form(content)),
        *(request(f"GET {path} HTTP/1.1\r\nHost: a\r\n") for path in ("/", "/ready", "/metrics")),
    ]
    return fuzz_pictures.made(sound, seed, number)


def outcome(port: int, content: bytes, seconds: float) -> str:
    """What the service makes of some bytes: a status, "left", or what should not happen."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as line:
        line.settimeout(seconds)
        said = b""
        try:
            line.sendall(content)
            while part := line.recv(2**16):
                said += part
        except (TimeoutError, ConnectionError):
            pass  # it waits for more, or has heard enough
    return judged(said) if said else "left"


def judged(said: bytes) -> str:
    """The status of an answer, or what is wrong with it."""
    head, _, rest = said.partition(b"\r\n\r\n")
    status, size = int(head.split()[1]), head.lower().partition(b"content-length: ")[2]
    body = rest[: int(size.split()[0])] if size else rest  # bytes too many are another request
    if status < 400:
        return str(status)
    again = b"\r\nretry-after: " in head.lower()
    if (status >= 500 and not (status == 503 and again)) or not is_told(body):
        return f"{status}: {body[:150]!r}"
    return str(status)


def is_told(body: bytes) -> bool:
    """Whether a body is JSON that says in one sentence what is wrong."""
    try:
        said = json.loads(body)
    except ValueError:
        return False
    sentences = [each["error"] for each in (said if isinstance(said, list) else [said])]
    return all(each and len(each.splitlines()) == 1 for each in sentences)


def parse() -> argparse.Namespace:
    """The options."""
    parser = command_line.parser_of(__doc__)
    whole, add = command_line.whole_number, parser.add_argument
    add("--port", type=whole(1, 65535), default=8000, help="of the service (default: 8000)")
    add(
        "--requests", type=whole(2), default=1000, help="half with damaged pictures (default: 1000)"
    )
    add("--seed", type=whole(0), default=0, help="others for another (default: 0)")
    return parser.parse_args()


def main() -> int:
    """Send them all and say how it went; the exit code is 1 if anything else happened."""
    options = parse()
    half = range(options.requests // 2)
    kinds: list[str] = []
    for made, seconds in ((with_damaged_picture, SECONDS), (damaged, PATIENCE)):
        kinds += outcomes(
            options.port, [partial(made, options.seed, each) for each in half], seconds
        )
    counts = Counter(kinds)
    wrong = {kind for kind in counts if not (kind.isdigit() or kind == "left")}
    for kind in sorted(wrong)[:MOST_LISTED]:
        print(kind)
    told = ", ".join(f"{kind}: {counts[kind]:,}" for kind in sorted(set(counts) - wrong))
    print(f"{len(kinds):,} requests: {told}, otherwise: {sum(counts[kind] for kind in wrong):,}")
    return int(bool(wrong))


def outcomes(port: int, requests: list[Callable[[], bytes]], seconds: float) -> list[str]:
    """What becomes of requests, several at once."""
    try:
        with ThreadPoolExecutor(CLIENTS) as clients:
            return list(clients.map(lambda made: outcome(port, made(), seconds), requests))
    except OSError as error:
        raise UserError(f"No service answers at port {port}: call 'make serve'.") from error


if __name__ == "__main__":
    command_line.run(main)
