"""The tutorial as a web page: one file, made from the executed notebook, that asks for nothing."""

import signal
import sys

if sys.argv[0] == "-m":  # `python -m page`: a Ctrl-C is quiet while it imports what it needs
    signal.signal(signal.SIGINT, signal.SIG_DFL)
