"""Checks for the exercises: they say whether an answer is right without giving it away.

To add one, put an `Exercise` into CHECKS: a right answer, a hint, and two or three typical wrong
answers, each with a sentence about it. If the answer is a function, `on` returns arguments to try
it on. Then add all these answers, written in other ways, to the lists of
tests/helpers/test_exercises.py.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from helpers.time_limit import within

ROUNDING = 1e-6  # of a float32: operations may come in another order
ROUGHLY = 0.005  # for answers that may be rounded or not
TO_A_PERCENT = 0.01  # for answers that may be rounded to whole percents
NUDGED = 0.01  # of a slope, which is measured over a distance
RESAMPLED = 1e-4  # of a float32 pixel: grid_sample mixes in a trace of its neighbours
SIMULATED = 0.05  # of mean luck: 200 repetitions scatter by 2 %
LONGEST = 10.0  # seconds for a function that needs a moment: enough on a slow and busy machine
NUDGES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1)  # that learners may choose
LARGE_NUDGES = *((0, nudge) for nudge in (-1, -0.5, -0.1, 0.1, 0.5, 1)), (-0.5, 0.5), (-1, 1)
FOUR_ROWS = [[0, 9, 1, 2], [8, 1, 7, 0], [5, 4, 2, 7], [1, 2, 0, 6]]  # of scores, for 7.2

Answer = Any  # what a learner wrote, perhaps nonsense: the checks find out
Results = list[Any]


# ---- how an answer is judged


class Exercise:
    """A right answer and typical wrong ones, each after a remark; all are compared alike."""

    def __init__(
        self,
        wanted: Answer,
        hint: str,
        *mistakes: tuple[str, Answer],
        on: Callable[[], list[tuple]] | None = None,  # arguments of each call of a function
        tried: Callable[[Answer], Results] | None = None,  # how to get results in another way
        tolerance: float = ROUNDING,  # as a share of a result's largest number
    ):
        self.wanted, self.hint, self.mistakes = wanted, hint, mistakes
        self.on, self.tried, self.tolerance = on, tried, tolerance

    def results(self, answer: Answer) -> Results:
        """Return what a function gives for the inputs, or any other answer as it is."""
        if self.tried:
            return self.tried(answer)
        return [answer(*inputs) for inputs in self.on()] if self.on else [answer]

    def remark(self, answer: Answer) -> str | None:
        """Return None if an answer is right, else a remark that helps without giving it away."""
        if callable(answer) != callable(self.wanted):
            return f"This is {kind(answer)}, wanted is {kind(self.wanted)}. A hint: {self.hint}."
        results, wanted = self.results(answer), self.results(self.wanted)
        if self.alike(results, wanted):
            return None
        said = [misfit(results, wanted, callable(answer))]
        names = [name for name, wrong in self.mistakes if self.alike(results, self.results(wrong))]
        return " ".join([*said, *(names[:1] or [f"A hint: {self.hint}."])]).lstrip()

    def alike(self, results: Results, others: Results) -> bool:
        """Tell whether results have the same shapes and, within tolerance, the same numbers."""
        for result, other in zip(map(numbers, results), map(numbers, others), strict=True):
            if result is None or other is None or result.shape != other.shape:
                return False
            largest = other[other.isfinite()].abs().max().item()
            allowed = self.tolerance * largest
            if not torch.allclose(result, other, rtol=0, atol=allowed, equal_nan=True):
                return False
        return True


def numbers(result: Any) -> Tensor | None:
    """Return a result as a tensor, or None if it can't be one."""
    try:
        return torch.as_tensor(result).detach().double()
    except (TypeError, ValueError, RuntimeError):
        return None


def kind(thing: Any) -> str:
    """Describe in words what kind of thing an answer is."""
    values = numbers(thing)
    if values is not None:
        return f"a tensor of shape {tuple(values.shape)}" if values.dim() else "a number"
    if thing is None or callable(thing):
        return "None" if thing is None else "a function"
    return f"something of type {type(thing).__name__}"


