"""Pens: each digit as another one would have written it, within limits, and still readable."""

import pytest
import torch
from torch import Tensor

from helpers.data import Digits
from trainer.augmentations import Pen
from trainer.recipes import Pens

POSITION = torch.arange(28.0) - 13.5  # from the middle of the picture
BELL = torch.exp(-((POSITION / 4) ** 2) / 2)
SQUARE = BELL[:, None] * BELL
BAR = (POSITION.abs() < 3).float().expand(28, 28)
BALLPOINT = Pens(width=0.25, blur=1.2, fade=0.3, gaps=0.1)


def floats(digits: Digits, count: int = 200) -> Tensor:
    """Digits as pens take them."""
    return digits.train.images[:count] / 255


def test_pen_keeps_shape_and_range_and_leaves_paper_blank(digits: Digits):
    images = floats(digits)
    before = images.clone()
    for batch in (images, images[0]):
        written = Pen(BALLPOINT)(batch)
        assert written.shape == batch.shape
        assert written.dtype == torch.float32
        assert written.min() >= 0
        assert written.max() <= 1
        assert len({image.numpy().tobytes() for image in written}) == len(written)
    assert torch.equal(images, before)
    assert not Pen(BALLPOINT)(torch.zeros(5, 1, 28, 28)).any()


def test_pen_is_decided_by_its_seed_alone(digits: Digits):
    images = floats(digits, 20)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = Pen(BALLPOINT, seed=5)(images)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(Pen(BALLPOINT, seed=5)(images), first)
    assert not torch.allclose(Pen(BALLPOINT, seed=6)(images), first, atol=0.01)


def test_pen_without_strength_changes_nothing(digits: Digits):
    pen = Pen(BALLPOINT)
    pen.strength = 0.0
    torch.testing.assert_close(pen(floats(digits)), floats(digits))


def test_fade_weakens_ink_so_far_and_no_further():
    square = (SQUARE > 0.3).expand(500, 1, 28, 28).float()
    tops = Pen(Pens(fade=0.4))(square).amax((1, 2, 3))
    assert tops.min() >= 0.6 - 1e-6
    assert tops.min() < 0.63
    assert tops.max() > 0.97


def test_width_makes_strokes_wider_and_narrower():
    bar = BAR.expand(500, 1, 28, 28)
    wide = Pen(Pens(width=0.3, blur=1.5))(bar)[:, 0, 14].sum(1)
    assert wide.min() < 5.7
    assert wide.max() > 6.3


def test_gaps_are_as_frequent_as_was_asked_for():
    full = Pen(Pens(gaps=0.3))(torch.ones(2000, 1, 28, 28))
    holed = (full[:, 0, 4:24, 4:24].amin((1, 2)) < 0.5).double().mean()
    assert holed == pytest.approx(0.3, abs=0.04)
    assert ((full < 0.5).sum((1, 2, 3)) <= 15).all()
