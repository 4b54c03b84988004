"""Read any picture, whether it shows one digit, a number or a page of numbers."""

from functools import cached_property
from pathlib import Path
from typing import Literal, get_args, overload

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
VIEWS = get_args(View)
Answer = Reading | Page
SeenDigit = tuple[Steps, Reading]  # with the steps of its way to the network
Seen = SeenDigit | Page


# When a picture is read as a whole line. Both values were tuned on lines and pages of validation
# digits and on photographed lines, so results measured on those lines are a little optimistic.
LIKELY = 0.3  # confidence that a whole line needs, or it doesn't count as likely
NO_ROOM = 0.5  # of the picture's height: a higher digit leaves no room for a second line

# When a picture shows more than one digit; found by trying, on photographs of validation digits.
LARGEST_CROP = 60  # pixels in both directions: a crop of one digit, or of one number
MOST_PIECES_OF_DIGIT = 20  # reasoned: it may be broken, with dirt around it; words have more
COMPARABLE = 0.5  # of the height of the digit found first: lower ink is dirt
CHECKED_SIDE = 640  # pixels to which a picture is reduced to look for other digits


class Reader:
    """A reader of any picture; it loads the network for lines when that is first needed.

    `digits` and `lines` are networks: in a file, or callables as `handreader.networks` describes.

    >>> picture = np.full((80, 60, 3), 250, np.uint8)  # paper, and on it a stroke
    >>> picture[15:65, 28:33] = 20
    >>> Reader().read(picture).digit
    1
    """

    def __init__(
        self,
        digits: DigitReader | Network | Scores | str | Path = DIGIT_WEIGHTS,
        lines: Network | Scores | str | Path = LINE_WEIGHTS,
    ):
        self.digits = digits if isinstance(digits, DigitReader) else DigitReader(digits)
        self.line_network = lines

    @cached_property
    def lines(self) -> LineReader:
        """Return the reader of whole lines, loading its network on first use."""
        return LineReader(self.line_network)

    @overload
    def read(self, picture: Picture, view: Literal["digit"]) -> Reading: ...
    @overload
    def read(self, picture: Picture, view: Literal["page"]) -> Page: ...
    @overload
    def read(self, picture: Picture, view: View = "auto") -> Answer: ...

    def read(self, picture: Picture, view: View = "auto") -> Answer:
        """Read a picture: return one digit, or the numbers on a page.

        The picture may be a file's name or content, a Pillow image, or a uint8 array, (H, W) grey
        or (H, W, 3) RGB. With the view "digit" or "page", that is what is taken to be there.
        """
        if view not in VIEWS:
            raise ValueError(f"There is no view {view!r}: choose one of {', '.join(VIEWS)}.")
        seen = self.read_with_steps(open_picture(picture), view)
        return seen if isinstance(seen, Page) else seen[1]

    def read_with_steps(self, picture: np.ndarray, view: View = "auto") -> Seen:
        """Read an array (H, W, 3) of bytes; for one digit, return its steps, too."""
        if view == "page":
            return self.read_page(picture)
        return self.read_digit(picture) if view == "digit" else self._read_any(picture)

    def read_digit(self, picture: np.ndarray) -> SeenDigit:
        """Read the one digit on a picture."""
        (digit,) = self.digits.read_pictures([ways_to_see(picture)])
        return digit

    def read_page(self, picture: np.ndarray) -> Page:
        """Read the numbers on a picture, which may be a crop of one line."""
        whole = self.whole_line(picture)
        try:
            page = read_page(picture, self.digits, self.lines)
        except PictureError:
            if whole is None or whole.confidence < LIKELY:
                raise
            return Page([whole])
        return Page([whole]) if whole and is_better(whole, page, len(picture)) else page

    def whole_line(self, picture: np.ndarray) -> Number | None:
        """Read a picture as one single line; return None if no number is found."""
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
        """Read one digit, or a page if other digits stand beside it or none is found."""
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
    """Tell whether a picture `high` pixels high is better read as one line than as a page.

    If both have the same digits, the page is kept unless it is unsure: its boxes are more precise.
    """
    if [line.digits_only for line in page.lines] == [whole.digits_only]:
        return page.unsure
    digits = [digit for line in page.lines for digit in line.digits]
    one_line = any(digit.box[3] > NO_ROOM * high for digit in digits)
    as_many = len(whole.digits) >= len(digits)
    likely = whole.confidence > LIKELY and (one_line or as_many)
    return likely or (page.unsure and not whole.unsure)


def has_more(picture: np.ndarray, box: Box) -> bool:
    """Tell whether other ink beside a digit's box is about as high, or in very many pieces."""
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
    """Return the box of a piece on a picture that is `scale` times larger."""
    left, top, right, bottom = (round(edge * scale) for edge in piece.edges)
    return left, top, right - left, bottom - top


def is_another(box: Box, digit: Box) -> bool:
    """Tell whether a box is beside a digit and high enough to hold another one."""
    left, top, wide, high = digit
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    outside = not (left <= x <= left + wide and top <= y <= top + high)
    return box[3] > COMPARABLE * high and outside


def shows_more(page: Page, box: Box, reading: Reading) -> bool:
    """Tell whether a page with several digits is a better answer than one digit's reading.

    It is if it surely shows another digit beside the box, or if the reading is unsure and some line
    has more confidence.
    """
    digits = [digit for line in page.lines for digit in line.digits]
    beside = any(not digit.unsure and is_another(digit.box, box) for digit in digits)
    surer = reading.unsure and any(line.confidence > reading.confidence for line in page.lines)
    return len(digits) > 1 and (beside or surer)
