"""Synthetic photographs: ink put on paper, lit, and captured by a camera."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from handreader.ink.pixels import cut_out
from trainer.synthesis.scenes import Range, Scene
from trainer.synthesis.writing import trace, write_digit

# Found by trying and looking. Lengths are in sizes of a digit, brightness in grey levels.
APART = 60  # least difference of ink and paper; with less, nobody could read it
TRIES = 50  # pairs of colours drawn for that: all fail only where no pair would do
PENCIL_GRAIN, FINEST_GRAIN = 1 / 120, 0.6  # of pencil: in digits, and the least in pixels
PENCIL_COVER, PENCIL_ROUGH = 0.75, 0.35  # how much pencil covers, and how much that varies
PAPER_FIBRES = 3  # blur in pixels, and strength relative to the fine grain
THROUGH_THICK, THROUGH_SOFT = 1 / 12, 1 / 20  # of a digit on the back: stroke width, and blur
THROUGH_DARK: Range = (5, 35)  # how much they darken the paper
RULE_COLOURS = ((150, 180, 220), (180, 180, 185), (210, 160, 160), (170, 200, 190))
RULE_STRENGTH: Range = (0.4, 1)  # 1: the paper's colour is covered
RULED: Range = (1.1, 1.7)  # from line to line: digits are written between two
SQUARED: Range = (0.35, 1.2)  # digits fill one square or several
RULE_THICK: Range = (0.005, 0.025)
RULE_TILT = 0.02  # down per right: paper lies a little askew
CORNERS: Range = (0, 1)  # how much corners darken, relative to the slope from side to side
SHADOW_PLACE: Range = (-0.4, 0.4)  # from the middle, in sides of the picture
SHADOW_SOFT: Range = (0.01, 0.2)  # of its edge, in sides of the picture
SHADOW_DARK: Range = (0.1, 0.45)
EXPOSURE: Range = (0.75, 1.02)  # cameras make white paper grey rather than overexpose it
FAINTEST_BLUR = 0.3  # pixels; less can't be seen
UNPACKED = 100  # the JPEG quality from which on a picture isn't compressed at all


@dataclass(frozen=True)
class Shot:
    """One photograph being taken: the settings that paper, light and camera share."""

    scene: Scene
    random: Generator
    shape: tuple[int, ...]  # rows and columns of the picture
    size: int  # pixels of a digit on it, by which lengths are measured

    def noise(self) -> np.ndarray:
        """Draw Gaussian noise, (rows, columns) floats."""
        return self.random.standard_normal(self.shape, np.float32)


def photograph(ink: np.ndarray, scene: Scene, random: Generator) -> np.ndarray:
    """Return a photograph, (rows, columns, 3) bytes, of ink, (H, W) bytes, on some paper."""
    ink = turned(ink, random.uniform(-scene.turn, scene.turn))
    return photograph_page(placed(ink, scene, random), max(ink.shape), scene, random, pencils=True)


def photograph_page(
    cover: np.ndarray, size: int, scene: Scene, random: Generator, pencils: bool = False
) -> np.ndarray:
    """Return a photograph, (rows, columns, 3) bytes, of a whole page, perhaps written in pencil.

    Its ink is (rows, columns) floats up to 1; `size` is the height of a digit in pixels.
    """
    shot = Shot(scene, random, cover.shape, size)
    colour, paper = ink_and_paper(scene, random)
    picture = sheet(paper, shot)
    if pencils and random.random() < scene.pencil:
        cover *= pencil_grain(shot)
    cover = cover[..., None] * random.uniform(*scene.contrast)
    picture = picture * (1 - cover) + colour * cover
    picture *= light(shot)
    return captured(picture, shot)


def turned(ink: np.ndarray, degrees: float) -> np.ndarray:
    """Rotate ink, and crop the picture to it."""
    high, wide = ink.shape
    side = math.ceil(math.hypot(high, wide))
    matrix = np.array(cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1))
    matrix[:, 2] += (side - wide) / 2, (side - high) / 2
    return cut_out(cv2.warpAffine(ink, matrix, (side, side), flags=cv2.INTER_LINEAR))


def placed(ink: np.ndarray, scene: Scene, random: Generator) -> np.ndarray:
    """Place ink on a larger picture: (rows, columns) floats, 1 where it covers the paper."""
    (high, wide), size = ink.shape, max(ink.shape)
    rows, columns = (max(side, round(size * random.uniform(*scene.room))) for side in ink.shape)
    free = np.array([rows - high, columns - wide])
    corner = free / 2 * (1 + scene.off_centre * random.uniform(-1, 1, 2))
    top, left = corner.round().astype(int)
    cover = np.zeros((rows, columns), np.float32)
    cover[top : top + high, left : left + wide] = ink.astype(np.float32) / 255
    return cover


def ink_and_paper(scene: Scene, random: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw colours of ink and paper that can be told apart."""
    for _ in range(TRIES):
        paper = np.array(scene.papers[random.integers(len(scene.papers))], np.float32)
        ink = np.array(scene.inks[random.integers(len(scene.inks))], np.float32)
        if abs(paper.mean() - ink.mean()) > APART:
            break
    return ink, paper


