"""Read handwritten digits from pictures: one digit, a number, a page of numbers.

    from handreader import Reader

    print(Reader().read("photo.jpg"))

reader    any picture: one digit, a number, a page
digits    one framed digit: its network, and when an answer counts as unsure
lines     a line read whole by a network; `ctc` decodes its column scores into text
results   results as Python objects, text and JSON
networks  a network in one safe file; any callable will do instead
framing   20 x 20 in 28 x 28, as MNIST frames its digits
ink       the way from a picture to the strokes of a digit
pages     many digits, line by line
figures   the steps and pages that --show draws
cli       the command line, which calls `predict` to read and `service` to answer by HTTP
common    errors, files, progress, options
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # an older Python can't even read what follows
    sys.exit(
        "Python 3.11 or newer is needed, but this is {}.{}: call 'make run', then use the Python "
        "in .venv.".format(*sys.version_info)
    )

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handreader.common.errors import PictureError
    from handreader.digits import DigitReader
    from handreader.framing import frame
    from handreader.ink.picture_files import open_picture
    from handreader.ink.strokes import ways_to_see
    from handreader.lines import LineReader
    from handreader.reader import Reader
    from handreader.results import Number, Page, Reading

__version__ = "1.0.0"
HOME = {  # the module of each public name, imported on first use so that programs start fast
    "DigitReader": "digits",
    "LineReader": "lines",
    "Number": "results",
    "Page": "results",
    "PictureError": "common.errors",
    "Reader": "reader",
    "Reading": "results",
    "frame": "framing",
    "open_picture": "ink.picture_files",
    "ways_to_see": "ink.strokes",
}
__all__ = [
    "DigitReader",
    "LineReader",
    "Number",
    "Page",
    "PictureError",
    "Reader",
    "Reading",
    "frame",
    "open_picture",
    "ways_to_see",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in HOME:
        raise AttributeError(f"module 'handreader' has no attribute '{name}'")
    return getattr(import_module(f"handreader.{HOME[name]}"), name)
