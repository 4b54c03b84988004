"""Decode a line's column scores into text: connectionist temporal classification (CTC).

`chances` are log-probabilities of each sign in each column, (columns, 1 + signs). Sign 0 is the
blank, which stands for "nothing new". Equal signs in a row count as one, unless a blank separates
them: A. Graves et al., Connectionist temporal classification, 2006.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

BLANK = 0
BEAM = 8  # prefixes followed at a time: more never changed a line of the practice set
RARE = math.log(1e-4)  # signs less likely than this in a column aren't tried there
NEVER = -math.inf
HARDLY = -50.0  # least log-likelihood of a text in one view, so that no view alone can veto it
HALF = 0.5  # of a column: from its left edge to its middle

Scores = tuple[float, float]  # log-probabilities of a prefix: ending with a blank, or a sign


class Place(NamedTuple):
    """The columns that a sign extends over, and its highest probability in any of its columns."""

    left: float
    right: float
    chance: float


def best_prefix(chances: np.ndarray) -> tuple[int, ...]:
    """Return the likeliest text, summed over all its alignments to the columns.

    It is found by prefix beam search (A. Hannun et al., First-pass large vocabulary continuous
    speech recognition, 2014), which follows only the likeliest prefixes from column to column.
    """
    beam: dict[tuple[int, ...], Scores] = {(): (0.0, NEVER)}
    for column in chances.tolist():
        likely = [sign for sign, chance in enumerate(column) if chance > RARE and sign != BLANK]
        beam = likeliest(extend_beam(beam, column, likely))
    return max(beam, key=lambda prefix: np.logaddexp(*beam[prefix]))


def consensus_text(looks: Sequence[np.ndarray]) -> tuple[int, ...]:
    """Return the text likeliest in all views together, out of the best text of each view."""
    return max(
        {best_prefix(look) for look in looks}, key=lambda signs: mean_log_likelihood(looks, signs)
    )


def mean_log_likelihood(looks: Sequence[np.ndarray], signs: Sequence[int]) -> float:
    """Return a text's log-likelihood, averaged over several views of its line."""
    return sum(max(likelihood(look, signs), HARDLY) for look in looks) / len(looks)


def extend_beam(
    beam: dict[tuple[int, ...], Scores], column: list[float], likely: list[int]
) -> dict[tuple[int, ...], Scores]:
    """Return every prefix that one more column can make of these, with its scores."""
    after: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [NEVER, NEVER])
    for prefix, (blank, sign) in beam.items():
        either = add(blank, sign)
        same = after[prefix]
        same[0] = add(same[0], either + column[BLANK])
        if prefix:
            same[1] = add(same[1], sign + column[prefix[-1]])
        for new in likely:
            longer = after[(*prefix, new)]
            start = blank if prefix and prefix[-1] == new else either
            longer[1] = add(longer[1], start + column[new])
    return {prefix: (scores[0], scores[1]) for prefix, scores in after.items()}


def likeliest(beam: dict[tuple[int, ...], Scores]) -> dict[tuple[int, ...], Scores]:
    """Keep the `BEAM` likeliest prefixes."""
    order = sorted(beam, key=lambda prefix: -add(*beam[prefix]))
    return {prefix: beam[prefix] for prefix in order[:BEAM]}


def add(one: float, other: float) -> float:
    """Return the logarithm of the sum of two numbers, given their logarithms."""
    high, low = (one, other) if one > other else (other, one)
    return high if low == NEVER else high + math.log1p(math.exp(low - high))


def states_of(signs: Sequence[int]) -> list[int]:
    """Return the CTC states of a text: a blank before, between and after its signs."""
    states = [BLANK]
    for sign in signs:
        states += [sign, BLANK]
    return states


def steps_into(states: list[int]) -> np.ndarray:
    """Tell for each state whether it may follow the state two before, skipping one blank."""
    skips = [False, False]
    skips += [states[i] not in (BLANK, states[i - 2]) for i in range(2, len(states))]
    return np.array(skips[: len(states)])


def likelihood(chances: np.ndarray, signs: Sequence[int]) -> float:
    """Return the log-likelihood of a text: the sum over all its alignments."""
    states = states_of(signs)
    skips, reached = steps_into(states), initial_scores(chances, states)
    for column in chances[1:, states]:
        stay, step, skip = transitions(reached, skips)
        reached = np.logaddexp(np.logaddexp(stay, step), skip) + column
    return float(np.logaddexp.reduce(reached[-2:]))


def initial_scores(chances: np.ndarray, states: list[int]) -> np.ndarray:
    """Return each state's score in the first column, which is a blank or the first sign."""
    reached = np.full(len(states), NEVER)
    reached[:2] = chances[0, states[:2]]
    return reached


def transitions(
    reached: np.ndarray, skips: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the scores of coming to each state from itself, from one and from two before."""
    nothing = np.full(2, NEVER)
    step = np.concatenate([nothing[:1], reached[:-1]])
    skip = np.concatenate([nothing, reached[:-2]])[: len(reached)]
    return reached, step, np.where(skips, skip, NEVER)


def path_through(chances: np.ndarray, signs: Sequence[int]) -> list[int]:
    """Return each column's state in the likeliest alignment (A. Viterbi, 1967)."""
    states = states_of(signs)
    skips, reached = steps_into(states), initial_scores(chances, states)
    came: list[np.ndarray] = []
    for column in chances[1:, states]:
        options = np.stack(transitions(reached, skips))
        back = options.argmax(0)
        came.append(back)
        reached = options.max(0) + column
    last = len(states) - 1 if len(states) < 2 or reached[-1] > reached[-2] else len(states) - 2
    path = [last]
    for back in reversed(came):
        path.append(path[-1] - int(back[path[-1]]))
    return path[::-1]


def places_of(chances: np.ndarray, signs: Sequence[int]) -> list[Place]:
    """Return the place of each sign, in columns.

    The network's scores tell where a sign is, but not where it begins and ends. So neighbouring
    signs meet halfway between their middles; the outer ones extend outwards by half the typical
    distance.
    """
    if not signs:
        return []
    path = np.array(path_through(chances, signs))
    those = [np.flatnonzero(path == 2 * number + 1) for number in range(len(signs))]
    middles = [float(columns.mean()) + HALF for columns in those]
    ends = ends_between(middles, len(chances))
    peaks = [
        float(chances[columns, sign].max()) for columns, sign in zip(those, signs, strict=True)
    ]
    return [Place(*span, math.exp(peak)) for span, peak in zip(pairwise(ends), peaks, strict=True)]


def ends_between(middles: list[float], columns: int) -> list[float]:
    """Return the borders of signs with these middles: one more border than signs."""
    between = [(one + other) / 2 for one, other in pairwise(middles)]
    reach = float(np.median(np.diff(middles))) / 2 if between else columns / 2
    return [max(0.0, middles[0] - reach), *between, min(float(columns), middles[-1] + reach)]
