"""Cut a line of a page out in grey and hold it level, as the network for lines needs it."""

from dataclasses import dataclass

import cv2
import numpy as np

from handreader.pages.layout import Sheet
from handreader.pages.rows import Row

# Lengths in heights of the typical digit of a line; as in the lines that trained the network.
ABOVE, BESIDE = 0.15, 0.4  # margins that are cut out, too
MAJOR = 0.5, 2.0  # lower pieces are marks, higher ones dirt: neither tells where the line is


@dataclass(frozen=True)
class Strip:
    """A level line in grey, (H, W) bytes, and the sheet's column and level at its top left."""

    grey: np.ndarray
    left: int
    level: float  # of the first row, as `Row.level_of` counts

    def top_at(self, row: Row, column: int) -> int:
        """Return the sheet's row where the strip begins, at a column of the sheet."""
        return round(self.level + row.slope * column)


def strip_of(row: Row, grey: np.ndarray, sheet: Sheet) -> Strip:
    """Cut the strip that a row is in out of the original page, (H, W) bytes, and level it."""
    top, bottom = levels_of(row)
    beside = round(BESIDE * row.height)
    left = min(piece.left for piece in row.pieces) - beside
    size = max(piece.right for piece in row.pieces) + beside - left, max(1, round(bottom - top))
    level = np.array([[1, 0, left], [row.slope, 1, top + row.slope * left], [0, 0, 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = sheet.back @ level
    strip = cv2.warpAffine(grey, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Strip(strip, left, top)


def levels_of(row: Row) -> tuple[float, float]:
    """Return the levels of a row's top and bottom, with a margin."""
    least, most = (part * row.height for part in MAJOR)
    major = [piece for piece in row.pieces if least < piece.high < most] or row.pieces
    above = ABOVE * row.height
    tops = [row.level_of(piece) - piece.high / 2 for piece in major]
    bottoms = [row.level_of(piece) + piece.high / 2 for piece in major]
    return min(tops) - above, max(bottoms) + above
