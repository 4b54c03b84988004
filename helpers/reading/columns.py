"""From scores for each column of a line to its text: CTC, read backwards.

`chances` are the logarithms of how likely each sign is in each column, (columns, 1 + signs); sign
0 is the blank, that is, nothing new. Signs in a row that are equal are one, unless a blank parts
them: A. Graves et al., Connectionist temporal classification, 2006.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

BLANK = 0
BEAM = 8  # texts that are followed at a time: more never changed a line of practice
RARE = math.log(1e-4)  # a sign less likely than this in a column isn't tried there
NEVER = -math.inf

Scores = tuple[float, float]  # of a text so far: its last column a blank, or its last sign


def best_text(chances: np.ndarray, signs: Sequence[str]) -> str:
    """The likeliest text, all ways to spread it over the columns taken together."""
    return "".join(signs[each - 1] for each in best_prefix(chances))


def best_prefix(chances: np.ndarray) -> tuple[int, ...]:
    """The likeliest signs: prefix beam search (A. Hannun et al., First-pass large vocabulary...,

    2014), which follows the few likeliest beginnings from column to column.
    """
    beam: dict[tuple[int, ...], Scores] = {(): (0.0, NEVER)}
    for column in chances.tolist():
        likely = [sign for sign, chance in enumerate(column) if chance > RARE and sign != BLANK]
        beam = likeliest(grown(beam, column, likely))
    return max(beam, key=lambda prefix: np.logaddexp(*beam[prefix]))


def grown(
    beam: dict[tuple[int, ...], Scores], column: list[float], likely: list[int]
) -> dict[tuple[int, ...], Scores]:
    """All beginnings that one more column can make of these."""
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
    """The few beginnings worth following."""
    order = sorted(beam, key=lambda prefix: -add(*beam[prefix]))
    return {prefix: beam[prefix] for prefix in order[:BEAM]}


def add(one: float, other: float) -> float:
    """The logarithm of the sum of two numbers known by theirs."""
    high, low = (one, other) if one > other else (other, one)
    return high if low == NEVER else high + math.log1p(math.exp(low - high))


def states_of(signs: Sequence[int]) -> list[int]:
    """A text as the states it goes through: a blank before, between and after its signs."""
    states = [BLANK]
    for sign in signs:
        states += [sign, BLANK]
    return states


def steps_into(states: list[int]) -> np.ndarray:
    """For each state whether it can follow the last but one: only if the blank can be left out."""
    skips = [False, False]
    skips += [states[i] not in (BLANK, states[i - 2]) for i in range(2, len(states))]
    return np.array(skips[: len(states)])


def likelihood(chances: np.ndarray, signs: Sequence[int]) -> float:
    """The logarithm of how likely a text is: the sum over all ways through its states."""
    states = states_of(signs)
    skips, reached = steps_into(states), begun(chances, states)
    for column in chances[1:, states]:
        stay, step, skip = moves(reached, skips)
        reached = np.logaddexp(np.logaddexp(stay, step), skip) + column
    return float(np.logaddexp.reduce(reached[-2:]))


def begun(chances: np.ndarray, states: list[int]) -> np.ndarray:
    """How likely each state is in the first column: a line begins with a blank or a sign."""
    reached = np.full(len(states), NEVER)
    reached[:2] = chances[0, states[:2]]
    return reached


def moves(reached: np.ndarray, skips: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How likely each state is reached from itself, from the one before, or from two before."""
    nothing = np.full(2, NEVER)
    step = np.concatenate([nothing[:1], reached[:-1]])
    skip = np.concatenate([nothing, reached[:-2]])[: len(reached)]
    return reached, step, np.where(skips, skip, NEVER)


def path_through(chances: np.ndarray, signs: Sequence[int]) -> list[int]:
    """Which state of a text each column is in, on the likeliest way (Viterbi's, 1967)."""
    states = states_of(signs)
    skips, reached = steps_into(states), begun(chances, states)
    came: list[np.ndarray] = []
    for column in chances[1:, states]:
        options = np.stack(moves(reached, skips))
        back = options.argmax(0)
        came.append(back)
        reached = options.max(0) + column
    last = len(states) - 1 if len(states) < 2 or reached[-1] > reached[-2] else len(states) - 2
    path = [last]
    for back in reversed(came):
        path.append(path[-1] - int(back[path[-1]]))
    return path[::-1]


def places_of(chances: np.ndarray, signs: Sequence[int]) -> list[tuple[float, float, float]]:
    """For each sign the columns from which to which it is, and how likely it is at its likeliest.

    The network says a sign where it is sure, not where it begins and ends: two neighbours share
    the way between them, and the outer ones reach out as far as inwards.
    """
    if not signs:
        return []
    path = np.array(path_through(chances, signs))
    middles, peaks = [], []
    for number, sign in enumerate(signs):
        columns = np.flatnonzero(path == 2 * number + 1)
        middles.append(columns.mean() + 0.5)
        peaks.append(math.exp(chances[columns, sign].max()))
    ends = [(one + other) / 2 for one, other in pairwise(middles)]
    apart = float(np.median(np.diff(middles))) if ends else len(chances) / 2
    left, right = max(0.0, middles[0] - apart / 2), min(len(chances), middles[-1] + apart / 2)
    ends = [min(left, middles[0]), *ends, max(float(right), middles[-1])]
    return list(zip(ends[:-1], ends[1:], peaks, strict=True))
