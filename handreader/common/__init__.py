"""Shared by every part of the reader.

errors        the error that is shown as one sentence
files         files written completely or not at all
progress      one progress bar for terminals and notebooks
command_line  options, signals and exit codes
"""
