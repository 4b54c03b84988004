"""What lies under and over a line of digits: papers, security printing, rules, stamps, light."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from helpers.practice.camera import FAINTEST_BLUR, Shot, light, pencil_grain
from helpers.practice.scenes import Range, Scene


@dataclass(frozen=True)
class Papers:
    """How often what is seen on a picture of a line beside its ink."""

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

# Found by looking at cheques, forms and notebooks; brightness in grey levels of 255.
PAPER: Range = (95, 255)
CONTRAST: Range = (50, 215)  # between paper and ink
GRAIN: Range = (0, 0.09)  # in parts of the contrast
WAVE_DARK: Range = (0.06, 0.42)  # of security printing, in parts of the contrast
WAVE_APART: Range = (0.06, 0.3)  # of the height, from line to line
WAVE_THICK: Range = (0.12, 0.35)  # of that
WAVE_LONG: Range = (0.8, 5)  # heights
DOT_APART: Range = (0.05, 0.16)
DOT_STRONG: Range = (0.03, 0.25)  # in parts of the contrast
RULE_THICK: Range = (0.01, 0.06)
SHADE: Range = (0, 0.35)
BLURS: Range = (0.0, 0.035)  # of the height
NOISE: Range = (0, 0.05)  # of the sensor, in parts of the contrast
QUALITY: Range = (35, 100)
LIT = Scene(shade=SHADE)


@dataclass(frozen=True)
class Print:
    """One picture of a line: its paper and ink, and how it is taken."""

    papers: Papers
    shot: Shot
    paper: float  # grey levels
    ink: float

    @property
    def contrast(self) -> float:
        """Between paper and ink."""
        return self.paper - self.ink

    def chance(self, often: float) -> bool:
        """Whether something happens that often does."""
        return bool(self.shot.random.random() < often)


def photographed(cover: np.ndarray, papers: Papers, random: np.random.Generator) -> np.ndarray:
    """A grey picture, (high, wide) bytes, of ink (the same, floats up to 1) on some paper."""
    paper = random.uniform(*PAPER)
    ink = max(0.0, paper - random.uniform(CONTRAST[0], min(CONTRAST[1], paper)))
    scene = replace(LIT, shadow=papers.shadow)
    print_ = Print(papers, Shot(scene, random, cover.shape, cover.shape[0]), paper, ink)
    if print_.chance(papers.pencil):
        cover = cover * pencil_grain(print_.shot)
    picture = sheet(print_)
    picture += (np.minimum(picture, ink) - picture) * cover * random.uniform(0.8, 1)
    if print_.chance(papers.stamped):
        stamp(picture, print_.shot)
    if not papers.clear:
        picture *= light(print_.shot)[..., 0]
    return captured(picture, print_)


def sheet(print_: Print) -> np.ndarray:
    """Paper, (high, wide) floats, and what is printed on it."""
    papers, shot, contrast = print_.papers, print_.shot, print_.contrast
    picture = np.full(shot.shape, print_.paper, np.float32)
    if print_.chance(papers.wavy):
        for _ in range(shot.random.integers(1, 4)):
            picture -= contrast * waves(shot)
    if print_.chance(papers.dotted):
        picture += contrast * dots(shot)
    if not papers.clear:
        picture += contrast * shot.random.uniform(*GRAIN) * shot.noise()
    if print_.chance(papers.ruled):
        rules(picture, print_.ink, shot)
    if print_.chance(papers.boxed):
        box(picture, print_.ink, shot)
    return picture


def waves(shot: Shot) -> np.ndarray:
    """Fine wavy lines, as on cheques and banknotes: how much darker each pixel is."""
    random, (rows, columns), high = shot.random, shot.shape, shot.size
    right, down = np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    bent = np.zeros(columns, np.float32)
    for _ in range(2):
        long = high * random.uniform(*WAVE_LONG)
        bent += (
            high
            * random.uniform(0, 0.3)
            * np.sin(right * (2 * math.pi / long) + random.uniform(0, 6))
        )
    apart = max(2.5, high * random.uniform(*WAVE_APART))
    slope = math.tan(random.uniform(-1.2, 1.2))
    fan = 1 + random.normal(0, 0.1) * np.sin(right * (math.pi / (2 * high)) + random.uniform(0, 6))
    phase = ((down[:, None] * fan + (bent + slope * right)) / apart) % 1
    thick = random.uniform(*WAVE_THICK) / 2
    lines = np.clip((thick - np.abs(phase - 0.5)) * apart + 0.5, 0, 1)
    return lines * random.uniform(*WAVE_DARK)


def dots(shot: Shot) -> np.ndarray:
    """A fine pattern that repeats, light or dark."""
    random, (rows, columns) = shot.random, shot.shape
    apart = max(2.5, shot.size * random.uniform(*DOT_APART))
    down = np.sin(np.arange(rows, dtype=np.float32) * (2 * math.pi / apart))
    right = np.sin(
        np.arange(columns, dtype=np.float32) * (2 * math.pi / apart / random.uniform(0.7, 1.4))
    )
    pattern = down[:, None] * right if random.random() < 0.6 else np.maximum(down[:, None], right)
    return pattern * (random.uniform(*DOT_STRONG) * (1 if random.random() < 0.5 else -1))


def rules(picture: np.ndarray, ink: float, shot: Shot) -> None:
    """One line or two below or above the digits, or through their feet."""
    random, high = shot.random, shot.size
    places = [random.uniform(0.82, 1.0)] if random.random() < 0.8 else []
    if random.random() < 0.35 or not places:
        places.append(random.uniform(0.0, 0.15))
    for place in places:
        line(
            picture,
            (0, place * high),
            (shot.shape[1], place * high + random.normal(0, 0.02) * shot.shape[1] * 0.5),
            ink,
            shot,
        )


def box(picture: np.ndarray, ink: float, shot: Shot) -> None:
    """The borders of a form's box, or of one for each digit."""
    random, (rows, columns) = shot.random, shot.shape
    if random.random() < 0.5:
        for place in (random.uniform(0, 0.08), random.uniform(0.92, 1)):
            line(picture, (0, place * rows), (columns, place * rows), ink, shot)
    if random.random() < 0.4:
        apart = rows * random.uniform(0.6, 1.2)
        places = np.arange(random.uniform(0, apart), columns, apart)
    else:
        places = np.array([random.uniform(0, 0.1) * rows, columns - random.uniform(0, 0.1) * rows])
        places = places[random.random(2) < 0.7]
    if len(places):
        dark, thick = colour_of_rule(ink, shot)
        for place in places:
            cv2.line(picture, (int(place), 0), (int(place), rows), dark, thick)


