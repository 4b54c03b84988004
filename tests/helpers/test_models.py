"""The networks: how large they are, what they accept, and how they are made again."""

import json

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.models import (
    CNN,
    MLP,
    SeparableCNN,
    UnpaddedCNN,
    build,
    count_parameters,
)

NARROW = (784, 6, 10)


def images(count: int = 5) -> Tensor:
    """Random pictures, already as floats."""
    return torch.randn(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def test_the_network_of_the_story_has_the_size_that_the_text_names():
    assert count_parameters(MLP()) == 109_386


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (MLP((784, 6, 10)), 784 * 6 + 6 + 6 * 10 + 10),
        (MLP((784, 6, 10), batch_norm=True), 784 * 6 + 6 + 2 * 6 + 6 * 10 + 10),
        (MLP((784, 6, 10), dropout=0.5), 784 * 6 + 6 + 6 * 10 + 10),
        (
            CNN((16, 32, 64)),  # batch norm has two numbers a map, and does the bias's work
            (25 * 16 + 2 * 16)
            + (9 * 16 * 32 + 2 * 32)
            + (9 * 32 * 64 + 2 * 64)
            + (3 * 3 * 64 * 10 + 10),
        ),
        (
            CNN((4, 6), batch_norm=False),
            (25 * 4 + 4) + (9 * 4 * 6 + 6) + (7 * 7 * 6 * 10 + 10),
        ),
        (
            SeparableCNN((8, 10, 12)),
            (9 * 8 + 2 * 8)
            + (9 * 8 + 8 * 10 + 2 * 10)
            + (9 * 10 + 10 * 12 + 2 * 12)
            + (12 * 10 + 10),
        ),
        (CNN((4, 6), dropout=0.5), (25 * 4 + 2 * 4) + (9 * 4 * 6 + 2 * 6) + (7 * 7 * 6 * 10 + 10)),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else value.name,
)
def test_parameters_are_as_many_as_one_counts_by_hand(model: nn.Module, count: int):
    assert count_parameters(model) == count


def test_every_usual_shape_of_a_batch_gives_the_same_scores():
    model, batch = MLP(), images()
    scores = model(batch)
    assert scores.shape == (5, 10)
    assert torch.equal(model(batch.squeeze(1)), scores)
    assert torch.equal(model(batch.flatten(1)), scores)


def test_hidden_layers_are_linear_then_relu_as_written_by_hand():
    model, batch = MLP((784, 6, 4, 10)), images()
    x = batch.flatten(1)
    first, second, last = (layer for layer in model.layers if isinstance(layer, torch.nn.Linear))
    for layer in (first, second):
        x = (x @ layer.weight.T + layer.bias).clamp(min=0)
    torch.testing.assert_close(model(batch), x @ last.weight.T + last.bias)


@pytest.mark.parametrize(("kind", "padding"), [(CNN, 2), (UnpaddedCNN, 0)])
def test_convolutions_are_pooled_then_relu_as_written_by_hand(kind: type[CNN], padding: int):
    model, x = kind((4, 6), batch_norm=False), images()
    batch = x
    first, second = (layer for layer in model.layers if isinstance(layer, nn.Conv2d))
    assert (first.kernel_size, second.kernel_size) == ((5, 5), (3, 3))
    x = F.max_pool2d(F.conv2d(x, first.weight, first.bias, padding=padding), 2).clamp(min=0)
    x = F.max_pool2d(F.conv2d(x, second.weight, second.bias, padding=1), 2).clamp(min=0)
    last = model.layers[-1]
    torch.testing.assert_close(model(batch), x.flatten(1) @ last.weight.T + last.bias)


def test_separable_convolutions_filter_each_map_then_mix_them_as_written_by_hand():
    model, batch = SeparableCNN((4, 6), batch_norm=False), images()
    first, each, mixing = (layer for layer in model.layers if isinstance(layer, nn.Conv2d))
    x = F.max_pool2d(F.conv2d(batch, first.weight, first.bias), 2).clamp(min=0)
    maps = [F.conv2d(x[:, [i]], each.weight[[i]]) for i in range(4)]
    x = F.conv2d(torch.cat(maps, 1), mixing.weight, mixing.bias).clamp(min=0)
    last = model.layers[-1]
    torch.testing.assert_close(model(batch), x.mean((2, 3)) @ last.weight.T + last.bias)


NETWORKS = {
    "mlp": MLP(NARROW),
    "deep mlp": MLP((784, 7, 5, 10), dropout=0.25),
    "mlp with batch norm": MLP((784, 7, 5, 10), dropout=0.25, batch_norm=True),
    "cnn": CNN(),
    "small cnn": CNN((2, 3), dropout=0.25),
    "cnn without batch norm": CNN((4,), batch_norm=False),
    "unpadded cnn": UnpaddedCNN((8, 32, 64)),
    "separable cnn": SeparableCNN(),
    "small separable cnn": SeparableCNN((2, 3), dropout=0.25, batch_norm=False),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_architecture_is_enough_to_build_the_network_again(name: str):
    model = NETWORKS[name]
    model.train()(images(64))  # so that batch norm, too, has something to remember
    again = build(json.loads(json.dumps(model.architecture())))
    assert type(again) is type(model)
    assert again.architecture() == model.architecture()
    again.load_state_dict(model.state_dict())
    assert torch.equal(again.eval()(images()), model.eval()(images()))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_gives_a_score_for_each_digit_of_each_picture(name: str):
    model = NETWORKS[name].eval()
    assert model(images(7)).shape == (7, 10)
    assert model(images(1)).shape == (1, 10)
    torch.testing.assert_close(model(images(7))[:1], model(images(7)[:1]))


@pytest.mark.parametrize("architecture", [{"model": "no such thing"}, {"sizes": [784, 10]}, {}])
def test_unknown_model_is_a_value_error_that_names_the_choice(architecture: dict):
    with pytest.raises(ValueError, match=r"there is no model .* only mlp"):
        build(architecture)


@pytest.mark.parametrize(
    ("model", "plain"),
    [
        (MLP((784, 64, 10), dropout=0.5), MLP((784, 64, 10))),
        (CNN((2, 3), dropout=0.5), CNN((2, 3))),
    ],
    ids=["mlp", "cnn"],
)
def test_dropout_acts_only_in_training_mode(model: nn.Module, plain: nn.Module):
    batch = images()
    assert not torch.equal(model.train()(batch), model(batch))
    plain.load_state_dict(dict(zip(plain.state_dict(), model.state_dict().values(), strict=True)))
    assert torch.equal(model.eval()(batch), model(batch))
    assert torch.equal(model(batch), plain.eval()(batch))
