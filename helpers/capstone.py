"""The last exercise: a network of the learner's own, judged by its accuracy.

The accuracy is measured here, from the network itself, so nothing has to be taken on trust.
"""

from typing import Any

import torch
from torch import nn

from handreader.framing import CLASSES
from helpers.models import MLP
from helpers.training import Loader, evaluate, predict

GUESSING = 0.2  # an accuracy below this is hardly better than guessing, which has 0.1
SURE = 1.96  # standard errors to either side, for a 95 % interval

Answer = Any  # what a learner wrote, perhaps nonsense


def check(model: Answer, validation: Loader, aim: float) -> None:
    """Say whether a network of another shape than chapter 6's reads well enough, or what is wrong.

    The network gets the loader's batches as they are: normalised, in the shape (n, 1, 28, 28).
    """
    if model is ...:
        print("Capstone: waiting for your network.")
        return
    try:
        amiss = fault(model, validation, aim)
    except Exception as error:  # a learner's network may raise anything; that is part of the answer
        amiss = f"It stopped with {' '.join(f'{type(error).__name__}: {error}'.split())}"
    if amiss:
        print(f"Capstone: not yet. {amiss}")
    else:
        print(f"Capstone: right! It reads {score(model, validation)} on validation.")


def exam(model: Answer, test: Loader) -> None:
    """Print the accuracy of a network on the test digits, with its 95 % margin of error."""
    if model is ...:
        print("Exam: waiting for your network.")
        return
    found = score(model, test)
    print(f"Exam: {found} on the test set. Whatever you change now, this is the score.")


def fault(model: Answer, validation: Loader, aim: float) -> str:
    """Return what keeps a network from passing, in a sentence, or "" if nothing does."""
    if not isinstance(model, nn.Module):
        return f"Wanted is a network, an `nn.Module`; this is of type {type(model).__name__}."
    if shapes(model) == shapes(MLP()):
        return "It has the shape of chapter 6, 784-128-64-10: change the layers or their sizes."
    logits, labels = predict(model, validation)
    if logits.shape != (len(labels), len(CLASSES)):
        found, wanted = tuple(logits.shape), (len(labels), len(CLASSES))
        return f"For all digits its scores have the shape {found}, wanted is {wanted}."
    if not logits.isfinite().all():
        return "Some of its scores are not finite (`nan` or `inf`): lower the learning rate."
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    if accuracy < GUESSING:
        return (
            f"It reads {accuracy:.1%}, hardly more than guessing: was it trained, "
            "and on digits that were normalised?"
        )
    if accuracy < aim:
        return f"It reads {accuracy:.1%}, wanted is {aim:.0%}: more epochs, or another rate?"
    return ""


def shapes(model: nn.Module) -> list[torch.Size]:
    """Return the shapes of all tensors that training changes."""
    return [parameter.shape for parameter in model.parameters()]


def score(model: nn.Module, loader: Loader) -> str:
    """Return the accuracy and its 95 % margin of error, in words."""
    found = evaluate(model, loader)
    margin = 100 * SURE * found.standard_error
    return f"{found.accuracy:.1%} ± {margin:.1f} points of {found.count:,} digits"