def line(
    picture: np.ndarray,
    one: tuple[float, float],
    other: tuple[float, float],
    ink: float,
    shot: Shot,
) -> None:
    """A printed rule, as dark as the ink or lighter."""
    dark, thick = colour_of_rule(ink, shot)
    ends = [tuple(int(value) for value in end) for end in (one, other)]
    cv2.line(picture, ends[0], ends[1], dark, thick, cv2.LINE_8)


def colour_of_rule(ink: float, shot: Shot) -> tuple[float, int]:
    """How dark and thick rules are printed."""
    paper = 255 if ink > 200 else min(255.0, ink + 120)
    dark = ink + (paper - ink) * shot.random.uniform(0, 0.7)
    return float(dark), max(1, round(shot.size * shot.random.uniform(*RULE_THICK)))


def stamp(picture: np.ndarray, shot: Shot) -> None:
    """Part of a ring and a bar, as of a rubber stamp, over everything."""
    random, (rows, columns) = shot.random, shot.shape
    layer = np.ones(shot.shape, np.float32)
    centre = (int(random.uniform(0, columns)), int(random.uniform(-0.3, 1.3) * rows))
    radius = max(3, int(rows * random.uniform(0.4, 1.5)))
    dark = random.uniform(0.6, 0.92)
    thick = max(1, round(rows * random.uniform(0.02, 0.08)))
    cv2.circle(layer, centre, radius, dark, thick, cv2.LINE_AA)
    cv2.circle(layer, centre, int(radius * 0.8), dark, 1, cv2.LINE_AA)
    picture *= layer


def captured(picture: np.ndarray, print_: Print) -> np.ndarray:
    """Blur, noise and compression, as bytes, maybe light on dark."""
    shot, random = print_.shot, print_.shot.random
    if not print_.papers.clear:
        picture = blurred(picture, shot)
        picture = picture + print_.contrast * random.uniform(*NOISE) * shot.noise()
    taken = np.clip(picture, 0, 255).astype(np.uint8)
    if print_.chance(print_.papers.packed):
        taken = through_jpeg(taken, round(random.uniform(*QUALITY)))
    return 255 - taken if print_.chance(print_.papers.negative) else taken


def blurred(picture: np.ndarray, shot: Shot) -> np.ndarray:
    """Not quite in focus; mostly hardly."""
    blur = shot.size * shot.random.uniform(*BLURS) * shot.random.random()
    return cv2.GaussianBlur(picture, (0, 0), blur) if blur > FAINTEST_BLUR else picture


def through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """A grey picture as it is after it was packed."""
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE))
