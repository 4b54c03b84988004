"""Papers of a line of digits: security printing, rules, boxes, stamps, and the light on them.

Pictures are grey. Lengths are in heights of the picture and strengths are fractions of the
contrast between paper and ink, unless a comment says otherwise.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from trainer.synthesis.camera import Shot, blurred, light, pencil_grain, through_jpeg
from trainer.synthesis.scenes import Range, Scene

# Found by looking at cheques, forms and notebooks, and by checking that pictures can be read.
PAPER: Range = (95, 255)  # grey levels
CONTRAST: Range = (50, 215)  # grey levels between paper and ink: with less, few can read it
COVER: Range = (0.8, 1)  # how much of the paper full ink hides
GRAIN: Range = (0, 0.09)
BLURS: Range = (0, 0.035)
NOISE: Range = (0, 0.05)  # of the sensor
QUALITY: Range = (35, 100)  # of JPEG
LIT = Scene(shade=(0, 0.35))

# Security printing: one to three families of wavy lines, or a fine pattern that repeats.
FAMILIES = (1, 4)
FINEST = 2.5  # pixels from line to line: finer ones can't be told from grey
WAVE_DARK: Range = (0.06, 0.42)
WAVE_APART: Range = (0.06, 0.3)
WAVE_THICK: Range = (0.12, 0.35)  # in parts of the distance to the next
WAVE_LONG: Range = (0.8, 5)
WAVE_HIGH: Range = (0, 0.3)
WAVE_STEEP: Range = (-1.2, 1.2)  # radians that a family is turned
FANNED = 0.1  # how much the distance between lines typically varies
DOT_APART: Range = (0.05, 0.16)
DOT_STRONG: Range = (0.03, 0.25)
DOT_NARROW: Range = (0.7, 1.4)  # their distance across, relative to that down
ROUND_DOTS, DARK_DOTS = 0.6, 0.5  # how often; otherwise a grid, or light dots

# Rules and boxes: mostly one rule under the digits or through their feet.
RULE_THICK: Range = (0.01, 0.06)
RULE_LIGHTER: Range = (0, 84)  # grey levels lighter than the ink
RULE_TILT = 0.01  # down per right, standard deviation
LOW, HIGH = (0.82, 1.0), (0.0, 0.15)  # where rules are, from the top
RULED_BELOW, RULED_ABOVE = 0.8, 0.35  # how often
BOX_EDGE = 0.1  # distance from the picture's edge within which its borders are
BOX_LIES, BOX_SIDE, CELLS = 0.5, 0.7, 0.4  # how often: top and bottom borders, each side, cells
CELL_WIDE: Range = (0.6, 1.2)

# Stamps: two rings.
STAMP_HIGH: Range = (-0.3, 1.3)  # where its middle is, from the top
STAMP_LARGE: Range = (0.4, 1.5)
STAMP_INNER = 0.8  # radius of the inner ring, relative to the outer
STAMP_DARK: Range = (0.6, 0.92)  # share of the light that it leaves
STAMP_THICK: Range = (0.02, 0.08)


@dataclass(frozen=True)
class Papers:
    """Probabilities of what a picture of a line shows beside its ink."""

    pencil: float = 0.12  # strokes are grainy
    wavy: float = 0.35  # fine wavy lines of security printing
    dotted: float = 0.2  # a pattern that repeats
    ruled: float = 0.3  # a rule below or above
    boxed: float = 0.1  # the borders of a form
    stamped: float = 0.05
    shadow: float = 0.12
    packed: float = 0.5  # it went through JPEG
    negative: float = 0.1  # it is light on dark
    clear: bool = False  # no blur, no noise, no grain, and light from everywhere


ORDINARY = Papers()


@dataclass(frozen=True)
class Print:
    """One picture of a line being made: its paper and ink, and how it is taken."""

    papers: Papers
    shot: Shot
    paper: float  # grey levels
    ink: float
    contrast: float  # their difference

    def draw(self, limits: Range) -> float:
        """Draw a number between two limits."""
        return float(self.shot.random.uniform(*limits))

    def chance(self, often: float) -> bool:
        """Return True with this probability."""
        return bool(self.shot.random.random() < often)


def photographed(cover: np.ndarray, papers: Papers, random: Generator) -> np.ndarray:
    """Return a grey picture, (H, W) bytes, of ink, (H, W) floats up to 1, on random paper."""
    print_ = some_print(cover.shape, papers, random)
    if print_.chance(papers.pencil):
        cover = cover * pencil_grain(print_.shot)
    picture = sheet(print_)
    picture += (np.minimum(picture, print_.ink) - picture) * cover * print_.draw(COVER)
    if print_.chance(papers.stamped):
        stamp(picture, print_)
    if not papers.clear:
        picture *= light(print_.shot)[..., 0]
    return captured(picture, print_)


def some_print(shape: tuple[int, ...], papers: Papers, random: Generator) -> Print:
    """Draw any paper, and an ink that is darker."""
    paper = random.uniform(*PAPER)
    ink = max(0.0, paper - random.uniform(CONTRAST[0], min(CONTRAST[1], paper)))
    shot = Shot(replace(LIT, shadow=papers.shadow), random, shape, shape[0])
    return Print(papers, shot, paper, ink, contrast=paper - ink)


def sheet(print_: Print) -> np.ndarray:
    """Return paper, (H, W) floats, with what is printed on it."""
    papers, shot, contrast = print_.papers, print_.shot, print_.contrast
    picture = np.full(shot.shape, print_.paper, np.float32)
    if print_.chance(papers.wavy):
        for _ in range(shot.random.integers(*FAMILIES)):
            picture -= contrast * waves(print_)
    if print_.chance(papers.dotted):
        picture += contrast * dots(print_)
    if not papers.clear:
        picture += contrast * print_.draw(GRAIN) * shot.noise()
    if print_.chance(papers.ruled):
        rules(picture, print_)
    if print_.chance(papers.boxed):
        box(picture, print_)
    return picture


def waves(print_: Print) -> np.ndarray:
    """Return how much fine wavy lines, as on cheques and banknotes, darken each pixel: (H, W)."""
    rows, columns = print_.shot.shape
    right, down = np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    apart = max(FINEST, rows * print_.draw(WAVE_APART))
    bent = wave(right, print_) + wave(right, print_) + right * math.tan(print_.draw(WAVE_STEEP))
    fan = 1 + FANNED * wave(right, print_) / (rows * WAVE_HIGH[1])
    phase = ((down[:, None] * fan + bent) / apart) % 1
    thick = print_.draw(WAVE_THICK) / 2
    return np.clip((thick - np.abs(phase - 0.5)) * apart + 0.5, 0, 1) * print_.draw(WAVE_DARK)


def wave(right: np.ndarray, print_: Print) -> np.ndarray:
    """Return how far each column moves up and down along a random wave, in pixels."""
    rows = print_.shot.shape[0]
    long, high = rows * print_.draw(WAVE_LONG), rows * print_.draw(WAVE_HIGH)
    return high * np.sin(right * (2 * math.pi / long) + print_.draw((0, 2 * math.pi)))


def dots(print_: Print) -> np.ndarray:
    """Return how much a fine repeating pattern lightens or, below 0, darkens each pixel: (H, W)."""
    rows, columns = print_.shot.shape
    apart = max(FINEST, rows * print_.draw(DOT_APART))
    beside = apart * print_.draw(DOT_NARROW)
    down = np.sin(np.arange(rows, dtype=np.float32) * (2 * math.pi / apart))[:, None]
    right = np.sin(np.arange(columns, dtype=np.float32) * (2 * math.pi / beside))
    pattern = down * right if print_.chance(ROUND_DOTS) else np.maximum(down, right)
    return pattern * print_.draw(DOT_STRONG) * (-1 if print_.chance(DARK_DOTS) else 1)


def rules(picture: np.ndarray, print_: Print) -> None:
    """Draw a rule below the digits or through their feet, one above them, or both."""
    below = print_.chance(RULED_BELOW)
    above = print_.chance(RULED_ABOVE) or not below
    lying(picture, [LOW] * below + [HIGH] * above, print_)


def lying(picture: np.ndarray, places: Iterable[Range], print_: Print) -> None:
    """Draw printed rules from left to right, nearly level."""
    rows, columns = picture.shape
    for limits in places:
        left = rows * print_.draw(limits)
        right = left + columns * RULE_TILT * print_.shot.random.standard_normal()
        rule(picture, (0, left), (columns, right), print_)


def rule(
    picture: np.ndarray, one: tuple[float, float], other: tuple[float, float], print_: Print
) -> None:
    """Draw a printed rule from one point to another, as dark as the ink or lighter."""
    dark = min(255.0, print_.ink + print_.draw(RULE_LIGHTER))
    thick = max(1, round(print_.shot.size * print_.draw(RULE_THICK)))
    start, end = ((round(x), round(y)) for x, y in (one, other))
    cv2.line(picture, start, end, dark, thick, cv2.LINE_8)


def box(picture: np.ndarray, print_: Print) -> None:
    """Draw the borders of a form's box, or of a cell for each digit."""
    rows, columns = picture.shape
    if print_.chance(BOX_LIES):
        lying(picture, [(0, BOX_EDGE), (1 - BOX_EDGE, 1)], print_)
    if print_.chance(CELLS):
        apart = rows * print_.draw(CELL_WIDE)
        places = np.arange(print_.draw((0, apart)), columns, apart).tolist()
    else:
        edges = [print_.draw((0, BOX_EDGE)) * rows for _ in range(2)]
        places = [edges[0], columns - edges[1]]
        places = [place for place in places if print_.chance(BOX_SIDE)]
    for place in places:
        rule(picture, (place, 0), (place, rows), print_)


