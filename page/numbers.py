"""Networks and digits as text that the page's scripts can unpack."""

import base64
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from string import ascii_uppercase

import numpy as np
import torch
from torch import Tensor, nn

from helpers import checkpoints, data
from helpers.checkpoints import Checkpoint
from helpers.data import Digits, DigitSet
from trainer import WEIGHTS
from trainer.line_network import NETWORKS as KINDS

RECORDED = Path(__file__).resolve().parent / "recorded"
NETWORKS = {"mlp": RECORDED / "mlp.pt", "cnn": WEIGHTS / "cnn.pt", "line": WEIGHTS / "line.pt"}
GREY = 17  # from one of 16 greys to the next
MOST = 127  # of a weight as a byte with a sign
SMALLEST_STEP = 1e-12  # instead of none at all, where all weights are 0
Layer = dict[str, object]


def recorded(name: str) -> dict:
    """Return the values that `page.record` wrote."""
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


def packed_networks() -> dict[str, dict]:
    """The networks that the page computes with."""
    return {name: packed(checkpoints.load(path, networks=KINDS)) for name, path in NETWORKS.items()}


def packed(checkpoint: Checkpoint) -> dict:
    """A network as plain values: its layers in order, its weights as text."""
    return {
        "mean": checkpoint.mean,
        "std": checkpoint.std,
        "temperature": checkpoint.temperature,
        "sureFrom": checkpoint.sure_from,
        "classes": checkpoint.classes,
        "layers": layers_of(list(checkpoint.model.layers)),
    }


def in_steps(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (out, ...) as whole numbers, and for each output the step that these count."""
    steps = (weight.flatten(1).abs().amax(1) / MOST).clamp_min(SMALLEST_STEP)
    return (weight / steps.view(-1, *[1] * (weight.dim() - 1))).round(), steps


def layers_of(modules: list[nn.Module]) -> list[Layer]:
    """Return the layers that scripts compute; pooling, norm and ReLU join the one before them."""
    layers: list[Layer] = []
    starts = [i for i, each in enumerate(modules) if isinstance(each, nn.Conv2d | nn.Linear)]
    maps = 0
    for start, end in pairwise([*starts, len(modules)]):
        module, followers = modules[start], modules[start + 1 : end]
        if isinstance(module, nn.Conv2d):
            layers.append(block_of(module, followers))
            maps = module.out_channels
        elif isinstance(module, nn.Linear):
            layers.append(linear_of(module, followers, maps))
            maps = 0
    return layers


def block_of(convolution: nn.Conv2d, followers: list[nn.Module]) -> Layer:
    """A convolution; the weights of all maps side by side: (k, k, in, out)."""
    pools = [each.kernel_size for each in followers if isinstance(each, nn.MaxPool2d)]
    kernel = convolution.kernel_size
    edge = [side // 2 if convolution.padding == "same" else 0 for side in kernel]
    scale, shift = scale_and_shift(convolution, followers)
    return {
        "kind": "block",
        "inputs": convolution.in_channels,
        "outputs": convolution.out_channels,
        "kernel": kernel,
        "edge": edge,
        "pool": np.broadcast_to([*pools, 1][0], 2).tolist(),
        "relu": has_relu(followers),
        "numbers": {"scale": as_text(scale), "shift": as_text(shift)},
        **packed_weights(convolution.weight, (2, 3, 1, 0)),
    }


def scale_and_shift(convolution: nn.Conv2d, followers: list[nn.Module]) -> tuple[Tensor, Tensor]:
    """Return each map's final scale and shift: of its batch norm, or its bias."""
    norm = next((each for each in followers if isinstance(each, nn.BatchNorm2d)), None)
    bias = torch.zeros(convolution.out_channels) if convolution.bias is None else convolution.bias
    if norm is None:
        return torch.ones_like(bias), bias
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return scale, norm.bias + (bias - norm.running_mean) * scale


def linear_of(linear: nn.Linear, followers: list[nn.Module], maps: int) -> Layer:
    """A linear layer, (in, out); inputs that are maps in the order in which these lie."""
    weight = linear.weight
    if maps:
        weight = weight.unflatten(1, (maps, -1)).transpose(1, 2).flatten(1)
    return {
        "kind": "linear",
        "inputs": linear.in_features,
        "outputs": linear.out_features,
        "relu": has_relu(followers),
        "numbers": {"bias": as_text(linear.bias)},
        **packed_weights(weight, (1, 0)),
    }


def has_relu(followers: list[nn.Module]) -> bool:
    """Tell whether a ReLU follows."""
    return any(isinstance(each, nn.ReLU) for each in followers)


def packed_weights(weight: Tensor, order: tuple[int, ...]) -> dict[str, str]:
    """Weights (out, ...) as a byte each, their axes in another order, and the steps of outputs."""
    multiples, steps = in_steps(weight.detach())
    whole = multiples.permute(order).contiguous().to(torch.int8)
    return {"bytes": base64.b64encode(whole.numpy().tobytes()).decode(), "steps": as_text(steps)}


def as_text(tensor: Tensor) -> str:
    """Numbers in 32 bits each."""
    floats = tensor.detach().cpu().float().contiguous().numpy().astype("<f4")
    return base64.b64encode(floats.tobytes()).decode()


def page_digits() -> Digits:
    """Return what the page learns from: a third of the small set's training part, in 16 greys."""
    digits = data.load_digits("small")
    third = digits.train.labels.argsort(stable=True)[::3].sort().values  # all ten as frequent
    train = DigitSet(in_16_greys(digits.train.images[third]), digits.train.labels[third])
    validation = DigitSet(in_16_greys(digits.validation.images), digits.validation.labels)
    return replace(digits, train=train, validation=validation)


def in_16_greys(images: Tensor) -> Tensor:
    """Return bytes rounded to the multiples of `GREY`, which lie 0 to 15 steps above black."""
    return ((images.int() + GREY // 2) // GREY * GREY).byte()


def packed_digits() -> dict:
    """Return training and validation digits as text: a hex digit a pixel, a letter for blanks."""
    digits = page_digits()
    images, labels = (
        torch.cat([getattr(part, name) for part in (digits.train, digits.validation)])
        for name in ("images", "labels")
    )
    greys = "".join(f"{grey:x}" for grey in (images // GREY).flatten().tolist())
    return {
        "pixels": re.sub("0{1,26}", lambda run: ascii_uppercase[len(run[0]) - 1], greys),
        "labels": "".join(map(str, labels.tolist())),
        "train": len(digits.train),
        "mean": digits.mean,
        "std": digits.std,
    }
