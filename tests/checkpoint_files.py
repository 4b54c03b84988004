"""Small checkpoint files for tests: good ones, rewritten ones, and what refusing one looks like."""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from handreader.framing import CLASSES
from helpers.checkpoints import Checkpoint, CheckpointError, load, save
from helpers.models import MLP

SIZES = (6, 4, 10)  # so small that a random change often hits more than weights


def small_model(seed: int = 0) -> nn.Module:
    """A network with a few dozen weights."""
    torch.manual_seed(seed)
    return MLP(SIZES)


def save_small(path: Path, model: nn.Module | None = None, **changes: object) -> Path:
    """Save a small network with everything that belongs to it."""
    metrics = {"test_accuracy": 0.98, "epochs": 10, "by_digit": {"0": 0.99}}
    usual = Checkpoint(model or small_model(), 0.1307, 0.3081, CLASSES, "MNIST", metrics)
    return save(path, replace(usual, **changes))


def outputs(model: nn.Module) -> Tensor:
    """What a network says about a few fixed inputs."""
    inputs = torch.randn(5, SIZES[0], generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return model.eval()(inputs)


def assert_not_loaded(path: Path, reason: str = "") -> None:
    """Loading ends in one line that names the file, and says why."""
    with pytest.raises(CheckpointError) as caught:
        load(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert len(message) < len(str(path)) + 400


def rewritten(path: Path, change: Callable[[dict], object]) -> Path:
    """The same checkpoint with its content changed by someone who knows the format."""
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)
    return path


def repacked(path: Path, pickled: bytes | None = None, method: int = zipfile.ZIP_STORED) -> bytes:
    """The same archive with right checksums, but another pickle or another compression."""
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", method) as new:
        for name in old.namelist():
            is_other = pickled is not None and name.endswith("data.pkl")
            new.writestr(name, pickled if is_other else old.read(name))
    return packed.getvalue()


def foreign_zip() -> bytes:
    """A healthy archive that has nothing to do with PyTorch."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return packed.getvalue()


def saved_by_torch(content: object) -> bytes:
    """What `torch.save` makes of something."""
    packed = io.BytesIO()
    torch.save(content, packed)
    return packed.getvalue()


def mutated(raw: bytes, generator: random.Random) -> bytes:
    """Flip a bit, insert, delete or cut off, once or a few times."""
    changed = bytearray(raw)
    for _ in range(generator.choice((1, 1, 1, 3))):
        position, count = generator.randrange(len(changed) or 1), generator.randint(1, 8)
        kind = generator.choice(("flip", "insert", "delete", "truncate"))
        if kind == "flip" and changed:
            changed[position] ^= 1 << generator.randrange(8)
        elif kind == "insert":
            changed[position:position] = generator.randbytes(count)
        elif kind == "delete":
            del changed[position : position + count]
        elif kind == "truncate":
            del changed[position:]
    return bytes(changed)


def load_or_refuse(path: Path) -> Checkpoint | None:
    """A checkpoint, or nothing after a refusal in good order; all else is a failure."""
    try:
        return load(path)
    except CheckpointError as error:
        message = str(error)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{path}: ")
    return None
