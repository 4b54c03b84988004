"""What columns of scores say is found as brute force finds it."""

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from handreader.ctc import (
    BLANK,
    best_prefix,
    consensus_text,
    likelihood,
    mean_log_likelihood,
    places_of,
)

SIGNS = 3  # beside the blank


def some_chances(columns: int, seed: int, sharpness: float = 1.0) -> np.ndarray:
    """Logarithms of chances, as a network might give them."""
    scores = np.random.default_rng(seed).normal(0, sharpness, (columns, 1 + SIGNS))
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def said_by(path: tuple[int, ...]) -> tuple[int, ...]:
    """The text of one way through the columns."""
    return tuple(sign for sign, _ in groupby(path) if sign != BLANK)


def all_texts(chances: np.ndarray) -> dict[tuple[int, ...], float]:
    """How likely each text is, all ways through the columns added up."""
    texts: dict[tuple[int, ...], float] = defaultdict(float)
    for path in product(range(1 + SIGNS), repeat=len(chances)):
        texts[said_by(path)] += float(np.exp(sum(chances[range(len(path)), path])))
    return texts


@pytest.mark.parametrize("seed", range(6))
def test_best_text_is_the_likeliest_of_all(seed: int):
    chances = some_chances(5, seed, sharpness=2)
    texts = all_texts(chances)
    assert best_prefix(chances) == max(texts, key=lambda text: texts[text])


def test_beam_finds_what_greed_misses():
    blank_first = np.log([[0.4, 0.35, 0.25], [0.4, 0.35, 0.25]])  # [] 0.16, but [1] 0.4
    assert best_prefix(blank_first) == (1,)
    assert not blank_first.argmax(1).any()


@pytest.mark.parametrize("seed", range(6))
def test_likelihood_is_the_sum_over_all_ways(seed: int):
    chances = some_chances(5, seed)
    for text, chance in all_texts(chances).items():
        assert np.exp(likelihood(chances, text)) == pytest.approx(chance)


def test_likelihood_is_the_loss_that_the_network_learned_by():
    chances, text = some_chances(12, 0), [1, 1, 2, 3, 3]
    column = torch.from_numpy(chances)[:, None]
    loss = F.ctc_loss(column, torch.tensor([text]), [12], [len(text)], reduction="sum")
    assert likelihood(chances, text) == pytest.approx(-loss.item())


def test_text_longer_than_the_line_is_impossible():
    assert likelihood(some_chances(3, 0), [1, 1, 2]) == -np.inf


def test_looks_that_differ_agree_on_the_likeliest_for_all_whatever_their_widths():
    doubtful, sure = np.log([[0.1, 0.5, 0.4]] * 2), np.log([[0.1, 0.1, 0.8]] * 3)
    assert [best_prefix(look) for look in (doubtful, sure)] == [(1,), (2,)]
    assert consensus_text([doubtful, sure]) == consensus_text([sure, doubtful]) == (2,)
    both = likelihood(doubtful, (2,)) + likelihood(sure, (2,))
    assert mean_log_likelihood([doubtful, sure], (2,)) == pytest.approx(both / 2)


def test_text_that_one_look_has_no_room_for_is_unlikely_but_not_lost():
    short, long = np.log([[0.01, 0.99]]), np.log([[0.01, 0.99], [0.99, 0.01], [0.01, 0.99]])
    assert np.isfinite(mean_log_likelihood([short, long], (1, 1)))


def peaks(columns: int, at: dict[int, int]) -> np.ndarray:
    """A network that is sure of a sign in some columns, and of nothing in the others."""
    chances = np.full((columns, 1 + SIGNS), 0.01)
    chances[:, BLANK] = 0.97
    for column, sign in at.items():
        chances[column] = 0.01
        chances[column, sign] = 0.97
    return np.log(chances)


def test_text_is_read_from_peaks_and_equal_signs_stay_apart():
    assert best_prefix(peaks(12, {1: 1, 5: 1, 8: 3})) == (1, 1, 3)
    assert best_prefix(peaks(12, {})) == ()


def test_each_sign_is_where_its_peak_is_and_neighbours_share_what_is_between():
    places = places_of(peaks(20, {4: 1, 5: 1, 10: 2, 15: 2}), [1, 2, 2])
    lefts, rights, chances = zip(*places, strict=True)
    assert lefts == pytest.approx((2.375, 7.75, 13.0))
    assert rights == pytest.approx((7.75, 13.0, 18.125))
    assert chances == pytest.approx((0.97, 0.97, 0.97))


def test_a_single_sign_and_none_have_their_places():
    assert places_of(peaks(6, {}), []) == []
    ((left, right, _),) = places_of(peaks(6, {2: 3}), [3])
    assert 0 <= left <= 2.5 <= right <= 6
