"""Lines of digits, with what is written on them, as a network learns to read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handreader.lines import SIGNS
from helpers.data import Batches, Pictures
from helpers.training import Loader, Score, check_filled, device_of
from trainer.line_network import as_lines

BLANK = 0  # the score that says: nothing new in this column
WIDTHS_SORTED = 50  # batches put together at a time: enough for lines as wide, in any order
NO_SIGN = -1  # behind the signs of a line that has fewer than another


class LikeWidths(Batches):
    """Whole batches of lines, each of lines about as wide, so that little room is wasted."""

    def __init__(self, widths: Tensor, *how: Any):
        super().__init__(*how)
        self.widths = widths

    def grouped_batches(self, order: Tensor) -> Sequence[Tensor]:
        """Return batches of lines about as wide, in a random order if they are shuffled."""
        pools = order.split(WIDTHS_SORTED * self.batch_size)
        alike = torch.cat([pool[self.widths[pool].argsort(stable=True)] for pool in pools])
        together = alike.split(self.batch_size)
        if not self.shuffle:
            return together
        mixed = torch.randperm(len(together), generator=self.generator)
        return [together[number] for number in mixed]


@dataclass(frozen=True)
class LineSet(Pictures):
    """Lines as bytes, (32, width) each: index it with a tensor for a batch."""

    pictures: Sequence[Tensor]
    labels: Tensor  # (count, longest), numbers from 1 for a sign, then NO_SIGN
    transform: Callable[[Tensor], Tensor] | None = None

    def sampler(self, *how: Any) -> LikeWidths:
        """Return batches of lines that are about as wide."""
        widths = torch.tensor([picture.shape[1] for picture in self.pictures])
        return LikeWidths(widths, *how)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        lines = as_lines([self.pictures[row] for row in rows.tolist()])
        return lines if self.transform is None else self.transform(lines), self.labels[rows]

    def with_transform(self, transform: Callable[[Tensor], Tensor] | None) -> "LineSet":
        """The same lines seen through another transform; the bytes are shared, not copied."""
        return LineSet(self.pictures, self.labels, transform)


def labels_of(texts: Sequence[str]) -> Tensor:
    """What is written on lines, as numbers: (count, longest)."""
    labels = torch.full((len(texts), max(map(len, texts), default=0)), NO_SIGN)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = torch.tensor([1 + SIGNS.index(sign) for sign in text], dtype=torch.long)
    return labels


def ctc_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """How unlikely the texts are, per sign; scores are (N, 1 + signs, columns), labels (N, most).

    A line with more signs than columns can't be read and counts nothing.
    """
    chances = scores.float().log_softmax(1).permute(2, 0, 1)
    lengths, columns = (labels != NO_SIGN).sum(1), torch.full((len(labels),), len(chances))
    losses = F.ctc_loss(
        chances, labels.clamp(min=1), columns, lengths, reduction="sum", zero_infinity=True
    )
    return losses / lengths.sum().clamp(min=1)


def whole_lines_right(scores: Tensor, labels: Tensor) -> Tensor:
    """Which lines are read right from the first sign to the last, in booleans (N,)."""
    wanted = [[sign for sign in row if sign != NO_SIGN] for row in labels.tolist()]
    return torch.tensor([read == right for read, right in zip(greedy(scores), wanted, strict=True)])


def greedy(scores: Tensor) -> list[list[int]]:
    """The likeliest sign of each column, those in a row taken for one, without blanks."""
    best = scores.argmax(1)
    new = (best != BLANK) & (best != F.pad(best, (1, 0))[:, :-1])
    return [row[keep].tolist() for row, keep in zip(best, new, strict=True)]


def count_lines(scores: Tensor, labels: Tensor, loss: Tensor) -> Tensor:
    """Of a batch: the sum of its losses, lines read right, lines, and again lines (4 numbers)."""
    right, seen = whole_lines_right(scores, labels).sum(), float(len(labels))
    return torch.stack([loss.detach().cpu() * seen, *torch.tensor([right, seen, seen])])


@torch.no_grad()
def evaluate_lines(model: nn.Module, loader: Loader) -> Score:
    """Loss and how many lines are read right, over a whole loader."""
    check_filled(loader)
    was_training, device = model.training, device_of(model)
    model.eval()
    sums = torch.zeros(4)
    for lines, labels in loader:
        scores = model(lines.to(device)).cpu()
        sums += count_lines(scores, labels, ctc_loss(scores, labels))
    model.train(was_training)
    loss, right, count, _ = sums.tolist()
    return Score(loss / count, right / count, int(count))


@dataclass(frozen=True)
class Lines:
    """Lines composed of the digits of a data set: like `data.Digits`, to train a network on."""

    name: str
    notice: str
    train: LineSet
    validation: LineSet
    test: LineSet
    mean: float  # of the digits, by which it is known that they are the same
    std: float
    photographs: int  # how many lines there are to learn from