def stamp(picture: np.ndarray, print_: Print) -> None:
    """Draw part of two rings, as of a rubber stamp, over everything."""
    rows, columns = picture.shape
    rings = np.ones(picture.shape, np.float32)
    middle = (round(print_.draw((0, columns))), round(rows * print_.draw(STAMP_HIGH)))
    radius = max(3, round(rows * print_.draw(STAMP_LARGE)))
    dark, thick = print_.draw(STAMP_DARK), max(1, round(rows * print_.draw(STAMP_THICK)))
    cv2.circle(rings, middle, radius, dark, thick, cv2.LINE_AA)
    cv2.circle(rings, middle, round(radius * STAMP_INNER), dark, 1, cv2.LINE_AA)
    picture *= rings


def captured(picture: np.ndarray, print_: Print) -> np.ndarray:
    """Blur a picture, add noise, and compress it: (H, W) bytes, perhaps light on dark."""
    if not print_.papers.clear:
        blur = print_.shot.size * print_.draw(BLURS) * print_.draw((0, 1))  # mostly hardly any
        picture = blurred(picture, blur)
        picture = picture + print_.contrast * print_.draw(NOISE) * print_.shot.noise()
    taken = np.clip(picture, 0, 255).astype(np.uint8)
    if print_.chance(print_.papers.packed):
        taken = through_jpeg(taken, round(print_.draw(QUALITY)))
    return 255 - taken if print_.chance(print_.papers.negative) else taken
