"""Recipes, as plain data, for the networks that read photographs and lines."""

from dataclasses import dataclass
from typing import Any, Self

from helpers.recipes import LADDER, WARPED_CNN, WARPED_MLP, Recipe, Warps


@dataclass(frozen=True)
class Pens:
    """Largest changes that a random pen makes to strokes."""

    width: float = 0.0  # 0.3: the level of ink at which strokes end, usually 0.5, varies by 0.3
    blur: float = 0.0  # pixels
    fade: float = 0.0  # 0.5: ink may fade to half its strength
    gaps: float = 0.0  # share of the digits that may miss a piece of a stroke


@dataclass(frozen=True)
class ReaderRecipe(Recipe):
    """A recipe that trains on pictures made by code."""

    pens: Pens | None = None
    photos: int = 0  # synthetic photographs to add to the digits, or number of lines

    def title(self) -> str:
        """Return the network, and what helps it to train, in words."""
        return f"{super().title()}, photos" if self.photos else super().title()

    @classmethod
    def from_dict(cls, values: dict) -> Self:
        """Return the recipe that `as_dict` turned into a dictionary."""
        pens = Pens(**values["pens"]) if values["pens"] else None
        return super().from_dict(values | {"pens": pens})

    def for_small_set(self) -> Self:
        """Return the recipe unchanged: a few digits yield as many pictures as a whole data set."""
        return self


def by_practice(recipe: Recipe, **changes: Any) -> ReaderRecipe:
    """Return a recipe of the ladder, with changes, that trains on pictures made by code, too."""
    return ReaderRecipe(**vars(recipe) | changes)


# Networks for photographs: the ladder's networks with warps, trained also with other pens and on
# synthetic photographs. The MLP is smaller than in the ladder, so that its file stays below a
# megabyte; the CNN is larger, as it has more to learn.
PENS = Pens(width=0.25, blur=1.2, fade=0.3, gaps=0.1)
READERS: dict[str, ReaderRecipe] = {
    "mlp-photos": by_practice(
        WARPED_MLP, sizes=(784, 448, 224, 10), pens=PENS, photos=80_000, epochs=30, fade=3
    ),
    "cnn-photos": by_practice(
        WARPED_CNN, model="cnn", sizes=(24, 64, 128), pens=PENS, photos=80_000, epochs=14, fade=3
    ),
}

# The network for whole lines, trained on synthetic lines; `photos` is how many.
LINE = ReaderRecipe(
    model="line",
    sizes=(24, 48, 80, 128, 160, 160, 160),
    batch_norm=True,
    warps=Warps(scale=0.15, shear=0.2, shift=2, elastic=0.6),
    photos=240_000,  # enough: new lines are read no worse than these, so none are memorised
    fade=3,
    learning_rate=3e-3,
    weight_decay=0.02,
    schedule="one-cycle",
    batch_size=64,
    epochs=7,
)
RECIPES: dict[str, Recipe] = {**LADDER, **READERS, "line": LINE}
