"""Connections that wait for a request only so long, and say in JSON what isn't one."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from helpers.commands.serving.limits import LIMITS


class Connection(H11Protocol):
    """uvicorn's, but a client that sends no request, or a letter a second, is left."""

    patience = LIMITS.head_seconds
    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self.wait()

    def data_received(self, data: bytes) -> None:
        """Wait no more once the request is known, but go on if it has been answered already."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self.wait_no_more()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing to wait for."""
        self.wait_no_more()
        super().connection_lost(exc)

    def wait(self) -> None:
        """Give the client so long, however often it sends a little."""
        self.wait_no_more()
        self.deadline = self.loop.call_later(self.patience, self.timeout_keep_alive_handler)

    def wait_no_more(self) -> None:
        """Let the client take its time."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def send_400_response(self, _message: str) -> None:
        """Answer what is no HTTP, in this service's own way."""
        self.transport.write(plain_response(400, "This is not a request in HTTP."))
        self.transport.close()


def plain_response(status: int, sentence: str) -> bytes:
    """A whole response, where there is no request that the application could answer."""
    body = json.dumps({"error": sentence})
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
    ]
    return "\r\n".join([*head, "", body]).encode()
