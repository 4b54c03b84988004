"""The network that learns in the page does what PyTorch does, number by number."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from parity import sent
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.models import MLP
from helpers.transforms import Normalize
from page.numbers import in_16_greys, packed_digits, page_digits
from page.pieces import PIECES

STEPS, BATCH = 12, 32

LOSSES = """async ([start, batches, settings]) => {
  const { layerOf, learn } = await import("./learner.js");
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const numbers = (text) => Float64Array.from(new Float32Array(bytes(text).buffer));
  const layers = start.map(({ inputs, outputs, weight, bias }) =>
    layerOf(inputs, outputs, numbers(weight), numbers(bias)));
  return batches.map(({ pixels, labels }, step) =>
    learn(layers, numbers(pixels), labels, settings, step + 1));
}"""


RULES = [  # as the page and as PyTorch name it, its rate, and whether gradients are kept
    ("sgd", torch.optim.SGD, 0.1, False),
    ("sgd", torch.optim.SGD, 0.02, True),
    ("momentum", partial(torch.optim.SGD, momentum=0.9), 0.02, False),
    ("adam", torch.optim.Adam, 0.001, False),
]


def test_digits_arrive_as_python_packed_them(modules: Any) -> None:
    digits = page_digits()
    found = modules.evaluate(
        """async (packed) => {
          const { unpackDigits } = await import("./digits.js");
          const { images, labels } = unpackDigits(packed);
          const text = images.map((each) => String.fromCharCode(...each)).join("");
          return { images: btoa(text), labels };
        }""",
        packed_digits(),
    )
    parts = digits.train, digits.validation
    assert found["labels"] == torch.cat([part.labels for part in parts]).tolist()
    assert found["images"] == sent(torch.cat([part.images for part in parts]).numpy())


def test_piece_says_how_many_digits_it_learns_from() -> None:
    digits = page_digits()
    (piece,) = [each for each in PIECES if each.name == "learning"]
    assert f"{len(digits.train):,} digits of MNIST" in piece.text
    assert set(digits.train.labels.bincount().tolist()) == {133, 134}


def test_greys_of_the_page_are_as_near_as_16_can_be() -> None:
    every = torch.arange(256, dtype=torch.uint8)
    greys = in_16_greys(every)
    assert greys.unique().tolist() == list(range(0, 256, 17))
    assert (greys.int() - every.int()).abs().max() == 8


def first_batches() -> list[tuple[Tensor, Tensor]]:
    """The first digits in their order, as the network gets them."""
    digits = page_digits()
    look, train = Normalize(digits.mean, digits.std), digits.train
    rows = [slice(step * BATCH, (step + 1) * BATCH) for step in range(STEPS)]
    return [(look(train.images[each]).flatten(1), train.labels[each]) for each in rows]


def losses_by_pytorch(model: MLP, optimizer: torch.optim.Optimizer, keeps: bool) -> list[float]:
    """The loss at each of the first batches."""
    losses = []
    for images, labels in first_batches():
        loss = F.cross_entropy(model(images), labels)
        if not keeps:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def plain(layer: nn.Linear) -> dict[str, object]:
    """A layer's numbers."""
    numbers = {name: sent(each.detach().numpy()) for name, each in layer.named_parameters()}
    return numbers | {"inputs": layer.in_features, "outputs": layer.out_features}


@pytest.mark.parametrize(("name", "kind", "rate", "keeps"), RULES)
@pytest.mark.parametrize("sizes", [(784, 128, 64, 10), (784, 10)], ids=str)
def test_first_losses_are_pytorchs(  # noqa: PLR0913
    modules: Any,
    sizes: tuple[int, ...],
    name: str,
    kind: Callable[..., torch.optim.Optimizer],
    rate: float,
    keeps: bool,
) -> None:
    torch.manual_seed(0)
    model = MLP(sizes)
    start = [plain(layer) for layer in model.layers if isinstance(layer, nn.Linear)]
    batches = [
        {"pixels": sent(images.numpy()), "labels": labels.tolist()}
        for images, labels in first_batches()
    ]
    expected = losses_by_pytorch(model, kind(model.parameters(), lr=rate), keeps)
    settings = {"optimizer": name, "rate": rate, "keepsGradients": keeps}
    found = modules.evaluate(LOSSES, [start, batches, settings])
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


@pytest.mark.parametrize("shuffles", [False, True])
def test_two_hundred_steps_bring_the_loss_down_and_the_accuracy_up(
    modules: Any, shuffles: bool
) -> None:
    losses, shares = told(modules, 200, shuffles=shuffles)
    assert abs(losses[0] - np.log(10)) < 0.4
    assert np.mean(losses[180:]) < 0.2
    assert shares[0] < 0.3 < 0.84 < shares[-1]  # 87.4 to 89 % from five seeds


def test_same_seed_same_run_and_another_seed_another(modules: Any) -> None:
    first, again, other = (told(modules, 3, seed=seed)[0] for seed in (0, 0, 1))
    assert first == again != other


def test_without_zero_grad_the_loss_does_not_come_down(modules: Any) -> None:
    losses, _ = told(modules, 150, optimizer="sgd", rate=0.2, keepsGradients=True)
    assert np.mean(losses[-20:]) > 1
