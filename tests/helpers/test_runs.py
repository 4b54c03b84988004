"""Runs: repeatable from their seed, decided by their recipe, and taken up exactly after a stop."""

import copy
import dataclasses
import io
import itertools

import pytest
import torch
from support import EVERYTHING, TINY, among_processes, interrupted, weights

from helpers.common.errors import UserError
from helpers.data import Digits, DigitSet, batches
from helpers.models import MLP
from helpers.recipes import PLAIN_MLP, Recipe
from helpers.runs import Run, make_optimizer, seed_of, train_recipe
from helpers.training import History, evaluate
from helpers.transforms import Normalize

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


def trained(recipe: Recipe, digits: Digits, seed: int = 0) -> Run:
    """A run that nothing disturbed."""
    run = Run(recipe, digits, seed)
    run.train()
    return run


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
def few(digits: Digits) -> Digits:
    """Enough digits for several batches."""
    train = digits.train
    rows = train.rows[:320]
    return dataclasses.replace(
        digits, train=DigitSet(train.all_images, train.all_labels, rows=rows)
    )


@pytest.fixture(scope="module")
def undisturbed(few: Digits) -> dict[str, Run]:
    """Each recipe's run from the seed of those that are stopped."""
    torch.manual_seed(1)
    return {name: trained(recipe, few, seed=4) for name, recipe in RECIPES.items()}


@pytest.mark.parametrize("name", RECIPES)
def test_same_seed_gives_the_same_weights_and_another_seed_others(
    few: Digits, name: str, undisturbed: dict[str, Run]
):
    torch.manual_seed(2)
    assert_same(trained(RECIPES[name], few, seed=4), undisturbed[name])
    other = trained(RECIPES[name], few, seed=6)
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


def test_warps_are_for_learning_and_not_for_validation(digits: Digits):
    run = Run(EVERYTHING, digits)
    number = torch.tensor([0, 1, 2])
    look = Normalize(digits.mean, digits.std)
    assert torch.equal(run.validation.dataset[number][0], look(digits.validation.images[number]))
    assert not torch.equal(run.loader.dataset[number][0], look(digits.train.images[number]))
    assert torch.equal(
        Run(SMALL, digits).loader.dataset[number][0], look(digits.train.images[number])
    )


@pytest.mark.parametrize("moment", [0, 2, "after"])
@pytest.mark.parametrize("name", RECIPES)
def test_stopped_run_goes_on_to_exactly_the_same_end(
    few: Digits, name: str, moment: int | str, undisturbed: dict[str, Run]
):
    state = stopped(RECIPES[name], few, 2, moment)
    assert len(state["history"]["seconds"]) == 2
    run = Run(Recipe.from_dict(state["recipe"]), few, state["seed"])
    torch.manual_seed(99)
    run.restore(state)
    run.train()
    assert_same(run, undisturbed[name])
    assert run.history.seconds[:2] == state["history"]["seconds"]
    assert len(run.history.seconds) == 4


def test_run_may_be_stopped_more_than_once(few: Digits, undisturbed: dict[str, Run]):
    name, state = "mlp with everything", None
    for epoch, moment in ((1, 3), (1, 0), (3, "after")):
        state = stopped(RECIPES[name], few, epoch, moment, state)
        assert len(state["history"]["seconds"]) == epoch
    run = Run(RECIPES[name], few, seed=4)
    run.restore(state)
    run.train()
    assert_same(run, undisturbed[name])


def test_same_run_can_go_back_to_its_last_whole_epoch(few: Digits, undisturbed: dict[str, Run]):
    name = "mlp with everything"
    run = Run(RECIPES[name], few, seed=4)
    with interrupted(2, 3), pytest.raises(KeyboardInterrupt):
        run.train()
    run.restore(run.last_state)
    run.train()
    assert_same(run, undisturbed[name])


def test_what_was_kept_does_not_change_while_training_goes_on(few: Digits):
    run = Run(FULL, few)
    kept = run.last_state
    before = copy.deepcopy(kept)
    run.train()
    assert kept["history"] == before["history"]
    assert kept["scheduler"] == before["scheduler"]
    assert kept["optimizer"] == before["optimizer"]
    assert all(torch.equal(kept["model"][name], before["model"][name]) for name in kept["model"])


def test_restoring_does_not_tie_a_run_to_the_state_it_came_from(few: Digits):
    state = stopped(FULL, few, 2, 0)
    before = copy.deepcopy(state)
    for _ in range(2):
        run = Run(FULL, few, seed=4)
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


def test_finished_run_has_nothing_left_to_do(digits: Digits):
    run = trained(SMALL, digits)
    before, history = weights(run.model), copy.deepcopy(run.history)
    run.train()
    assert torch.equal(weights(run.model), before)
    assert run.history == history


