"""Measurements of this project; `python -m benchmarks --help` lists them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
