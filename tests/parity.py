"""What tests share that compare the page with Python."""

import base64
from dataclasses import replace

import numpy as np

from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from page.numbers import NETWORKS, stepped
from trainer.line_network import NETWORKS as KINDS


def sent(values: np.ndarray) -> str:
    """Bytes as text."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def carried(name: str) -> Checkpoint:
    """A network with its weights as the page has them."""
    checkpoint = checkpoints.load(NETWORKS[name], networks=KINDS)
    return replace(checkpoint, model=stepped(checkpoint.model))