def test_loss_beyond_all_bounds_is_one_sentence_with_the_way_out(digits: Digits):
    recipe = SMALL.but(optimizer="sgd", learning_rate=1e30)
    with pytest.raises(UserError, match="lower learning rate") as caught:
        train_recipe(recipe, digits)
    assert len(str(caught.value).splitlines()) == 1


def test_seeds_of_neighbours_are_unlike():
    seeds = {seed_of(*numbers) for numbers in itertools.product(range(5), repeat=3)}
    assert len(seeds) == 125
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_the_recipe_of_the_story_learns_the_embedded_digits(digits: Digits):
    recipe = PLAIN_MLP.but(epochs=30)  # ten, on so few digits, pass by two digits only
    model, history = train_recipe(recipe, digits, seed=0)
    look = Normalize(digits.mean, digits.std)
    score = evaluate(model, batches(digits.test.with_transform(look), 1000))
    assert score.count == 257
    assert score.accuracy > 0.95
    assert history.train_loss[-1] < history.train_loss[0] / 5
    assert len(history.seconds) == 30


def test_a_small_cnn_with_warps_learns_the_embedded_digits(digits: Digits):
    recipe = EVERYTHING.but(
        model="cnn", sizes=(4, 8), dropout=0.0, learning_rate=2e-2, batch_size=64, epochs=6
    )
    run = trained(recipe, digits)
    assert run.history.validation_accuracy[-1] > 0.9


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_recipe_decides_about_the_optimizer(name: str):
    kinds = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}
    recipe = Recipe(optimizer=name, learning_rate=0.3, weight_decay=0.01)
    optimizer = make_optimizer(MLP((784, 10)), recipe)
    group = optimizer.param_groups[0]
    assert type(optimizer) is kinds[name]
    assert (group["lr"], group["weight_decay"]) == (0.3, 0.01)
    assert name != "sgd" or group["momentum"] == 0.9


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_decides_about_the_network(digits: Digits, name: str):
    recipe = RECIPES[name]
    assert Run(recipe, digits).model.architecture() == {
        "model": recipe.model,
        "sizes": list(recipe.sizes),
        "dropout": recipe.dropout,
        "batch_norm": recipe.batch_norm,
    }


def test_recipe_decides_about_the_batches(digits: Digits):
    assert [len(labels) for _, labels in Run(SMALL.but(batch_size=500), digits).loader] == [
        500,
        500,
        412,
    ]


def test_recipe_decides_about_label_smoothing(digits: Digits):
    still = SMALL.but(optimizer="sgd", learning_rate=1e-12, epochs=1)
    (_, plain), (_, smoothed) = (
        train_recipe(recipe, digits) for recipe in (still, still.but(label_smoothing=0.9))
    )
    assert smoothed.validation_loss == pytest.approx(plain.validation_loss)
    assert abs(smoothed.train_loss[0] - plain.train_loss[0]) > 1e-3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "magic"}, "no optimizer 'magic': choose sgd or adamw"),
        ({"schedule": "magic"}, "no schedule 'magic': choose constant or one-cycle"),
        ({"model": "magic"}, "no model 'magic', only mlp"),
    ],
)
def test_unknown_choice_is_a_value_error_that_names_the_others(
    digits: Digits, changes: dict, message: str
):
    with pytest.raises(ValueError, match=message):
        train_recipe(SMALL.but(**changes), digits, seed=0)


def rates_of_every_step(recipe: Recipe, digits: Digits) -> list[float]:
    """Train by a recipe and write down the learning rate that each step really used."""
    rates: list[float] = []
    run = Run(recipe, digits)
    run.optimizer.register_step_pre_hook(lambda used, *_: rates.append(used.param_groups[0]["lr"]))
    run.train()
    return rates


def test_one_cycle_rises_for_a_quarter_and_falls_to_nearly_zero(digits: Digits):
    recipe = SMALL.but(schedule="one-cycle", epochs=8)
    rates = rates_of_every_step(recipe, digits)
    top = rates.index(max(rates))
    assert len(rates) == 8 * 6
    assert abs(top - len(rates) / 4) <= 1
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[top] == pytest.approx(recipe.learning_rate)
    assert rates[0] < recipe.learning_rate / 10
    assert 0 <= rates[-1] < recipe.learning_rate / 1000


def test_constant_schedule_keeps_the_learning_rate(digits: Digits):
    _, history = train_recipe(SMALL, digits, seed=0)
    assert history.learning_rate == [SMALL.learning_rate] * SMALL.epochs


@pytest.mark.parametrize(("fade", "strengths"), [(0, [1, 1, 1, 1]), (2, [1, 1, 0.75, 0.25])])
def test_warps_and_pens_fade_over_the_last_epochs(
    digits: Digits, fade: int, strengths: list[float]
):
    run, seen = Run(EVERYTHING.but(fade=fade), digits), []
    for epoch in range(4):
        run.reseed(epoch)
        seen.append([change.strength for change in run.changes])
    assert seen == [[strength] * 2 for strength in strengths]