def misfit(results: Results, wanted: Results, was_returned: bool) -> str:
    """Return a sentence on a result of another shape or type than wanted, or "" if none is."""
    for result, right in zip(map(kind, results), map(kind, wanted), strict=True):
        if result == "None" and was_returned:
            return f"It returned None (is a `return` missing?), wanted is {right}."
        if result != right:
            return f"{'It returned' if was_returned else 'This is'} {result}, wanted is {right}."
    return ""


def check(exercise: str, answer: Answer) -> None:
    """Print whether an answer is right; `...` means that none has been given yet."""
    exercise = str(exercise)  # so that 1.1 works without quotes, too
    asked = CHECKS.get(exercise)
    if asked is None:
        print(f"There is no exercise {exercise}: choose one of {', '.join(CHECKS)}.")
        return
    if answer is ...:
        print(f"Exercise {exercise}: waiting for your answer.")
        return
    try:
        said = within(LONGEST, partial(asked.remark, answer))
    except (Exception, SystemExit) as error:  # whatever a learner's code may raise
        what = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".: ")
        said = f"It stopped with {what}. A hint: {asked.hint}."
    print(f"Exercise {exercise}: " + ("right!" if said is None else f"not yet. {said}"))


# ---- how functions are tried, on inputs made anew each time, as an answer may change them


def pixels(*shape: int) -> Tensor:
    """Return random numbers from 0 to 1 in that shape, the same each time.

    Their generator is their own, so that the learner's random numbers don't change.
    """
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def try_step(step: Answer) -> Results:
    """Try two steps in a row; return both losses and the weights.

    One step alone wouldn't show whether old slopes are cleared.
    """
    model = nn.utils.skip_init(nn.Linear, 4, 3)
    model.load_state_dict({"weight": pixels(3, 4), "bias": pixels(3)})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = [step(model, pixels(8, 4), torch.arange(8) % 3, optimizer) for _ in range(2)]
    return [*losses, model.weight]


# ---- right and wrong answers that need more than a line


def step(model: nn.Module, images: Tensor, labels: Tensor, optimizer: Optimizer) -> Tensor:
    """Take a training step in four lines: the right answer to 7.1."""
    optimizer.zero_grad()
    return forgetful_step(model, images, labels, optimizer)


def forgetful_step(
    model: nn.Module, images: Tensor, labels: Tensor, optimizer: Optimizer
) -> Tensor:
    """Take a training step without clearing old slopes: a wrong answer to 7.1."""
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss


def squashed_step(model: nn.Module, images: Tensor, labels: Tensor, optimizer: Optimizer) -> Tensor:
    """Give the loss probabilities instead of scores: a wrong answer to 7.1."""
    return step(nn.Sequential(model, nn.Softmax(1)), images, labels, optimizer)


def moved(images: Tensor, right: float, down: float = 0.0) -> Tensor:
    """Shift pictures by so many pixels to the right and down, for 12.3."""
    matrix = torch.tensor([[1.0, 0, -2 * right / 28], [0, 1, -2 * down / 28]])
    matrices = matrix.expand(len(images), 2, 3)
    places = F.affine_grid(matrices, list(images.shape), align_corners=False)
    return F.grid_sample(images, places, align_corners=False)


def powers(scores: Tensor) -> Tensor:
    """Return e to the power of each score less its row's largest, so that none is infinite."""
    return (scores - scores.amax(1, keepdim=True)).exp()


def one_hot(scores: Tensor, label: Tensor) -> Tensor:
    """Return 1 in the place of the label and 0 in all others, for 5.2."""
    return F.one_hot(label, len(scores)).float()


def distances(images: Tensor, means: Tensor) -> Tensor:
    """Return the sums of absolute differences of each image to each mean, for 2.1."""
    return torch.cdist(images, means, p=1)


def rise(loss: Callable[[float], float], weight: float, start: float, end: float) -> float:
    """Return by how much the loss rises from one place near a weight to another, for 4.2."""
    return loss(weight + end) - loss(weight + start)


def is_right(logits: Tensor, labels: Tensor) -> Tensor:
    """Return 1 for each row whose largest score is at its label, else 0, for 7.2."""
    return (logits.argmax(1) == labels).double()


def error(p: float, n: float) -> float:
    """Return the standard error of an accuracy p on n digits, for 8.1."""
    return math.sqrt(p * (1 - p) / n)


