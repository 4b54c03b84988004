"""Checkpoints: nothing is lost in the file, nothing in it is run, and no file can break `load`."""

import base64
import errno
import io
import os
import pickle
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
import torch
from support import ROOT
from torch import Tensor, nn

from helpers import checkpoints
from helpers.checkpoints import (
    FIELDS,
    UNCALIBRATED,
    Checkpoint,
    CheckpointError,
    halve,
    load,
    save,
)
from helpers.models import CLASSES, MLP
from helpers.training import pick_device

SIZES = (6, 4, 10)  # so small that a random change often hits more than weights
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


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


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A good checkpoint of `small_model()`."""
    return save_small(tmp_path / "small.pt")


def assert_refused(path: Path, reason: str = "") -> None:
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


def test_network_comes_back_bit_for_bit(saved: Path):
    original, again = small_model(), load(saved).model
    assert torch.equal(outputs(again), outputs(original))
    for name, tensor in original.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)


def test_every_field_comes_back(tmp_path: Path):
    metrics = {"test_accuracy": 0.98, "epochs": 10, "seconds": [1.5, 1.25], "note": None, 3: True}
    path = save_small(tmp_path / "deep" / "er" / "small.pt", metrics=metrics)
    checkpoint = load(str(path))
    assert (checkpoint.mean, checkpoint.std) == (0.1307, 0.3081)
    assert checkpoint.classes == CLASSES
    assert checkpoint.data_name == "MNIST"
    assert checkpoint.metrics == metrics
    assert checkpoint.versions["torch"] == str(torch.__version__)
    assert set(checkpoint.versions) == {"torch", "torchvision"}
    assert checkpoint.model.architecture() == small_model().architecture()


def test_where_training_stopped_comes_back_and_nothing_if_it_did_not(saved: Path):
    assert load(saved).run is None
    run = {
        "seed": 3,
        "recipe": {"sizes": [6, 4, 10], "warps": None},
        "history": {"train_loss": [0.5]},
        "optimizer": {"state": {0: {"step": torch.tensor(7.0)}}, "param_groups": []},
        "scheduler": {},
    }
    again = load(save_small(saved, run=run)).run
    assert torch.equal(again["optimizer"]["state"][0].pop("step"), torch.tensor(7.0))
    run["optimizer"]["state"][0].clear()
    assert again == run


def test_loaded_network_is_ready_to_use_and_to_train_on(tmp_path: Path):
    path = save_small(tmp_path / "small.pt", MLP(SIZES, dropout=0.5).train())
    model = load(path).model
    assert not any(module.training for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())
    model(torch.ones(1, SIZES[0])).sum().backward()


def test_half_precision_weights_come_back_as_usual_floats(tmp_path: Path):
    path = save_small(tmp_path / "small.pt", small_model().half())
    assert {parameter.dtype for parameter in load(path).model.parameters()} == {torch.float32}


def test_file_needs_no_trust(saved: Path):
    content = torch.load(saved, weights_only=True)
    assert set(content) == {"format", *FIELDS}


@pytest.mark.parametrize("device", sorted({"cpu", str(pick_device())}))
def test_weights_are_saved_and_loaded_for_the_cpu(tmp_path: Path, device: str):
    path = save_small(tmp_path / "small.pt", small_model().to(device))
    state = torch.load(path, weights_only=True)["state"]
    assert {tensor.device.type for tensor in state.values()} == {"cpu"}
    assert torch.equal(outputs(load(path).model), outputs(small_model()))
    assert next(load(path, device).model.parameters()).device.type == torch.device(device).type


def test_weights_elsewhere_are_fetched_before_saving(tmp_path: Path):
    class Elsewhere:
        """Stands for a tensor on an accelerator that this machine may lack."""

        def __init__(self, tensor: Tensor):
            self.tensor = tensor

        def detach(self) -> "Elsewhere":
            return self

        def cpu(self) -> Tensor:
            return self.tensor.detach()

    class Remote(MLP):
        def state_dict(self) -> dict:
            return {name: Elsewhere(tensor) for name, tensor in super().state_dict().items()}

    torch.manual_seed(0)
    path = save_small(tmp_path / "small.pt", Remote(SIZES))
    assert torch.equal(outputs(load(path).model), outputs(small_model()))


def test_a_device_that_is_not_there_is_not_blamed_on_the_file(saved: Path):
    with pytest.raises(RuntimeError) as caught:
        load(saved, "no such device")
    assert not isinstance(caught.value, CheckpointError)


# How far a network may be trusted, and how small its file is


def test_calibration_comes_back_and_without_it_a_usual_one(tmp_path: Path):
    path = tmp_path / "small.pt"
    trust = {"temperature": np.float32(1.25), "sure_from": torch.tensor(0.5)}
    again = load(save_small(path, **trust))
    assert (again.temperature, again.sure_from) == (1.25, 0.5)
    assert type(again.temperature) is type(again.sure_from) is float
    again = load(save_small(path))
    assert {"temperature": again.temperature, "sure_from": again.sure_from} == UNCALIBRATED


@pytest.mark.parametrize(
    "reading",
    [
        None,
        3,
        "sure",
        [],
        [("temperature", 1.0)],
        {},
        {"temperature": 1.0},
        {"temperature": 1.0, "sure_from": 0.6, "more": 1.0},
        {"temperature": 1.0, "sure_from": "0.6"},
        {"temperature": 1, "sure_from": 0.6},
        {"temperature": True, "sure_from": 0.6},
        {"temperature": 0.0, "sure_from": 0.6},
        {"temperature": -1.0, "sure_from": 0.6},
        {"temperature": float("nan"), "sure_from": 0.6},
        {"temperature": float("inf"), "sure_from": 0.6},
        {"temperature": 1.0, "sure_from": 1.5},
        {"temperature": 1.0, "sure_from": torch.tensor(0.5)},
    ],
    ids=repr,
)
def test_calibration_that_is_none_is_refused(saved: Path, reading: object):
    rewritten(saved, lambda content: content.update(reading=reading))
    assert_refused(saved, "calibration")


def stored(path: Path) -> dict[str, torch.dtype]:
    """How the numbers lie in a file."""
    state = torch.load(path, weights_only=True)["state"]
    return {name: tensor.dtype for name, tensor in state.items()}


def test_halved_weights_take_half_the_room_and_lose_nothing_more(tmp_path: Path):
    model = MLP((784, 64, 10), batch_norm=True)
    whole = save_small(tmp_path / "whole.pt", model)
    halve(model)
    half = save_small(tmp_path / "half.pt", model)
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    again = load(half).model.state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(again[name], tensor), name
        assert again[name].dtype == tensor.dtype or name.endswith("num_batches_tracked")
        assert tensor.dtype != torch.float16


def test_each_tensor_is_stored_in_half_only_if_nothing_is_lost(tmp_path: Path):
    model = small_model()
    with torch.no_grad():
        model.layers[1].weight.copy_(model.layers[1].weight.half())
        model.layers[1].bias[0] = 1e-9  # would become zero
        model.layers[3].bias[0] = 1e9  # would become infinite
    path = save_small(tmp_path / "small.pt", model)
    kinds = stored(path)
    assert kinds.pop("layers.1.weight") == torch.float16
    assert set(kinds.values()) == {torch.float32}
    assert torch.equal(outputs(load(path).model), outputs(model))


# What `save` accepts


def assert_plain(value: object) -> None:
    """Only Python's own types, all the way down."""
    assert type(value) in (dict, list, str, int, float, bool, type(None))
    if isinstance(value, (dict, list)):
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            assert_plain(item)


