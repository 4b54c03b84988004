"""Write a trained network as the ONNX file that `handreader` reads with.

examples:
  python -m trainer.export weights/cnn.pt handreader/weights/digits.onnx
  python -m trainer.export weights/line.pt handreader/weights/lines.onnx
"""

import io
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handreader import networks
from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import write_bytes
from handreader.framing import SIDE
from handreader.lines import LINE_HEIGHT, LINE_STEP
from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from trainer.line_network import FLATTEST, NETWORKS, LineNetwork, line_scores

OPSET = 17  # of ONNX: the newest tried with PyTorch's older, sturdier exporter
COMPARED = 1000  # random pictures that both networks score
APART = 1e-3  # largest difference of scores allowed: far too small to show in a confidence
WIDTHS = (8, 90, 211, 401)  # of the random lines, in pixels


class DigitScores(nn.Module):
    """A digit network that normalises its input: (N, 28, 28) bytes to (N, 10) scores."""

    def __init__(self, checkpoint: Checkpoint):
        super().__init__()
        self.model, self.mean, self.std = checkpoint.model, checkpoint.mean, checkpoint.std

    def forward(self, framed: Tensor) -> Tensor:
        """Normalise as `transforms.Normalize` does, and score."""
        return self.model((framed.unsqueeze(1).float() * (1 / 255) - self.mean) / self.std)


class LineScores(nn.Module):
    """A line network that normalises its input: (N, 32, width) bytes to (N, 16, columns) scores.

    There is one column of scores for every four pixels of width.
    """

    def __init__(self, checkpoint: Checkpoint):
        super().__init__()
        self.model = checkpoint.model

    def forward(self, lines: Tensor) -> Tensor:
        """Normalise each line as `line_network.as_lines` does, and score."""
        floats = lines.unsqueeze(1).float()
        spread, mean = torch.std_mean(floats, dim=(2, 3), keepdim=True, correction=0)
        centred = (floats - mean) / (spread + FLATTEST)
        return self.model(F.pad(centred, (0, -lines.shape[2] % LINE_STEP)))


def main() -> int:
    """Export the checkpoint named first to the file named second."""
    parser = command_line.parser_of(__doc__)
    parser.add_argument("checkpoint", type=command_line.file_name)
    parser.add_argument("onnx", type=command_line.file_name)
    options = parser.parse_args()
    print(f"saved: {export(options.checkpoint, options.onnx)}")
    return 0


def export(source: str | Path, target: str | Path) -> Path:
    """Write a checkpoint as ONNX, after checking that its scores match PyTorch's."""
    checkpoint = checkpoints.load(source, networks=NETWORKS)
    content = with_metadata(onnx_of(checkpoint), checkpoint)
    check_same(content, checkpoint)
    return write_bytes(target, content)


def onnx_of(checkpoint: Checkpoint) -> bytes:
    """Return the network as an ONNX graph from bytes to scores, for any number of pictures."""
    free = {"pictures": {0: "count"}, "scores": {0: "count"}}
    module: nn.Module = DigitScores(checkpoint)
    shape = (2, SIDE, SIDE)
    if isinstance(checkpoint.model, LineNetwork):
        module, shape = LineScores(checkpoint), (2, LINE_HEIGHT, 101)
        free = {"pictures": {0: "count", 2: "width"}, "scores": {0: "count", 2: "columns"}}
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the newer exporter, and about tracing
        torch.onnx.export(
            module.eval(), (torch.zeros(shape, dtype=torch.uint8),), file, dynamo=False,
            opset_version=OPSET, input_names=["pictures"], output_names=["scores"],
            dynamic_axes=free,
        )  # fmt: skip
    return file.getvalue()


def with_metadata(content: bytes, checkpoint: Checkpoint) -> bytes:
    """Return the ONNX file with the metadata that `networks.load` reads."""
    graph = onnx.load_from_string(content)
    known = {
        "format": networks.FORMAT,
        "classes": json.dumps(checkpoint.classes),
        "temperature": repr(checkpoint.temperature),
        "sure_from": repr(checkpoint.sure_from),
    }
    for key, value in known.items():
        graph.metadata_props.add(key=key, value=value)
    return graph.SerializeToString()


def check_same(content: bytes, checkpoint: Checkpoint) -> None:
    """Raise UserError if the exported network scores random pictures differently from PyTorch."""
    network = networks.from_bytes(content, checkpoint.classes, "The exported network")
    random = np.random.default_rng(0)
    if isinstance(checkpoint.model, LineNetwork):
        shapes = [(COMPARED // len(WIDTHS), LINE_HEIGHT, wide) for wide in WIDTHS]
        expected = line_scores(checkpoint.model)
    else:
        shapes = [(COMPARED, SIDE, SIDE)]
        expected = checkpoints.as_reader_network(checkpoint, "The checkpoint").scores
    for shape in shapes:
        pictures = random.integers(256, size=shape).astype(np.uint8)
        apart = float(np.abs(network.scores(pictures) - expected(pictures)).max())
        if apart > APART:
            raise UserError(f"The exported network's scores are off by up to {apart:.2g}.")


if __name__ == "__main__":
    command_line.run(main)
