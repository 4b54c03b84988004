"""A network and all that is needed to use it, in one file that is safe to load."""

import io
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from handreader.common.errors import UserError
from handreader.common.files import write_atomically
from handreader.framing import CLASSES
from handreader.networks import HOTTEST, SURE_FROM, SUREST, TEMPERATURE
from handreader.networks import Network as ReaderNetwork
from helpers import models
from helpers.models import Network
from helpers.transforms import Normalize

FORMAT = "handwritten-classifier/1"
MOST_BYTES = 256 * 2**20  # far more than any network of this project; larger files are refused
VERSIONS = {  # without importing torchvision, which would take seconds
    "torch": str(torch.__version__),
    "torchvision": metadata.version("torchvision"),
}
UNCALIBRATED = {"temperature": TEMPERATURE, "sure_from": SURE_FROM}
HIGHEST = {"temperature": HOTTEST, "sure_from": SUREST}
FIELDS = {  # that every file has besides its format, with their types
    "architecture": dict,
    "state": dict,
    "mean": float,
    "std": float,
    "classes": list,
    "data_name": str,
    "metrics": dict,
    "versions": dict,
}
REASON = 200  # characters shown of a PyTorch error, which can fill pages

Plain = None | bool | int | float | str | list | dict  # also inside lists and dicts


class CheckpointError(UserError):
    """A fault of a checkpoint file, in one sentence that names the file."""


@dataclass(frozen=True)
class Checkpoint:
    """A network and all that is needed to use it: what `save` writes and `load` returns."""

    model: Network
    mean: float
    std: float
    classes: list[str]
    data_name: str
    metrics: dict
    versions: dict = field(default_factory=VERSIONS.copy)  # of the libraries it was made with
    run: dict | None = None  # state of an unfinished training
    temperature: float = UNCALIBRATED["temperature"]  # divides scores: calibrated confidences
    sure_from: float = UNCALIBRATED["sure_from"]  # an answer below this confidence is unsure


