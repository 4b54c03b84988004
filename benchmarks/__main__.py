"""Measure this project; what takes minutes shows its progress."""

import argparse
import importlib
from pathlib import Path

from benchmarks import ROOT
from handreader.common import command_line

STOPPED = "Stopped by you; what was finished and recorded is kept."


def full_path(name: str) -> Path:
    """Return the path of a folder that is named from where the user is."""
    return Path(command_line.file_name(name)).absolute()


def parse() -> argparse.Namespace:
    """Return the options: the measurement to make, and its own options."""
    parser = command_line.Parser(prog="python -m benchmarks", description=__doc__)
    whats = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    ladder = whats.add_parser("ladder", help="train the ladder from five seeds, record each run")
    ladder.add_argument("--again", action="store_true", help="run all, also what is recorded")
    speed = whats.add_parser("speed", help="time training, loading and warps beside the usual ways")
    speed.add_argument(
        "--record",
        action="store_true",
        dest="record_it",
        help="keep the ratios in results/speed.json and the README",
    )
    whats.add_parser("photographs", help="read photographs of digits under named conditions")
    whats.add_parser("numbers", help="read lines and pages of digits under named conditions")
    whats.add_parser("practice", help="leave out parts of what the network for lines practises on")
    service = whats.add_parser("service", help="ask the service as many clients at once")
    number = command_line.whole_number(100)
    service.add_argument(
        "--requests", type=number, default=2000, help="with digits (default: 2000)"
    )
    world = whats.add_parser(
        "world", help="read pictures drawn by code that shares nothing with ours"
    )
    world.add_argument("--half", choices=("work", "held"), help="one half of the kinds and fonts")
    world.add_argument(
        "--each",
        type=command_line.whole_number(1),
        default=20,
        help="pictures of a kind (default: 20)",
    )
    world.add_argument("--keep", type=full_path, help="only write the pictures, into this folder")
    world.add_argument(
        "--record", action="store_true", dest="record_it", help="keep the results in results/"
    )
    return parser.parse_args()


def main() -> int:
    """Run the measurement; slow imports come only once the options are known to be right."""
    options = vars(parse())
    what = options.pop("what")
    command_line.work_in(ROOT)  # so that data is looked for in the repository's folder
    with command_line.loading():
        measurement = importlib.import_module(f"benchmarks.{what}")
    return measurement.main(**options)


if __name__ == "__main__":
    command_line.run(main, STOPPED)
