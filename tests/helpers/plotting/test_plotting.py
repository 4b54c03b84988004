"""Figures show what they are given: above all, `show_batch` shows what the network got."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset
from torchvision import transforms as v1
from torchvision.transforms import v2

from helpers import data, plotting
from helpers.reading.digit import Steps
from helpers.reading.pages.page import Digit, Line
from helpers.reading.reader import Reading
from helpers.records import Rung
from helpers.training import History
from helpers.transforms import Normalize

LABELS = torch.arange(60) % 10


class PictureDataset(Dataset):
    """The usual data set: one PIL picture at a time, through a transform."""

    def __init__(self, images: Tensor, transform: Callable):
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(v1.functional.to_pil_image(self.images[index])), index % 10


def drawn_digits(figure: Figure, count: int) -> np.ndarray:
    """The pictures in a mosaic of ten columns under captions, back as ink from 0 to 1."""
    mosaic = np.asarray(figure.axes[0].images[0].get_array())
    height = mosaic.shape[0] // -(-count // 10)
    tiles = []
    for number in range(count):
        bottom = (number // 10 + 1) * height
        left = number % 10 * 31
        tiles.append(1 - mosaic[bottom - 28 : bottom, left : left + 28])
    return np.stack(tiles)


def loaders(digits: data.Digits) -> dict[str, DataLoader]:
    """The first digits of the training part through every kind of loader there is."""
    mean, std = digits.mean, digits.std
    flatten = v2.Lambda(lambda images: images.flatten(-3))
    scale = v2.ToDtype(torch.float32, scale=True)
    classic = v1.Compose([v1.ToTensor(), v1.Normalize((mean,), (std,))])
    classic_flat = v1.Compose([*classic.transforms, v1.Lambda(lambda image: image.view(-1))])
    train, images = digits.train, digits.train.images
    shaped = train.with_transform(Normalize(mean, std))
    flat = v2.Compose([Normalize(mean, std), flatten])
    nested = v2.Compose([v2.Compose([Normalize(mean, std)]), flatten])
    return {
        "raw bytes": data.batches(train, 20),
        "raw bytes, digit by digit": DataLoader(train, 20),
        "raw bytes, flattened": data.batches(train.with_transform(flatten), 20),
        "scaled": data.batches(train.with_transform(scale), 20),
        "normalised": data.batches(shaped, 20),
        "normalised, digit by digit": DataLoader(shaped, 20),
        "normalised and flattened": data.batches(train.with_transform(flat), 20),
        "a transform within a transform": data.batches(train.with_transform(nested), 20),
        "the older transforms": DataLoader(PictureDataset(images, classic), 20),
        "the older transforms, flattened": DataLoader(PictureDataset(images, classic_flat), 20),
        "a subset": DataLoader(Subset(shaped, range(30)), 20),
        "a data set of tensors": DataLoader(TensorDataset(images / 255, train.labels), 20),
    }


KINDS = list(loaders(data.load_digits("embedded")))


@pytest.mark.parametrize("kind", KINDS)
def test_show_batch_undoes_whatever_the_loader_did(kind: str, digits: data.Digits) -> None:
    figure = plotting.show_batch(loaders(digits)[kind], 20)
    expected = digits.train.images[:20].squeeze(1) / 255
    np.testing.assert_allclose(drawn_digits(figure, 20), expected, atol=1e-5)


def test_show_batch_writes_the_labels(digits: data.Digits) -> None:
    figure = plotting.show_batch(data.batches(digits.train, 20), 20)
    captions = [text.get_text() for text in figure.axes[0].texts]
    assert captions == [str(label) for label in digits.train.labels[:20].tolist()]


def test_looking_at_a_batch_changes_nothing_that_follows(digits: data.Digits) -> None:
    for make in (
        lambda: data.batches(digits.train, 20, shuffle=True, seed=3),
        lambda: DataLoader(digits.train, 20, shuffle=True),
    ):
        torch.manual_seed(0)
        expected = [labels for _, labels in make()]
        torch.manual_seed(0)
        loader = make()
        plotting.show_batch(loader)
        assert all(torch.equal(a, b) for a, (_, b) in zip(expected, loader, strict=True))


def test_numbers_that_are_neither_bytes_nor_scaled_are_still_visible() -> None:
    figure = plotting.show_digits(torch.randn(20, 1, 28, 28), range(20))
    tiles = drawn_digits(figure, 20)
    assert tiles.min() >= 0
    assert tiles.max() <= 1
    assert tiles.std() > 0.05


def history() -> History:
    values = [0.5, 0.7, 0.9]
    return History(values, values, values, values, values, values)


RUNG = Rung("a", "A", "MNIST", 9, [0.9, 0.91], [0.92, 0.93], [[], []], 100, 3.0)
BENCH = {
    "epoch_64": {"usual": 5.0, "ours": 0.9, "bare": 0.8},
    "epoch_256": {"usual": 3.0, "ours": 0.4, "bare": 0.3},
    "target": {"usual": {"seconds": 30.0}, "ours": {"seconds": 1.0}},
    "warps": {"torchvision": 700.0, "ours": 10.0},
    "growth": [{"images": n, "seconds": n, "peak_bytes": n, "raw_bytes": n} for n in (1, 2)],
}
PICTURE = np.full((40, 30, 3), 200, np.uint8)
READING = Reading([0.91] + [0.01] * 9, False)
GUESS = Reading([0.1] * 10, True)
STEPS = Steps(
    PICTURE, PICTURE, np.ones((40, 30)), np.ones((20, 10)), np.eye(28, dtype=np.uint8), (0,) * 4
)
PAGE = [Line([Digit(READING, (2, 2, 9, 9)), Digit(GUESS, (15, 2, 9, 9))])]
FIGURES = {
    "bars": lambda: plotting.show_bars(
        {"a": 1.0, "b": 2}, "t", "x", reference=("goal", 1.5), highlight="a"
    ),
    "bench": lambda: plotting.show_bench(BENCH),
    "bootstrap": lambda: plotting.show_bootstrap(torch.rand(50), 0.5, 0.01, "t"),
    "calibration": lambda: plotting.show_calibration(torch.rand(60), LABELS > 4, title="t"),
    "class counts": lambda: plotting.show_class_counts({"train": LABELS, "test": LABELS}, "t"),
    "confusion": lambda: plotting.show_confusion(torch.eye(10).long() * 5 + 1, "t"),
    "curves": lambda: plotting.show_curves(
        {"a": [3, 2, 1]}, "t", "x", "y", reference=("goal", 2), log=True
    ),
    "damage": lambda: plotting.show_damage({"shift": {0: 0.9, 1: 0.5}}, 0.9, "t"),
    "digits": lambda: plotting.show_digits(torch.rand(7, 784), title="t"),
    "flattening": lambda: plotting.show_flattening(torch.rand(1, 28, 28), torch.randperm(784)),
    "histograms": lambda: plotting.show_histograms(torch.rand(99), torch.randn(99), "t"),
    "history": lambda: plotting.show_history(history(), "t"),
    "ladder": lambda: plotting.show_ladder([RUNG, RUNG], 0.999, "t"),
    "map": lambda: plotting.show_map({"a": torch.randn(60, 2)}, LABELS, "t"),
    "occlusion": lambda: plotting.show_occlusion(
        torch.rand(3, 1, 28, 28), torch.rand(3, 28, 28), ["a", "b", "c"], "t"
    ),
    "oddness": lambda: plotting.show_oddness(torch.randn(60), LABELS > 7, "t"),
    "page": lambda: plotting.show_page(PICTURE, PAGE, "t"),
    "per digit": lambda: plotting.show_per_digit(torch.rand(10), torch.rand(10), 0.5, "t"),
    "photos": lambda: plotting.show_photos([PICTURE] * 3, "abc", "t", rows=2),
    "pixels": lambda: plotting.show_pixels(torch.full((1, 28, 28), 200, dtype=torch.uint8), "t"),
    "pooling": lambda: plotting.show_pooling(torch.rand(1, 4, 4), {"max": torch.rand(1, 2, 2)}),
    "readings": lambda: plotting.show_readings(
        torch.rand(3, 1, 28, 28), torch.rand(3, 10), LABELS[:3], "t"
    ),
    "refusals": lambda: plotting.show_refusals(np.ones(3), np.zeros(3), 0.5, "t"),
    "relu": lambda: plotting.show_relu(torch.arange(3), torch.arange(3), "t"),
    "rows": lambda: plotting.show_rows({"a": torch.randn(3, 5, 5), "b": torch.rand(2, 9, 9)}, "t"),
    "seeds": lambda: plotting.show_seeds({"a": [0.9, 0.8]}, {"aim": 0.7}, "t"),
    "steps": lambda: plotting.show_steps([("a", STEPS, READING), ("b", STEPS, GUESS)], "t"),
    "tuning": lambda: plotting.show_tuning({"g": {"a": 0.95, "b": 0.2}}, ("a", 0.95), 0.01, "t"),
    "weights": lambda: plotting.show_weights(torch.randn(14, 784), "t"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_returned_closed_and_labelled(name: str) -> None:
    torch.manual_seed(0)
    figure = FIGURES[name]()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == [], "a figure left open would be shown twice in a notebook"
    titles = [figure.get_suptitle(), *(ax.get_title(loc) for ax in figure.axes for loc in
              ("left", "center"))]  # fmt: skip
    assert any(titles)


def test_every_figure_is_tried_here() -> None:
    assert len(FIGURES) == len(plotting.__all__) - 1, "all but show_batch, which has its own tests"


def test_labels_are_title_and_axes_in_that_order() -> None:
    (ax,) = plotting.show_curves({"a": [1, 2]}, "title", "steps", "loss").axes
    assert (ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel()) == ("title", "steps", "loss")
    (ax,) = plotting.show_bars({"a": 1}, "title", "share").axes
    assert (ax.get_title("left"), ax.get_xlabel()) == ("title", "share")
    (ax,) = plotting.show_bars({"a": 1}, "title alone").axes
    assert (ax.get_title("left"), ax.get_xlabel()) == ("title alone", "")


def test_bars_are_as_long_as_the_values_and_carry_them() -> None:
    (ax,) = plotting.show_bars({"a": 1.5, "b": 0.25}, highlight="b", form="{:.0%}").axes
    assert [bar.get_width() for bar in ax.patches] == [1.5, 0.25]
    assert {"150%", "25%"} <= {text.get_text() for text in ax.texts}
    first, second = (bar.get_facecolor() for bar in ax.patches)
    assert first != second


def test_curves_are_drawn_from_the_first_step_on_the_scale_asked_for() -> None:
    for log, scale in ((True, "log"), (False, "linear")):
        (ax,) = plotting.show_curves({"a": [4, 2, 1]}, log=log).axes
        assert ax.lines[0].get_xydata().tolist() == [[1, 4], [2, 2], [3, 1]]
        assert ax.get_yscale() == scale


def test_confusion_leaves_the_diagonal_uncoloured() -> None:
    figure = plotting.show_confusion(torch.eye(10).long() * 500 + 1)
    drawn = np.asarray(figure.axes[0].images[0].get_array().filled(np.nan))
    assert np.isnan(np.diag(drawn)).all()
    assert np.nanmax(drawn) == 1


def test_reliability_diagram_draws_what_was_measured() -> None:
    confidence = torch.tensor([0.95] * 10 + [0.55] * 10)
    right = torch.tensor([True] * 9 + [False] + [True] * 5 + [False] * 5)
    figure = plotting.show_calibration(confidence, right)
    points = figure.axes[1].containers[0].lines[0]
    np.testing.assert_allclose(points.get_xdata(), [0.55, 0.95], atol=1e-6)
    np.testing.assert_allclose(points.get_ydata(), [0.5, 0.9], atol=1e-6)
