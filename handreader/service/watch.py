"""Log a line for each request, and count for Prometheus; neither reveals what is on a picture."""

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OTHER = "other"  # stands for unknown paths: a client may make up any number
UNANSWERED = 499  # the status nginx logs for a client that left before its answer
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)  # from a digit to a full queue


class Numbers:
    """The metrics that `/metrics` shows."""

    def __init__(self, places_taken: Callable[[], float], readers_ready: Callable[[], float]):
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "digits_request_seconds",
            "How long requests took, by path and status.",
            ("path", "status"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.read = Counter("digits_read", "Digits that were read.", registry=self.registry)
        places = Gauge("digits_places_taken", "Pictures on their way.", registry=self.registry)
        places.set_function(places_taken)
        ready = Gauge("digits_readers_ready", "Processes that read.", registry=self.registry)
        ready.set_function(readers_ready)
        ProcessCollector(registry=self.registry)


def log(words: str, **values: object) -> None:
    """Print a line of log: in words on a terminal, as JSON otherwise."""
    now = datetime.now().astimezone()
    line = json.dumps({"time": now.isoformat(timespec="milliseconds")} | values)
    with suppress(OSError, ValueError):  # a log that can't be written must not stop a request
        print(f"{now:%H:%M:%S} {words}" if sys.stdout.isatty() else line, flush=True)


class RequestLog:
    """Middleware that counts and logs each request, and answers every error in JSON."""

    def __init__(self, app: ASGIApp, numbers: Numbers, paths: set[str]):
        self.app, self.numbers, self.paths = app, numbers, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), UNANSWERED

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except asyncio.CancelledError:  # the service is ending, and waits no longer
            if status == UNANSWERED:
                await JSONResponse({"error": "The service ends."}, 503)(scope, receive, noted)
        except Exception as error:
            log(f"a mistake in the service: {mistake(error)}", mistake=mistake(error))
            if status == UNANSWERED:
                sentence = "The service made a mistake."
                await JSONResponse({"error": sentence}, 500)(scope, receive, noted)
        finally:
            self.note(scope, status, time.perf_counter() - started)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log a request."""
        path = scope["path"] if scope["path"] in self.paths else OTHER
        method, digits = scope["method"], scope["state"].get("digits", 0)
        self.numbers.seconds.labels(path, status).observe(seconds)
        self.numbers.read.inc(digits)
        took = round(1000 * seconds, 1)
        words = f"{status} {method} {path} {took} ms" + (f", digits: {digits}" if digits else "")
        log(words, method=method, path=path, status=status, milliseconds=took, digits=digits)


def mistake(error: Exception) -> str:
    """Return where an error arose, without its message, which may reveal what is on a picture."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {where.name}, line {where.lineno}"
