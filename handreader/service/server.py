"""Run the service: load the networks, answer requests, and shut down in good order."""

import os
import socket
from argparse import Namespace
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.service.app import application
from handreader.service.limits import LIMITS, Limits
from handreader.service.readers import Readers
from handreader.service.watch import log
from handreader.service.worker import NetworkFile


def run(options: Namespace, open_network: NetworkFile = str, limits: Limits = LIMITS) -> int:
    """Serve until Ctrl-C or another stop signal, and return the exit code."""
    readers = Readers(options.model, options.workers, limits.picture_seconds, open_network)
    with listening(options.host, options.port) as door:
        server = uvicorn.Server(settings(readers, limits))
        command_line.install_handlers(server.handle_exit)  # uvicorn installs its own later
        log(f"Reading pictures at {address(door)}", listening=address(door))
        try:
            readers.start(failed=lambda: setattr(server, "should_exit", True))
            server.run([door])
        finally:
            readers.close()
    if readers.failure:
        raise readers.failure
    return 0


class Connection(H11Protocol):
    """A connection of uvicorn's that also drops clients who send nothing, or a byte a second."""

    def connection_made(self, transport: Any) -> None:
        """Start the timeout for the first request."""
        super().connection_made(transport)
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


def settings(readers: Readers, limits: Limits) -> uvicorn.Config:
    """Return uvicorn's settings; its own log is off, because `watch` logs the requests."""
    return uvicorn.Config(
        application(readers, limits),
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=limits.head_seconds,
        timeout_graceful_shutdown=limits.end_seconds,
    )


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise UserError if the address can't be used."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = found[0]
        door = socket.socket(family, kind, protocol)  # a known protocol: asyncio sends at once
        if os.name == "posix":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(place)
        door.listen()
        return door
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a name of a machine"
        raise UserError(f"{host}:{port} can't be used ({reason}): name another.") from error


def address(door: socket.socket) -> str:
    """Return the URL of the service."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
