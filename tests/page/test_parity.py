"""The page computes what Python computes: the real modules, in a real browser."""

import json
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from parity import carried, received, sent
from torch import Tensor

from handreader.digits import DigitReader
from handreader.framing import frame
from handreader.ink.pixels import cut_out
from helpers import checkpoints, data
from helpers.checkpoints import Checkpoint, as_reader_network
from helpers.data import DigitSet
from helpers.transforms import Normalize
from page.numbers import NETWORKS, packed_networks

DRAWN = 300
CANVAS = 140  # pixels each way, half of the pad's, for the test's sake
AT_ONCE = 2500  # pictures sent to the browser in one piece
COMPARED = {"mlp": 10_000, "cnn": 500}  # test digits: so many take seconds
MOST_LOST = 0.0002  # of all test digits, because weights travel as bytes


def drawn(random: np.random.Generator) -> np.ndarray:
    """Some strokes with soft edges, as a pen leaves them on a canvas: bytes."""
    picture = np.zeros((CANVAS, CANVAS), np.uint8)
    for _ in range(random.integers(1, 4)):
        points = random.integers(10, CANVAS - 10, (random.integers(2, 6), 1, 2)).astype(np.int32)
        wide = int(random.integers(3, 16))
        cv2.polylines(picture, [points], False, 255, wide, cv2.LINE_AA)
    return picture


FRAMES = """async ([text, count, side]) => {
  const { cutOut, frame, inkOf } = await import("./frame.js");
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  let framed = "";
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(4 * side * side);
    for (let p = 0; p < side * side; p++) data[4 * p + 3] = bytes[i * side * side + p];
    framed += String.fromCharCode(...frame(cutOut(inkOf({ width: side, height: side, data }))));
  }
  return btoa(framed);
}"""


def test_drawn_pictures_are_framed_as_python_frames_them(modules: Any) -> None:
    random = np.random.default_rng(0)
    pictures = np.stack([drawn(random) for _ in range(DRAWN)])
    expected = np.stack([frame(cut_out(picture / 255)) for picture in pictures])
    found = modules.evaluate(FRAMES, [sent(pictures), len(pictures), CANVAS])
    apart = np.abs(received(found).reshape(expected.shape).astype(int) - expected)
    assert apart.max() <= 1
    assert (expected.max((1, 2)) == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (21, 20), (10, 10), (280, 280)])
def test_odd_sizes_are_framed_as_in_python(modules: Any, size: tuple[int, int]) -> None:
    ink = np.random.default_rng(1).integers(1, 256, size).astype(np.uint8)
    found = modules.evaluate(
        """async ([values, high, wide]) => {
          const { frame, table } = await import("./frame.js");
          return [...frame(table(high, wide, Float64Array.from(values, (byte) => byte / 255)))];
        }""",
        [ink.ravel().tolist(), *size],
    )
    assert np.abs(np.array(found).reshape(28, 28) - frame(ink / 255).astype(int)).max() <= 1


SCORES = """async ([packed, text, count]) => {
  const { forward, normalised, unpacked } = await import("./network.js");
  const network = unpacked(packed);
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const scores = [];
  for (let i = 0; i < count; i++) {
    const picture = normalised(network, bytes.subarray(784 * i, 784 * (i + 1)));
    scores.push([...forward(network, picture).at(-1).values]);
  }
  return scores;
}"""


@pytest.fixture(scope="module")
def test_digits() -> DigitSet:
    """All 10,000 test digits of MNIST; or what is here instead."""
    return data.load_digits().test


@torch.no_grad()
def scores(checkpoint: Checkpoint, digits: DigitSet) -> Tensor:
    """What PyTorch computes, (N, 10)."""
    look = Normalize(checkpoint.mean, checkpoint.std)
    return torch.cat([checkpoint.model(look(part)) for part in digits.images.split(500)])


@pytest.mark.parametrize("name", COMPARED)
def test_test_digits_get_the_scores_that_pytorch_gives_and_a_byte_for_each_weight_costs_hardly_one(
    modules: Any, test_digits: DigitSet, name: str
) -> None:
    expected = scores(carried(name), test_digits)
    network, found = packed_networks()[name], []
    for part in test_digits.images[: COMPARED[name], 0].split(AT_ONCE):
        found += modules.evaluate(SCORES, [network, sent(part.numpy()), len(part)])
    compared = expected[: COMPARED[name]].numpy()
    assert np.abs(np.array(found) - compared).max() < 1e-3
    assert (np.array(found).argmax(1) == compared.argmax(1)).all()
    before, after = (
        (each.argmax(1) == test_digits.labels).double().mean().item()
        for each in (scores(checkpoints.load(NETWORKS[name]), test_digits), expected)
    )
    assert after >= before - MOST_LOST


def test_reading_says_what_the_reader_says(modules: Any, test_digits: DigitSet) -> None:
    reader = DigitReader(as_reader_network(carried("cnn"), "the page's"))
    pictures = test_digits.images[:100, 0].numpy().copy()
    pictures[50:] = np.maximum(pictures[50:], pictures[:50])  # two digits are no digit
    expected = reader.read(list(pictures))
    found = modules.evaluate(
        """async ([packed, text, count]) => {
          const { reading, unpacked } = await import("./network.js");
          const network = unpacked(packed);
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          return Array.from({ length: count }, (_, i) => {
            const { digit, unsure, probabilities } =
              reading(network, bytes.subarray(784 * i, 784 * (i + 1)));
            return { digit, unsure, probabilities };
          });
        }""",
        [packed_networks()["cnn"], sent(pictures), len(pictures)],
    )
    assert len({each.unsure for each in expected}) == 2
    for now, then in zip(found, expected, strict=True):
        assert (now["digit"], now["unsure"]) == (then.digit, then.unsure)
        assert now["probabilities"] == pytest.approx(then.probabilities, abs=1e-4)


def test_networks_take_less_than_a_megabyte() -> None:
    assert len(json.dumps(packed_networks())) < 1_000_000


def test_sixteen_bits_cost_the_plain_network_next_to_nothing() -> None:
    metrics = checkpoints.load(NETWORKS["mlp"]).metrics
    assert abs(metrics["test_accuracy"] - metrics["test_accuracy_in_32_bits"]) <= 0.0002
