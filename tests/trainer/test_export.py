"""From a checkpoint to the file that the reader reads with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_files import save_small
from support import SHORT_LINES, Outcome, assert_refused

from handreader.digits import DIGIT_WEIGHTS, DigitReader
from handreader.framing import CLASSES
from handreader.lines import LINE_WEIGHTS, SIGNS, LineReader
from handreader.networks import load
from helpers import checkpoints
from helpers.checkpoints import Checkpoint, as_reader_network
from helpers.models import CNN, build
from trainer import WEIGHTS, export
from trainer.line_network import NETWORKS, line_scores


@pytest.fixture(autouse=True)
def compare_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare only a few pictures, as large networks take long."""
    monkeypatch.setattr(export, "COMPARED", 20)


def test_exported_network_scores_as_pytorch_does_and_keeps_its_calibration(tmp_path: Path):
    torch.manual_seed(0)
    source = save_small(tmp_path / "net.pt", CNN((3, 4)), temperature=1.5, sure_from=0.75)
    network = load(export.export(source, tmp_path / "net.onnx"), CLASSES)
    assert (network.temperature, network.sure_from) == (1.5, 0.75)
    framed = np.random.default_rng(0).integers(256, size=(7, 28, 28)).astype(np.uint8)
    usual = as_reader_network(checkpoints.load(source), source).scores(framed)
    np.testing.assert_allclose(network.scores(framed), usual, atol=1e-4)
    assert len(DigitReader(tmp_path / "net.onnx").read(list(framed))) == 7


def test_exported_network_reads_lines_of_any_width(tmp_path: Path):
    torch.manual_seed(0)
    model = build(SHORT_LINES.architecture(), NETWORKS).eval()
    source = checkpoints.save(tmp_path / "l.pt", Checkpoint(model, 0.1, 0.3, SIGNS, "MNIST", {}))
    network = LineReader(export.export(source, tmp_path / "lines.onnx")).network
    for wide in (8, 61, 62, 63, 64, 200):
        line = np.random.default_rng(0).integers(256, size=(1, 32, wide)).astype(np.uint8)
        np.testing.assert_allclose(network.scores(line), line_scores(model)(line), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "shipped", "classes"),
    [("cnn", DIGIT_WEIGHTS, CLASSES), ("line", LINE_WEIGHTS, SIGNS)],
)
def test_shipped_networks_are_those_of_the_checkpoints(
    tmp_path: Path, name: str, shipped: Path, classes: list[str]
):
    source = WEIGHTS / f"{name}.pt"
    again = load(export.export(source, tmp_path / "again.onnx"), classes)
    kept = load(shipped, classes)
    assert (kept.temperature, kept.sure_from) == (again.temperature, again.sure_from)
    side = 28 if name == "cnn" else 32
    pictures = np.random.default_rng(0).integers(256, size=(3, side, side)).astype(np.uint8)
    np.testing.assert_allclose(kept.scores(pictures), again.scores(pictures), atol=1e-5)


def test_network_that_comes_out_otherwise_is_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Callable[..., Outcome]
):
    source, target = save_small(tmp_path / "net.pt", CNN((3, 4))), tmp_path / "net.onnx"
    monkeypatch.setattr(export, "APART", 0.0)
    assert_refused(program(export.main, source, target), "scores are off by")
    assert not target.exists()
