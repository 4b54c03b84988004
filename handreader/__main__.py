"""Run the command line with `python -m handreader`."""

from handreader import cli

cli.main()
