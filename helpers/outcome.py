"""What is kept of a training run: its figures, and the network with all that it needs."""

import statistics
from pathlib import Path

import torch

from helpers import checkpoints
from helpers.data import CLASSES, Digits, batches, to_network_input
from helpers.models import count_parameters
from helpers.runs import Run
from helpers.training import predict


def describe(name: str, run: Run, digits: Digits) -> dict:
    """All that a table needs to know of a finished run, and how it came about."""
    look = to_network_input(digits.mean, digits.std)
    logits, labels = predict(run.model, batches(digits.test.with_transform(look), 1000))
    answers = logits.argmax(1)
    wrong = (answers != labels).nonzero().flatten()
    seconds = run.history.seconds
    return {
        "model": name,
        "parameters": count_parameters(run.model),
        "dataset": digits.name,
        "seed": run.seed,
        "epochs": run.recipe.epochs,
        "threads": torch.get_num_threads(),
        "train_seconds": round(sum(seconds), 2),
        "seconds_per_epoch": round(statistics.median(seconds), 3),
        "validation_accuracy": run.history.validation_accuracy[-1],
        "test_accuracy": 1 - len(wrong) / len(labels),
        "test_images": len(labels),
        "misread": torch.stack([wrong, answers[wrong]], 1).tolist(),
        "recipe": run.recipe.as_dict(),
    }


def save(
    path: Path,
    run: Run,
    digits: Digits,
    metrics: dict,
    state: dict | None = None,
    reading: dict | None = None,
) -> Path:
    """Write the network with all that is needed to use it."""
    return checkpoints.save(
        path, run.model, digits.mean, digits.std, CLASSES, digits.name, metrics, state, reading
    )
