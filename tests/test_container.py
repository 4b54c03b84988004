"""The service in its container: it reads with what the Dockerfile installs and copies alone."""

import subprocess
import sys
from collections.abc import Iterator

import cv2
import pytest

pytest.importorskip("fastapi_offline", reason="requirements-serve.txt is not installed")

from container import Image, command_of, image
from drawn import SEVEN, photo
from services import Service, started, wait_until_ready

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is of Linux")


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Image]:
    """The image, laid out once."""
    with image() as made:
        yield made


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
