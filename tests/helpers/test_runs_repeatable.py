"""Runs: repeatable from their seed, and taken up exactly after a stop."""

import copy
import io
import itertools

import pytest
import torch
from support import (
    EVERYTHING,
    NEEDS_PTY,
    TINY,
    among_processes,
    interrupted,
    shown_on_a_terminal,
    trained,
    weights,
)

from helpers.data import Digits
from helpers.recipes import Recipe
from helpers.runs import Run
from helpers.training import History

SMALL = TINY.but(epochs=2)
FULL = EVERYTHING.but(batch_size=100)
RECIPES = {
    "plain mlp": TINY.but(batch_size=100),
    "mlp with everything": FULL,
    "mlp with momentum": FULL.but(optimizer="sgd"),
    "cnn with everything": FULL.but(model="cnn", sizes=(2, 3)),
}


def without_times(history: History) -> dict:
    """What two runs that do the same have in common, to the last bit."""
    return {name: column for name, column in vars(history).items() if name != "seconds"}


def assert_same(one: Run, other: Run) -> None:
    """Both ended with the same network, by the same way."""
    assert torch.equal(weights(one.model), weights(other.model))
    assert without_times(one.history) == without_times(other.history)


def through_a_file(state: dict) -> dict:
    """A state as a file would give it back, opened without running anything in it."""
    packed = io.BytesIO()
    torch.save(state, packed)
    packed.seek(0)
    return torch.load(packed, weights_only=True)


def stopped(
    recipe: Recipe, digits: Digits, epoch: int, moment: int | str, state: dict | None = None
) -> dict:
    """What a file would hold of a run that was stopped in an epoch, and continued before."""
    run = Run(recipe, digits, seed=4)
    if state:
        run.restore(state)
    done = len(run.history.seconds)
    with interrupted(epoch - done, moment), pytest.raises(KeyboardInterrupt):
        run.train()
    return through_a_file(run.last_state)


@pytest.fixture(scope="module")
def undisturbed(few_digits: Digits) -> dict[str, Run]:
    """Each recipe's run from the seed of those that are stopped."""
    torch.manual_seed(1)
    return {name: trained(recipe, few_digits, seed=4) for name, recipe in RECIPES.items()}


@pytest.mark.parametrize("name", RECIPES)
def test_same_seed_gives_the_same_weights_and_another_seed_others(
    few_digits: Digits, name: str, undisturbed: dict[str, Run]
):
    torch.manual_seed(2)
    assert_same(trained(RECIPES[name], few_digits, seed=4), undisturbed[name])
    other = trained(RECIPES[name], few_digits, seed=6)
    assert not torch.equal(weights(other.model), weights(undisturbed[name].model))


def test_seed_decides_both_the_first_weights_and_the_order_of_the_digits(digits: Digits):
    starts, orders = [], []
    for seed in (1, 1, 2):
        run = Run(SMALL, digits, seed)
        starts.append(weights(run.model))
        run.reseed(0)
        orders.append(next(iter(run.loader))[1])
    for seen in (starts, orders):
        assert torch.equal(seen[0], seen[1])
        assert not torch.equal(seen[0], seen[2])


def test_each_epoch_has_another_order_and_other_warps(digits: Digits):
    run, orders, warped = Run(EVERYTHING, digits), [], []
    for epoch in range(4):
        run.reseed(epoch)
        orders.append(next(iter(run.loader))[1])
        warped.append(run.loader.dataset[torch.tensor([0])][0])
    for seen in (orders, warped):
        assert all(not torch.equal(*pair) for pair in itertools.combinations(seen, 2))


@pytest.mark.parametrize("moment", [0, 2, "after"])
@pytest.mark.parametrize("name", RECIPES)
def test_stopped_run_goes_on_to_exactly_the_same_end(
    few_digits: Digits, name: str, moment: int | str, undisturbed: dict[str, Run]
):
    state = stopped(RECIPES[name], few_digits, 2, moment)
    assert len(state["history"]["seconds"]) == 2
    run = Run(Recipe.from_dict(state["recipe"]), few_digits, state["seed"])
    torch.manual_seed(99)
    run.restore(state)
    run.train()
    assert_same(run, undisturbed[name])
    assert run.history.seconds[:2] == state["history"]["seconds"]
    assert len(run.history.seconds) == 4


def test_run_may_be_stopped_more_than_once(few_digits: Digits, undisturbed: dict[str, Run]):
    name, state = "mlp with everything", None
    for epoch, moment in ((1, 3), (1, 0), (3, "after")):
        state = stopped(RECIPES[name], few_digits, epoch, moment, state)
        assert len(state["history"]["seconds"]) == epoch
    run = Run(RECIPES[name], few_digits, seed=4)
    run.restore(state)
    run.train()
    assert_same(run, undisturbed[name])


@NEEDS_PTY
def test_bar_of_a_run_goes_on_from_where_it_was(
    few_digits: Digits, monkeypatch: pytest.MonkeyPatch
):
    run = Run(FULL, few_digits, seed=4)
    run.restore(stopped(FULL, few_digits, 2, 0))
    shown = shown_on_a_terminal(run.train, monkeypatch)
    assert "12/16" in shown
    assert "16/16" in shown
    assert " 4/16" not in shown
    assert "batch/s" in shown


def test_what_was_kept_does_not_change_while_training_goes_on(few_digits: Digits):
    run = Run(FULL, few_digits)
    kept = run.last_state
    before = copy.deepcopy(kept)
    run.train()
    assert kept["history"] == before["history"]
    assert kept["scheduler"] == before["scheduler"]
    assert kept["optimizer"] == before["optimizer"]
    assert all(torch.equal(kept["model"][name], before["model"][name]) for name in kept["model"])


def test_restoring_does_not_tie_a_run_to_the_state_it_came_from(few_digits: Digits):
    state = stopped(FULL, few_digits, 2, 0)
    before = copy.deepcopy(state)
    for _ in range(2):
        run = Run(FULL, few_digits, seed=4)
        run.restore(state)
        run.train()
    assert state["history"] == before["history"]
    moments = (state["optimizer"]["state"][0], before["optimizer"]["state"][0])
    assert torch.equal(*(each["exp_avg"] for each in moments))


def run_as(rank: int, count: int, digits: Digits, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The run that one of several processes would prepare, about to begin its second epoch."""
    with monkeypatch.context() as patch:
        among_processes(patch, rank, count)
        run = Run(EVERYTHING, digits, seed=4)
        run.reseed(1)
    return run


def test_several_processes_share_each_batch_and_draw_chance_of_their_own(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
):
    alone = run_as(0, 1, digits, monkeypatch)
    processes, chances, shares = [], [], []
    for rank in range(2):
        run = run_as(rank, 2, digits, monkeypatch)
        chances.append([torch.initial_seed(), *(c.generator.initial_seed() for c in run.changes)])
        shares.append([labels.tolist() for _, labels in run.loader])
        processes.append(run)
    for whole, first, second in zip(alone.loader, *shares, strict=True):
        assert sorted(first + second) == sorted(whole[1].tolist())
        assert abs(len(first) - len(second)) <= 1
    assert all(one != other for one, other in zip(*chances, strict=True))
    assert all(torch.equal(weights(run.model), weights(alone.model)) for run in processes)
