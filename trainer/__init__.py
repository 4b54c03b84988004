"""Training of the networks that `handreader` reads with.

recipes           how the networks are trained, as plain data
tasks             what a run can learn besides single digits: photographs and whole lines
augmentations     random pens for digits, random warps for lines
line_network      the network that reads whole lines
line_set          lines with their labels, and the CTC loss
sets              thousands of pictures and lines to train on, drawn by `synthesis`
calibration       a network's temperature, and its limit for "not sure"
command           the program behind `train.py`
export            convert a checkpoint to the ONNX file that `handreader` loads
"""

from pathlib import Path

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"  # checkpoints of these networks
