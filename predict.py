"""Read handwritten digits from pictures: photos, scans, drawings, whole pages.

examples:
  python predict.py photo.jpg                   one digit
  python predict.py scans/ --json               every picture of a folder, one object per line
  python predict.py page.png --page             every digit on a page, line by line
  python predict.py photo.jpg --show steps.png  what became of it on its way to the network
"""

import argparse

from helpers.common import command_line


def parse() -> argparse.Namespace:
    """The options, checked as far as possible before anything is loaded."""
    head, _, examples = __doc__.partition("\n\n")
    parser = command_line.Parser(
        description=head, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a file, a folder, or - (stdin)")
    parser.add_argument("--page", action="store_true", help="read every digit, line by line")
    parser.add_argument("--model", metavar="FILE", help="the network (default: weights/cnn.pt)")
    parser.add_argument("--show", metavar="FILE", help="draw the steps, or the page, as PNG")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args()
    if options.images.count("-") > 1:
        parser.error("- can be read only once")
    if "" in (*options.images, options.show, options.model):
        parser.error("the name of a file is empty")
    return options


def main() -> int:
    """Read; what takes seconds to import is imported once the options are known to be right."""
    options = parse()
    command_line.prepare()
    from helpers.commands import predict

    return predict.carry_out(options)


if __name__ == "__main__":
    command_line.run(main)
