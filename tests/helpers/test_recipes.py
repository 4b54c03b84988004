"""Recipes: plain data that survive a file, and enough to build and to name a network."""

import json

import pytest
from support import ROOT

from helpers.checkpoints import load
from helpers.models import build
from helpers.recipes import LADDER, Recipe, Warps, recipe_for
from trainer import recipes
from trainer.recipes import LINE, READERS, Pens, ReaderRecipe

CNN = ReaderRecipe(
    model="cnn",
    sizes=(4, 8),
    dropout=0.25,
    batch_norm=True,
    warps=Warps(rotation=10.5, scale=0.1, shear=0.2, shift=1.5, elastic=0.75, points=5),
    pens=Pens(width=0.25, blur=1.5, fade=0.5, gaps=0.125),
    photos=500,
    fade=3,
    label_smoothing=0.05,
    optimizer="sgd",
    learning_rate=0.3,
    beta2=0.95,
    weight_decay=1e-4,
    schedule="one-cycle",
    batch_size=128,
    epochs=7,
)
RECIPES = {
    "default": Recipe(),
    "cnn": CNN,
    "no warps": CNN.but(warps=None),
    "no pens": CNN.but(pens=None),
    **LADDER,
    **READERS,
}


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_comes_back_from_json(name: str):
    recipe = RECIPES[name]
    again = type(recipe).from_dict(json.loads(json.dumps(recipe.as_dict())))
    assert again == recipe


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": None},
        {"warps": {"twist": 1.0}},
        {"pens": 3},
        {"more": 1},
    ],
)
def test_what_is_no_recipe_is_an_ordinary_error(changes: dict):
    with pytest.raises((LookupError, TypeError, ValueError)):
        ReaderRecipe.from_dict(CNN.as_dict() | changes)


@pytest.mark.parametrize("name", LADDER)
def test_recorded_runs_of_the_ladder_were_made_by_its_recipes(name: str):
    runs = json.loads((ROOT / "results" / "results.json").read_text(encoding="utf-8"))["runs"]
    recorded = [run["recipe"] for run in runs if (run["model"], run["dataset"]) == (name, "MNIST")]
    assert len(recorded) == 5
    assert all(Recipe.from_dict(recipe) == LADDER[name] for recipe in recorded)


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_networks_of_the_repository_were_trained_by_the_recipes_for_photographs(name: str):
    record = load(ROOT / "weights" / f"{name}.pt").metrics
    assert record["model"] == f"{name}-photos"
    assert ReaderRecipe.from_dict(record["recipe"]) == READERS[record["model"]]


@pytest.mark.parametrize("name", RECIPES)
def test_architecture_is_that_of_the_network_which_is_built_from_it(name: str):
    recipe = RECIPES[name]
    model = build(recipe.architecture())
    assert model.architecture() == recipe.architecture()
    assert (model.name, model.sizes) == (recipe.model, recipe.sizes)
    assert (model.dropout, model.batch_norm) == (recipe.dropout, recipe.batch_norm)


@pytest.mark.parametrize(
    ("recipe", "title"),
    [
        (Recipe(), "MLP 784-128-64-10"),
        (
            Recipe(sizes=(784, 9, 10), dropout=0.3, batch_norm=True),
            "MLP 784-9-10, dropout 0.3, batch norm",
        ),
        (CNN, "CNN 4-8, dropout 0.25, batch norm, label smoothing, warps, photos"),
        (CNN.but(dropout=0.0, label_smoothing=0.0, warps=None, photos=0), "CNN 4-8, batch norm"),
        (Recipe(model="unpadded", sizes=(4, 8)), "CNN 4-8, unpadded"),
        (Recipe(model="separable", sizes=(4, 8)), "CNN 4-8, separable"),
    ],
)
def test_title_names_the_network_and_what_helps_it(recipe: Recipe, title: str):
    assert recipe.title() == title


def test_what_reads_photographs_practises_on_them_and_is_no_rung_of_the_ladder():
    assert not READERS.keys() & LADDER.keys()
    assert recipes.RECIPES == LADDER | READERS | {"line": LINE}
    assert all(recipe.photos and recipe.warps and recipe.pens for recipe in READERS.values())


@pytest.mark.parametrize("name", LADDER)
def test_data_far_smaller_only_get_more_epochs(name: str):
    assert recipe_for(name, is_mnist=True) is RECIPES[name]
    recipe = recipe_for(name, is_mnist=False)
    assert recipe.epochs == max(60, RECIPES[name].epochs)
    assert recipe.but(epochs=RECIPES[name].epochs) == RECIPES[name]


@pytest.mark.parametrize("name", READERS | {"line": LINE})
def test_pictures_made_of_few_digits_are_as_many_and_take_no_more_epochs(name: str):
    assert recipe_for(name, False, recipes.RECIPES) == recipes.RECIPES[name]
