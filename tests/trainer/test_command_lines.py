"""`train.py --model line`, made small: trained, stopped, resumed and read with like the others."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import SMALL_SET, Outcome, assert_refused, ctrl_c, same_network

from handreader.lines import SIGNS, LineReader
from helpers import checkpoints
from trainer.line_network import NETWORKS, as_reader_network

Call = Callable[..., Outcome]
Whole = Callable[[str], tuple[Path, Outcome]]


def test_network_for_lines_is_trained_and_can_be_read_with(whole: Whole):
    out, outcome = whole("lines")
    assert "lines: LINE 4-4-4-4-8-8, dropout 0.1, batch norm, warps, photos" in outcome.out
    assert "data: small set, 24 lines to learn from" in outcome.out
    assert "(24 lines): compare settings by this" in outcome.out
    file = checkpoints.load(out, networks=NETWORKS)
    assert file.classes == SIGNS
    assert 0 < file.sure_from <= 1
    assert set(file.metrics) > {"unsure_lines", "sure_and_right", "test_accuracy"}
    reader = LineReader(as_reader_network(file))
    line = reader.read(np.full((40, 200), 200, np.uint8))
    assert 0 <= line.confidence <= 1


@pytest.mark.parametrize("moment", [0, 2, "after"])
def test_stopped_lines_go_on_to_the_same_network(
    train_py: Call, whole: Whole, tmp_path: Path, moment: int | str
):
    (undisturbed, _), out = whole("lines"), tmp_path / "out.pt"
    with ctrl_c(2, moment):
        outcome = train_py("--model", "lines", *SMALL_SET, "--seed", 7, "--out", out)
    assert (outcome.code, outcome.err) == (130, "")
    assert train_py("--resume", tmp_path / "out.pt.unfinished").code == 0
    assert same_network(out, undisturbed)


def test_batches_that_are_too_small_are_refused_before_lines_are_made(train_py: Call):
    def too_late(*_: object) -> None:
        raise AssertionError("lines were made")

    outcome = train_py("--model", "lines", *SMALL_SET, "--batch-size", 23, make_lines=too_late)
    assert_refused(outcome, "the last one has 1 of 24")
