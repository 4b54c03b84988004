"""Lines in batches, and how a network for them is judged."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from helpers.data import batches
from helpers.recipes import Warps
from trainer.augmentations import LineWarper
from trainer.line_network import LineNetwork, as_lines
from trainer.line_set import (
    LineSet,
    count_lines,
    ctc_loss,
    evaluate_lines,
    labels_of,
)


def some_lines(*widths: int) -> LineSet:
    """Lines of these widths that say their number."""
    random = np.random.default_rng(0)
    pictures = [
        torch.from_numpy(random.integers(0, 255, (32, wide)).astype(np.uint8)) for wide in widths
    ]
    return LineSet(pictures, labels_of([str(number) for number in range(len(widths))]))


def saying(*texts: list[int], columns: int = 8) -> Tensor:
    """Scores that are sure of some signs, one every other column."""
    scores = torch.zeros(len(texts), 16, columns)
    scores[:, 0] = 5
    for row, signs in zip(scores, texts, strict=True):
        for place, sign in enumerate(signs):
            row[sign, 2 * place] = 15
    return scores


def test_labels_are_numbers_of_signs_and_end_with_none():
    assert labels_of(["10,", "", "7"]).tolist() == [[2, 1, 12], [-1, -1, -1], [8, -1, -1]]


def test_batch_is_as_wide_as_its_widest_line_and_zero_behind_the_others():
    lines, labels = some_lines(30, 50)[torch.tensor([0, 1])]
    assert lines.shape == (2, 1, 32, 52)
    assert not lines[0, ..., 30:].any()
    assert labels.tolist() == [[1], [2]]
    for line, wide in zip(lines[:, 0], (30, 50), strict=True):
        assert line[:, :wide].mean().item() == pytest.approx(0, abs=1e-5)
        assert line[:, :wide].std().item() == pytest.approx(1, abs=0.08)


def test_neither_light_nor_contrast_changes_a_line_and_a_flat_one_stays_flat():
    picture = torch.randint(256, (32, 64), generator=torch.Generator().manual_seed(0)).byte()
    one, other = as_lines([picture]), as_lines([picture // 2 + 60])
    assert (one - other).abs().max() < 0.15
    assert not as_lines([torch.full((32, 9), 77, dtype=torch.uint8)]).any()


def test_batches_hold_lines_that_are_about_as_wide_and_each_line_once():
    lines = some_lines(*range(20, 84))
    loader = batches(lines, 8, shuffle=True, seed=3)
    seen = [(images.shape[-1], labels[:, 0].tolist()) for images, labels in loader]
    assert all(wide < 20 + 64 + 4 for wide, _ in seen)
    assert len(seen) == 8
    assert sum(wide for wide, _ in seen) < 8 * 60
    order = [wide for wide, _ in seen]
    assert order != sorted(order)
    again = [images.shape[-1] for images, _ in batches(lines, 8, shuffle=True, seed=3)]
    assert order == again


def test_processes_share_each_batch():
    lines = some_lines(*range(20, 52))
    whole = [labels for _, labels in batches(lines, 8, shuffle=True, seed=3)]
    shares = [
        [labels for _, labels in batches(lines, 8, shuffle=True, seed=3, part=(rank, 2))]
        for rank in range(2)
    ]
    for batch, one, other in zip(whole, *shares, strict=True):
        assert torch.equal(batch[0::2], one)
        assert torch.equal(batch[1::2], other)


def test_line_is_right_only_from_the_first_sign_to_the_last():
    scores = saying([1, 1, 2], [3], [], [5])
    labels = torch.tensor([[1, 1, 2], [3, 4, -1], [-1, -1, -1], [5, -1, -1]])
    assert count_lines(scores, labels, torch.tensor(0.5)).tolist() == [2.0, 3.0, 4.0, 4.0]


def test_loss_is_small_for_what_is_right_and_none_for_what_has_no_room():
    scores, right = saying([1, 1, 2]), torch.tensor([[1, 1, 2]])
    assert ctc_loss(scores, right) < 0.2 < 2 < ctc_loss(scores, torch.tensor([[4, 4, 2]]))
    assert ctc_loss(saying([1], columns=2), torch.tensor([[1, 1, 1]])).item() == 0


def test_evaluation_counts_all_lines_and_leaves_the_network_as_it_was():
    lines = some_lines(*range(20, 40))

    class Nothing(nn.Module):
        """Says that there is nothing."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, images: Tensor) -> Tensor:
            """Blanks."""
            return saying(*([[]] * len(images)), columns=images.shape[-1] // 4) + self.weight

    model = Nothing().train()
    score = evaluate_lines(model, batches(lines, 8))
    assert (score.accuracy, score.count) == (0.0, 20)
    assert score.loss > 1
    assert model.training


def test_network_gives_a_column_of_scores_for_every_four_pixels():
    model = LineNetwork(sizes=(4, 4, 4, 4, 8, 8)).eval()
    assert model(torch.zeros(3, 1, 32, 80)).shape == (3, 16, 20)
    assert model(torch.zeros(1, 1, 32, 80)).dtype == torch.float32


def test_network_sees_a_line_wherever_it_begins():
    torch.manual_seed(0)
    model = LineNetwork(sizes=(4, 4, 4, 4, 8, 8)).eval()
    line = torch.randn(1, 1, 32, 80)
    moved = torch.nn.functional.pad(line, (160, 160))
    with torch.no_grad():
        assert torch.allclose(model(moved)[..., 48:52], model(line)[..., 8:12], atol=1e-4)


def test_warped_lines_keep_their_height_and_about_their_width():
    warper = LineWarper(Warps(scale=0.1, shear=0.2, shift=2), seed=1)
    lines = torch.randn(4, 1, 32, 100)
    widths = {warper(lines).shape[-1] for _ in range(20)}
    assert all(88 <= wide <= 112 and wide % 4 == 0 for wide in widths)
    assert len(widths) > 1
    bent, still = (LineWarper(Warps(elastic=2.0), seed=1) for _ in range(2))
    still.strength = 0
    assert (bent(lines) - lines).abs().mean() > 0.5
    assert torch.allclose(still(lines), lines, atol=1e-3)
