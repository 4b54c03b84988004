"""A damaged file is read, or refused in one sentence."""

import pytest
from damaged import damaged_files
from hypothesis import HealthCheck, given, settings

from handreader import PictureError, Reader, open_picture


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The reader, loaded once."""
    return Reader()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=damaged_files())
def test_damaged_picture_is_read_or_refused_in_one_sentence(reader: Reader, content: bytes) -> None:
    said = ""
    try:
        reader.read(open_picture(content))
    except PictureError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1
