"""Runs: what a recipe decides, what is refused, and how one is described."""

import json

import pytest
import torch
from support import EVERYTHING, PRACTISED, TINY, trained

from handreader.common.errors import UserError
from helpers.data import Digits, DigitSet
from helpers.models import MLP
from helpers.recipes import Recipe
from helpers.runs import (
    Run,
    describe,
    make_optimizer,
    train_recipe,
)
from helpers.transforms import Normalize
from trainer.recipes import by_practice
from trainer.sets import Practised
from trainer.tasks import PHOTOGRAPHS

SMALL = TINY.but(epochs=2)
CNN = EVERYTHING.but(model="cnn", sizes=(2, 3))


def test_warps_are_for_learning_and_not_for_validation(digits: Digits):
    run = Run(EVERYTHING, digits)
    number = torch.tensor([0, 1, 2])
    look = Normalize(digits.mean, digits.std)
    assert torch.equal(run.validation.dataset[number][0], look(digits.validation.images[number]))
    assert not torch.equal(run.loader.dataset[number][0], look(digits.train.images[number]))
    assert torch.equal(
        Run(SMALL, digits).loader.dataset[number][0], look(digits.train.images[number])
    )


def test_what_is_no_digit_may_be_among_photographs(few_digits: Digits):
    train, shown = few_digits.train, torch.tensor([1, -1, 2, -1, 3])
    images, labels = train.images, train.labels
    more = DigitSet(torch.cat([images, images[:5]]), torch.cat([labels, shown]))
    practised = Practised(**vars(few_digits) | {"train": more}, photographs=5)
    run = Run(by_practice(TINY, photos=5, epochs=1), practised, task=PHOTOGRAPHS)
    run.train()
    assert 1 < run.history.train_loss[0] < 4
    assert run.history.train_accuracy[0] > 0.1


def test_loss_beyond_all_bounds_is_one_sentence_with_the_way_out(digits: Digits):
    recipe = SMALL.but(optimizer="sgd", learning_rate=1e30)
    with pytest.raises(UserError, match="lower learning rate") as caught:
        train_recipe(recipe, digits)
    assert len(str(caught.value).splitlines()) == 1


def test_a_small_cnn_with_warps_learns_the_small_set(digits: Digits):
    recipe = EVERYTHING.but(
        model="cnn", sizes=(4, 8), dropout=0.0, learning_rate=2e-2, batch_size=64, epochs=2
    )
    run = trained(recipe, digits)
    assert run.history.validation_accuracy[-1] > 0.94  # 96.6 to 97.4 % from five seeds


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_recipe_decides_about_the_optimizer(name: str):
    kinds = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}
    recipe = Recipe(optimizer=name, learning_rate=0.3, beta2=0.95, weight_decay=0.01)
    optimizer = make_optimizer(MLP((784, 10)), recipe)
    group = optimizer.param_groups[0]
    assert type(optimizer) is kinds[name]
    assert (group["lr"], group["weight_decay"]) == (0.3, 0.01)
    assert name != "sgd" or group["momentum"] == 0.9
    assert name != "adamw" or group["betas"] == (0.9, 0.95)


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
    assert len(rates) == 8 * 16
    assert abs(top - len(rates) / 4) <= 1
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[top] == pytest.approx(recipe.learning_rate)
    assert rates[0] < recipe.learning_rate / 10
    assert 0 <= rates[-1] < recipe.learning_rate / 1000


def test_description_of_a_run_says_how_it_went_and_how_it_came_about(digits: Digits):
    run = trained(TINY, digits, seed=3)
    run.history.seconds[:] = [5.0, 1.25, 2.0006, 1.0]
    record = describe("tiny", run, digits)
    look = Normalize(digits.mean, digits.std)
    with torch.no_grad():
        answers = run.model.eval()(look(digits.test.images)).argmax(1).tolist()
    pairs = zip(answers, digits.test.labels.tolist(), strict=True)
    misread = [[row, answer] for row, (answer, label) in enumerate(pairs) if answer != label]
    assert len(misread) > 0
    assert record == {
        "model": "tiny",
        "parameters": 784 * 16 + 16 + 16 * 10 + 10,
        "dataset": "small set",
        "seed": 3,
        "epochs": 4,
        "threads": torch.get_num_threads(),
        "train_seconds": 9.25,
        "seconds_per_epoch": 1.625,
        "validation_accuracy": run.history.validation_accuracy[-1],
        "test_accuracy": 1 - len(misread) / 500,
        "test_images": 500,
        "misread": misread,
        "recipe": TINY.as_dict(),
    }
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_one_cycle_may_be_as_short_as_a_few_steps(digits: Digits, steps: int):
    recipe = SMALL.but(schedule="one-cycle", epochs=steps, batch_size=5000)
    rates = rates_of_every_step(recipe, digits)
    assert len(rates) == steps
    assert all(0 < rate <= recipe.learning_rate for rate in rates)


@pytest.mark.parametrize(("fade", "strengths"), [(0, [1, 1, 1, 1]), (2, [1, 1, 0.75, 0.25])])
def test_warps_and_pens_fade_over_the_last_epochs(
    digits: Digits, fade: int, strengths: list[float]
):
    recipe = PRACTISED.but(fade=fade)
    run, seen = Run(recipe, digits, task=PHOTOGRAPHS), []
    for epoch in range(4):
        run.reseed(epoch)
        seen.append([change.strength for change in run.changes])
    assert seen == [[strength] * 2 for strength in strengths]
