"""Checkpoints come back as they were small_file, and old ones survive a failure to save."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_files import SIZES, assert_not_loaded, outputs, rewritten, save_small, small_model
from support import ROOT

from handreader.framing import CLASSES
from helpers.checkpoints import FIELDS, load, save, to_16_bits
from helpers.models import MLP
from helpers.training import pick_device


def test_network_comes_back_bit_for_bit(small_file: Path):
    original, again = small_model(), load(small_file).model
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


def test_what_was_loaded_may_be_saved_again_as_it_is(tmp_path: Path):
    run = {"seed": 3, "history": {"seconds": [1.0]}}
    versions = {"torch": "1.0", "torchvision": "0.1"}
    changes = {"run": run, "versions": versions, "temperature": 1.5, "sure_from": 0.75}
    once = load(save_small(tmp_path / "once.pt", **changes))
    again = load(save(tmp_path / "again.pt", once))
    same = ("mean", "std", "classes", "data_name", "metrics", *changes)
    assert [getattr(again, name) for name in same] == [getattr(once, name) for name in same]
    assert torch.equal(outputs(again.model), outputs(once.model))


def test_loaded_network_is_ready_to_use_and_to_train_on(tmp_path: Path):
    path = save_small(tmp_path / "small.pt", MLP(SIZES, dropout=0.5).train())
    model = load(path).model
    assert not any(module.training for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())
    model(torch.ones(1, SIZES[0])).sum().backward()


def test_file_has_the_fields_that_other_versions_look_for(small_file: Path):
    content = torch.load(small_file, weights_only=True)
    assert content["format"] == "handwritten-classifier/1"
    assert set(content) == {"format", *FIELDS}
    save_small(small_file, run={}, temperature=1.5)
    content = torch.load(small_file, weights_only=True)
    assert content["reading"] == {"temperature": 1.5, "sure_from": 0.6}
    assert set(content) == {"format", *FIELDS, "run", "reading"}


@pytest.mark.parametrize("name", ["cnn", "mlp"])
def test_networks_of_the_repository_are_loaded(name: str):
    checkpoint = load(ROOT / "weights" / f"{name}.pt")
    assert checkpoint.classes == CLASSES
    assert 0.5 < checkpoint.temperature < 1
    assert checkpoint.run is None


@pytest.mark.parametrize("device", sorted({"cpu", str(pick_device())}))
def test_weights_are_saved_and_loaded_for_the_cpu(tmp_path: Path, device: str):
    path = save_small(tmp_path / "small.pt", small_model().to(device))
    state = torch.load(path, weights_only=True)["state"]
    assert {tensor.device.type for tensor in state.values()} == {"cpu"}
    assert torch.equal(outputs(load(path).model), outputs(small_model()))
    assert next(load(path, device).model.parameters()).device.type == torch.device(device).type


# How far a network may be trusted, and how small its file is


def test_calibration_comes_back_and_without_it_a_usual_one(tmp_path: Path):
    path = tmp_path / "small.pt"
    trust = {"temperature": np.float32(1.25), "sure_from": torch.tensor(0.5)}
    again = load(save_small(path, **trust))
    assert (again.temperature, again.sure_from) == (1.25, 0.5)
    assert type(again.temperature) is type(again.sure_from) is float
    again = load(save_small(path))
    assert (again.temperature, again.sure_from) == (1.0, 0.6)


@pytest.mark.parametrize(
    "reading",
    [
        None,
        [("temperature", 1.0)],
        {"temperature": 1.0},
        {"temperature": 1.0, "sure_from": 0.6, "more": 1.0},
        {"temperature": 1.0, "sure_from": "0.6"},
        {"temperature": 1, "sure_from": 0.6},
        {"temperature": 0.0, "sure_from": 0.6},
        {"temperature": float("nan"), "sure_from": 0.6},
        {"temperature": 1000.5, "sure_from": 0.6},
        {"temperature": 1.0, "sure_from": 1.5},
    ],
    ids=repr,
)
def test_calibration_that_is_none_is_refused(small_file: Path, reading: object):
    rewritten(small_file, lambda content: content.update(reading=reading))
    assert_not_loaded(small_file, "calibration")


def test_halved_weights_take_half_the_room_and_lose_nothing_more(tmp_path: Path):
    model = MLP((784, 64, 10), batch_norm=True)
    whole = save_small(tmp_path / "whole.pt", model)
    to_16_bits(model)
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
    state = torch.load(path, weights_only=True)["state"]
    kinds = {name: tensor.dtype for name, tensor in state.items()}
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
def test_what_load_would_refuse_is_refused_before_the_old_file_is_lost(
    small_file: Path, value: object
):
    with pytest.raises(TypeError, match="plain values only"):
        save_small(small_file, small_model(seed=1), metrics={"odd": [value]})
    assert torch.equal(outputs(load(small_file).model), outputs(small_model()))


def test_a_full_disk_costs_nothing_that_was_there(small_file: Path, request: pytest.FixtureRequest):
    old = small_file.read_bytes()
    request.getfixturevalue("full_disk")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        save_small(small_file, small_model(seed=1))
    assert small_file.read_bytes() == old
    assert list(small_file.parent.iterdir()) == [small_file]
