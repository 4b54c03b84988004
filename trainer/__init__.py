"""How the reader's networks are made.

recipes           how they are trained, as plain data
tasks             what a run learns beside single digits: photographs, lines
augmentations     other pens, and lines that lean and wander
line_network      the network for lines
line_set          lines, their labels and their loss
sets, line_sets   thousands of pictures to learn from; `synthesis` draws them
calibration, line_calibration   how far a network may trust itself
command           what `train.py` does
export            from a checkpoint to the ONNX file that `handreader` reads with
"""

from pathlib import Path

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"  # checkpoints of these networks
