"""The reader as a service: pictures come by HTTP, and are answered as `predict.py --json` does.

examples:
  python serve.py                             at http://127.0.0.1:8000, for this machine alone
  python serve.py --workers 4                 four processes that read
  python serve.py --host 0.0.0.0 --port 80    for everybody who can reach this machine
"""

import argparse
import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # even with PYTHONSAFEPATH

from helpers.common import command_line
from helpers.common.errors import UserError

HOST, PORT = "127.0.0.1", 8000
NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client", "fastapi_offline")


def parse() -> argparse.Namespace:
    """The options, checked as far as possible before anything is loaded."""
    parser = command_line.parser_of(__doc__)
    whole, file, add = command_line.whole_number, command_line.file_name, parser.add_argument
    add("--host", type=file, default=HOST, help=f"where to listen (default: {HOST})")
    add("--port", type=whole(0, 65535), default=PORT, help=f"0: any (default: {PORT})")
    add("--model", type=file, metavar="FILE", help="for digits (default: weights/cnn.pt)")
    add("--workers", type=whole(1, 64), default=1, help="processes that read (default: 1)")
    return parser.parse_args()


def main() -> int:
    """Serve; what takes long to import is imported once the options are known to be right."""
    options = parse()
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise UserError("Call 'make serve', or install requirements-serve.txt first.")
    with command_line.loading():
        from helpers.commands import serve
    return serve.carry_out(options)


if __name__ == "__main__":
    command_line.run(main)
