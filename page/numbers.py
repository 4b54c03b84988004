"""Networks and digits as text that the page's scripts can unpack."""

import base64
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from helpers import checkpoints, data
from helpers.checkpoints import Checkpoint
from helpers.embedded import DARKEST
from helpers.reading.reader import WEIGHTS

RECORDED = Path(__file__).resolve().parent / "recorded"
NETWORKS = {"mlp": RECORDED / "mlp.pt", "cnn": WEIGHTS / "cnn.pt"}
LETTERS = "0123456789abcdefg"  # the 17 greys of scikit-learn's digits, one letter each
Layer = dict[str, object]


def recorded(name: str) -> dict:
    """What `page.record` wrote."""
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


def packed_networks() -> dict[str, dict]:
    """The networks that the page computes with."""
    found = {name: checkpoints.load(path) for name, path in NETWORKS.items()}
    for name, checkpoint in found.items():
        if not has_16_bits(checkpoint.model):
            raise ValueError(f"The network '{name}' would lose something in 16 bits.")
    return {name: packed(checkpoint) for name, checkpoint in found.items()}


def has_16_bits(model: nn.Module) -> bool:
    """Whether no weight loses anything by being written in 16 bits."""
    tensors = [each for each in model.state_dict().values() if each.is_floating_point()]
    return all(torch.equal(each.half().float(), each) for each in tensors)


def packed(checkpoint: Checkpoint) -> dict:
    """A network as plain values: its layers in order, its weights as text."""
    return {
        "mean": checkpoint.mean,
        "std": checkpoint.std,
        "temperature": checkpoint.temperature,
        "sureFrom": checkpoint.sure_from,
        "layers": layers_of(list(checkpoint.model.layers)),
    }


def layers_of(modules: list[nn.Module]) -> list[Layer]:
    """What the scripts have to compute; ReLU and pooling belong to the layer before them."""
    layers: list[Layer] = []
    maps = 0
    for place, module in enumerate(modules):
        if isinstance(module, nn.Conv2d):
            norm = next(each for each in modules[place:] if isinstance(each, nn.BatchNorm2d))
            layers.append(block_of(module, norm))
            maps = module.out_channels
        elif isinstance(module, nn.Linear):
            is_last = place == len(modules) - 1
            layers.append(linear_of(module, not is_last, maps))
            maps = 0
    return layers


def block_of(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> Layer:
    """A convolution and its batch norm; the weights of all maps side by side: (k, k, in, out)."""
    numbers = {
        "weight": convolution.weight.permute(2, 3, 1, 0),
        "gamma": norm.weight,
        "beta": norm.bias,
        "mean": norm.running_mean,
        "variance": norm.running_var,
    }
    shape = {"inputs": convolution.in_channels, "outputs": convolution.out_channels}
    return {
        "kind": "block",
        "kernel": convolution.kernel_size[0],
        "numbers": {name: as_text(each) for name, each in numbers.items() if each is not None},
    } | shape


def linear_of(linear: nn.Linear, relu: bool, maps: int) -> Layer:
    """A linear layer; if its inputs are maps, in the order that these lie side by side."""
    weight = linear.weight
    if maps:
        weight = weight.unflatten(1, (maps, -1)).transpose(1, 2).flatten(1)
    numbers = {"weight": as_text(weight), "bias": as_text(linear.bias)}
    shape = {"inputs": linear.in_features, "outputs": linear.out_features}
    return {"kind": "linear", "relu": relu, "numbers": numbers} | shape


def as_text(tensor: Tensor) -> str:
    """Numbers in 16 bits each."""
    halves = tensor.detach().cpu().half().contiguous().numpy().astype("<f2")
    return base64.b64encode(halves.tobytes()).decode()


def packed_digits() -> dict:
    """Scikit-learn's digits, 64 letters each, split as everywhere: first train, then validation."""
    from sklearn.datasets import load_digits  # only here: it takes a second

    digits, bunch = data.load_digits("embedded"), load_digits()
    framed, labels = data.small_digits()
    rest, _ = data.split_indices(labels, round(len(labels) / data.TEST_PART))
    held_out = round(len(rest) / data.VALIDATION_PART)
    train, validation = (rest[rows] for rows in data.split_indices(labels[rest], held_out))
    order = torch.cat([train, validation])
    small = bunch.images[order.numpy()].astype(int).reshape(len(order), -1)
    assert small.max() == DARKEST
    assert torch.equal(framed[train], digits.train.images[:, 0])
    return {
        "pixels": "".join(LETTERS[value] for value in small.ravel().tolist()),
        "labels": "".join(map(str, labels[order].tolist())),
        "train": len(digits.train),
        "mean": digits.mean,
        "std": digits.std,
    }
