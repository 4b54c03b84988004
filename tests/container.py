"""Build the image that the Dockerfile describes as a plain folder, so that no test needs Docker."""

import json
import re
import shlex
import shutil
import venv
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import ROOT

NO_PROXY_HERE = "http://127.0.0.1:9"  # nobody listens at this port


@dataclass(frozen=True)
class Image:
    """Where the parts of an image are."""

    work: Path  # what is copied into it
    python: Path  # a virtual environment with what is installed in it, and nothing else

    @property
    def environment(self) -> dict[str, str]:
        """Its variables: nothing can be written, and a proxy is set, as Docker may do."""
        return {
            "PATH": str(self.python / "bin"),
            "HOME": "/nonexistent",
            "PYTHONDONTWRITEBYTECODE": "1",
            "http_proxy": NO_PROXY_HERE,
        }


def instructions(word: str) -> list[str]:
    """Return what stands behind a word of the Dockerfile, each time that a line begins with it."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{word} (.*)", text, re.MULTILINE)


def command_of(word: str) -> list[str]:
    """Return the command of an instruction that gives it as a list."""
    (text,) = instructions(word)
    return json.loads(text[text.index("[") :])


@contextmanager
def image() -> Iterator[Image]:
    """Lay out the image, from this folder and from what is installed here."""
    with TemporaryDirectory() as folder:
        made = Image(Path(folder, "work"), Path(folder, "python"))
        made.work.mkdir()
        venv.create(made.python, symlinks=True)
        (site,) = made.python.glob("lib/python*/site-packages")
        for each in installed(requirements()):
            link(each, site)
        for each in instructions("COPY"):
            copy(each.split(), made.work)
        yield made


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
    """Return what pip installs for some requirements, in the versions that are here.

    CUDA's libraries are among them only where the PyTorch that is here asks for them.
    """
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
        if not (site / name).exists():  # parts of CUDA share a folder
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
