"""Network files: which are refused, and that nothing in them is trusted."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from handreader import networks
from handreader.digits import DIGIT_WEIGHTS, DigitReader
from handreader.networks import Network, NetworkError


def rewritten(path: Path, **metadata: str | None) -> Path:
    """The shipped network for digits with other metadata, or without some."""
    graph = onnx.load(DIGIT_WEIGHTS)
    kept = {each.key: each.value for each in graph.metadata_props} | metadata
    del graph.metadata_props[:]
    for key, value in kept.items():
        if value is not None:
            graph.metadata_props.add(key=key, value=value)
    onnx.save(graph, path)
    return path


def assert_refused(path: Path, part: str) -> None:
    """One sentence names the file and says why."""
    with pytest.raises(NetworkError, match=part) as caught:
        DigitReader(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"format": None}, "not a network for this reader"),
        ({"format": "handreader/0"}, "not a network for this reader"),
        ({"classes": None}, "lacks its classes"),
        ({"classes": "[" * 10_000}, "lacks its classes"),
        ({"classes": json.dumps(list("abcdefghij"))}, "other classes than 0 1 2"),
        ({"temperature": "warm"}, "lacks its classes or its calibration"),
        ({"temperature": "nan"}, "no calibration"),
        ({"temperature": "0"}, "no calibration"),
        ({"sure_from": "1.5"}, "no calibration"),
    ],
)
def test_file_with_other_metadata_is_refused(
    tmp_path: Path, changes: dict[str, str | None], part: str
):
    assert_refused(rewritten(tmp_path / "net.onnx", **changes), part)


@pytest.mark.parametrize("content", [b"", b"no network", DIGIT_WEIGHTS.read_bytes()[:200_000]])
def test_file_that_is_no_network_or_is_cut_short_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert_refused(path, "not a network in ONNX format, or is damaged")


def test_what_is_no_file_is_refused(tmp_path: Path):
    assert_refused(tmp_path, "no ordinary file")
    assert_refused(tmp_path / "none.onnx", "there is no such file")


def test_file_that_is_far_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(networks, "MOST_BYTES", 100)
    assert_refused(rewritten(tmp_path / "net.onnx"), "larger than any network")


def test_network_that_takes_its_weights_from_another_file_is_refused(tmp_path: Path):
    graph = onnx.load(DIGIT_WEIGHTS)
    onnx.save(graph, tmp_path / "net.onnx", save_as_external_data=True, location="weights.bin")
    assert_refused(tmp_path / "net.onnx", "not a network in ONNX format")


def test_any_callable_is_a_network():
    reader = DigitReader(lambda framed: np.eye(10)[[7] * len(framed)] * 20)
    assert reader.read([np.zeros((28, 28), np.uint8)])[0].digit == 7


@pytest.mark.parametrize(
    ("scores", "part"),
    [
        (lambda framed: np.zeros((len(framed), 9)), "does not give 10 finite scores"),
        (lambda framed: np.full((len(framed), 10), np.nan), "does not give 10 finite scores"),
        (lambda framed: framed.no_such_thing, "does not read pictures of 28 x 28 pixels"),
    ],
)
def test_callable_that_is_no_network_is_refused(scores: networks.Scores, part: str):
    with pytest.raises(NetworkError, match=f"The network: {part}"):
        DigitReader(scores)


def test_temperature_makes_a_network_less_sure():
    scores = np.array([[0.0, 2.0] + [0.0] * 8])
    chances = [
        np.exp(Network(lambda _: scores, temperature=each).log_probabilities(scores))[0, 1]
        for each in (1.0, 2.0)
    ]
    assert chances[0] > chances[1] > 0.1
