"""Record what the live pieces need and nobody wants to wait for: `python -m page.record`.

On MNIST, in two minutes: the plain network, the curve of one weight's loss, a run of PyTorch on
1,334 of its digits, and how sure the shipped network is of digits and of what is none.
"""

import io
import json

import torch
from PIL import Image
from torch import Tensor

from handreader.common import command_line
from handreader.common.files import write_bytes, write_together
from handreader.digits import DigitReader
from handreader.framing import CLASSES, SIDE
from helpers import checkpoints, data, training
from helpers.data import Digits
from helpers.models import MLP
from helpers.recipes import PLAIN_MLP
from helpers.runs import Run
from helpers.transforms import Normalize
from page.numbers import RECORDED, in_16_greys, page_digits
from trainer.sets import practice_set

SEED = 0  # of the notebook's runs
RATE, BATCH, EPOCHS = 0.001, 64, 60  # of the notebook's full run on the small set
SHOWN = 240  # pictures of digits, and as many of what is none: enough to see where they mix
PRACTICE = 1200  # pictures made, so that so many of either kind are among them
COLUMNS = 24  # pictures in a row of the sheet
MIDDLE = slice(12, 16)  # the rows and columns whose ink chapter 4 measures


def main() -> int:
    """Record everything, and say what was measured."""
    command_line.Parser(description=__doc__).parse_args()
    training.use_one_thread()
    RECORDED.mkdir(exist_ok=True)
    digits = data.load_digits("mnist")
    print(record_network(digits))
    print(record_weight(digits))
    print(record_learning(page_digits()))
    print(record_refusals(digits))
    return 0


def record_network(digits: Digits) -> str:
    """Train the plain network and keep it in 16 bits; what that costs is measured."""
    run = Run(PLAIN_MLP, digits, SEED)
    run.train()
    model = run.model
    test = data.batches(digits.test.with_transform(Normalize(digits.mean, digits.std)), 1000)
    before = training.evaluate(model, test).accuracy
    checkpoints.to_16_bits(model)
    after = training.evaluate(model, test).accuracy
    metrics = {"test_accuracy": after, "test_accuracy_in_32_bits": before}
    facts = (digits.mean, digits.std, CLASSES, digits.name, metrics)
    checkpoints.save(RECORDED / "mlp.pt", checkpoints.Checkpoint(model, *facts))
    return f"plain network: {before:.2%} on test, {after:.2%} in 16 bits"


def record_weight(digits: Digits) -> str:
    """The loss of chapter 4's one weight: a parabola, so three means are all there is to keep."""
    images, labels = digits.train.images, digits.train.labels
    two = labels < 2
    ink = images[two][..., MIDDLE, MIDDLE].double().mean((1, 2, 3)) / 255
    is_one = labels[two].double()
    means = {
        "square": (ink**2).mean().item(),
        "product": (ink * is_one).mean().item(),
        "constant": (is_one**2).mean().item(),
    }
    write_bytes(RECORDED / "weight.json", packed(means))
    return f"one weight: best at {means['product'] / means['square']:.2f}"


def record_learning(digits: Digits) -> str:
    """PyTorch's run of the plain network on the digits of the page, as in chapter 7."""
    look = Normalize(digits.mean, digits.std)
    torch.manual_seed(SEED)
    model = MLP()
    loader = data.batches(digits.train.with_transform(look), BATCH, shuffle=True, seed=SEED)
    validation = data.batches(digits.validation.with_transform(look), 1000)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    history = training.fit(model, loader, validation, optimizer, EPOCHS)
    curves = {
        "loss": [round(loss, 4) for loss in history.train_loss],
        "accuracy": [round(share, 4) for share in history.validation_accuracy],
        "steps": len(loader),
    }
    write_bytes(RECORDED / "learning.json", packed(curves))
    return f"on the page's digits: {history.validation_accuracy[-1]:.1%} on validation"


def record_refusals(digits: Digits) -> str:
    """Record how confident the shipped network is on photographed digits and on other things."""
    clean = digits.validation
    pictures, shown = practice_set(clean.images[:, 0], clean.labels, PRACTICE, SEED + 2)
    reader = DigitReader()
    chosen = torch.cat([(shown >= 0).nonzero()[:SHOWN, 0], (shown < 0).nonzero()[:SHOWN, 0]])
    chances = torch.from_numpy(reader.probabilities(pictures[chosen].numpy()))
    sure, answers = chances.max(1)
    found = {
        "sure_from": reader.network.sure_from,
        "confidence": [round(value, 4) for value in sure.tolist()],
        "answer": answers.tolist(),
        "label": shown[chosen].tolist(),
        "columns": COLUMNS,
    }
    sheet = RECORDED / "refusals.png"
    write_together({RECORDED / "refusals.json": packed(found), sheet: sheet_of(pictures[chosen])})
    refused = sure < reader.network.sure_from
    return (
        f"refused: {refused[:SHOWN].double().mean():.1%} of the digits, "
        f"{refused[SHOWN:].double().mean():.1%} of the others"
    )


def sheet_of(pictures: Tensor) -> bytes:
    """Pictures side by side in one file, in 16 greys."""
    rows = in_16_greys(pictures).numpy().reshape(-1, COLUMNS, SIDE, SIDE).swapaxes(1, 2)
    packed = io.BytesIO()
    Image.fromarray(rows.reshape(-1, COLUMNS * SIDE)).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def packed(content: dict) -> bytes:
    """The file that plain values become."""
    return f"{json.dumps(content)}\n".encode()


if __name__ == "__main__":
    command_line.run(main, "Stopped by you; what was written before stays.")
