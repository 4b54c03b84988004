"""Limit the number of connections, and how long each may go without a request."""

import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200  # connections at a time: each is an open file, and macOS allows a process 256


class Connection(H11Protocol):
    """A connection of uvicorn's that also drops clients who send nothing, or a byte a second."""

    def connection_made(self, transport: Any) -> None:
        """Start the timeout for the first request, or refuse one connection too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            return self.refuse(503, "There are too many connections: try again soon.")
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Keep the timeout running until the headers of a request are complete."""
        deadline, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_task = deadline
        elif deadline is not None:
            deadline.cancel()

    def send_400_response(self, _message: str) -> None:
        """Answer what is not HTTP in this service's own format."""
        self.refuse(400, "This is not a request in HTTP.")

    def refuse(self, status: int, sentence: str) -> None:
        """Answer with a sentence in JSON, and close the connection."""
        self.transport.write(plain_response(status, sentence))
        self.transport.close()


def plain_response(status: int, sentence: str) -> bytes:
    """Return a whole HTTP response, for when the application has no request to answer."""
    body = json.dumps({"error": sentence})
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(["retry-after: 1"] if status == 503 else []),
    ]
    return "\r\n".join([*head, "", body]).encode()
