"""One door: whatever picture it is, what is on it."""

from functools import cached_property
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from handreader.common.errors import PictureError
from handreader.digits import DIGIT_WEIGHTS, DigitReader
from handreader.ink.picture_files import Picture, open_picture
from handreader.ink.pixels import Box, shrink, shrink_factor
from handreader.ink.strokes import Steps, ways_to_see
from handreader.lines import LINE_WEIGHTS, LineReader
from handreader.networks import Network, Scores
from handreader.pages.layout import strokes_on
from handreader.pages.page import read_page
from handreader.pages.page_ink import ways_to_ink
from handreader.pages.pieces import LEAST_PIECE, Piece, TooMuchError
from handreader.results import Number, Page, Placed, Reading

View = Literal["auto", "digit", "page"]
Answer = Reading | Page
SeenDigit = tuple[Steps, Reading]  # with the steps on its way to the network
Seen = SeenDigit | Page


# When a picture is read as a whole line: by trying, on lines and pages of validation digits, and on
# photographed lines, so that what is measured on those is a little too good.
LIKELY = 0.3  # to be right: with less, a line is no answer where others can be given
NO_ROOM = 0.5  # of the picture's height: above or below a higher digit is no second line

# When there is more on a picture than one digit; by trying, on photographs of validation digits.
LARGEST_CROP = 60  # pixels in both directions: a crop of one digit, or if wide of one number
MOST_PIECES_OF_DIGIT = 20  # by thinking: broken and with dirt around it; words have more
COMPARABLE = 0.5  # of the height of the digit found first: lower ink is dirt
CHECKED_SIDE = 640  # pixels in which other digits are looked for: enough to see that they are there


class Reader:
    """Read any picture; the network for lines is loaded once there is more than one digit.

    `digits` and `lines` are networks: in a file, or callables as `handreader.networks` says.

    >>> picture = np.full((80, 60, 3), 250, np.uint8)  # paper, and on it a stroke
    >>> picture[15:65, 28:33] = 20
    >>> Reader().read(picture).digit
    1
    """

    def __init__(
        self,
        digits: Network | Scores | str | Path = DIGIT_WEIGHTS,
        lines: Network | Scores | str | Path = LINE_WEIGHTS,
    ):
        self.digits = DigitReader(digits)
        self.line_network = lines

    @cached_property
    def lines(self) -> LineReader:
        """The reader of whole lines."""
        return LineReader(self.line_network)

    def read(self, picture: Picture, view: View = "auto") -> Answer:
        """Return what is on a picture: one digit, or the numbers on a page.

        The picture may be a file's name or content, Pillow's, or an array (high, wide, 3) of bytes.
        """
        seen = self.read_with_steps(open_picture(picture), view)
        return seen if isinstance(seen, Page) else seen[1]

    def read_with_steps(self, picture: np.ndarray, view: View = "auto") -> Seen:
        """The same of an array, and for one digit the steps on its way to the network."""
        if view == "page":
            return self.read_page(picture)
        return self.read_digit(picture) if view == "digit" else self._read_any(picture)

    def read_digit(self, picture: np.ndarray) -> SeenDigit:
        """The one digit on a picture."""
        (digit,) = self.digits.read_pictures([ways_to_see(picture)])
        return digit

    def read_page(self, picture: np.ndarray) -> Page:
        """The numbers on a picture, which may be a crop of one line."""
        whole = self.whole_line(picture)
        try:
            page = read_page(picture, self.digits, self.lines)
        except PictureError:
            if whole is None or whole.confidence < LIKELY:
                raise
            return Page([whole])
        return Page([whole]) if whole and is_better(whole, page, len(picture)) else page

    def whole_line(self, picture: np.ndarray) -> Number | None:
        """What a picture says if all of it is one line, if anything."""
        high = len(picture)
        if high < LEAST_PIECE:
            return None
        line = self.lines.read(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        signs = []
        for sign in line.signs:
            box = round(sign.left), 0, round(sign.right - sign.left), high
            signs.append(Placed(sign.text, sign.confidence, sign.unsure, box))
        return Number(signs, line.confidence) if signs else None

    def _read_any(self, picture: np.ndarray) -> Seen:
        """One digit, unless there are more beside it, or it is none."""
        try:
            steps, reading = self.read_digit(picture)
        except PictureError:
            return self.read_page(picture)
        if max(picture.shape[:2]) <= LARGEST_CROP:
            whole = self.whole_line(picture)
            is_number = whole and len(whole.digits) > 1 and whole.confidence > LIKELY
            return Page([whole]) if whole and is_number else (steps, reading)
        beside = has_more(picture, steps.box)
        if not beside and not reading.unsure:
            return steps, reading
        try:
            page = self.read_page(picture)
        except PictureError:
            if beside and reading.unsure:
                raise
            return steps, reading
        return page if shows_more(page, steps.box, reading) else (steps, reading)


def is_better(whole: Number, page: Page, high: int) -> bool:
    """Whether a picture so high is rather one line than the lines found on it.

    Where both are the same, whichever is sure will do; the page knows better where its digits are.
    """
    if [line.digits_only for line in page.lines] == [whole.digits_only]:
        return page.unsure
    digits = [digit for line in page.lines for digit in line.digits]
    one_line = any(digit.box[3] > NO_ROOM * high for digit in digits)
    as_many = len(whole.digits) >= len(digits)
    likely = whole.confidence > LIKELY and (one_line or as_many)
    return likely or (page.unsure and not whole.unsure)


def has_more(picture: np.ndarray, box: Box) -> bool:
    """Whether there is ink beside the digit in a box, and about as high, or very much of it."""
    small = shrink(picture, CHECKED_SIDE)
    scale = shrink_factor(picture, small)
    cover = next(ways_to_ink(small), None)
    if cover is None:
        return False
    try:
        pieces = strokes_on(cover)
    except TooMuchError:
        return True
    beside = any(is_another(scaled_box(piece, scale), box) for piece in pieces)
    return beside or len(pieces) > MOST_PIECES_OF_DIGIT


def scaled_box(piece: Piece, scale: float) -> Box:
    """Where a piece is on a picture so many times larger."""
    left, top, right, bottom = (round(edge * scale) for edge in piece.edges)
    return left, top, right - left, bottom - top


def is_another(box: Box, digit: Box) -> bool:
    """Whether something is about as high as a digit, and beside it."""
    left, top, wide, high = digit
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    outside = not (left <= x <= left + wide and top <= y <= top + high)
    return box[3] > COMPARABLE * high and outside


def shows_more(page: Page, box: Box, reading: Reading) -> bool:
    """Whether a page has several digits, one surely beside that in a box, or is the surer view."""
    digits = [digit for line in page.lines for digit in line.digits]
    beside = any(not digit.unsure and is_another(digit.box, box) for digit in digits)
    surer = reading.unsure and any(line.confidence > reading.confidence for line in page.lines)
    return len(digits) > 1 and (beside or surer)
