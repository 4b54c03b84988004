"""The reader as a service, as `python serve.py --help` says: see `handreader.service`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # even with PYTHONSAFEPATH

from handreader import cli
from helpers.network_files import open_network

if __name__ == "__main__":
    cli.main([cli.SERVE, *sys.argv[1:]], open_network)
