"""Services on free ports, as processes of their own that can be asked, and signalled."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import IO, Any

import httpx
import psutil
from support import ROOT

SCRIPT = """
import sys
from handreader import cli
from handreader.common import command_line
from helpers.network_files import open_network
with command_line.loading():
    from handreader.service.server import run
    from handreader.service.limits import Limits
options = cli.serving_options(sys.argv[1:])
command_line.run(lambda: run(options, open_network, Limits({limits})))
"""
PATIENCE = 180  # seconds, on a machine that is very busy


@dataclass
class Service:
    """A service that runs."""

    process: subprocess.Popen
    log: IO[str]
    url: str

    @property
    def place(self) -> tuple[str, int]:
        """Where sockets connect to."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    @property
    def reader(self) -> psutil.Process:
        """The process that reads for it, as soon as there is one."""
        wait_for(lambda: len(self.readers()) == 1)
        return self.readers()[0]

    def readers(self) -> list[psutil.Process]:
        """The processes that read."""
        children = psutil.Process(self.process.pid).children()
        return [each for each in children if "spawn_main" in " ".join(each.cmdline())]

    def get(self, path: str) -> httpx.Response:
        """What is at a path."""
        return httpx.get(self.url + path, timeout=PATIENCE, verify=False)

    def read(self, content: bytes, view: str = "auto", kind: str = "image/png") -> httpx.Response:
        """The answer for one picture."""
        return self.post(content=content, params={"view": view}, headers={"content-type": kind})

    def post(self, **options: object) -> httpx.Response:
        """The answer to any request to read."""
        return httpx.post(f"{self.url}/read", timeout=PATIENCE, verify=False, **options)

    def number(self, name: str) -> float:
        """One of the numbers for Prometheus."""
        lines = self.get("/metrics").text.splitlines()
        (value,) = [line.split()[-1] for line in lines if line.startswith(f"{name} ")]
        return float(value)

    def end(self, signal_number: int) -> tuple[int, list[dict]]:
        """End it; its exit code and its log are returned."""
        self.process.send_signal(signal_number)
        code = self.process.wait(PATIENCE)
        self.log.seek(0)
        return code, [json.loads(line) for line in self.log]


@contextmanager
def running(limits: str = "", *options: str) -> Iterator[Service]:
    """A service of this folder; at the end it is ended, if it hasn't been."""
    command = [sys.executable, "-c", SCRIPT.format(limits=limits), "--port", "0", *options]
    with started(command, cwd=ROOT) as service:
        yield service


@contextmanager
def started(command: list[str], **settings: Any) -> Iterator[Service]:
    """A service that a command starts, in any folder and environment."""
    with TemporaryFile("a+", encoding="utf-8") as log:  # a: written at its end, wherever one reads
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **settings)
        try:
            wait_for(lambda: "}" in first_line(log) or process.poll() is not None)
            yield Service(process, log, json.loads(first_line(log))["listening"])
        finally:
            process.terminate()
            process.wait(PATIENCE)


def first_line(log: IO[str]) -> str:
    """What is said first."""
    log.seek(0)
    return log.readline()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end
        sleep(0.05)


def wait_until_ready(service: Service) -> None:
    """Wait until its networks are loaded."""
    wait_for(lambda: service.get("/ready").status_code == 200)
