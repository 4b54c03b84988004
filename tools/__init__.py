"""Programs for those who work on this project: `python -m tools.NAME`."""

from helpers.common import command_line

command_line.importing()
