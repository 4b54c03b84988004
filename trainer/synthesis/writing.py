"""Digits drawn by code: as strokes of a pen, which vary from hand to hand, or printed."""

import math

import cv2
import numpy as np
from numpy.random import Generator

from trainer.synthesis.scenes import Range
from trainer.synthesis.strokes import USUAL_DIGITS, Stroke

# How hands differ: the mean and standard deviation of a normal distribution, or a Range. Found by
# trying and looking; not fitted to any data.
SLANT = (0.1, 0.15)  # right per down; most people slant to the right
TURN = (0, 0.08)  # radians
WIDTH: Range = (0.65, 1.25)  # relative to the width in strokes.json
PROPORTIONS = (0, 0.2)  # log of an exponent that makes, say, the head small and the belly large
WAVES = (0, 0.035)  # amplitude of the waves that bend strokes
WAVELENGTH = 5  # radians of a wave along one digit: less than a full wave
MISPLACED = (0, 0.025)  # offset of each stroke

# How ink is drawn.
SMALLEST_DRAWN = 48  # pixels: smaller digits are drawn larger, then reduced
LARGER = 4  # times, which is enough to hide steps
POINT_BITS = 4  # fractional bits of OpenCV's coordinates, so that lines are smooth

# How printed text is drawn: by putText at a fixed size, then warped to the wanted height.
FONT_SCALE, FONT_HIGH = 2, 50  # OpenCV's scale, and a digit's height in pixels at that scale
FONT_ORIGIN, FONT_ADVANCE = (20, 60), 40  # where text begins; the most that a letter takes
FONT_ROWS, FONT_BESIDE = 80, 60  # room above, below and beside the letters
PRINT_TURN = (0, 8)  # degrees
PRINT_SLANT = (0, 0.15)  # so that print varies as handwriting does


FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)


def write_digit(digit: int, random: Generator) -> list[Stroke]:
    """Return the strokes of a digit: one of the ways to write it, by a random hand."""
    return write_any(USUAL_DIGITS[str(digit)], random)


def write_any(ways: list[list[Stroke]], random: Generator) -> list[Stroke]:
    """Return the strokes of one of these ways, by a random hand."""
    return by_hand(ways[random.integers(len(ways))], random)


def by_hand(strokes: list[Stroke], random: Generator) -> list[Stroke]:
    """Slant, stretch and bend strokes as one random hand, and shift each of them a little."""
    slant, turn = random.normal(*SLANT), random.normal(*TURN)
    wide, uneven = random.uniform(*WIDTH), np.exp(random.normal(*PROPORTIONS, 2))
    waves = random.normal(*WAVES, (2, 2, 2))
    phases = random.uniform(0, 2 * math.pi, (2, 2, 2))
    cos, sin = math.cos(turn), math.sin(turn)
    done = []
    for stroke in strokes:
        points = np.maximum(stroke, 0) ** uneven  # a small head and a large belly, say
        points += random.normal(*MISPLACED, 2)
        wander(points, waves[..., 0], phases[..., 0])
        x, y = points[:, 0] * wide - slant * (points[:, 1] - 0.5), points[:, 1]
        done.append(np.stack([x * cos - y * sin, x * sin + y * cos], 1))
    return done


def wander(points: np.ndarray, waves: np.ndarray, phases: np.ndarray) -> None:
    """Shift points in place by smooth waves along both axes; waves and phases are (2, 2)."""
    for axis in range(2):
        for along in range(2):
            wave = np.sin(points[:, along] * WAVELENGTH + phases[axis, along])
            points[:, axis] += waves[axis, along] * wave


def trace(strokes: list[Stroke], height: int, thickness: float) -> np.ndarray:
    """Draw strokes as ink, (H, W) bytes with 255 for full ink, in a picture that just holds them.

    Their longer side is `height` pixels, not counting the pen's thickness.
    """
    if height < SMALLEST_DRAWN:
        return back_to_size(trace(strokes, LARGER * height, LARGER * thickness))
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = height / max(extent.max(), 1e-6)
    border = math.ceil(thickness / 2) + 1
    wide, high = np.ceil(extent * scale).astype(int) + 2 * border + 1
    ink = np.zeros((high, wide), np.uint8)
    lines = [fixed_point((stroke - low) * scale + border) for stroke in strokes]
    pen = max(1, round(thickness))
    cv2.polylines(ink, lines, False, 255, pen, cv2.LINE_AA, shift=POINT_BITS)
    return ink


def fixed_point(line: np.ndarray) -> np.ndarray:
    """Return a line's points, in pixels, as OpenCV takes them with `shift=POINT_BITS`."""
    return (line * 2**POINT_BITS).round().astype(np.int32)


def back_to_size(ink: np.ndarray) -> np.ndarray:
    """Reduce ink that was drawn LARGER times too large, which softens it as a camera would."""
    size = [max(1, round(side / LARGER)) for side in ink.shape[::-1]]
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)


def printed(text: str, random: Generator, height: int, thickness: float) -> np.ndarray:
    """Draw letters or digits in one of OpenCV's stroke fonts, warped: (H, W) bytes of ink."""
    if height < SMALLEST_DRAWN:
        return back_to_size(printed(text, random, LARGER * height, LARGER * thickness))
    scale = height / FONT_HIGH
    ink = np.zeros((FONT_ROWS, FONT_BESIDE + FONT_ADVANCE * len(text)), np.uint8)
    pen = max(1, round(thickness * FONT_HIGH / height))
    font = FONTS[random.integers(len(FONTS))]
    cv2.putText(ink, text, FONT_ORIGIN, font, FONT_SCALE, 255, pen, cv2.LINE_AA)
    high, wide = ink.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), random.normal(*PRINT_TURN), scale)
    turn = np.array(matrix, np.float64)
    turn[0, 1] += random.normal(*PRINT_SLANT)
    turn[:, 2] += (scale - 1) * np.array([wide, high]) / 2
    size = (math.ceil(wide * height / FONT_HIGH), math.ceil(high * height / FONT_HIGH))
    return cv2.warpAffine(ink, turn, size, flags=cv2.INTER_AREA)


def skeleton(ink: np.ndarray) -> np.ndarray:
    """Return the centre lines of strokes, one pixel wide (thinning by Zhang and Suen, 1984).

    Ink and skeleton are (H, W) bytes.
    """
    mask = 255 * (ink > 127).astype(np.uint8)
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.ximgproc.thinning(padded)[1:-1, 1:-1]
