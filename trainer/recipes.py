"""How the networks that read photographs and lines are trained, as plain data."""

from dataclasses import dataclass
from typing import Any, Self

from helpers.recipes import LADDER, WARPED_CNN, WARPED_MLP, Recipe, Warps


@dataclass(frozen=True)
class Pens:
    """How far strokes may change: each is the largest size drawn."""

    width: float = 0.0  # 0.3: the level at which ink begins may move so far from a half
    blur: float = 0.0  # pixels
    fade: float = 0.0  # 0.5: ink may be as weak as half
    gaps: float = 0.0  # how often a piece of the strokes is missing


@dataclass(frozen=True)
class ReaderRecipe(Recipe):
    """A recipe that practises on pictures made by code."""

    pens: Pens | None = None
    photos: int = 0  # how many synthetic photographs to practise on beside the digits, or lines

    def title(self) -> str:
        """The network and what helps it, in words."""
        return f"{super().title()}, photos" if self.photos else super().title()

    @classmethod
    def from_dict(cls, values: dict) -> Self:
        """Return the recipe that `as_dict` wrote down."""
        pens = Pens(**values["pens"]) if values["pens"] else None
        return super().from_dict(values | {"pens": pens})

    def for_small_set(self) -> Self:
        """Return the same recipe: as many pictures are made of a few digits as of many."""
        return self


def by_practice(recipe: Recipe, **changes: Any) -> ReaderRecipe:
    """Return a recipe of the ladder with something changed, that practises on pictures, too."""
    return ReaderRecipe(**vars(recipe) | changes)


# What reads photographs: the warped networks, practised also on what pens and cameras make of
# digits. The MLP is smaller, so that its file stays below a megabyte; the CNN, which has more to
# learn than in the ladder, is larger.
PENS = Pens(width=0.25, blur=1.2, fade=0.3, gaps=0.1)
READERS: dict[str, ReaderRecipe] = {
    "mlp-photos": by_practice(
        WARPED_MLP, sizes=(784, 448, 224, 10), pens=PENS, photos=80_000, epochs=30, fade=3
    ),
    "cnn-photos": by_practice(
        WARPED_CNN, model="cnn", sizes=(24, 64, 128), pens=PENS, photos=80_000, epochs=14, fade=3
    ),
}

# What reads whole lines, on lines composed of digits; `photos` is how many of those.
LINE = ReaderRecipe(
    model="line",
    sizes=(24, 48, 80, 128, 160, 160, 160),
    batch_norm=True,
    warps=Warps(scale=0.15, shear=0.2, shift=2, elastic=0.6),
    photos=240_000,  # lines composed anew read no worse than these: none are known by heart
    fade=3,
    learning_rate=3e-3,
    weight_decay=0.02,
    schedule="one-cycle",
    batch_size=64,
    epochs=7,
)
RECIPES: dict[str, Recipe] = {**LADDER, **READERS, "line": LINE}
