"""Lines composed by code: the same for the same seed, and written as their hands write."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from support import assert_as_recorded

from helpers.data import Digits
from trainer.synthesis.glyphs import HIGH, Bank
from trainer.synthesis.hands import (
    BY_CODE,
    FROM_MNIST,
    MIXED,
    PRINTED,
    USUAL_HABITS,
    Hand,
    sample_hand,
)
from trainer.synthesis.line_sheets import inked, write
from trainer.synthesis.lines import compose
from trainer.synthesis.subjects import Source
from trainer.synthesis.texts import Text

ALL_KINDS = {"mnist": FROM_MNIST, "code": BY_CODE, "mixed": MIXED, "printed": PRINTED}


@pytest.fixture(scope="module")
def bank(digits: Digits) -> Bank:
    """A few digits to write lines with."""
    return Bank(Source(digits.train.images[:60, 0].numpy(), digits.train.labels[:60].numpy()))


def hand_of(kind: int, bank: Bank, seed: int = 0, **habits: float) -> Hand:
    """A hand that only writes digits of one kind."""
    chances = tuple(float(each == kind) for each in range(4))
    random = np.random.default_rng(seed)
    return sample_hand(bank, replace(USUAL_HABITS, kinds=chances, **habits), random)


def pieces(cover: np.ndarray) -> int:
    """How many there are that don't touch."""
    return cv2.connectedComponents((cover > 0.5).astype(np.uint8))[0] - 1


def test_lines_are_grey_pictures_from_12_to_80_pixels_high(bank: Bank):
    random = np.random.default_rng(1)
    for _ in range(60):
        picture, label = compose(bank, random)
        assert picture.dtype == np.uint8
        assert 12 <= picture.shape[0] <= 80
        assert isinstance(label, str)


@pytest.mark.parametrize("kind", ALL_KINDS.values(), ids=ALL_KINDS)
@pytest.mark.parametrize("text", ["0", "17", "8005", "3.1415", "12/7-99:5,0"])
def test_every_hand_writes_each_sign_behind_the_last(kind: int, text: str, bank: Bank):
    sheet = write(Text(text), hand_of(kind, bank, coiling=0))
    assert "".join(sign for sign, _, _ in sheet.spans) == text
    middles = [(starts.min() + ends.max()) / 2 for _, starts, ends in sheet.spans]
    assert middles == sorted(middles)
    assert inked(sheet).max() == 1


def test_zeros_in_one_stroke_are_one_piece_that_is_as_long_as_all_of_them(bank: Bank):
    hand = hand_of(BY_CODE, bank, coiling=1, joining=0)
    sheet = write(Text("0000"), hand)
    assert len(sheet.spans) == 1
    assert pieces(inked(sheet)) == 1
    assert np.ptp(np.flatnonzero(inked(sheet).max(0) > 0.5)) > 1.5 * HIGH


def test_hand_that_joins_leaves_fewer_pieces_than_one_that_does_not(bank: Bank):
    counts = []
    for joining in (0, 1):
        hands = [hand_of(BY_CODE, bank, seed, joining=joining, coiling=0) for seed in range(12)]
        apart = [replace(hand, gap=0.3, scale=(1, 1), ways=np.zeros(99, int)) for hand in hands]
        counts.append(sum(pieces(inked(write(Text("2323"), each))) for each in apart))
    assert counts[1] < counts[0]


def test_slants_of_a_line_are_those_of_its_hand(bank: Bank):
    leaning = []
    for slant in (-0.5, 0.5):
        hand = replace(hand_of(FROM_MNIST, bank, foreign=0), slant=slant, scale=(1, 1), gap=0.4)
        moments = cv2.moments(inked(write(Text("1"), hand)))
        leaning.append(-moments["mu11"] / moments["mu02"])
    assert leaning[0] < -0.2 < 0.2 < leaning[1]


def test_words_and_currencies_are_written_and_not_read(bank: Bank):
    hand = hand_of(FROM_MNIST, bank)
    sheet = write(Text("7", "CHF ", ".-"), hand)
    assert "".join(sign for sign, _, _ in sheet.spans) == "a7.-"


def test_lines_are_those_that_networks_have_practised_on(bank: Bank):
    random = np.random.default_rng(11)
    assert_as_recorded("lines", [compose(bank, random)[0] for _ in range(8)])