def test_numbers_of_numpy_and_pytorch_become_plain_ones(tmp_path: Path):
    metrics = {
        "accuracy": np.float64(0.5),
        "loss": torch.tensor(0.25),
        np.int64(3): np.float32(0.75),
        "each": (torch.tensor([1, 2]), np.array([0.5])),
    }
    path = save_small(
        tmp_path / "small.pt",
        MLP(np.array(SIZES), np.float64(0.5)),
        mean=np.float32(0.5),
        std=torch.tensor(0.25),
        classes=np.array(CLASSES),
        metrics=metrics,
        data_name=np.str_("MNIST"),
    )
    content = torch.load(path, weights_only=True)
    del content["state"]
    assert_plain(content)
    checkpoint = load(path)
    assert checkpoint.classes == CLASSES
    expected = {"accuracy": 0.5, "loss": 0.25, 3: 0.75, "each": [[1, 2], [0.5]]}
    assert checkpoint.metrics == expected


@pytest.mark.parametrize("value", [Path("somewhere"), {1, 2}, b"bytes", object(), 1j])
def test_what_load_would_refuse_is_refused_before_the_old_file_is_lost(saved: Path, value: object):
    with pytest.raises(TypeError, match="plain values only"):
        save_small(saved, small_model(seed=1), metrics={"odd": [value]})
    assert torch.equal(outputs(load(saved).model), outputs(small_model()))


