"""How a network is trained, as plain data, so that notebook, scripts and tests say the same."""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a training run goes, apart from the seed and the data."""

    sizes: tuple[int, ...] = (784, 128, 64, 10)
    dropout: float = 0.0
    optimizer: str = "adamw"  # or "sgd", with momentum
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: str = "constant"  # or "one-cycle": up for a quarter of the run, then down to zero
    batch_size: int = 256
    epochs: int = 10

    def but(self, **changes: object) -> "Recipe":
        """The same recipe with something changed."""
        return replace(self, **changes)

    def as_dict(self) -> dict:
        """Plain values, ready for JSON or a checkpoint."""
        return asdict(self) | {"sizes": list(self.sizes)}


# For 784-128-64-10. Found in an exploration that also printed test scores, so MNIST's test set was
# not unseen; chapter 8 of the notebook chooses it again, by validation alone, from a list with it.
PLAIN_MLP = Recipe(learning_rate=1e-2, weight_decay=0.1, schedule="one-cycle")

# The digits of scikit-learn are so few that ten epochs would be only sixty steps.
PLAIN_MLP_EMBEDDED = PLAIN_MLP.but(epochs=60)
