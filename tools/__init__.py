"""Programs for those who work on this project: `python -m tools.NAME`."""

from handreader.common import command_line

command_line.importing()