# Files that are no checkpoint


def test_missing_file(tmp_path: Path):
    assert_refused(tmp_path / "missing.pt", "no such file")


def test_directory(tmp_path: Path):
    assert_refused(tmp_path, "can't be read")


class Malicious:
    """Unpickling this creates a file, which stands for anything worse."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple:
        return open, (str(self.marker), "w")


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


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"PK",
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(18),
        "Vierzig Ziffern\n".encode("utf-16"),
        b"plain text, and more than one line\nof it\n" * 50,
        PNG,
        bytes(5000),
        foreign_zip(),
        pickle.dumps({"format": checkpoints.FORMAT}),
        pickle.dumps({"format": checkpoints.FORMAT}) + foreign_zip(),
        saved_by_torch(MLP(SIZES).state_dict()),
        saved_by_torch([1, 2, 3]),
        saved_by_torch(torch.ones(3)),
        saved_by_torch({"format": torch.ones(3)}),
        saved_by_torch({"format": "handwritten-classifier/0"}),
        saved_by_torch(MLP(SIZES)),
    ],
    ids=lambda content: f"{len(content)}-{content[:8]!r}",
)
def test_wrong_files(content: bytes, tmp_path: Path):
    path = tmp_path / "wrong.pt"
    path.write_bytes(content)
    assert_refused(path)


def malicious_files(marker: Path) -> dict[str, bytes]:
    """The same trap in every wrapping that some loader would open."""
    trap = Malicious(marker)
    legacy = io.BytesIO()
    torch.save({"state": trap}, legacy, _use_new_zipfile_serialization=False)
    return {
        "saved by torch": saved_by_torch({"format": checkpoints.FORMAT, "state": trap}),
        "saved by old torch": legacy.getvalue(),
        "bare pickle": pickle.dumps(trap),
        "pickle that ends like an archive": pickle.dumps(trap) + foreign_zip(),
    }


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nothing_in_a_file_is_run(tmp_path: Path):
    marker, path = tmp_path / "marker", tmp_path / "trap.pt"
    pickle.loads(pickle.dumps(Malicious(marker))).close()
    assert marker.exists(), "the trap works"
    marker.unlink()
    for name, content in malicious_files(marker).items():
        path.write_bytes(content)
        assert_refused(path)
        assert not marker.exists(), name


# Damage


@pytest.mark.parametrize("share", [0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999])
def test_truncated_file(saved: Path, share: float):
    raw = saved.read_bytes()
    saved.write_bytes(raw[: int(len(raw) * share)])
    assert_refused(saved, "is damaged")


def test_lost_bytes_in_the_middle_are_called_damage(saved: Path):
    raw = saved.read_bytes()
    for start in range(0, len(raw), 200):
        saved.write_bytes(raw[:start] + raw[start + 3 :])
        assert_refused(saved, "is damaged")


@pytest.mark.parametrize("layer", ["layers.1.weight", "layers.3.bias"])
def test_one_flipped_bit_in_the_weights_is_noticed(saved: Path, layer: str):
    raw = bytearray(saved.read_bytes())
    position = raw.index(small_model().state_dict()[layer].numpy().tobytes())
    raw[position + 2] ^= 1
    saved.write_bytes(raw)
    assert_refused(saved, "is damaged")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_archive_whole_or_damaged(saved: Path, method: int):
    packed = repacked(saved, method=method)
    saved.write_bytes(packed)
    assert_refused(saved)
    for position in range(60, 1200, 100):
        saved.write_bytes(packed[:position] + b"\xff\x00\xff" + packed[position + 3 :])
        assert_refused(saved)


def test_small_compressed_file_that_unpacks_to_a_huge_one(tmp_path: Path):
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10 * 2**20))
    assert_refused(path)


def test_too_large_a_file(saved: Path, monkeypatch: pytest.MonkeyPatch):
    with zipfile.ZipFile(saved) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    monkeypatch.setattr(checkpoints, "MAX_BYTES", size)
    load(saved)
    monkeypatch.setattr(checkpoints, "MAX_BYTES", size - 1)
    assert_refused(saved)


# Wrong content in a sound file


@pytest.mark.parametrize("name", ["format", *FIELDS])
def test_missing_field(saved: Path, name: str):
    rewritten(saved, lambda content: content.pop(name))
    assert_refused(saved, "" if name == "format" else f"'{name}' is missing")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [None, 3, b"bytes", (1, 2), torch.ones(2)], ids=repr)
def test_wrong_type_of_field(saved: Path, name: str, value: object):
    rewritten(saved, lambda content: content.update({name: value}))
    assert_refused(saved, f"'{name}' is missing or of the wrong kind")


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "no such thing"},
        {"model": "two\nlines\rof\u2028name"},
        {"model": ["mlp"]},
        {"model": None},
        {"more": 1},
        {"two\nlines": 1},
        {5: 1},
        {"sizes": [6, 5, 10]},
        {"sizes": [6, 4, 4, 10]},
        {"sizes": [6, 10]},
        {"sizes": [6]},
        {"sizes": []},
        {"sizes": None},
        {"sizes": "abc"},
        {"sizes": ["6", "4", "10"]},
        {"sizes": [6.0, 4.0, 10.0]},
        {"sizes": [6, -4, 10]},
        {"sizes": [6, 10**12, 10]},
        {"sizes": [784, 10**12, 10]},
        {"sizes": [6, 10**18, 10**18]},
        {"sizes": [6, 10**40, 10]},
        {"dropout": 0.5},
        {"dropout": 7},
        {"dropout": "much"},
    ],
    ids=repr,
)
def test_architecture_that_does_not_fit(saved: Path, changes: dict):
    rewritten(saved, lambda content: content["architecture"].update(changes))
    assert_refused(saved, "do not fit its network")


WEIGHT = "layers.1.weight"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "changes",
    [
        {WEIGHT: [[0.5] * 6] * 4},
        {WEIGHT: None},
        {WEIGHT: "weights"},
        {WEIGHT: torch.ones(())},
        {WEIGHT: torch.ones(6, 4)},
        {WEIGHT: torch.ones(4, 6, dtype=torch.int64)},
        {WEIGHT: torch.ones(4, 6).to_sparse()},
        {WEIGHT: torch.ones(4, 6, device="meta")},
        {"layers.9.weight": torch.ones(4, 6)},
        {"two\nlines": torch.ones(4, 6)},
        {"two\nlines": 1},
        {5: torch.ones(4, 6)},
        {None: torch.ones(4, 6)},
        {(1, 2): torch.ones(4, 6)},
    ],
    ids=lambda changes: repr(changes)[:50],
)
def test_weights_that_are_none(saved: Path, changes: dict):
    rewritten(saved, lambda content: content["state"].update(changes))
    assert_refused(saved, "do not fit its network")


def test_missing_weights(saved: Path):
    rewritten(saved, lambda content: content["state"].pop(WEIGHT))
    assert_refused(saved, WEIGHT)


def test_one_number_repeated_over_a_huge_shape_does_not_fill_the_memory(saved: Path):
    width = 100_000  # more than MAX_BYTES, if it were made of weights of its own
    shapes = {
        "layers.1.weight": (width, 784),
        "layers.1.bias": (width,),
        "layers.3.weight": (10, width),
        "layers.3.bias": (10,),
    }

    def widen(content: dict) -> None:
        content["architecture"]["sizes"] = [784, width, 10]
        half = torch.zeros(1, dtype=torch.float16)
        content["state"] = {name: half.expand(shape) for name, shape in shapes.items()}

    rewritten(saved, widen)
    assert saved.stat().st_size < 10_000
    assert_refused(saved, "memory")


def test_absurd_sizes_are_never_laid_out_in_memory(saved: Path, monkeypatch: pytest.MonkeyPatch):
    places: set[str] = set()
    build = checkpoints.models.build

    def watched(architecture: dict) -> nn.Module:
        model = build(architecture)
        places.update(parameter.device.type for parameter in model.parameters())
        return model

    monkeypatch.setattr(checkpoints.models, "build", watched)
    rewritten(saved, lambda content: content["architecture"].update(sizes=[784, 10**12, 10]))
    assert_refused(saved, "do not fit its network")
    assert places == {"meta"}


def test_endless_layers_are_refused_before_they_are_built(
    saved: Path, monkeypatch: pytest.MonkeyPatch
):
    def never(_architecture: dict) -> nn.Module:
        raise AssertionError("built")

    monkeypatch.setattr(checkpoints.models, "build", never)
    rewritten(saved, lambda content: content["architecture"].update(sizes=[1] * 100_000))
    assert_refused(saved, "more layers than weights")


# Fuzzing


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


def test_a_damaged_file_is_refused_or_means_the_same(saved: Path):
    raw, expected = saved.read_bytes(), outputs(load(saved).model)
    generator = random.Random(0)
    survivors = 0
    for _ in range(300):
        saved.write_bytes(mutated(raw, generator))
        checkpoint = load_or_refuse(saved)
        if checkpoint is not None:
            survivors += 1
            assert torch.equal(outputs(checkpoint.model), expected)
    assert survivors < 150


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_made_up_pickle_with_right_checksums_is_refused_in_good_order(saved: Path):
    with zipfile.ZipFile(saved) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        pickled = archive.read(name)
    whole, generator = saved.read_bytes(), random.Random(0)
    path = saved.with_name("made-up.pt")
    path.write_bytes(repacked(saved))
    assert load_or_refuse(path) is not None
    refused = 0
    for _ in range(300):
        path.write_bytes(repacked(saved, mutated(pickled, generator)))
        refused += load_or_refuse(path) is None
    assert refused > 150
    assert saved.read_bytes() == whole


# Failures while saving

KILLED_RUN = """
import os, sys
from helpers import checkpoints
from helpers.common import files
from helpers.models import MLP

