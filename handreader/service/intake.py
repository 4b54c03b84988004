"""Take the pictures from a request, all in memory, or say in one sentence why there are none."""

import asyncio
import logging
from collections.abc import AsyncGenerator

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from handreader.service.limits import MEGABYTE, Limits
from handreader.service.worker import Picture, View

logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it also raises what it logs

ONLY = "-"  # the name of a picture sent without one, as on the command line
FORM = "multipart/form-data"


class FormParser(MultiPartParser):
    """A parser of forms that never writes to the disk."""

    spool_max_size = 2**40  # bytes: far more than a body may have


async def pictures_in(request: Request, view: View, limits: Limits) -> list[Picture]:
    """Return the one picture that is the body, or the pictures in its form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM and not kind.startswith("image/"):
        raise HTTPException(415, f"Send a picture as image/*, or several as {FORM}.")
    body = await body_of(request, limits)
    files = await files_in(request, body, limits.pictures) if kind == FORM else [(ONLY, body)]
    return [Picture(name, content, view) for name, content in files]


def announced_bytes(request: Request, limits: Limits) -> int:
    """Return the size that a request announces for its body, or else the limit."""
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced else limits.body_bytes  # h11 lets only numbers pass
    if size > limits.body_bytes:
        raise too_large(limits)
    return size


async def body_of(request: Request, limits: Limits) -> bytes:
    """Read the whole body; refuse it if it is too large or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise too_large(limits)
    except TimeoutError as error:
        raise HTTPException(408, "The body takes too long to arrive: try again.") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The body ends before it should.") from error
    return bytes(body)


def too_large(limits: Limits) -> HTTPException:
    """Return the error for a body whose size, announced or found, is too large."""
    most = limits.body_bytes // MEGABYTE
    return HTTPException(413, f"The body is larger than {most} MB: reduce the picture.")


async def files_in(request: Request, body: bytes, most: int) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files in a form."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = FormParser(request.headers, stream(), max_files=most, max_fields=most)
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError) as error:  # from names in an odd encoding
        sentence = f"The form is damaged, or holds more than {most} parts: send it again, or less."
        raise HTTPException(400, sentence) from error
    sent = [each for _, each in form.multi_items() if isinstance(each, UploadFile)]
    files = [(each.filename, await each.read()) for each in sent if each.filename]
    if not files:
        raise HTTPException(400, "There is no picture in the form: send one as a file.")
    return files
