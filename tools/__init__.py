"""Programs for those who work on this project: `python -m tools.NAME`."""