def sheet(colour: np.ndarray, shot: Shot) -> np.ndarray:
    """Return paper, (rows, columns, 3) floats, with grain, rules and what shows through."""
    scene, random = shot.scene, shot.random
    paper = np.empty((*shot.shape, 3), np.float32)
    paper[:] = colour
    grain = random.uniform(*scene.grain)
    if grain:
        fine = shot.noise()
        coarse = cv2.GaussianBlur(fine, (0, 0), PAPER_FIBRES)
        paper += (grain * (fine + coarse * PAPER_FIBRES))[..., None]
    ruling = scene.ruling[random.integers(len(scene.ruling))]
    if ruling:
        rule(paper, ruling, shot)
    if random.random() < scene.through:
        paper -= other_side(shot)
    return paper


def rule(paper: np.ndarray, ruling: str, shot: Shot) -> None:
    """Draw the lines of ruled or squared paper in place, a little askew."""
    random = shot.random
    colour = np.array(RULE_COLOURS[random.integers(len(RULE_COLOURS))], np.float32)
    strength = random.uniform(*RULE_STRENGTH)
    apart = shot.size * random.uniform(*(RULED if ruling == "ruled" else SQUARED))
    thick = max(1.0, shot.size * random.uniform(*RULE_THICK))
    tilt = random.normal(0, RULE_TILT)
    down, right = np.mgrid[: shot.shape[0], : shot.shape[1]].astype(np.float32)
    for along, across in ((down, right), (right, -down))[: 1 if ruling == "ruled" else 2]:
        distance = (along + tilt * across + random.uniform(0, apart)) % apart
        cover = np.clip((thick + 1) / 2 - np.abs(distance - apart / 2), 0, 1)[..., None] * strength
        paper *= 1 - cover
        paper += colour * cover


def other_side(shot: Shot) -> np.ndarray:
    """Return how much a mirrored digit on the back darkens paper: (rows, columns, 1) floats."""
    digit = write_digit(int(shot.random.integers(10)), shot.random)
    ink = trace(digit, shot.size, shot.size * THROUGH_THICK)
    stretched = cv2.resize(ink[:, ::-1], shot.shape[::-1]).astype(np.float32) / 255
    soft = cv2.GaussianBlur(stretched, (0, 0), shot.size * THROUGH_SOFT)
    return (soft * shot.random.uniform(*THROUGH_DARK))[..., None]


def pencil_grain(shot: Shot) -> np.ndarray:
    """Return the share of ink, (rows, columns), that a pencil leaves on rough paper."""
    rough = cv2.GaussianBlur(shot.noise(), (0, 0), max(FINEST_GRAIN, shot.size * PENCIL_GRAIN))
    return np.clip(PENCIL_COVER + PENCIL_ROUGH * rough / (rough.std() + 1e-6), 0.1, 1)


def light(shot: Shot) -> np.ndarray:
    """Return the brightness of each pixel, (rows, columns, 1), with 1 for full light.

    It falls off to one side and towards the corners; there may be a shadow.
    """
    random, (high, wide) = shot.random, shot.shape
    down, right = np.mgrid[:high, :wide].astype(np.float32)
    down, right = down / high - 0.5, right / wide - 0.5
    slope = towards_somewhere(down, right, random)
    corners = (down**2 + right**2) * random.uniform(*CORNERS)
    fall = slope + corners
    bright = 1 - random.uniform(*shot.scene.shade) * (fall - fall.min()) / (np.ptp(fall) + 1e-6)
    if random.random() < shot.scene.shadow:
        edge = towards_somewhere(down, right, random) - random.uniform(*SHADOW_PLACE)
        soft = random.uniform(*SHADOW_SOFT)
        bright *= 1 - random.uniform(*SHADOW_DARK) * (1 + np.tanh(edge / soft * 2)) / 2
    return (bright * random.uniform(*EXPOSURE))[..., None]


def towards_somewhere(down: np.ndarray, right: np.ndarray, random: Generator) -> np.ndarray:
    """Return how far each pixel lies in a random direction."""
    angle = random.uniform(0, 2 * math.pi)
    return down * math.sin(angle) + right * math.cos(angle)


def captured(picture: np.ndarray, shot: Shot) -> np.ndarray:
    """Blur a picture, add noise, and compress it: (rows, columns, 3) bytes."""
    scene, random = shot.scene, shot.random
    picture = blurred(picture, shot.size * random.uniform(*scene.blur))
    level = random.uniform(*scene.noise)
    picture = picture + level * random.standard_normal(picture.shape, np.float32)
    taken = np.clip(picture, 0, 255).astype(np.uint8)
    quality = round(random.uniform(*scene.quality))
    return taken if quality >= UNPACKED else through_jpeg(taken[..., ::-1], quality)[..., ::-1]


def blurred(picture: np.ndarray, blur: float) -> np.ndarray:
    """Blur a picture by so many pixels, unless nobody would see it."""
    return cv2.GaussianBlur(picture, (0, 0), blur) if blur > FAINTEST_BLUR else picture


def through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """Compress a picture, grey or in OpenCV's order of colours, and return what is left of it."""
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))
