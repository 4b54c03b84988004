"""Read handwritten digits from pictures: photos, scans, drawings; one digit, a number, a page.

examples:
  handreader photo.jpg                   what is on it
  handreader scans/ --json               every picture of a folder, one object per line
  handreader page.png --page             numbers, line by line, even if there is but one
  handreader photo.jpg --show steps.png  what became of it on its way to the network
  handreader serve --help                the same as a service
"""

import importlib.util
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from handreader import __version__
from handreader.common import command_line
from handreader.common.errors import UserError

if TYPE_CHECKING:  # slow imports wait until the options are known to be right
    from handreader.networks import Network

NAME, SERVE = "handreader", "serve"
SERVICE = """The reader as a service: pictures come by HTTP, and are answered as --json does.

examples:
  handreader serve                             at http://127.0.0.1:8000, for this machine alone
  handreader serve --workers 4                 four processes that read
  handreader serve --host 0.0.0.0 --port 80    for everybody who can reach this machine
"""
HOST, PORT = "127.0.0.1", 8000
NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client", "fastapi_offline")

NetworkFile = Callable[[str], "Network | str"]


def main(arguments: list[str] | None = None, open_network: NetworkFile = str) -> NoReturn:
    """Run the command line: pictures to read, or `serve` and its options.

    `open_network` turns what --model names into a network, where it is no ONNX file.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == [SERVE]:
        command_line.run(lambda: serve(given[1:], open_network))
    command_line.run(lambda: read(given, open_network))


def read(arguments: list[str], open_network: NetworkFile) -> int:
    """Read the pictures that the command line names."""
    options = reading_options(arguments)
    with command_line.loading():
        from handreader import predict
    return predict.run(options, open_network)


def serve(arguments: list[str], open_network: NetworkFile) -> int:
    """Run the service that the command line describes."""
    options = serving_options(arguments)
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise UserError(
            "The service needs more: call 'make serve', or pip install '.[serve]' in the checkout."
        )
    with command_line.loading():
        from handreader.service import server
    return server.run(options, open_network)


def parser_of(text: str, usual: str) -> command_line.Parser:
    """Return a parser whose help calls the program as its user did, if not as usual."""
    script = Path(sys.argv[0]).name
    is_script = script.endswith(".py") and script != "__main__.py"
    program = f"python {script}" if is_script else usual
    parser = command_line.parser_of(text.replace(f"{usual} ", f"{program} "))
    parser.prog = script if is_script else usual
    return parser


def reading_options(arguments: list[str]) -> Namespace:
    """Parse the options of reading, and check them as far as possible before loading anything."""
    parser = parser_of(__doc__ or "", NAME)
    file = command_line.file_name
    what = "a file, a folder, or - (stdin)"
    parser.add_argument("images", nargs="+", type=file, metavar="IMAGE", help=what)
    parser.set_defaults(view="auto")
    view = parser.add_mutually_exclusive_group()
    for name, words in (("digit", "is one digit"), ("page", "are numbers, line by line")):
        text = f"there {words}, whatever it looks like"
        view.add_argument(f"--{name}", dest="view", action="store_const", const=name, help=text)
    parser.add_argument("--model", type=file, metavar="FILE", help="a network of yours for digits")
    parser.add_argument("--show", type=file, metavar="FILE", help="draw the steps or page, as PNG")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    options = parser.parse_args(arguments)
    if options.images.count("-") > 1:
        parser.error("- can be read only once")
    return options


def serving_options(arguments: list[str]) -> Namespace:
    """Parse the options of the service."""
    parser = parser_of(SERVICE, f"{NAME} {SERVE}")
    whole, file, add = command_line.whole_number, command_line.file_name, parser.add_argument
    add("--host", type=file, default=HOST, help=f"where to listen (default: {HOST})")
    add("--port", type=whole(0, 65535), default=PORT, help=f"0: any (default: {PORT})")
    add("--model", type=file, metavar="FILE", help="a network of yours for digits")
    add("--workers", type=whole(1, 64), default=1, help="processes that read (default: 1)")
    return parser.parse_args(arguments)
