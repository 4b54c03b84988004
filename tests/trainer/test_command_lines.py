"""`train.py --model line`, made small: trained and read with like the others."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from support import Outcome

from handreader.lines import SIGNS, LineReader
from helpers import checkpoints
from trainer.line_network import NETWORKS, as_reader_network

Whole = Callable[[str], tuple[Path, Outcome]]


def test_network_for_lines_is_trained_and_can_be_read_with(whole: Whole):
    out, outcome = whole("lines")
    assert "lines: LINE 4-4-4-4-8-8, dropout 0.1, batch norm, warps, photos" in outcome.out
    assert "data: small set, 24 lines to learn from" in outcome.out
    assert "(6 lines): compare settings by this" in outcome.out
    file = checkpoints.load(out, networks=NETWORKS)
    assert file.classes == SIGNS
    assert 0 < file.sure_from <= 1
    assert set(file.metrics) > {"unsure_lines", "sure_and_right", "test_accuracy"}
    reader = LineReader(as_reader_network(file))
    line = reader.read(np.full((40, 200), 200, np.uint8))
    assert 0 <= line.confidence <= 1
