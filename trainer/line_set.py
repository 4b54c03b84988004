"""Lines of digits with their labels, and the CTC loss by which a network learns to read them."""

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

BLANK = 0  # CTC's blank: nothing new in this column
WIDTHS_SORTED = 50  # batches sorted together: enough for similar widths, in a random order
NO_SIGN = -1  # padding behind the signs of shorter texts


class LikeWidths(Batches):
    """Batches of lines of similar width, so that little padding is needed."""

    def __init__(self, widths: Tensor, *how: Any):
        super().__init__(*how)
        self.widths = widths

    def grouped_batches(self, order: Tensor) -> Sequence[Tensor]:
        """Return batches of lines of similar width, in random order if they are shuffled."""
        pools = order.split(WIDTHS_SORTED * self.batch_size)
        alike = torch.cat([pool[self.widths[pool].argsort(stable=True)] for pool in pools])
        together = alike.split(self.batch_size)
        if not self.shuffle:
            return together
        mixed = torch.randperm(len(together), generator=self.generator)
        return [together[number] for number in mixed]


@dataclass(frozen=True)
class LineSet(Pictures):
    """Lines of (32, width) bytes each; index it with a tensor of rows for a batch."""

    pictures: Sequence[Tensor]
    labels: Tensor  # (count, longest): numbers from 1 for signs, then NO_SIGN
    transform: Callable[[Tensor], Tensor] | None = None

    def sampler(self, *how: Any) -> LikeWidths:
        """Return a sampler of batches of lines of similar width."""
        widths = torch.tensor([picture.shape[1] for picture in self.pictures])
        return LikeWidths(widths, *how)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        lines = as_lines([self.pictures[row] for row in rows.tolist()])
        return lines if self.transform is None else self.transform(lines), self.labels[rows]

    def with_transform(self, transform: Callable[[Tensor], Tensor] | None) -> "LineSet":
        """Return the lines with another transform; the bytes are shared, not copied."""
        return LineSet(self.pictures, self.labels, transform)


def labels_of(texts: Sequence[str]) -> Tensor:
    """Return texts as numbers, (count, longest): from 1 for a sign, padded with NO_SIGN."""
    labels = torch.full((len(texts), max(map(len, texts), default=0)), NO_SIGN)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = torch.tensor([1 + SIGNS.index(sign) for sign in text], dtype=torch.long)
    return labels


def ctc_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the CTC loss per sign of scores (N, 1 + signs, columns) and labels (N, longest).

    A line with too few columns for its text has no CTC path and counts as a loss of 0.
    """
    chances = scores.float().log_softmax(1).permute(2, 0, 1)
    lengths, columns = (labels != NO_SIGN).sum(1), torch.full((len(labels),), len(chances))
    losses = F.ctc_loss(
        chances, labels.clamp(min=1), columns, lengths, reduction="sum", zero_infinity=True
    )
    return losses / lengths.sum().clamp(min=1)


def greedy(scores: Tensor) -> list[list[int]]:
    """Decode each line greedily: the likeliest sign of each column, repeats merged, no blanks."""
    best = scores.argmax(1)
    new = (best != BLANK) & (best != F.pad(best, (1, 0))[:, :-1])
    return [row[keep].tolist() for row, keep in zip(best, new, strict=True)]


def count_lines(scores: Tensor, labels: Tensor, loss: Tensor) -> Tensor:
    """Return four sums over a batch: losses, lines read right, lines, and lines again.

    `training.batch_totals` distinguishes digits from pictures; with lines, the two are the same.
    """
    wanted = [[sign for sign in row if sign != NO_SIGN] for row in labels.tolist()]
    right = sum(read == text for read, text in zip(greedy(scores), wanted, strict=True))
    seen = len(labels)
    counts = torch.tensor([right, seen, seen], dtype=torch.float32, device=loss.device)
    return torch.stack([loss.detach() * seen, *counts])


@torch.no_grad()
def evaluate_lines(model: nn.Module, loader: Loader) -> Score:
    """Return the loss and the share of lines read right, over a whole loader."""
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
    """Training, validation and test lines written with a data set's digits; see `data.Digits`."""

    name: str
    notice: str
    train: LineSet
    validation: LineSet
    test: LineSet
    mean: float  # of the digits, to check that a resumed run has the same ones
    std: float
    photographs: int  # number of training lines