def save(path: str | Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint for `load`; if writing fails, an older file at this path survives."""
    packed = io.BytesIO()  # if PyTorch wrote to a full disk itself, its error would not say so
    torch.save(content_of(checkpoint), packed)
    return write_atomically(path, lambda file: file.write(packed.getvalue()))


def content_of(checkpoint: Checkpoint) -> dict[str, object]:
    """Return the plain values and tensors that are written to a file.

    Only some files have a stopped run's state, and only some a calibration.
    """
    state = checkpoint.model.state_dict()
    calibration = {name: plain(getattr(checkpoint, name)) for name in UNCALIBRATED}
    return {
        "format": FORMAT,
        "architecture": plain(checkpoint.model.architecture()),
        "state": {name: smaller(tensor.detach().cpu()) for name, tensor in state.items()},
        "mean": float(checkpoint.mean),
        "std": float(checkpoint.std),
        "classes": plain(list(checkpoint.classes)),
        "data_name": str(checkpoint.data_name),
        "metrics": plain(dict(checkpoint.metrics)),
        "versions": plain(checkpoint.versions),
        **({} if checkpoint.run is None else {"run": checkpoint.run}),
        **({} if calibration == UNCALIBRATED else {"reading": calibration}),
    }


def to_16_bits(model: nn.Module) -> None:
    """Round all weights to 16 bits in place: the file is half as large, the accuracy the same."""
    model.half().float()


def smaller(tensor: Tensor) -> Tensor:
    """Return a tensor in 16-bit floats if that changes none of its numbers, else as it is."""
    half = tensor.half() if tensor.is_floating_point() else tensor
    return half if torch.equal(half.to(tensor.dtype), tensor) else tensor


def plain(value: object) -> Plain:
    """Convert numbers of NumPy and PyTorch to Python's own, inside lists and dicts, too.

    `load` refuses a file that holds anything else.
    """
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    if type(value) not in (str, int, float, bool, type(None)):
        raise TypeError(f"A checkpoint holds plain values only, not a {type(value).__name__}.")
    return cast(Plain, value)


def load(
    path: str | Path,
    device: torch.device | str = "cpu",
    most_bytes: int = MOST_BYTES,
    networks: Mapping[str, type[Network]] = models.MODELS,
) -> Checkpoint:
    """Read a checkpoint without running any code in it, and rebuild its network, ready for use.

    Files that unpack to more than `most_bytes` are refused, and so are networks not in `networks`.
    """
    content = content_in(Path(path), most_bytes)
    model = rebuilt(content, path, most_bytes, networks)
    kept = {name: content[name] for name in FIELDS if name not in ("architecture", "state")}
    kept |= {"run": content.get("run")} | calibration_in(content, path)
    return Checkpoint(model.to(device).eval().requires_grad_(), **kept)


def content_in(path: Path, most_bytes: int) -> dict:
    """Return a file's content after checking that it is whole, harmless and has every field."""
    check_opens(path)
    content = unpacked(path, most_bytes)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{path}: is a PyTorch file, but not a checkpoint of this project.")
    for name, kind in FIELDS.items():
        if not isinstance(content.get(name), kind):
            raise CheckpointError(f"{path}: its field '{name}' is missing or of the wrong kind.")
    return content


def is_network(path: Path) -> bool:
    """Tell whether a file is a checkpoint of a finished training, which could be repeated."""
    try:
        return content_in(path, MOST_BYTES).get("run") is None
    except CheckpointError:
        return False


def check_opens(path: Path) -> None:
    """Raise a CheckpointError unless this is a file that this user may read."""
    try:
        path.open("rb").close()
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such file.") from error
    except OSError as error:
        raise CheckpointError(f"{path}: can't be read ({error.strerror}).") from error


def unpacked(path: Path, most_bytes: int) -> object:
    """Return what a sound file holds, provided that it is plain values and tensors."""
    try:
        check_whole(path, most_bytes)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise CheckpointError(
            f"{path}: is not a checkpoint, or is damaged; train and save it again."
        ) from error
    except Exception as error:  # a forged pickle can provoke nearly any error
        raise CheckpointError(
            f"{path}: holds something other than plain values and tensors, so it was not loaded."
        ) from error


def check_whole(path: Path, most_bytes: int) -> None:
    """Verify the checksums inside the file, which `torch.load` doesn't check."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > most_bytes:
            raise zipfile.BadZipFile("too large")
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise zipfile.BadZipFile("compressed, which PyTorch never does")
        if archive.testzip() is not None:
            raise zipfile.BadZipFile("checksum")


def rebuilt(
    content: dict, path: str | Path, most_bytes: int, networks: Mapping[str, type[Network]]
) -> Network:
    """Build the network that a file describes, with its weights, on the CPU."""
    try:
        check_extent(content["architecture"], content["state"], most_bytes)
        with torch.device("meta"):  # takes no memory, however large a shape the file claims
            model = models.build(content["architecture"], networks)
        model.load_state_dict(content["state"], assign=True)
        return model.to(device="cpu", dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError, AttributeError, IndexError) as error:
        reason = " ".join(str(error).split())[:REASON]
        raise CheckpointError(f"{path}: its weights do not fit its network ({reason}).") from error


def check_extent(architecture: dict, state: dict, most_bytes: int) -> None:
    """Refuse a small file that describes a huge network.

    A tensor that repeats one number, or a long list of layers, takes few bytes in a file.
    """
    settings = [value for value in architecture.values() if not isinstance(value, str)]
    if any(isinstance(value, Collection) and len(value) > 1 + len(state) for value in settings):
        raise ValueError("there are more layers than weights")
    for name, tensor in state.items():
        if not isinstance(tensor, Tensor) or tensor.layout != torch.strided:
            raise ValueError(f"{name} is not an ordinary tensor")
    if torch.float32.itemsize * sum(tensor.numel() for tensor in state.values()) > most_bytes:
        raise ValueError("they would take too much memory")


def calibration_in(content: dict, path: str | Path) -> dict[str, float]:
    """Return the temperature and the confidence limit of a file, or the defaults."""
    calibration = content.get("reading", UNCALIBRATED)
    is_sound = isinstance(calibration, dict) and calibration.keys() == HIGHEST.keys()
    if not is_sound or not all(
        isinstance(value, float) and 0 < value <= HIGHEST[name]
        for name, value in calibration.items()
    ):
        raise CheckpointError(f"{path}: its calibration is no calibration; train it again.")
    return calibration


def as_reader_network(checkpoint: Checkpoint, path: str | Path) -> ReaderNetwork:
    """Return a checkpoint's network as `handreader` uses it, with PyTorch doing the work."""
    if checkpoint.classes != CLASSES:
        raise CheckpointError(f"{path}: its network does not read the digits 0 to 9.")
    model, normalize = checkpoint.model, Normalize(checkpoint.mean, checkpoint.std)

    @torch.no_grad()
    def scores(framed: np.ndarray) -> np.ndarray:
        return model(normalize(torch.from_numpy(framed)[:, None])).numpy()

    return ReaderNetwork(scores, checkpoint.temperature, checkpoint.sure_from, str(path))
