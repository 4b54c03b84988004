"""Connections: no more than can be held, and each waits for a request only so long."""

import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200  # at a time: each is an open file, of which macOS lets a process have 256


class Connection(H11Protocol):
    """uvicorn's, but a client that sends no request, or a letter a second, is left, too."""

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request only as long as for the next one."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            return self.refuse(503, "There are too many connections: try again soon.")
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Wait no longer because of a few bytes, but only for a request that is known."""
        deadline, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_task = deadline
        elif deadline is not None:
            deadline.cancel()

    def send_400_response(self, _message: str) -> None:
        """Answer what is no HTTP, in this service's own way."""
        self.refuse(400, "This is not a request in HTTP.")

    def refuse(self, status: int, sentence: str) -> None:
        """Say why there will be no answer, and hang up."""
        self.transport.write(plain_response(status, sentence))
        self.transport.close()


def plain_response(status: int, sentence: str) -> bytes:
    """A whole response, where there is no request that the application could answer."""
    body = json.dumps({"error": sentence})
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(["retry-after: 1"] if status == 503 else []),
    ]
    return "\r\n".join([*head, "", body]).encode()
