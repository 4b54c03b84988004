"""From any photograph to digits: ink is told from paper, framed as MNIST frames, and read."""

from helpers.reading.digit import Steps, ways_to_see
from helpers.reading.frame import frame, resampling
from helpers.reading.ink import NoInkError
from helpers.reading.pages.page import read_page
from helpers.reading.picture_files import PictureError, open_picture
from helpers.reading.reader import WEIGHTS, Reader, Reading

__all__ = [
    "WEIGHTS",
    "NoInkError",
    "PictureError",
    "Reader",
    "Reading",
    "Steps",
    "frame",
    "open_picture",
    "read_page",
    "resampling",
    "ways_to_see",
]
