"""Read whole pages: many digits, line by line.

page_ink  the segmentation of a page into ink and paper
pieces    the connected pieces of ink
layout    which way up a page lies, how far askew, and in how many columns
rows      the pieces grouped into lines
cuts      where touching digits may be separated
division  the division of a line into digits that is the likeliest as a whole
strips    a line cut out in grey, for the network for lines
agreement the two readings of a line, combined
page      all lines of a page
"""
