"""The networks of the story, each able to say in plain values how to build it again."""

import math
from collections.abc import Sequence

from torch import Tensor, nn


class MLP(nn.Module):
    """Fully connected layers with ReLU between them; the last one gives a score per digit."""

    def __init__(self, sizes: Sequence[int] = (784, 128, 64, 10), dropout: float = 0.0):
        super().__init__()
        self.sizes, self.dropout = tuple(sizes), dropout
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in zip(self.sizes[:-2], self.sizes[1:-1], strict=True):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
            if dropout:
                layers.append(nn.Dropout(dropout))
        layers.append(nn.Linear(self.sizes[-2], self.sizes[-1]))
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)

    def architecture(self) -> dict:
        """The plain values from which `build` makes this network again."""
        return {"model": "mlp", "sizes": list(self.sizes), "dropout": self.dropout}


MODELS = {"mlp": MLP}


def build(architecture: dict) -> nn.Module:
    """Make the network that `architecture` describes, with fresh weights."""
    settings = dict(architecture)
    name = settings.pop("model", None)
    if name not in MODELS:
        raise ValueError(f"there is no model '{name}', only {', '.join(MODELS)}")
    return MODELS[name](**settings)


def count_parameters(model: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(math.prod(p.shape) for p in model.parameters() if p.requires_grad)
