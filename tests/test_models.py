"""The networks: how large they are, what they accept, and how they are made again."""

import pytest
import torch
from torch import Tensor

from helpers.models import MLP, build, count_parameters

NARROW = (784, 6, 10)


def images(count: int = 5) -> Tensor:
    """Random pictures, already as floats."""
    return torch.randn(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def test_the_network_of_the_story_has_the_size_that_the_text_names():
    assert count_parameters(MLP()) == 109_386


def test_frozen_weights_do_not_count_as_trainable():
    model = MLP(NARROW)
    model.layers[1].requires_grad_(False)
    assert count_parameters(model) == 6 * 10 + 10


def test_every_usual_shape_of_a_batch_gives_the_same_scores():
    model, batch = MLP(), images()
    scores = model(batch)
    assert scores.shape == (5, 10)
    assert torch.equal(model(batch.squeeze(1)), scores)
    assert torch.equal(model(batch.flatten(1)), scores)


def test_output_is_scores_and_not_probabilities():
    model = MLP(NARROW)
    with torch.no_grad():
        model.layers[-1].weight.zero_()
        model.layers[-1].bias.copy_(torch.arange(10.0) - 3)
    assert torch.equal(model(images(2)), (torch.arange(10.0) - 3).expand(2, 10))


def test_hidden_layers_are_linear_then_relu_as_written_by_hand():
    model, batch = MLP((784, 6, 4, 10)), images()
    x = batch.flatten(1)
    first, second, last = (layer for layer in model.layers if isinstance(layer, torch.nn.Linear))
    for layer in (first, second):
        x = (x @ layer.weight.T + layer.bias).clamp(min=0)
    torch.testing.assert_close(model(batch), x @ last.weight.T + last.bias)


@pytest.mark.parametrize(("sizes", "dropout"), [(NARROW, 0.0), ((784, 7, 5, 10), 0.25)])
def test_architecture_is_enough_to_build_the_network_again(sizes: tuple[int, ...], dropout: float):
    model = MLP(sizes, dropout)
    again = build(model.architecture())
    assert again.architecture() == model.architecture()
    again.load_state_dict(model.state_dict())
    assert torch.equal(again.eval()(images()), model.eval()(images()))


def test_build_leaves_the_description_as_it_was():
    architecture = MLP(NARROW).architecture()
    before = dict(architecture)
    build(architecture)
    assert architecture == before


@pytest.mark.parametrize("architecture", [{"model": "no such thing"}, {"sizes": [784, 10]}, {}])
def test_unknown_model_is_a_value_error_that_names_the_choice(architecture: dict):
    with pytest.raises(ValueError, match=r"there is no model .* only mlp"):
        build(architecture)


def test_dropout_acts_only_in_training_mode():
    torch.manual_seed(0)
    model, batch = MLP((784, 64, 10), dropout=0.5), images()
    assert not torch.equal(model.train()(batch), model(batch))
    model.eval()
    assert torch.equal(model(batch), model(batch))
    plain = MLP((784, 64, 10))
    for trained, copy in zip(model.parameters(), plain.parameters(), strict=True):
        copy.data.copy_(trained.data)
    assert torch.equal(model(batch), plain(batch))
