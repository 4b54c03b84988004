"""From any photograph to digits, in the order of the way:

picture_files  a file is opened safely and becomes pixels
sheet          a sheet of paper that lies on a table is cut out
paper          what would be seen without ink, whatever light and shadows fall on it
ink            what differs from paper, in each way in which that may be told
crops          small pictures cut out narrowly, with nothing but two tones
ruled_lines    lines of ruled or squared paper are taken out
digit          strokes that belong together; its `ways_to_see` is the door to all of the above
frame          20 x 20 in 28 x 28, as MNIST frames its own
digit_reader   the network for one digit, and how sure it may be
line           a network reads a whole line at once
columns        what its scores mean, column by column
numbers        what is said of a picture with numbers on it
pages          many digits, line by line
door           whatever picture it is, what is on it: one digit, a number, a page

`pixels` holds what several of them do to pixels.
"""

from helpers.reading.digit import Steps, ways_to_see
from helpers.reading.digit_reader import WEIGHTS, DigitReader, Reading
from helpers.reading.door import Reader
from helpers.reading.frame import frame
from helpers.reading.ink import NoInkError
from helpers.reading.line import LineReader
from helpers.reading.numbers import Number, Page
from helpers.reading.picture_files import PictureError, open_picture

__all__ = [
    "WEIGHTS",
    "DigitReader",
    "LineReader",
    "NoInkError",
    "Number",
    "Page",
    "PictureError",
    "Reader",
    "Reading",
    "Steps",
    "frame",
    "open_picture",
    "ways_to_see",
]
