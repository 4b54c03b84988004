"""The parts of the tutorial that are used more than once, one idea to a room."""
