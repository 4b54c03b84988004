"""The common parts of measurements of reading: a seed, a usual photograph, a file of results."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import torch

from handreader.common import command_line
from handreader.common.files import check_writable, write_text
from trainer.synthesis import scenes

SEED = 2026
PEN = (0.06, 0.14)  # widths of usual strokes, in digit heights: ballpoint to felt pen
PHOTO = replace(scenes.ANY, ruling=("",), through=0, shadow=0, pencil=0, width=PEN)


def kept(out: Path, measure: Callable[[], dict]) -> dict:
    """Measure on one thread, so that times can be compared; write down and return the results."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    check_writable(out)  # fails now, not after all the work
    found = measure()
    command_line.uninterruptible()  # until the last file is written, so that all files agree
    write_text(out, json.dumps(found, indent=1) + "\n")
    return found
