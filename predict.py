"""Read handwritten digits from pictures: photos, scans, drawings; one digit, a number, a page.

examples:
  python predict.py photo.jpg                   what is on it
  python predict.py scans/ --json               every picture of a folder, one object per line
  python predict.py page.png --page             numbers, line by line, even if there is but one
  python predict.py photo.jpg --show steps.png  what became of it on its way to the network
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # even with PYTHONSAFEPATH

from helpers.common import command_line


def parse() -> argparse.Namespace:
    """The options, checked as far as possible before anything is loaded."""
    parser = command_line.parser_of(__doc__)
    file = command_line.file_name
    what = "a file, a folder, or - (stdin)"
    parser.add_argument("images", nargs="+", type=file, metavar="IMAGE", help=what)
    parser.set_defaults(view="auto")
    view = parser.add_mutually_exclusive_group()
    for name, words in (("digit", "one digit"), ("page", "numbers, line by line")):
        text = f"there is {words}, whatever it looks like"
        view.add_argument(f"--{name}", dest="view", action="store_const", const=name, help=text)
    parser.add_argument("--model", type=file, metavar="FILE", help="for digits (weights/cnn.pt)")
    parser.add_argument("--show", type=file, metavar="FILE", help="draw the steps or page, as PNG")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args()
    if options.images.count("-") > 1:
        parser.error("- can be read only once")
    return options


def main() -> int:
    """Read; what takes seconds to import is imported once the options are known to be right."""
    options = parse()
    with command_line.loading():
        from helpers.commands import predict
    return predict.carry_out(options)


if __name__ == "__main__":
    command_line.run(main)
