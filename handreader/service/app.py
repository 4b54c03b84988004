"""Answer the requests to each path of the service."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException as AnyHTTPException

from handreader import __version__
from handreader.service.intake import FORM, announced_bytes, pictures_in
from handreader.service.limits import Limits
from handreader.service.readers import Readers
from handreader.service.watch import Numbers, RequestLog
from handreader.service.worker import Reply, View

TUTORIAL = Path(__file__).resolve().parents[2] / "build" / "page" / "index.html"
UPLOAD = Path(__file__).with_name("upload.html")
UNKNOWN = {404: "There is nothing at this path: see /docs.", 405: "See /docs for what may be sent."}
AGAIN = {"Retry-After": "1"}  # seconds: enough to read about ten pages, or hundreds of digits
PICTURE: dict[str, Any] = {"type": "string", "format": "binary"}
SEVERAL = {"type": "object", "properties": {"picture": {"type": "array", "items": PICTURE}}}
BODY = {"image/*": {"schema": PICTURE}, FORM: {"schema": SEVERAL}}
SENTENCE = {"application/json": {"example": {"error": "One sentence that says what to do."}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"content": SENTENCE, "description": description}
    for status, description in {
        400: "No picture in the form, or not a sound request",
        408: "The body did not arrive in time",
        413: "The body is too large",
        415: "Neither an image nor a form",
        422: "None of the pictures can be read",
        503: "Too much to do: try again after Retry-After seconds",
    }.items()
}

routes = APIRouter()


class Budget:
    """An amount that requests share, such as memory."""

    def __init__(self, most: int):
        self.left = most

    @contextmanager
    def reserve(self, amount: int) -> Iterator[None]:
        """Take an amount for a while; refuse the request if less is left."""
        if amount > self.left:
            raise HTTPException(503, "There is too much to do: try again soon.", AGAIN)
        self.left -= amount
        try:
            yield
        finally:
            self.left += amount


class Service:
    """The readers, and a limit on what they are asked at a time."""

    def __init__(self, readers: Readers, limits: Limits):
        self.readers, self.limits = readers, limits
        self.places, self.memory = Budget(limits.places), Budget(limits.all_bytes)

    async def answers(self, request: Request, view: View) -> list[Reply]:
        """Return the reply for each picture in a request."""
        announced = announced_bytes(request, self.limits)
        with self.places.reserve(1), self.memory.reserve(announced):
            pictures = await pictures_in(request, view, self.limits)
            with self.places.reserve(len(pictures) - 1):
                replies = self.readers.ask(pictures)
                return await asyncio.gather(*map(asyncio.wrap_future, replies))


@routes.post(
    "/read",
    openapi_extra={"requestBody": {"content": BODY, "required": True}},
    responses=PROBLEMS,
    summary="Read one picture, or several",
)
async def read(request: Request, view: View = "auto") -> Response:
    """Read a picture sent as the body, or several pictures sent in a form.

    A picture as the body is answered with one object, a form with a list of objects.

    Each object is what `handreader --json` prints for a picture: `digit`, `confidence`, `unsure`
    and `probabilities` for a single digit, `lines` for a page, or `error`. If you know what the
    picture shows, say it with `view`: one digit, or a page of numbers.
    """
    replies = await request.app.state.service.answers(request, view)
    request.state.digits = sum(each.digits for each in replies)
    text = ", ".join(each.json for each in replies)
    is_form = request.headers["content-type"].lower().startswith(FORM)
    status = 422 if all(each.is_error for each in replies) else 200
    return Response(f"[{text}]" if is_form else text, status, media_type="application/json")


@routes.get("/", include_in_schema=False)
def page() -> FileResponse:
    """Return the tutorial's page if it was built, or else a small page to upload pictures."""
    return FileResponse(TUTORIAL if TUTORIAL.is_file() else UPLOAD)


@routes.get("/health", summary="Is the service alive?")
async def health() -> dict[str, bool]:
    """Answer that the service is alive."""
    return {"alive": True}


@routes.get("/ready", summary="Can it read?", responses={503: PROBLEMS[503]})
async def ready(request: Request) -> dict[str, bool]:
    """Tell whether the networks are loaded."""
    if not request.app.state.service.readers.ready:
        raise HTTPException(503, "The networks are being loaded: try again soon.", AGAIN)
    return {"ready": True}


@routes.get("/metrics", summary="Numbers for Prometheus")
async def metrics(request: Request) -> Response:
    """Return how many requests there were, how long they took, how many digits were read."""
    text = generate_latest(request.app.state.numbers.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def application(readers: Readers, limits: Limits) -> FastAPI:
    """Return the service as an application that any ASGI server can run."""
    app = FastAPIOffline(
        title="Read handwritten digits",
        description="From any photograph to the digits on it, as `handreader --json` says them.",
        version=__version__,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(routes)
    service = app.state.service = Service(readers, limits)
    app.state.numbers = Numbers(
        places_taken=lambda: limits.places - service.places.left,
        readers_ready=lambda: len(readers.ready),
    )
    paths = {*app.openapi()["paths"], "/", "/docs"}
    app.add_middleware(RequestLog, numbers=app.state.numbers, paths=paths)
    app.add_exception_handler(AnyHTTPException, refuse)
    app.add_exception_handler(RequestValidationError, refuse_view)
    return app


async def refuse(_request: Request, error: Exception) -> JSONResponse:
    """Answer an error with one sentence in JSON."""
    assert isinstance(error, AnyHTTPException)
    sentence = UNKNOWN.get(error.status_code, error.detail)
    return JSONResponse({"error": sentence}, error.status_code, error.headers)


async def refuse_view(_request: Request, _error: Exception) -> JSONResponse:
    """Answer a wrong `view`, the only parameter that FastAPI checks itself."""
    return JSONResponse({"error": "The view is one of auto, digit and page."}, 422)
