"""What paper, light and cameras make of ink: a synthetic photograph of it."""

import math

import cv2
import numpy as np

from helpers.practice.scenes import Scene
from helpers.practice.writing import draw, write_digit
from helpers.reading.pixels import cut_out


def photograph(ink: np.ndarray, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """A picture, in colour, of ink (255 where there is most) on some paper."""
    ink = turned(ink, random.uniform(-scene.turn, scene.turn))
    high, wide = ink.shape
    canvas = [max(side, round(max(ink.shape) * random.uniform(*scene.room))) for side in ink.shape]
    free = np.array([canvas[0] - high, canvas[1] - wide])
    place = free / 2 * (1 + scene.off_centre * random.uniform(-1, 1, 2))
    top, left = place.round().astype(int)
    cover = np.zeros(canvas, np.float32)
    cover[top : top + high, left : left + wide] = ink.astype(np.float32) / 255
    digit = max(ink.shape)
    paper, colour = ink_and_paper(scene, random)
    picture = sheet(paper, canvas, digit, scene, random)
    if random.random() < scene.pencil:
        rough = cv2.GaussianBlur(noise_like(cover, random), (0, 0), max(0.6, digit / 120))
        cover *= np.clip(0.75 + 0.35 * rough / (rough.std() + 1e-6), 0.1, 1)
    cover = cover[..., None] * random.uniform(*scene.contrast)
    picture = picture * (1 - cover) + colour * cover
    picture *= light(canvas, digit, scene, random)
    return captured(picture, digit, scene, random)


def ink_and_paper(scene: Scene, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two colours that can be told apart."""
    for _ in range(50):
        paper = np.array(scene.papers[random.integers(len(scene.papers))], np.float32)
        colour = np.array(scene.inks[random.integers(len(scene.inks))], np.float32)
        if abs(paper.mean() - colour.mean()) > 60:
            break
    return paper, colour


def turned(ink: np.ndarray, degrees: float) -> np.ndarray:
    """Ink rotated, in a picture that just holds it."""
    high, wide = ink.shape
    side = math.ceil(math.hypot(high, wide))
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    matrix[:, 2] += (side - wide) / 2, (side - high) / 2
    return cut_out(cv2.warpAffine(ink, matrix, (side, side), flags=cv2.INTER_LINEAR))


def sheet(
    colour: np.ndarray, size: list[int], digit: int, scene: Scene, random: np.random.Generator
) -> np.ndarray:
    """Paper with its grain, its lines, and what shows through from the other side."""
    paper = np.empty((*size, 3), np.float32)
    paper[:] = colour
    grain = random.uniform(*scene.grain)
    if grain:
        rough = noise_like(paper[..., 0], random)
        paper += (grain * (rough + cv2.GaussianBlur(rough, (0, 0), 3) * 3))[..., None]
    kind = scene.lines[random.integers(len(scene.lines))]
    if kind:
        draw_lines(paper, kind, digit, random)
    if random.random() < scene.through:
        other = draw(write_digit(random.integers(10), random), digit, digit / 12)
        other = cv2.resize(other[:, ::-1], size[::-1]).astype(np.float32) / 255
        other = cv2.GaussianBlur(other, (0, 0), digit / 20)
        paper -= (other * random.uniform(5, 35))[..., None]
    return paper


def draw_lines(paper: np.ndarray, kind: str, digit: int, random: np.random.Generator) -> None:
    """Ruled or squared paper, a little askew."""
    colours = ((150, 180, 220), (180, 180, 185), (210, 160, 160), (170, 200, 190))
    colour = np.array(colours[random.integers(len(colours))], np.float32)
    strength = random.uniform(0.4, 1)
    gap = digit * (random.uniform(1.1, 1.7) if kind == "ruled" else random.uniform(0.35, 1.2))
    thick, tilt = max(1.0, digit * random.uniform(0.005, 0.025)), random.normal(0, 0.02)
    high, wide = paper.shape[:2]
    down, right = np.mgrid[:high, :wide].astype(np.float32)
    for along, across in ((down, right), (right, -down))[: 1 if kind == "ruled" else 2]:
        distance = (along + tilt * across + random.uniform(0, gap)) % gap
        cover = np.clip((thick + 1) / 2 - np.abs(distance - gap / 2), 0, 1)[..., None] * strength
        paper *= 1 - cover
        paper += colour * cover


def light(size: list[int], digit: int, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """How bright each pixel is lit: less to one side and in the corners, maybe with a shadow."""
    high, wide = size
    down, right = np.mgrid[:high, :wide].astype(np.float32)
    down, right = down / high - 0.5, right / wide - 0.5
    angle = random.uniform(0, 2 * math.pi)
    slope = down * math.sin(angle) + right * math.cos(angle)
    corners = (down**2 + right**2) * random.uniform(0, 1)
    fall = slope + corners
    bright = 1 - random.uniform(*scene.shade) * (fall - fall.min()) / (np.ptp(fall) + 1e-6)
    if random.random() < scene.shadow:
        angle = random.uniform(0, 2 * math.pi)
        edge = down * math.sin(angle) + right * math.cos(angle) - random.uniform(-0.4, 0.4)
        soft = random.uniform(0.01, 0.2)
        bright *= 1 - random.uniform(0.1, 0.45) * (1 + np.tanh(edge / soft * 2)) / 2
    return (bright * random.uniform(0.75, 1.02))[..., None]


def captured(
    picture: np.ndarray, digit: int, scene: Scene, random: np.random.Generator
) -> np.ndarray:
    """Blur, noise and compression, as bytes."""
    blur = digit * random.uniform(*scene.blur)
    if blur > 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    picture = picture + random.uniform(*scene.noise) * noise_like(picture, random)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    quality = round(random.uniform(*scene.quality))
    if quality >= 100:
        return picture
    packed = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]


def noise_like(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Bell-shaped noise for each value."""
    return random.standard_normal(values.shape, np.float32)
