"""The tutorial as a web page: one file, made from the executed notebook, that asks for nothing."""

from handreader.common import command_line

command_line.importing()
