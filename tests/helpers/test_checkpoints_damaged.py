"""Checkpoint files that are missing, cut, changed or swollen are refused in one sentence."""

import random
import zipfile
from pathlib import Path

import pytest
import torch
from checkpoint_files import (
    assert_not_loaded,
    load_or_refuse,
    mutated,
    outputs,
    small_model,
)

from helpers.checkpoints import CheckpointError, load


def test_missing_file_and_directory(tmp_path: Path):
    assert_not_loaded(tmp_path / "missing.pt", "no such file")
    assert_not_loaded(tmp_path, "can't be read")


@pytest.mark.parametrize("share", [0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999])
def test_truncated_file(small_file: Path, share: float):
    raw = small_file.read_bytes()
    small_file.write_bytes(raw[: int(len(raw) * share)])
    assert_not_loaded(small_file, "is damaged")


@pytest.mark.parametrize("layer", ["layers.1.weight", "layers.3.bias"])
def test_one_flipped_bit_in_the_weights_is_noticed(small_file: Path, layer: str):
    raw = bytearray(small_file.read_bytes())
    position = raw.index(small_model().state_dict()[layer].numpy().tobytes())
    raw[position + 2] ^= 1
    small_file.write_bytes(raw)
    assert_not_loaded(small_file, "is damaged")


def test_small_compressed_file_that_unpacks_to_a_huge_one(tmp_path: Path):
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10 * 2**20))
    assert_not_loaded(path)


def test_too_large_a_file(small_file: Path):
    with zipfile.ZipFile(small_file) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    load(small_file, most_bytes=size)
    with pytest.raises(CheckpointError):
        load(small_file, most_bytes=size - 1)


def test_a_damaged_file_is_refused_or_means_the_same(small_file: Path):
    raw, expected = small_file.read_bytes(), outputs(load(small_file).model)
    generator = random.Random(0)
    survivors = 0
    for _ in range(100):
        small_file.write_bytes(mutated(raw, generator))
        checkpoint = load_or_refuse(small_file)
        if checkpoint is not None:
            survivors += 1
            assert torch.equal(outputs(checkpoint.model), expected)
    assert survivors < 50