class Dying:
    def __init__(self, file):
        self.file, self.written = file, 0

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.file.close()

    def write(self, content):
        self.written += self.file.write(bytes(content)[: len(content) // 2])
        self.file.flush()
        if self.written > 1000:
            print("dying", flush=True)
            os.kill(os.getpid(), 9)
        return len(content)

    def flush(self):
        self.file.flush()

really_open = files.Path.open
files.Path.open = lambda path, *how: Dying(really_open(path, *how))
network = checkpoints.Checkpoint(MLP((6, 4, 10)), 0.5, 0.5, [], "other", {})
checkpoints.save(sys.argv[1], network)
"""


def test_a_killed_process_leaves_the_old_file_whole(saved: Path):
    old = saved.read_bytes()
    run = subprocess.run(
        [sys.executable, "-c", KILLED_RUN, str(saved)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert run.returncode in (-9, 9)
    assert run.stdout.split() == [b"dying"]
    assert saved.read_bytes() == old
    assert torch.equal(outputs(load(saved).model), outputs(small_model()))


class FullDisk:
    """A file on a disk that has room for some bytes only."""

    def __init__(self, file: BinaryIO, room: int):
        self.file, self.room = file, room

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_reason: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> int:
        self.room -= len(content)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)

    def flush(self) -> None:
        self.file.flush()

    def fileno(self) -> int:
        return self.file.fileno()


@pytest.mark.parametrize("room", [0, 100, 1500])
def test_a_full_disk_costs_nothing_that_was_there(
    saved: Path, room: int, monkeypatch: pytest.MonkeyPatch
):
    old, really_open = saved.read_bytes(), Path.open
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda path, *how: FullDisk(really_open(path, *how), room))
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            save_small(saved, small_model(seed=1))
    assert saved.read_bytes() == old
    assert list(saved.parent.iterdir()) == [saved]
    save_small(saved, small_model(seed=1))
    assert torch.equal(outputs(load(saved).model), outputs(small_model(seed=1)))
    assert list(saved.parent.iterdir()) == [saved]
