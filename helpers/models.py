"""The networks of the story; each can describe itself in plain values, to be built again."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from handreader.framing import CLASSES, SIDE
from helpers.recipes import Architecture

FIRST_FILTER, FILTER = 5, 3  # pixels: wide enough for a stroke's edge, then for pooled maps
POOL = 2  # side of the square of which pooling keeps the largest value

# With fewer parameters than this, a second thread costs more than it brings (measured). The limit
# for filters is lower, as each of their weights is used at many places. Other kinds of network
# always gain.
SMALL = {"mlp": 200_000, "separable": 20_000}


class Network(nn.Module):
    """A sequence of layers, made from plain settings that the network remembers."""

    name = ""  # by which `build` finds the class
    classes = CLASSES  # what the scores stand for, in order

    def __init__(self, sizes: Sequence[int], dropout: float, batch_norm: bool):
        super().__init__()
        self.sizes, self.dropout, self.batch_norm = tuple(sizes), dropout, batch_norm
        self.layers = nn.Sequential(*self.make_layers())

    def make_layers(self) -> list[nn.Module]:
        """Return the layers that the settings ask for."""
        raise NotImplementedError

    def block(self, convolution: nn.Conv2d, pool: int | tuple[int, int] = 1) -> list[nn.Module]:
        """Return a convolution, then pooling, batch norm (both if wanted) and ReLU.

        Pooling comes early, so that what follows has less work.
        """
        layers: list[nn.Module] = [convolution]
        if pool != 1:
            layers.append(nn.MaxPool2d(pool))
        if self.batch_norm:
            layers.append(nn.BatchNorm2d(convolution.out_channels))
        return [*layers, nn.ReLU()]

    def forward(self, images: Tensor) -> Tensor:
        """Return ten scores for each normalised picture: (N, 1, 28, 28) to (N, 10)."""
        return self.layers(images)

    def architecture(self) -> dict:
        """Return the plain values from which `build` makes this network again."""
        return Architecture(self.name, self.sizes, self.dropout, self.batch_norm).architecture()


class MLP(Network):
    """A multilayer perceptron: fully connected layers with ReLU between, and a score per digit."""

    name = "mlp"

    def __init__(
        self,
        sizes: Sequence[int] = (784, 128, 64, 10),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ):
        super().__init__(sizes, dropout, batch_norm)

    def make_layers(self) -> list[nn.Module]:
        """Return the layers; `sizes` are the numbers of values, from the pixels to the scores."""
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
    """A convolutional network: each convolution is followed by pooling, which halves the side."""

    name = "cnn"
    first_padding = "same"  # zeros round the picture, so that maps are as large as it

    def __init__(
        self,
        sizes: Sequence[int] = (16, 32, 64),
        dropout: float = 0.0,
        batch_norm: bool = True,
    ):
        super().__init__(sizes, dropout, batch_norm)
        self.to(memory_format=torch.channels_last)  # halves the time on a CPU

    def make_layers(self) -> list[nn.Module]:
        """Return the layers; `sizes` are the numbers of maps after each convolution."""
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
    """A CNN whose first convolution has no padding, as the edge of a framed digit is empty.

    This saves a quarter of the work, and its maps of 24 x 24 can be halved evenly.
    """

    name = "unpadded"
    first_padding = "valid"  # no zeros: the filter stays inside the picture


class SeparableCNN(Network):
    """A network of depthwise separable convolutions (Howard et al. 2017), which have few weights.

    Each convolution takes two steps: first it filters each map by itself, then it mixes all maps at
    each place. Only the first is pooled, because so few maps need to keep track of places; the last
    maps are averaged.
    """

    name = "separable"

    def __init__(
        self,
        sizes: Sequence[int] = (8, 10, 12, 12, 12),
        dropout: float = 0.0,
        batch_norm: bool = True,
    ):
        super().__init__(sizes, dropout, batch_norm)
        self.to(memory_format=torch.channels_last)  # takes three quarters of the time on a CPU

    def make_layers(self) -> list[nn.Module]:
        """Return the layers; `sizes` are the numbers of maps after each convolution."""
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
    """Make the network that `architecture` describes, one of `networks`, with fresh weights."""
    settings = dict(architecture)
    name = settings.pop("model", None)
    if name not in networks:
        raise ValueError(f"there is no model '{name}', only {', '.join(networks)}")
    return networks[name](**settings)


def fits_one_thread(model: Network) -> bool:
    """Tell whether the network is so small that a second thread wouldn't make it faster."""
    return count_parameters(model) < SMALL.get(model.name, 0)


def is_small_mlp(model: nn.Module) -> bool:
    """Tell whether the network is a small MLP, which hardly gains from fused steps or bfloat16.

    Without those, its training gives the same result on most machines.
    """
    return isinstance(model, MLP) and fits_one_thread(model)


def count_parameters(model: nn.Module) -> int:
    """Count the numbers that training may change."""
    return sum(math.prod(p.shape) for p in model.parameters() if p.requires_grad)
