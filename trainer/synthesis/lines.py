"""Synthetic pictures of lines of digits: written by one hand, on any paper, and cropped."""

import cv2
import numpy as np
from numpy.random import Generator

from trainer.synthesis import line_papers
from trainer.synthesis.glyphs import HIGH, Bank
from trainer.synthesis.hands import USUAL_HABITS, Habits, sample_hand
from trainer.synthesis.line_sheets import FOOT, inked, write
from trainer.synthesis.scenes import Range
from trainer.synthesis.texts import Text, some_text

# Found by looking at crops of real lines.
TILT = 1.8  # degrees, standard deviation
HEIGHTS: Range = (12, 80)  # pixels of a picture of a line
USUAL, USUAL_HEIGHTS = 0.7, (28, 72)  # how often lines are of a usual height
NARROWEST = 8  # pixels from left to right
MARGINS: Range = (-0.05, 0.3)  # above and below a line, in its heights; below 0 it is cut
BESIDE: Range = (-0.06, 0.5)  # to its left and right, in heights of a digit
TIGHTEST = 0.08  # the largest margin of a tight crop, in the same units
LOWEST = 0.5  # least height of a line, in heights of a digit, so that a dash doesn't fill it
EMPTY = (HIGH, FOOT - HIGH, 4 * HIGH, HIGH)  # if there's no ink: left, top, width, height
APART: Range = (1.15, 1.6)  # from line to line, in heights of a digit
SHIFTED = (HIGH, 4 * HIGH)  # pixels that another line lies to the right


def tilted(cover: np.ndarray, degrees: float) -> np.ndarray:
    """Rotate a line a little, about the middle of its digits."""
    high, wide = cover.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, FOOT - HIGH / 2), degrees, 1)
    return cv2.warpAffine(cover, matrix, (wide, high), flags=cv2.INTER_LINEAR)


def cropped(cover: np.ndarray, habits: Habits, random: Generator) -> np.ndarray:
    """Crop the sheet to what a picture of the line shows, perhaps with parts of its neighbours."""
    left, top, wide, high = cv2.boundingRect((cover > 0.3).astype(np.uint8))
    if not wide:
        left, top, wide, high = EMPTY
    high = max(high, round(LOWEST * HIGH))
    above, below = (margin(MARGINS, habits, random) * high for _ in range(2))
    before, behind = (margin(BESIDE, habits, random) * HIGH for _ in range(2))
    rows = (round(top - above), round(top + high + below))
    columns = (round(left - before), round(left + wide + behind))
    if random.random() < habits.neighbours:
        cover = with_neighbours(cover, random)
    return window(cover, rows, columns)


def margin(limits: Range, habits: Habits, random: Generator) -> float:
    """Draw a margin: often hardly any, and below 0 only if it may cut into the ink."""
    least = limits[0] if random.random() < habits.cut else 0.0
    most = TIGHTEST if random.random() < habits.tight else limits[1]
    return float(random.uniform(least, most))


def window(cover: np.ndarray, rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    """Return these rows and columns of a cover, padded with 0 where they lie outside it."""
    high, wide = cover.shape
    inside = cover[max(0, rows[0]) : rows[1], max(0, columns[0]) : columns[1]]
    above, below = max(0, -rows[0]), max(0, rows[1] - high)
    before, behind = max(0, -columns[0]), max(0, columns[1] - wide)
    return cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_CONSTANT)


def with_neighbours(cover: np.ndarray, random: Generator) -> np.ndarray:
    """Add a copy of the line above or below it, of which the picture may show some."""
    down = round(HIGH * random.uniform(*APART)) * (1 if random.random() < 0.5 else -1)
    other = np.roll(cover, (down, int(random.integers(*SHIFTED))), (0, 1))
    if down > 0:
        other[:down] = 0
    else:
        other[down:] = 0
    return np.maximum(cover, other)


def compose(bank: Bank, random: Generator, habits: Habits = USUAL_HABITS) -> tuple[np.ndarray, str]:
    """Return a grey picture of a random line, (H, W) bytes, and the text to be read on it."""
    text = some_text(random, random.random() < habits.alone)
    return line_of(text, bank, random, habits), text.label


def line_of(text: Text, bank: Bank, random: Generator, habits: Habits = USUAL_HABITS) -> np.ndarray:
    """Return a grey picture, (H, W) bytes, of a text, written by a random hand with such habits."""
    hand = sample_hand(bank, habits, random)
    cover = tilted(inked(write(text, hand)), random.normal(0, TILT))
    seen = cropped(cover, habits, random)
    high = random.uniform(*(USUAL_HEIGHTS if hand.chance(USUAL) else HEIGHTS))
    wide = max(NARROWEST, round(seen.shape[1] * high / seen.shape[0]))
    seen = cv2.resize(seen, (wide, round(high)), interpolation=cv2.INTER_AREA)
    return line_papers.photographed(seen, habits.papers, random)
