"""The service in its container: it reads with what the Dockerfile installs and copies alone.

The image is laid out as a plain folder, so that no test needs Docker.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import venv
from argparse import ArgumentParser
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

import cv2
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import ROOT

pytest.importorskip("fastapi_offline", reason="requirements-serve.txt is not installed")

from drawn import SEVEN, photo
from services import Service, started, wait_until_ready

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is of Linux")


class Image(NamedTuple):
    """Where the parts of an image are, and its variables."""

    work: Path  # what is copied into it
    environment: dict[str, str]  # of Python with what is installed, and nothing else


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, from this folder and from what is installed here."""
    python, work = tmp_path_factory.mktemp("python"), tmp_path_factory.mktemp("work")
    venv.create(python, symlinks=True)
    (site,) = python.glob("lib/python*/site-packages")
    for each in installed(requirements()):
        link(each, site)
    for words in instructions("COPY"):
        copy(words.split(), work)
    environment = {  # nothing can be written, and a proxy is set, as Docker may do
        "PATH": str(python / "bin"),
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "http_proxy": "http://127.0.0.1:9",  # nobody listens at this port
    }
    return Image(work, environment)


def instructions(word: str) -> list[str]:
    """Return what stands behind a word of the Dockerfile, each time that a line begins with it."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{word} (.*)", text, re.MULTILINE)


def command_of(word: str) -> list[str]:
    """Return the command of an instruction that gives it as a list."""
    (text,) = instructions(word)
    return json.loads(text[text.index("[") :])


def requirements() -> list[Requirement]:
    """Return what the one `RUN pip install` asks for."""
    (command,) = instructions("RUN pip install")
    parser = ArgumentParser()
    parser.add_argument("names", nargs="+")
    parser.add_argument("--requirement", action="append", default=[])
    for option in ("--constraint", "--extra-index-url"):
        parser.add_argument(option)
    parser.add_argument("--no-cache-dir", action="store_true")
    asked = parser.parse_args(shlex.split(command))
    texts = [(ROOT / each).read_text(encoding="utf-8") for each in asked.requirement]
    lines = [line for text in texts for line in text.splitlines() if line[:1] not in ("", "#")]
    return [Requirement(each) for each in (*asked.names, *lines)]


def installed(wanted: list[Requirement]) -> list[Distribution]:
    """Return what pip installs for some requirements, in the versions that are here."""
    found: dict[tuple[str, str], Distribution] = {}
    waiting = [(each, extra) for each in wanted for extra in ("", *each.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        key = canonicalize_name(requirement.name), extra
        if key in found:
            continue
        found[key] = distribution(requirement.name)
        needed = map(Requirement, found[key].requires or [])
        waiting += [
            (each, other)
            for each in needed
            if each.marker is None or each.marker.evaluate({"extra": extra})
            for other in ("", *each.extras)
        ]
    return [each for (_, extra), each in found.items() if not extra]


def link(each: Distribution, site: Path) -> None:
    """Make a distribution, but not its commands, importable from another folder."""
    for name in {file.parts[0] for file in each.files or []} - {"..", "__pycache__"}:
        if not (site / name).exists():
            (site / name).symlink_to(each.locate_file(name))


def copy(words: list[str], work: Path) -> None:
    """Copy as COPY does, from a checkout that only its owner may read."""
    parser = ArgumentParser()
    parser.add_argument("--chmod", type=lambda text: int(text, 8), default=0o700)
    parser.add_argument("sources", nargs="+")
    parser.add_argument("place")
    asked = parser.parse_args(words)
    for source in asked.sources:
        assert is_sent(source), f".dockerignore keeps {source} from Docker"
        target = work / asked.place
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target)
        else:
            target = Path(shutil.copy(ROOT / source, target))
        for path in (target, *target.rglob("*")):
            path.chmod(asked.chmod)


def is_sent(name: str) -> bool:
    """Whether .dockerignore, which begins by leaving everything out, lets something in again."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    return any(fnmatch(name, line[1:]) for line in lines if line.startswith("!"))


@pytest.fixture(scope="module")
def service(laid_out: Image) -> Iterator[Service]:
    """Start the service as the image does, but at a free port, and for this machine alone."""
    command = [*command_of("CMD"), "--host", "127.0.0.1", "--port", "0"]
    with started(command, cwd=laid_out.work, env=laid_out.environment) as running:
        wait_until_ready(running)
        yield running


def check_health(laid_out: Image, port: int) -> int:
    """Ask as Docker does whether all is well; return the exit code."""
    command = [part.replace("8000", str(port)) for part in command_of("HEALTHCHECK")]
    run = subprocess.run(command, env=laid_out.environment, capture_output=True, check=False)
    return run.returncode


def test_container_reads_a_picture(service: Service) -> None:
    answer = service.read(cv2.imencode(".png", photo(SEVEN))[1].tobytes())
    assert (answer.status_code, answer.json()["digit"]) == (200, 7)


@pytest.mark.parametrize("path", ["/", "/docs", "/metrics"])
def test_container_has_the_pages_of_the_service(service: Service, path: str) -> None:
    assert service.get(path).status_code == 200


def test_container_that_can_read_is_healthy_even_if_a_proxy_is_set(
    laid_out: Image, service: Service
) -> None:
    assert check_health(laid_out, service.place[1]) == 0


def test_container_that_does_not_answer_is_not_healthy(laid_out: Image) -> None:
    assert check_health(laid_out, port=1) != 0


def test_container_can_read_what_is_copied_from_a_private_checkout(laid_out: Image) -> None:
    place = laid_out.work / "handreader"
    assert {path.stat().st_mode & 0o7 for path in (place, *place.rglob("*"))} == {0o5}
