"""Pictures of digits: grids, batches, single pixels."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from helpers.plotting.style import BLUE, GREY, ORANGE, figure


def as_pictures(images: Tensor) -> np.ndarray:
    """Return digits of any kind, bytes or floats, even flattened, as (N, side, side) in 0..1."""
    images = torch.as_tensor(images).detach().cpu()
    if images.dtype == torch.uint8:
        images = images / 255
    side = round((images.shape[-1] if images.shape[-1] >= 100 else images[0].numel()) ** 0.5)
    pictures = images.float().reshape(-1, side, side)
    low, high = pictures.min().item(), pictures.max().item()
    if low < -0.01 or high > 1.01:  # neither bytes nor 0..1: stretch to that range
        pictures = (pictures - low) / max(high - low, 1e-9)
    return pictures.clamp(0, 1).numpy()


def undo_normalisation(images: Tensor, dataset: Any) -> Tensor:
    """Undo the Normalize step, if there is one, among the transforms of a data set."""
    while not hasattr(dataset, "transform") and hasattr(dataset, "dataset"):
        dataset = dataset.dataset  # a Subset
    for step in single_steps(getattr(dataset, "transform", None)):
        if type(step).__name__ == "Normalize":
            images = images * torch.tensor(step.std).item() + torch.tensor(step.mean).item()
    return images


def single_steps(transform: Any) -> Iterator[Any]:
    """Yield the steps of a transform, even if it is composed of composed ones."""
    if not hasattr(transform, "transforms"):
        yield transform
        return
    for part in transform.transforms:
        yield from single_steps(part)


def draw_grid(
    ax: Axes, pictures: np.ndarray, captions: Sequence[str], columns: int, colors: Sequence[str]
) -> None:
    """Draw all pictures as one mosaic, which is far quicker than an axes for each."""
    count, height, width = pictures.shape
    lines = 1 + max((caption.count("\n") for caption in captions), default=0)
    head = round(height * (0.12 + 0.34 * lines)) if captions else 2
    rows = -(-count // columns)
    size = 9 if max(map(len, "\n".join(captions).split("\n"))) < 10 else 7.5
    mosaic = np.full((rows * (height + head), columns * (width + 3)), np.nan)
    for number, picture in enumerate(pictures):
        top = number // columns * (height + head) + head
        left = number % columns * (width + 3)
        mosaic[top : top + height, left : left + width] = 1 - picture
        if captions:
            color = colors[number] if colors else "black"
            ax.text(
                left + width / 2, top - 2, captions[number], color=color, fontsize=size,
                ha="center", va="bottom",
            )  # fmt: skip
    ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()


@figure
def show_digits(
    images: Tensor,
    captions: Sequence[object] = (),
    title: str = "",
    columns: int = 10,
    right: Sequence[bool] = (),
) -> Figure:
    """Draw a grid of digits, black on white; `right` colours captions blue or orange (wrong)."""
    pictures = as_pictures(images)
    texts = [str(caption) for caption in captions]
    rows = -(-len(pictures) // columns)
    lines = 1 + max((text.count("\n") for text in texts), default=0)
    fig, ax = plt.subplots(figsize=(8, 0.4 + rows * (0.8 + 0.22 * lines) * 10 / columns))
    draw_grid(ax, pictures, texts, columns, [BLUE if good else ORANGE for good in right])
    ax.set_title(title)
    return fig


def show_batch(loader: Iterable, count: int = 20, title: str = "") -> Figure:
    """Draw the first digits of any loader with their labels, with their normalisation undone.

    This has no side effect: the loader's next pass is the same as without it.
    """
    images, labels = (part[:count] for part in first_batch(loader))
    seen = undo_normalisation(images, getattr(loader, "dataset", None))
    shape = " x ".join(str(size) for size in images.shape[1:])
    title = title or f"{len(labels)} digits of a batch, each of shape {shape}"
    return show_digits(seen, labels.tolist(), title)


def first_batch(loader: Iterable) -> tuple[Tensor, Tensor]:
    """Return the next batch; leave the loader's and everybody else's random state as it was."""
    generator = getattr(loader, "generator", None) or torch.Generator()
    state = generator.get_state()
    with torch.random.fork_rng(devices=[]):
        images, labels = next(iter(loader))
    generator.set_state(state)
    return images, labels


@figure
def show_pixels(image: Tensor, title: str = "") -> Figure:
    """Draw an image as a table of coloured numbers, cropped to the rows and columns with ink."""
    pixels = image.squeeze().cpu()
    rows = pixels.sum(1).nonzero().flatten()
    columns = pixels.sum(0).nonzero().flatten()
    top, left = int(rows[0]), int(columns[0])
    crop = pixels[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1].numpy()
    height, width = crop.shape
    fig, ax = plt.subplots(figsize=(8, 8 * height / width * 0.62))
    extent = (left - 0.5, left + width - 0.5, top + height - 0.5, top - 0.5)
    ax.imshow(crop, cmap="gray_r", vmin=0, vmax=255, aspect="auto", extent=extent)
    for (row, column), value in np.ndenumerate(crop):
        color = "white" if value > 127 else "black" if value else "#BBBBBB"
        ax.text(left + column, top + row, value, ha="center", va="center", fontsize=8, color=color)
    ax.set(title=title, xlabel="column of the image", ylabel="row of the image")
    ax.set(xticks=range(left, left + width, 2), yticks=range(top, top + height, 2))
    return fig


@figure
def show_flattening(image: Tensor, order: Tensor) -> Figure:
    """Draw a picture and its pixels in one row; below, the same in a shuffled order."""
    picture = as_pictures(image)[0]
    side = picture.shape[0]
    shuffled = picture.flatten()[order.numpy()]
    fig, axes = plt.subplots(2, 2, figsize=(8, 3.4), width_ratios=[1, 3.4])
    rows = [
        (picture, picture.flatten(), "the picture ...", "... and its 784 numbers in one row"),
        (shuffled.reshape(side, side), shuffled, "shuffled ...", "... the same numbers, shuffled"),
    ]
    for (left, right), (square, strip, square_title, strip_title) in zip(axes, rows, strict=True):
        left.imshow(square, cmap="gray_r", vmin=0, vmax=1)
        left.set(title=square_title, xticks=[], yticks=[])
        right.imshow(strip[None], cmap="gray_r", vmin=0, vmax=1, aspect="auto")
        right.set(title=strip_title, xlabel="position in the row", yticks=[])
    return fig


@figure
def show_readings(images: Tensor, probabilities: Tensor, labels: Tensor, title: str = "") -> Figure:
    """Draw digits above the probabilities that a network gives them.

    Its answer is blue if it is right, else orange.
    """
    pictures = as_pictures(images)
    count = len(pictures)
    fig, axes = plt.subplots(
        2, count, figsize=(8, 3.2), height_ratios=[1, 1.3], sharey="row", squeeze=False
    )
    for top, bottom, picture, chances, label in zip(
        *axes, pictures, probabilities.tolist(), labels.tolist(), strict=True
    ):
        answer = int(np.argmax(chances))
        top.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        top.set_axis_off()
        colors = [GREY] * 10
        colors[answer] = BLUE if answer == label else ORANGE
        bottom.barh(range(10), chances, color=colors)
        sure = min(chances[answer], 0.99)  # nothing is certain
        top.set_title(f"{answer}: {sure:.0%}", loc="center", color=colors[answer])
        bottom.set(xlim=(0, 1), xticks=[0, 1], yticks=range(10), ylim=(9.6, -0.6))
        bottom.set_xticklabels(["0", "100 %"], fontsize=9)
        bottom.tick_params(axis="y", length=0)
    axes[1, 0].set_ylabel("digit")
    fig.supxlabel("probability", fontsize=9)
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig
