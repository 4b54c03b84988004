"""The network that learns in the page does what PyTorch does, number by number."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data
from helpers.models import MLP
from helpers.transforms import Normalize
from page.numbers import packed_digits

STEPS, BATCH = 12, 32
Optimizer = Callable[..., torch.optim.Optimizer]

DIGITS = """async (packed) => {
  const { unpackDigits } = await import("./digits.js");
  const { images, labels } = unpackDigits(packed);
  return { images: images.map((each) => [...each]), labels };
}"""

LOSSES = """async ([packed, start, batch, steps, settings]) => {
  const { unpackDigits } = await import("./digits.js");
  const { layerOf, learn } = await import("./learner.js");
  const { images, labels } = unpackDigits(packed);
  const layers = start.map(({ inputs, outputs, weight, bias }) =>
    layerOf(inputs, outputs, Float64Array.from(weight), Float64Array.from(bias)));
  const losses = [];
  for (let step = 0; step < steps; step++) {
    const rows = Array.from({ length: batch }, (_, i) => step * batch + i);
    const pixels = rows.flatMap((row) =>
      [...images[row]].map((byte) => (byte / 255 - packed.mean) / packed.std));
    const answers = rows.map((row) => labels[row]);
    losses.push(learn(layers, Float64Array.from(pixels), answers, settings, step + 1));
  }
  return losses;
}"""


def test_embedded_digits_arrive_as_python_frames_them(modules: Any) -> None:
    digits = data.load_digits("embedded")
    found = modules.evaluate(DIGITS, packed_digits())
    expected = torch.cat([digits.train.images, digits.validation.images]).flatten(1)
    assert found["labels"] == torch.cat([digits.train.labels, digits.validation.labels]).tolist()
    assert np.abs(np.array(found["images"]) - expected.numpy().astype(int)).max() == 0


def losses_by_pytorch(model: MLP, optimizer: torch.optim.Optimizer, forgets: bool) -> list[float]:
    """The first losses, on the first batches in their order."""
    digits = data.load_digits("embedded")
    look, losses = Normalize(digits.mean, digits.std), []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        loss = F.cross_entropy(model(look(digits.train.images[rows])), digits.train.labels[rows])
        if forgets:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize(
    ("name", "make", "rate", "forgets"),
    [
        ("sgd", torch.optim.SGD, 0.1, True),
        ("sgd", torch.optim.SGD, 0.02, False),
        ("momentum", lambda *a, **k: torch.optim.SGD(*a, **k, momentum=0.9), 0.02, True),
        ("adam", torch.optim.Adam, 0.001, True),
    ],
)
@pytest.mark.parametrize("sizes", [(784, 128, 64, 10), (784, 10)])
def test_first_losses_are_pytorchs(
    modules: Any, sizes: tuple[int, ...], name: str, make: Optimizer, rate: float, forgets: bool
) -> None:
    torch.manual_seed(0)
    model = MLP(sizes)
    start = [
        {
            "inputs": layer.in_features,
            "outputs": layer.out_features,
            "weight": layer.weight.flatten().tolist(),
            "bias": layer.bias.tolist(),
        }
        for layer in model.layers
        if isinstance(layer, nn.Linear)
    ]
    expected = losses_by_pytorch(model, make(model.parameters(), lr=rate), forgets)
    settings = {"optimizer": name, "rate": rate, "keepsGradients": not forgets}
    found = modules.evaluate(LOSSES, [packed_digits(), start, BATCH, STEPS, settings])
    assert found == pytest.approx(expected, abs=1e-4)
    assert expected[-1] != pytest.approx(expected[0], abs=0.1)


RUN = """async ([packed, settings, steps]) => {
  const { trainer } = await import("./trainer.js");
  const news = [];
  const command = trainer(packed, (each) => news.push(each));
  command("start", settings);
  for (let step = 0; step < steps; step++) command("step");
  return news.map(({ step, losses, accuracy }) => ({ step, losses, accuracy }));
}"""
SETTINGS = {"rate": 0.003, "batch": 64, "hidden": [32], "optimizer": "adam", "seed": 0}


def told(modules: Any, steps: int, **settings: object) -> tuple[list[float], list[float]]:
    """All losses of a run, and the accuracy after each epoch."""
    news = modules.evaluate(RUN, [packed_digits(), SETTINGS | settings, steps])
    losses = [loss for each in news for loss in each["losses"]]
    return losses, [each["accuracy"] for each in news if each["accuracy"] is not None]


def test_two_hundred_steps_bring_the_loss_down_and_the_accuracy_up(modules: Any) -> None:
    losses, shares = told(modules, 200)
    assert abs(losses[0] - np.log(10)) < 0.4
    assert np.mean(losses[180:]) < 0.2
    assert shares[0] < 0.3 < 0.85 < shares[-1]


def test_same_seed_same_run_and_another_seed_another(modules: Any) -> None:
    first, again, other = (told(modules, 3, seed=seed)[0] for seed in (0, 0, 1))
    assert first == again != other


def test_shuffled_pixels_are_learned_as_well(modules: Any) -> None:
    _, shares = told(modules, 200, shuffles=True)
    assert shares[-1] > 0.85


def test_without_zero_grad_the_loss_does_not_come_down(modules: Any) -> None:
    losses, _ = told(modules, 150, optimizer="sgd", rate=0.2, keepsGradients=True)
    assert np.mean(losses[-20:]) > 1
