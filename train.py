"""Train a network by its recorded recipe, save it, and say how well it reads.

examples:
  python train.py                                   the plain network, in seconds
  python train.py --model cnn-fast --out digits.pt  another one, to a file of your choice
  torchrun --nproc-per-node 2 train.py --model cnn-warps
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # even with PYTHONSAFEPATH

from handreader.common import command_line
from trainer.recipes import RECIPES

OF_THE_RUN = ("model", "epochs", "batch_size", "learning_rate", "seed", "source")


def parse() -> argparse.Namespace:
    """The options, checked as far as possible before anything is loaded."""
    parser = command_line.parser_of(__doc__)
    file = command_line.file_name
    parser.add_argument("--model", choices=RECIPES, help="which network and recipe (default: mlp)")
    parser.add_argument("--epochs", type=command_line.whole_number(1), help="passes over the data")
    parser.add_argument("--batch-size", type=command_line.whole_number(1), help="digits in a step")
    number = command_line.positive_number
    parser.add_argument("--lr", dest="learning_rate", type=number, help="largest learning rate")
    parser.add_argument("--seed", type=command_line.whole_number(0), help="(default: 0)")
    parser.add_argument(
        "--source",
        choices=("auto", "mnist", "small"),
        help="which digits; auto is MNIST where it can be had (default: auto)",
    )
    parser.add_argument("--data", type=file, metavar="DIR", help="MNIST (MNIST_ROOT, or data)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument("--out", type=file, metavar="FILE", help="the network (build/MODEL.pt)")
    parser.add_argument("--metrics", type=file, metavar="FILE", help="how it went, as JSON")
    parser.add_argument("--resume", type=file, metavar="FILE", help="a run to go on with")
    options = parser.parse_args()
    if options.resume and any(getattr(options, name) is not None for name in OF_THE_RUN):
        parser.error("--resume goes on as the run began, without options of its own for that")
    return options


def main() -> int:
    """Train; what takes seconds to import is imported once the options are known to be right."""
    options = parse()
    with command_line.loading():
        from trainer import command
    return command.run(options)


if __name__ == "__main__":
    command_line.run(main)
