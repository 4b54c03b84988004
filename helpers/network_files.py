"""Networks that learners trained themselves, for the reader of photographs."""

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported only if a checkpoint is named: PyTorch takes seconds
    from handreader.networks import Network


def open_network(path: str) -> "Network | str":
    """Return the network in a checkpoint of the tutorial, or any other file's path unchanged.

    The reader opens such a path itself.
    """
    if not zipfile.is_zipfile(path):
        return path
    from helpers.checkpoints import as_reader_network, load

    return as_reader_network(load(path), path)
