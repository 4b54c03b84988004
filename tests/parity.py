"""What tests share that compare the page with Python."""

import base64
from copy import deepcopy
from dataclasses import replace

import numpy as np
from torch import nn

from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from page.numbers import NETWORKS, in_steps
from trainer.line_network import NETWORKS as KINDS


def sent(values: np.ndarray) -> str:
    """Bytes as text, which Playwright hands over much faster than a list of numbers."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def received(text: str) -> np.ndarray:
    """Text as bytes."""
    return np.frombuffer(base64.b64decode(text), np.uint8)


def carried(name: str) -> Checkpoint:
    """A network as the page has it: each weight is one of 255 multiples of a step."""
    checkpoint = checkpoints.load(NETWORKS[name], networks=KINDS)
    model = deepcopy(checkpoint.model)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            multiples, steps = in_steps(module.weight.detach())
            module.weight.data = multiples * steps.view(-1, *[1] * (multiples.dim() - 1))
    return replace(checkpoint, model=model)
