"""Whole pages: ink cut into pieces, the pieces put in lines, the lines divided into digits."""
