"""The examples in docstrings are true."""

import doctest
from importlib import import_module

import pytest

import handreader
from handreader import HOME


@pytest.mark.parametrize("module", sorted(set(HOME.values()) - {"common.errors"}))
def test_examples_are_true(module: str) -> None:
    found = doctest.testmod(import_module(f"handreader.{module}"))
    assert found.attempted
    assert not found.failed


def test_public_names_are_few_and_all_there() -> None:
    assert len(handreader.__all__) <= 10
    assert sorted(HOME) == sorted(handreader.__all__)
    assert all(getattr(handreader, name).__doc__ for name in handreader.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        handreader.nothing  # noqa: B018
