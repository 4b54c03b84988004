"""Programs for those who work on this project: `python -m tools.NAME`."""

import signal
import sys

if sys.argv[0] == "-m":  # one is being started: a Ctrl-C is quiet while it imports what it needs
    signal.signal(signal.SIGINT, signal.SIG_DFL)
