"""The table of times, and the ratios that are kept."""

import json
from pathlib import Path

import pytest

from benchmarks import ROOT, readme, speed

TIMES = {"seconds": 30.0, "epochs": 3, "test_accuracy": 0.975}
FOUND = {
    "machine": "this",
    "instructions": "AVX2",
    "torch": "2",
    "data": "MNIST",
    "target": {"usual": TIMES, "ours": TIMES | {"seconds": 2.0}, "cnn": TIMES},
    "warps": {"torchvision": 900.0, "ours": 3.0},
} | {f"epoch_{size}": {"usual": 8.0, "ours": 2.0, "bare": 1.6} for size in speed.BATCH_SIZES}


def test_times_are_shown_and_their_ratios_are_recorded_for_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(speed, "measure", lambda: FOUND)
    monkeypatch.setattr(speed.command_line, "uninterruptible", lambda: None)
    monkeypatch.setattr(speed, "OUT", ROOT / "build" / "test-speed.json")
    monkeypatch.setattr(speed, "check_writable", lambda _: None)
    written: dict[Path, str] = {}
    monkeypatch.setattr(speed, "write_text", written.__setitem__)
    monkeypatch.setattr(speed, "RECORDED", tmp_path / "speed.json")
    monkeypatch.setattr(readme, "README", tmp_path / "README.md")
    readme.README.write_text("<!-- speed: begin --><!-- speed: end -->", "utf-8")
    assert speed.main(record_it=True) == 0
    said = capsys.readouterr().out
    assert "batch 64: seconds an epoch | 8.00 | 2.00 | 4.0 times faster |" in said
    assert "| 30.00 (3 epochs, 97.50%) | 2.00 (3 epochs, 97.50%) | 15 times faster |" in said
    assert json.loads(written[speed.OUT]) == FOUND
    ratios = {"AVX2": {"epoch": 4.0, "target": 15.0, "warps": 300.0}}
    assert json.loads(written[speed.RECORDED]) == ratios
    assert "warped 300 times faster" in readme.README.read_text("utf-8")
