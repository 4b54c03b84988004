"""`serve.py` itself: its options, and what is said where its libraries are missing."""

import importlib.util
import sys
from collections.abc import Callable

import pytest
from support import Outcome, assert_refused

from handreader import cli

Program = Callable[..., Outcome]


def serve() -> int:
    """The command line of the service, as a terminal calls it."""
    return cli.serve(sys.argv[1:], str)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--port", "99999"], "65535"),
        (["--workers", "0"], "1 to 64"),
        (["--host", ""], "empty"),
        (["--model", ""], "empty"),
        (["a.png"], "a.png"),
    ],
    ids=" ".join,
)
def test_wrong_option_is_one_sentence(program: Program, options: list[str], part: str):
    assert_refused(program(serve, *options), part, "--help", code=2)


def test_help_shows_examples_and_every_option(program: Program):
    outcome = program(serve, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    for part in ("--host", "--port", "--model FILE", "--workers", "python program.py"):
        assert part in outcome.out


def test_missing_libraries_are_one_sentence(program: Program, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert_refused(program(serve), "make serve", "[serve]")
