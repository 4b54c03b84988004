"""`python -m handreader` is the command line."""

from handreader import cli

cli.main()
