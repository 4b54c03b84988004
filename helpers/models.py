"""The networks of the story, each able to say in plain values how to build it again."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from handreader.framing import CLASSES, SIDE
from helpers.recipes import Architecture

FIRST_FILTER, FILTER = 5, 3  # pixels: wide enough for a stroke's edge, then for pooled ones
POOL = 2  # pixels each way of which the largest value is kept

# Parameters below which a second thread costs more than it brings, by trying. Filters have more
# work to do for each of theirs; other kinds of network always gain.
SMALL = {"mlp": 200_000, "separable": 20_000}


class Network(nn.Module):
    """Layers in a row, made from plain settings that the network remembers."""

    name = ""  # under which `build` knows it
    classes = CLASSES  # what its scores are of

    def __init__(self, sizes: Sequence[int], dropout: float, batch_norm: bool):
        super().__init__()
        self.sizes, self.dropout, self.batch_norm = tuple(sizes), dropout, batch_norm
        self.layers = nn.Sequential(*self.make_layers())

    def make_layers(self) -> list[nn.Module]:
        """The layers that the settings ask for."""
        raise NotImplementedError

    def block(self, convolution: nn.Conv2d, pool: int | tuple[int, int] = 1) -> list[nn.Module]:
        """A convolution and what follows it; pooled early, so that the rest has less work."""
        layers: list[nn.Module] = [convolution]
        if pool != 1:
            layers.append(nn.MaxPool2d(pool))
        if self.batch_norm:
            layers.append(nn.BatchNorm2d(convolution.out_channels))
        return [*layers, nn.ReLU()]

    def forward(self, images: Tensor) -> Tensor:
        """Normalised pictures, (N, 1, 28, 28), to ten scores for each: (N, 10)."""
        return self.layers(images)

    def architecture(self) -> dict:
        """The plain values from which `build` makes this network again."""
        return Architecture(self.name, self.sizes, self.dropout, self.batch_norm).architecture()


class MLP(Network):
    """Fully connected layers with ReLU between them; the last one gives a score per digit."""

    name = "mlp"

    def __init__(
        self,
        sizes: Sequence[int] = (784, 128, 64, 10),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ):
        super().__init__(sizes, dropout, batch_norm)

    def make_layers(self) -> list[nn.Module]:
        """`sizes` are the numbers of values, from the pixels to the scores."""
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(self.sizes[:-1]):
            layers.append(nn.Linear(inputs, outputs))
            if self.batch_norm:
                layers.append(nn.BatchNorm1d(outputs))
            layers.append(nn.ReLU())
            if self.dropout:
                layers.append(nn.Dropout(self.dropout))
        return [*layers, nn.Linear(self.sizes[-2], self.sizes[-1])]


class CNN(Network):
    """Convolutions that look at a neighbourhood at a time, pooled to half the side after each."""

    name = "cnn"
    first_padding = "same"  # zeros round the picture: its maps are as large

    def __init__(
        self,
        sizes: Sequence[int] = (16, 32, 64),
        dropout: float = 0.0,
        batch_norm: bool = True,
    ):
        super().__init__(sizes, dropout, batch_norm)
        self.to(memory_format=torch.channels_last)  # on a CPU, this takes half the time

    def make_layers(self) -> list[nn.Module]:
        """`sizes` are the numbers of maps after each convolution."""
        layers: list[nn.Module] = []
        inputs, kernel, padding = 1, FIRST_FILTER, self.first_padding
        side = SIDE if padding == "same" else SIDE - FIRST_FILTER + 1
        for outputs in self.sizes:
            convolution = nn.Conv2d(
                inputs, outputs, kernel, padding=padding, bias=not self.batch_norm
            )
            layers += self.block(convolution, POOL)
            inputs, kernel, padding, side = outputs, FILTER, "same", side // POOL
        layers.append(nn.Flatten())
        if self.dropout:
            layers.append(nn.Dropout(self.dropout))
        return [*layers, nn.Linear(inputs * side * side, len(CLASSES))]


class UnpaddedCNN(CNN):
    """The same without the empty edge of a frame: a quarter less work, and 24 halves evenly."""

    name = "unpadded"
    first_padding = "valid"  # no zeros: filters stay inside


class SeparableCNN(Network):
    """Convolutions in two steps, each map by itself and then all at each place: few weights.

    They are depthwise separable (Howard et al. 2017). Only the first is pooled, as few maps
    need their places; of the last ones, means are left.
    """

    name = "separable"

    def __init__(
        self,
        sizes: Sequence[int] = (8, 10, 12, 12, 12),
        dropout: float = 0.0,
        batch_norm: bool = True,
    ):
        super().__init__(sizes, dropout, batch_norm)
        self.to(memory_format=torch.channels_last)  # on a CPU, this takes three quarters

    def make_layers(self) -> list[nn.Module]:
        """`sizes` are the numbers of maps after each convolution."""
        mixing = partial(nn.Conv2d, kernel_size=1, bias=not self.batch_norm)
        first = nn.Conv2d(1, self.sizes[0], FILTER, bias=not self.batch_norm)
        layers = self.block(first, POOL)
        for inputs, outputs in pairwise(self.sizes):
            layers.append(nn.Conv2d(inputs, inputs, FILTER, groups=inputs, bias=False))
            layers += self.block(mixing(inputs, outputs))
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        if self.dropout:
            layers.append(nn.Dropout(self.dropout))
        return [*layers, nn.Linear(self.sizes[-1], len(CLASSES))]


MODELS: dict[str, type[Network]] = {
    network.name: network for network in (MLP, CNN, UnpaddedCNN, SeparableCNN)
}


def build(architecture: dict, networks: Mapping[str, type[Network]] = MODELS) -> Network:
    """Make the network that `architecture` describes, one of these, with fresh weights."""
    settings = dict(architecture)
    name = settings.pop("model", None)
    if name not in networks:
        raise ValueError(f"there is no model '{name}', only {', '.join(networks)}")
    return networks[name](**settings)


def fits_one_thread(model: Network) -> bool:
    """Whether one thread is enough for it."""
    return count_parameters(model) < SMALL.get(model.name, 0)


def is_small_mlp(model: nn.Module) -> bool:
    """Whether quick ways to calculate bring it little: then it is the same on most machines."""
    return isinstance(model, MLP) and fits_one_thread(model)


def count_parameters(model: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(math.prod(p.shape) for p in model.parameters() if p.requires_grad)
