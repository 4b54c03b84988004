"""A network and all that is needed to use it, in one file that is safe to load."""

import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path

import torch
import torchvision
from torch import nn

from helpers import models
from helpers.files import write_atomically

FORMAT = "handwritten-classifier/1"
MAX_BYTES = 256 * 2**20  # far more than any network of this project; a larger file is no such file


class CheckpointError(RuntimeError):
    """What is wrong with a checkpoint file, in one sentence that names it."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file held: a network ready to use, and where it comes from."""

    model: nn.Module
    mean: float
    std: float
    classes: list[str]
    data_name: str
    metrics: dict
    versions: dict


FIELDS = {
    "architecture": dict,
    "state": dict,
    "mean": float,
    "std": float,
    "classes": list,
    "data_name": str,
    "metrics": dict,
    "versions": dict,
}


def save(
    path: str | Path,
    model: nn.Module,
    mean: float,
    std: float,
    classes: list[str],
    data_name: str,
    metrics: dict,
) -> Path:
    """Write all that a stranger needs to use the network; an older file survives a failure."""
    content = {
        "format": FORMAT,
        "architecture": model.architecture(),
        "state": {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()},
        "mean": float(mean),
        "std": float(std),
        "classes": list(classes),
        "data_name": data_name,
        "metrics": dict(metrics),
        "versions": {"torch": str(torch.__version__), "torchvision": str(torchvision.__version__)},
    }
    return write_atomically(path, lambda file: torch.save(content, file))


def load(path: str | Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a checkpoint without running anything in it, and rebuild its network for use."""
    content = read(Path(path))
    try:
        with torch.device("meta"):  # a shape that lies about its size costs no memory
            model = models.build(content["architecture"])
        model.load_state_dict(content["state"], assign=True)
        model.to(device=device, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError, AttributeError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(f"{path}: its weights do not fit its network ({reason}).") from error
    return Checkpoint(
        model.eval().requires_grad_(),
        **{name: content[name] for name in FIELDS if name not in ("architecture", "state")},
    )


def read(path: Path) -> dict:
    """Return a file's content once it is whole, harmless and has every field."""
    try:
        check_whole(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such file.") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise CheckpointError(
            f"{path}: is not a checkpoint, or is damaged; train and save it again."
        ) from error
    except OSError as error:
        raise CheckpointError(f"{path}: can't be read ({error.strerror or error}).") from error
    except (pickle.UnpicklingError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path}: holds something other than plain values and tensors, so it was not loaded."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{path}: is a PyTorch file, but not a checkpoint of this project.")
    for name, kind in FIELDS.items():
        if not isinstance(content.get(name), kind):
            raise CheckpointError(f"{path}: its field '{name}' is missing or of the wrong kind.")
    return content


def check_whole(path: Path) -> None:
    """Verify the checksums inside the file, which `torch.load` does not look at."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise zipfile.BadZipFile("too large")
        if archive.testzip() is not None:
            raise zipfile.BadZipFile("checksum")
