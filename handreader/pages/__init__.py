"""Whole pages: many digits, line by line.

page_ink  where the ink is on a page
pieces    what is connected
layout    which way up a page lies, how far askew, in how many columns
rows      which pieces stand in one line
cuts      where digits that touch may part
division  the division of a line into digits that is the likeliest as a whole
strips    a line cut out in grey, for the network for lines
agreement both readings of a line, made one
page      all lines of a page
"""
