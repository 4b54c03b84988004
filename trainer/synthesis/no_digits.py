"""Pictures of things that aren't digits, drawn by code, so that a network learns to refuse them.

Training on pictures that belong to no class is known as outlier exposure (Hendrycks et al., 2019).
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from trainer.synthesis.scenes import Range
from trainer.synthesis.strokes import LETTERS, Stroke, arc, bend
from trainer.synthesis.writing import by_hand, printed, trace, write_any

# Found by looking at the drawings; lengths are in heights of a drawing.
PRINTABLE = "ACEFHKMNPRTUVWXYadefhkmnprtuvwxy"  # those that aren't written like a digit
PRINTED = 0.4  # how often letters are printed; otherwise one is handwritten
HOW_MANY_LETTERS = (1, 1, 1, 2)  # drawn from these, if printed
SCRIBBLE_POINTS, SCRIBBLE_TURNS = 120, (1.5, 7)  # of the pen; how often it goes to and fro
DRIFT = 2  # how far a scribble moves on meanwhile, as a standard deviation
NOSE = 0.5  # how often a face has one
STAR_ANGLE: Range = (0.7, 1.6)  # radians between its lines
UPRIGHT = 0.5  # how often parallel lines stand; otherwise they lie
CROSSED = 0.4  # how often as many others cross them
HATCHES: Range = (3, 14)  # waves of a texture
CHECKED = 0.5  # how often there are waves across them, too
WAVE_EDGE, WAVE_SHIFT = 3, (-2, 1)  # how sharp waves end; how fat or thin they are
BLOB_FINE: Range = (8, 50)  # the height divided by a spot's blur
BLOB_EDGE, BLOB_RARE = 4, (-0.3, 1.8)  # how sharp spots end; how few of them there are


@dataclass(frozen=True)
class Brush:
    """A brush for one drawing: its size and random numbers."""

    random: Generator
    height: int  # pixels
    thickness: float  # of strokes, in pixels


def write_nothing(random: Generator, height: int, thickness: float) -> np.ndarray:
    """Draw a letter, scribble, face, figure or texture, or nothing: (H, W) bytes of ink."""
    return KINDS[random.integers(len(KINDS))](Brush(random, height, thickness))


def letter(brush: Brush) -> np.ndarray:
    """Draw a handwritten letter, or one or two printed ones."""
    if brush.random.random() >= PRINTED:
        ways = LETTERS[str(brush.random.choice(list(LETTERS)))]
        return trace(write_any(ways, brush.random), brush.height, brush.thickness)
    count = brush.random.choice(HOW_MANY_LETTERS)
    text = "".join(brush.random.choice(list(PRINTABLE), count))
    return printed(text, brush.random, brush.height, brush.thickness)


def scribble(brush: Brush) -> np.ndarray:
    """Draw one stroke that goes to and fro."""
    random, time = brush.random, np.linspace(0, 1, SCRIBBLE_POINTS)
    turns = random.uniform(*SCRIBBLE_TURNS, (2, 2))
    phases = random.uniform(0, 2 * math.pi, (2, 2))
    waves = np.sin(2 * math.pi * turns[..., None] * time + phases[..., None]).sum(1)
    drift = random.normal(0, 1, (2, 1)) * time * DRIFT
    return trace([(waves + drift).T], brush.height, brush.thickness)


def face(brush: Brush) -> np.ndarray:
    """Draw a circle with eyes and a mouth, and now and then a nose."""
    mouth = brush.random.uniform(-1, 1)  # from sad to glad
    strokes = [
        arc((0.5, 0.5), (0.45, 0.5), (0, 360)),
        arc((0.35, 0.35), (0.05, 0.05), (0, 360)),
        arc((0.65, 0.35), (0.05, 0.05), (0, 360)),
        bend((0.3, 0.7), (0.5, 0.7 + 0.3 * mouth), (0.7, 0.7)),
    ]
    if brush.random.random() < NOSE:
        strokes.append([(0.5, 0.45), (0.47, 0.58), (0.53, 0.58)])
    return by_brush([np.array(stroke) for stroke in strokes], brush)


def figure(brush: Brush) -> np.ndarray:
    """Draw straight lines: a star, polygon, zigzag, bars, or a tangle."""
    random = brush.random
    tangle = random.uniform(0, 1, (random.integers(3, 8), 2))
    shape = random.integers(len(SHAPES) + 1)
    strokes = SHAPES[shape](random) if shape < len(SHAPES) else [np.vstack([tangle, tangle[:1]])]
    return by_brush(strokes, brush)


def by_brush(strokes: list[Stroke], brush: Brush) -> np.ndarray:
    """Draw strokes with a brush, varied by a random hand."""
    return trace(by_hand(strokes, brush.random), brush.height, brush.thickness)


def star(random: Generator) -> list[Stroke]:
    """Return two to four lines that cross in the middle."""
    first = random.uniform(0, math.pi)
    angles = first + np.arange(random.integers(2, 5)) * random.uniform(*STAR_ANGLE)
    arms = [np.array([math.cos(angle), math.sin(angle)]) / 2 for angle in angles]
    return [np.array([0.5 - arm, 0.5 + arm]) for arm in arms]


def polygon(random: Generator) -> list[Stroke]:
    """Return a triangle or a square, turned at random."""
    angles = np.linspace(0, 2 * math.pi, random.integers(4, 6)) + random.uniform(0, 6)
    return [np.stack([0.5 + np.cos(angles) / 2, 0.5 + np.sin(angles) / 2], 1)]


def zigzag(random: Generator) -> list[Stroke]:
    """Return a line that goes up and down."""
    return [np.stack([np.linspace(0, 1, 9), random.uniform(0, 0.6, 9)], 1)]


def bars(random: Generator) -> list[Stroke]:
    """Return parallel lines, perhaps crossed by as many others: =, ||, #."""
    strokes = [np.array([[x, 0.0], [x, 1.0]]) for x in np.linspace(0, 1, random.integers(2, 5))]
    if random.random() < UPRIGHT:
        strokes = [stroke[:, ::-1].copy() for stroke in strokes]
    if random.random() < CROSSED:
        strokes += [stroke[:, ::-1].copy() for stroke in strokes]
    return strokes