# ---- the exercises

CHECKS = {
    "1.1": Exercise(
        172.48,
        "a float32 takes four bytes, and a picture has 28 x 28 pixels",
        ("That is what they take as bytes.", 43.12),
        ("That is in bytes; megabytes are asked for.", 172.48e6),
        ("Here a megabyte is a million bytes, not 1024 x 1024.", 164.49),
        tolerance=ROUGHLY,
    ),
    "2.1": Exercise(
        lambda images, means: distances(images, means).argmin(1),
        "images[:, None] - means has the shape (images, 10, 784)",
        (
            "That is the nearest by the straight line, not by the sum of the differences.",
            lambda images, means: torch.cdist(images, means).argmin(1),
        ),
        (
            "That is the nearest image to each mean: it went along the wrong `dim`.",
            lambda images, means: distances(images, means).argmin(0),
        ),
        ("Those are the distances; which mean is at the smallest?", distances),
        (
            "Those are the smallest distances; of which means are they?",
            lambda images, means: distances(images, means).amin(1),
        ),
        (
            "Differences below zero cancel those above: make them absolute.",
            lambda images, means: (images[:, None] - means).sum(2).argmin(1),
        ),
        on=lambda: [(pixels(50, 784), pixels(60, 784)[50:])],  # no mean picture is an image, too
    ),
    "3.1": Exercise(
        lambda x, mean, std: x * std + mean,
        "turn the two steps round: first the one that was done last",
        ("That normalises once more.", lambda x, mean, std: (x - mean) / std),
        ("Both steps are right, but not their order.", lambda x, mean, std: (x + mean) * std),
        (
            "The mean and the standard deviation have changed places.",
            lambda x, mean, std: x * mean + std,
        ),
        on=lambda: [((pixels(3, 1, 28, 28) - 0.2) / 0.4, 0.2, 0.4)],
    ),
    "3.2": Exercise(
        216,
        "count the digits that are left after all full batches",
        ("That is a full batch; the last one is not.", 256),
        ("That is the number of full batches; how many digits do they take?", 214),
        ("That is the number of batches; how many digits are in the last?", 215),
    ),
    "4.1": Exercise(
        1.5,
        "against the slope: the old weight minus the rate times the slope",
        ("That is a step uphill: it goes with the slope, not against it.", -1.5),
        ("That is a step without the learning rate.", 6),
        ("That is the lowest point; a step at this rate doesn't reach it.", 3),
    ),
    "4.2": Exercise(
        lambda loss, weight: rise(loss, weight, -1e-4, 1e-4) / 2e-4,
        "the difference of two losses, divided by the distance between their weights",
        (
            "That goes up where the loss goes down: the difference is the wrong way round.",
            lambda loss, weight: rise(loss, weight, 1e-4, -1e-4) / 2e-4,
        ),
        (
            "That is twice as steep: from one side to the other, there are two nudges.",
            lambda loss, weight: rise(loss, weight, -1e-4, 1e-4) / 1e-4,
        ),
        (
            "That is the slope of one valley only; measure that of any `loss`.",
            lambda _loss, weight: 2 * (weight - 3),
        ),
        *(
            (
                "That is a difference of losses; the smaller the nudge, the smaller it is.",
                lambda loss, weight, nudge=nudge: rise(loss, weight, 0, nudge),
            )
            for nudge in (*NUDGES, *(2 * nudge for nudge in NUDGES))
        ),
        *(
            (
                "The nudge is too large: the curve bends on the way.",
                lambda loss, weight, start=start, end=end: (
                    rise(loss, weight, start, end) / (end - start)
                ),
            )
            for start, end in LARGE_NUDGES
        ),
        on=lambda: [
            (lambda weight: 3 * weight, 5.0),  # a straight line
            (lambda weight: (weight - 3) ** 2, 0.0),  # the left side of a valley
            (lambda weight: weight**3, 2.0),
        ],
        tolerance=NUDGED,
    ),
    "5.1": Exercise(
        lambda scores: F.softmax(scores, 1),
        "divide each row by its sum; for large scores, first subtract the largest",
        (
            "Large scores give no number: e to the power of 1,000 is infinite.",
            lambda scores: scores.exp() / scores.exp().sum(1, keepdim=True),
        ),
        ("Each column sums to 1, but each row should: look at `dim`.", lambda x: F.softmax(x, 0)),
        ("The rows don't sum to 1: divide each by its sum.", powers),
        ("The whole batch sums to 1, but each row should.", lambda x: powers(x) / powers(x).sum()),
        (
            "Subtract the largest of each row: that of the whole batch leaves 0/0 in others.",
            lambda scores: F.normalize((scores - scores.max()).exp(), 1, 1, 0),
        ),
        *(
            ("Each column is divided by the sum of a row: try `keepdim=True`.", wrong)
            for wrong in (
                lambda scores: powers(scores) / powers(scores).sum(1),
                lambda scores: scores.exp() / scores.exp().sum(1),
            )
        ),
        on=lambda: [(torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1000.0, 0.0, 999.0]]),)],
    ),
    "5.2": Exercise(
        lambda scores, label: F.softmax(scores, 0) - one_hot(scores, label),
        "first the probabilities, then 1 less at the place of the label",
        (
            "Those are the probabilities; what of the right one?",
            lambda scores, _label: F.softmax(scores, 0),
        ),
        (
            "That is the other way round: it leads uphill.",
            lambda scores, label: one_hot(scores, label) - F.softmax(scores, 0),
        ),
        ("Take 1 from the right one only.", lambda scores, _label: F.softmax(scores, 0) - 1),
        (
            "Those are scores, less 1 for the right one; where is the softmax?",
            lambda scores, label: scores - one_hot(scores, label),
        ),
        on=lambda: [
            (4 * pixels(10), torch.tensor(3)),
            (torch.tensor([1.0, 2.0, 0.0]), torch.tensor(2)),
        ],
    ),
    "6.1": Exercise(
        203_530,
        "each layer has inputs x outputs weights, and a bias per output",
        ("Those are the weights; there are biases as well.", 203_264),
        ("The biases of the last layer are missing.", 203_520),
        ("That is the network of this chapter, which has two hidden layers.", 109_386),
        ("Those are the units; how many weights lead from one layer to the next?", 1050),
    ),
    "7.1": Exercise(
        step,
        "how wrong is it, forget the old slopes, find the new ones, step",
        ("The second step still contains the slopes of the first.", forgetful_step),
        (
            "No weight has moved: is there a step, and are there slopes when it is taken?",
            lambda model, images, labels, _optimizer: F.cross_entropy(model(images), labels),
        ),
        ("Softmax comes twice: the loss takes scores, not probabilities.", squashed_step),
        tried=try_step,
        tolerance=10 * ROUNDING,
    ),
    "7.2": Exercise(
        lambda logits, labels: is_right(logits, labels).mean(),
        "argmax(1) finds the answer of each row; for a mean, make True and False numbers",
        (
            "That is a count; a share is asked for.",
            lambda logits, labels: is_right(logits, labels).sum(),
        ),
        (
            "That is a percentage; a share lies between 0 and 1.",
            lambda logits, labels: 100 * is_right(logits, labels).mean(),
        ),
        (
            "It looks down the columns, where `dim=1` goes along the rows.",
            lambda logits, labels: is_right(logits.T, labels).mean(),
        ),
        ("That says of each row whether it is right; what share of them is?", is_right),
        on=lambda: [(torch.tensor(FOUR_ROWS).float(), torch.tensor([1, 0, 2, 3]))],
    ),
    "8.1": Exercise(
        error,
        "the square root of p (1 - p) / n",
        ("That is its square, the variance.", lambda p, n: error(p, n) ** 2),
        ("Those are 1.96 standard errors; one is asked for.", lambda p, n: 1.96 * error(p, n)),
        ("That is in percentage points; the accuracy was a share.", lambda p, n: 100 * error(p, n)),
        ("That is the spread of a single digit; where is the count?", lambda p, _n: error(p, 1)),
        on=lambda: [(0.98, 10_000), (0.5, 100), (0.9, 257)],
    ),
    "8.2": Exercise(
        78_400,
        "solve the formula of 8.1 for n, with p = 0.98 and an error of 0.0005",
        ("That is for an error of 0.05; percentage points are hundredths.", 7.84),
        ("That is for 1.96 standard errors within 0.05 points; one is asked for.", 301_181),
        ("The error has to be squared as well.", 39.2),
        ("That would be needed at an accuracy of 50 %.", 1_000_000),
        tolerance=ROUGHLY,
    ),
    "9.1": Exercise(
        0.3606,
        "the largest of twenty numbers that scatter by one standard error each",
        ("That is a share; percentage points are asked for.", 0.003606),
        ("That is one standard error, the luck of any one; you take the best of twenty.", 0.198),
        ("Those are 1.96 standard errors, which tell of one setting and not of twenty.", 0.388),
        ("That is what the best reads; by how much is it above 98 %?", 98.36),
        tolerance=SIMULATED,
    ),
    "10.1": Exercise(
        lambda units: (units.amax(0) <= 0).sum(),
        "a unit is dead if its largest activation over all digits is 0",
        ("That counts zeros; a dead unit is 0 for every digit.", lambda units: (units == 0).sum()),
        (
            "That counts digits which no unit answers: it went along the wrong `dim`.",
            lambda units: (units.amax(1) <= 0).sum(),
        ),
        ("That counts the units which live.", lambda units: (units.amax(0) > 0).sum()),
        (
            "That says of each unit whether it is dead; how many are?",
            lambda units: units.amax(0) <= 0,
        ),
        on=lambda: [(torch.tensor([[0, 1, 0, 0, 3], [0, 0, 0, 2, 1], [0, 0, 0, 0, 0]]).float(),)],
    ),
    "11.1": Exercise(
        437_544,
        "a float32 takes four bytes",
        ("That is how many numbers there are; how many bytes?", 109_386),
        ("That is in kilobytes; bytes are asked for.", 437.544),
        ("Those are the weights; there are biases as well.", 436_736),
    ),
    "12.1": Exercise(
        18_432,
        "each pair of a map in and a map out has a filter of its own",
        ("That is with a bias for each map.", 18_496),
        ("Each map that comes out looks at all 32 maps that come in.", 64 * 9),
        ("Each map that comes in is looked at by 64 maps.", 32 * 9),
        ("That is how many filters there are; each has several weights.", 32 * 64),
    ),
    "12.2": Exercise(
        100,
        "go back from the value: 3 x 3 pooled ones, and what each has seen",
        ("That is without the pooling, which lets each value see further.", 49),
        ("That is the side of what it sees; how many pixels is that?", 10),
        ("Those are the values just before it; go back to the picture.", 9),
        ("Neighbours see much of the same: what they share counts once.", 15 * 15),
    ),
    "12.3": Exercise(
        moved,
        "to move ink to the right, fetch each pixel from the left",
        ("That moves to the other side.", lambda images, right: moved(images, -right)),
        (
            "That moves half as far: from -1 to 1 there are 28 pixels.",
            lambda images, right: moved(images, right / 2),
        ),
        (
            "That moves down: the first row of the matrix is for x.",
            lambda images, right: moved(images, 0, right),
        ),
        (
            "What leaves on one side comes in again on the other.",
            lambda images, right: images.roll(right, 3),
        ),
        ("That leaves everything in its place.", lambda images, _right: images),
        on=lambda: [(pixels(2, 1, 28, 28), right) for right in (3, -5)],  # with ink at the edges
        tolerance=RESAMPLED,
    ),
    "13.1": Exercise(
        400,
        "the box that a digit is fitted into has 20 rows and 20 columns",
        ("That is the whole picture; a digit is fitted into less of it.", 784),
        ("That is the margin; how much is left for the ink?", 384),
        ("That is one side of the box.", 20),
    ),
    "13.2": Exercise(
        0.985**30,
        "all thirty must be right: the first, and the second, and so on",
        ("From 0 to 1, please.", 100 * 0.985**30),
        ("That is how likely a mistake is somewhere; none is asked for.", 1 - 0.985**30),
        ("Mistakes can't simply be added up: two may fall on the same page.", 1 - 30 * 0.015),
        ("That is one digit; all thirty must be right.", 0.985),
        tolerance=TO_A_PERCENT,
    ),
}
