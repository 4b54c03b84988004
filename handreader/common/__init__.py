"""What every part shares.

errors        the error that is shown as one sentence
files         written whole or not at all
progress      one bar for terminals and notebooks
command_line  options, signals and exit codes
"""