def hatching(brush: Brush) -> np.ndarray:
    """Draw a regular texture: rows of lines, dots or checks."""
    random, side = brush.random, np.arange(brush.height)
    angle, period = random.uniform(0, math.pi), brush.height / random.uniform(*HATCHES)
    along = side[:, None] * math.sin(angle) + side[None] * math.cos(angle)
    across = side[:, None] * math.cos(angle) - side[None] * math.sin(angle)
    waves = np.sin(along * 2 * math.pi / period)
    if random.random() < CHECKED:
        waves = waves * np.sin(across * 2 * math.pi / period)
    return (255 * np.clip(waves * WAVE_EDGE + random.uniform(*WAVE_SHIFT), 0, 1)).astype(np.uint8)


def blobs(brush: Brush) -> np.ndarray:
    """Draw random spots, coarse or fine, few or many."""
    random, height = brush.random, brush.height
    noise = random.normal(0, 1, (height, height)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), height / random.uniform(*BLOB_FINE))
    smooth = smooth / smooth.std() - random.uniform(*BLOB_RARE)
    return (255 * np.clip(smooth * BLOB_EDGE, 0, 1)).astype(np.uint8)


def blank(brush: Brush) -> np.ndarray:
    """Return no ink at all, so that only paper and light are left."""
    return np.zeros((brush.height, brush.height), np.uint8)


SHAPES = (star, polygon, zigzag, bars)  # `figure` adds a tangle of random corners
LETTERS_OF_TEN = 4  # of ten drawings: there are many letters
KINDS = (*(letter,) * LETTERS_OF_TEN, scribble, face, figure, hatching, blobs, blank)
