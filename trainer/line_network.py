"""The network that reads a whole line, column by column."""

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from handreader.lines import LINE_HEIGHT, LINE_STEP, SIGNS
from handreader.networks import Network as ReaderNetwork
from handreader.networks import Scores
from helpers.checkpoints import Checkpoint
from helpers.models import FILTER, FIRST_FILTER, MODELS, POOL, Network

FAR_SEEN = 5  # width in columns of the kernels that run along the line
FLATTEST = 4  # grey levels, added to the spread: a nearly blank line isn't amplified to noise


class LineNetwork(Network):
    """A convolutional network that scores every fourth column of a line of any width.

    The scores are for CTC (Graves et al. 2006); number 0 is the blank, "nothing new here".
    """

    name = "line"
    classes = SIGNS

    def __init__(
        self,
        sizes: Sequence[int] = (24, 48, 80, 128, 160, 160, 160),
        dropout: float = 0.0,
        batch_norm: bool = True,
    ):
        super().__init__(sizes, dropout, batch_norm)
        self.to(memory_format=torch.channels_last)  # takes two thirds of the time on a CPU

    def make_layers(self) -> list[nn.Module]:
        """Return the layers.

        `sizes` are the numbers of maps: of four convolutions, then of those along the line.
        """
        first, second, third, fourth, whole, *along = self.sizes
        convolution = partial(nn.Conv2d, bias=not self.batch_norm)
        same = partial(convolution, padding="same")
        layers = [
            *self.block(same(1, first, FIRST_FILTER), (POOL, POOL)),
            *self.block(same(first, second, FILTER), (POOL, POOL)),
            *self.block(same(second, third, FILTER), (POOL, 1)),
            *self.block(same(third, fourth, FILTER)),
            *self.block(convolution(fourth, whole, (LINE_HEIGHT // POOL**3, 1))),  # merges all rows
        ]
        for inputs, outputs in pairwise([whole, *along]):
            layers += self.block(same(inputs, outputs, (1, FAR_SEEN)))
        if self.dropout:
            layers.append(nn.Dropout(self.dropout))
        return [*layers, nn.Conv2d(self.sizes[-1], 1 + len(SIGNS), 1)]

    def forward(self, images: Tensor) -> Tensor:
        """Return column scores, (N, 16, width / 4), of normalised lines, (N, 1, 32, width)."""
        return self.layers(images).squeeze(2)


NETWORKS: dict[str, type[Network]] = {**MODELS, LineNetwork.name: LineNetwork}


def as_lines(pictures: Sequence[Tensor]) -> Tensor:
    """Return grey lines, (32, width) bytes each, as one normalised batch, (N, 1, 32, widest).

    Each line is normalised by its own mean and spread, so that neither light nor contrast
    matters. Narrower lines are padded on the right with zeros, which is their mean.
    """
    widest = max(picture.shape[1] for picture in pictures)
    width = math.ceil(widest / LINE_STEP) * LINE_STEP
    batch = torch.zeros(len(pictures), 1, LINE_HEIGHT, width)
    for row, picture in zip(batch[:, 0], pictures, strict=True):
        floats = picture.float()
        spread, mean = torch.std_mean(floats, correction=0)
        row[:, : picture.shape[1]] = (floats - mean) / (spread + FLATTEST)
    return batch


def as_reader_network(checkpoint: Checkpoint) -> ReaderNetwork:
    """Return a line network in the form that `handreader` uses, computed by PyTorch."""
    scores = line_scores(checkpoint.model)
    return ReaderNetwork(scores, checkpoint.temperature, checkpoint.sure_from)


def line_scores(model: nn.Module) -> Scores:
    """Return a function that scores lines, (N, 32, width) bytes, with a PyTorch network."""

    @torch.no_grad()
    def scores(lines: np.ndarray) -> np.ndarray:
        return model(as_lines(list(torch.from_numpy(lines)))).numpy()

    return scores
