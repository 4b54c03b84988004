"""Read any picture, whether it shows one digit, a number or a page of numbers."""

from dataclasses import replace
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Literal, get_args, overload

import cv2
import numpy as np

from handreader.common.errors import PictureError
from handreader.digits import DIGIT_WEIGHTS, DigitReader
from handreader.ink.picture_files import Picture, open_picture
from handreader.ink.pixels import Box, shrink, shrink_factor
from handreader.ink.sheet import Ground, grounds
from handreader.ink.strokes import Steps, first_at_once, ways_on, ways_to_see
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
DIRT = 0.12  # of the height of the digit found first: lower ink is dirt
COMPARABLE = 0.5  # of it: higher ink makes the digit unsure, whatever it is
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
        """Read an array (H, W, 3) of bytes; for one digit, return its steps, too.

        A sheet of paper that lies on a table is read first, and all of the picture only if nothing
        on the sheet is sure.
        """
        if view == "digit":
            return self.read_digit(picture)
        seen: list[Seen] = []
        refusal: PictureError | None = None
        for ground in reversed(list(grounds(picture))):
            try:
                seen.append(self._read_page(ground) if view == "page" else self._read_any(ground))
            except PictureError as error:
                refusal = refusal or error
            else:
                if is_sure(seen[-1]):
                    return seen[-1]
        if refusal and not seen:
            raise refusal
        return seen[0]

    def read_digit(self, picture: np.ndarray) -> SeenDigit:
        """Read the one digit on a picture."""
        (digit,) = self.digits.read_pictures([ways_to_see(picture)])
        return digit

    def _read_page(self, ground: Ground) -> Page:
        """Read the numbers on a ground, which may be a crop of one line."""
        whole = self.whole_line(ground.picture)
        try:
            page = read_page(ground.picture, self.digits, self.lines)
        except PictureError:
            if whole is None or whole.confidence < LIKELY:
                raise
            page = Page([whole])
        else:
            if whole and is_better(whole, page, len(ground.picture)):
                page = Page([whole])
        return placed_before(page, ground)

    def confirmed(self, steps: Steps, reading: Reading) -> Reading:
        """Mark a digit as unsure unless the network for lines reads the same, and nothing else."""
        line = self.lines.read(steps.surrounded)
        return reading if line.digits_only == reading.text else replace(reading, unsure=True)

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

    def _read_any(self, ground: Ground) -> Seen:
        """Read one digit, or a page if there is more than the digit, or if it is unsure."""
        try:
            ways = first_at_once(ways_on(ground))
            ((steps, reading),) = self.digits.read_pictures([ways])
        except PictureError:
            return self._read_page(ground)
        reading = self.confirmed(steps, reading)
        is_crop = max(ground.picture.shape[:2]) <= LARGEST_CROP
        beside = 0.0 if is_crop else strokes_beside(ground, steps.box)
        if not beside and not reading.unsure:
            return steps, reading
        try:
            page = self._read_page(ground)
        except PictureError:
            if beside and reading.unsure:
                raise
            page = Page([])
        if shows_more(page, steps.box, reading):
            return page
        doubt = beside > COMPARABLE or any(
            is_beside(sign.box, steps.box) for sign in digits_of(page)
        )
        return steps, replace(reading, unsure=reading.unsure or doubt)


def is_better(whole: Number, page: Page, high: int) -> bool:
    """Tell whether a picture `high` pixels high is better read as one line than as a page.

    If both have the same digits, the page is kept unless it is unsure: its boxes are more precise.
    """
    if [line.digits_only for line in page.lines] == [whole.digits_only]:
        return page.unsure
    digits = digits_of(page)
    one_line = any(digit.box[3] > NO_ROOM * high for digit in digits)
    as_many = len(whole.digits) >= len(digits)
    likely = whole.confidence > LIKELY and (one_line or as_many)
    return likely or (page.unsure and not whole.unsure)


def is_sure(seen: Seen) -> bool:
    """Tell whether an answer is sure, at least in one of several lines."""
    if isinstance(seen, Page):
        return not all(line.unsure for line in seen.lines)
    return not seen[1].unsure


def digits_of(page: Page) -> list[Placed]:
    """Return the digits of all lines."""
    return [digit for line in page.lines for digit in line.digits]


def placed_before(page: Page, ground: Ground) -> Page:
    """Return a page with the boxes of its signs on the whole picture."""
    lines = [
        replace(line, signs=[replace(sign, box=ground.box_before(sign.box)) for sign in line.signs])
        for line in page.lines
    ]
    return Page(lines)


def strokes_beside(ground: Ground, box: Box) -> float:
    """Return how much other ink there is on a ground: the height, or the ink if that is more.

    Both are in heights, or in ink, of the digit in a box. It is 0 if there is only dirt, and
    infinite if there is more than one could read.
    """
    small = shrink(ground.picture, CHECKED_SIDE)
    scale = shrink_factor(ground.picture, small)
    cover = next(ways_to_ink(small), None)
    if cover is None:
        return 0.0
    try:
        pieces = strokes_on(cover)
    except TooMuchError:
        return inf
    if len(pieces) > MOST_PIECES_OF_DIGIT:
        return inf
    boxes = [ground.box_before(scaled_box(piece, scale)) for piece in pieces]
    ink = np.array([piece.ink.sum() for piece in pieces])
    outside = np.array([is_beside(each, box) for each in boxes], bool)
    highest = max(
        (each[3] / box[3] for each, out in zip(boxes, outside, strict=True) if out), default=0.0
    )
    most = max(highest, float(ink[outside].sum() / max(1, ink[~outside].sum())))
    return most if most > DIRT else 0.0


def scaled_box(piece: Piece, scale: float) -> Box:
    """Return the box of a piece on a picture that is `scale` times larger."""
    left, top, right, bottom = (round(edge * scale) for edge in piece.edges)
    return left, top, right - left, bottom - top


def is_beside(box: Box, digit: Box) -> bool:
    """Tell whether the middle of a box is outside a digit's box."""
    left, top, wide, high = digit
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return not (left <= x <= left + wide and top <= y <= top + high)


def shows_more(page: Page, box: Box, reading: Reading) -> bool:
    """Tell whether a page with several digits is a better answer than one digit's reading.

    It is if it surely shows another digit beside the box, or if the reading is unsure and some line
    has more confidence.
    """
    digits = digits_of(page)
    beside = any(not digit.unsure and is_beside(digit.box, box) for digit in digits)
    surer = reading.unsure and any(line.confidence > reading.confidence for line in page.lines)
    return len(digits) > 1 and (beside or surer)
