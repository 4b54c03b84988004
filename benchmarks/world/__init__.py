"""A foreign world of pictures: drawn by code that shares nothing with the reader's practice.

The modules that draw import nothing of this project; only `scoring` and `measurement` know the
reader. Kinds, fonts and hands are split in two halves: work on one, and keep the other for the
final check.
"""

from pathlib import Path
from typing import Literal


def main(
    half: Literal["work", "held"] | None, each: int, keep: Path | None, record_it: bool
) -> int:
    """Measure the reader on the world, or keep the world's pictures in a folder."""
    from benchmarks.world import measurement  # not above: drawing needs no reader

    return measurement.run(half, each, keep, record_it)
