"""What pens, paper, light and cameras make of a digit: synthetic photographs to learn from."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from helpers import redraw, strokes

Range = tuple[float, float]  # from which a number is drawn, evenly

DARK_INKS = ((25, 25, 30), (20, 35, 110), (25, 60, 160), (20, 80, 50), (150, 30, 35), (70, 70, 75))
PAPERS = ((250, 250, 250), (240, 238, 228), (225, 222, 215), (205, 170, 125), (230, 215, 160))
CHALKS = ((245, 245, 240), (240, 230, 150), (230, 180, 190))
BOARDS = ((35, 60, 45), (30, 30, 32), (50, 50, 55), (20, 30, 60))


@dataclass(frozen=True)
class Scene:
    """How a picture of a digit is taken; what is not said is drawn anew for each picture."""

    height: Range = (30, 140)  # pixels of the digit
    room: Range = (1.2, 2.6)  # the picture's sides, in digits
    width: Range = (0.03, 0.22)  # of the strokes, in digits
    stretched: float = 0.3  # how often it is made wider or narrower than its writer did
    off_centre: float = 0.8  # 1: the digit may lie at the border
    turn: float = 8  # degrees, to either side
    papers: tuple = PAPERS
    inks: tuple = DARK_INKS
    contrast: Range = (0.5, 1.0)  # 1: the ink covers the paper
    pencil: float = 0.2  # how often strokes are grainy
    lines: tuple = ("", "", "", "ruled", "squared")
    grain: Range = (0, 5)  # of the paper, in grey levels
    shade: Range = (0, 0.45)  # how much darker the darkest corner is
    shadow: float = 0.3  # how often something throws one
    through: float = 0.15  # how often the other side shows through
    blur: Range = (0, 0.02)  # in digits
    noise: Range = (0, 6)  # of the sensor, in grey levels
    quality: Range = (40, 95)  # of JPEG; 100 leaves it out


ANY = Scene()
DARK = replace(  # chalk, negatives, paint programs with a dark ground
    ANY, papers=BOARDS, inks=CHALKS, lines=("",), through=0, shadow=0.15, contrast=(0.6, 1)
)
CLEAN = replace(  # scans and screens: nothing but ink
    ANY,
    height=(12, 140),
    room=(1.0, 2.0),
    width=(0.02, 0.25),
    papers=((255, 255, 255), (255, 255, 255), (0, 0, 0)),
    inks=((0, 0, 0), (20, 40, 160), (255, 255, 255)),
    contrast=(0.9, 1),
    pencil=0,
    lines=("",),
    grain=(0, 0),
    shade=(0, 0),
    shadow=0,
    through=0,
    blur=(0, 0.03),
    noise=(0, 2),
    quality=(60, 130),
)
SMALL = replace(CLEAN, height=(7, 22), room=(1.0, 1.6), width=(0.08, 0.3), blur=(0, 0.08), turn=5)
PAGE = replace(
    ANY,
    room=(1.05, 1.1),
    turn=3,
    pencil=0,
    lines=("",),
    blur=(0, 0.002),
    through=0,
    grain=(0, 0),
    noise=(0, 1),
    quality=(90, 95),
)
SCENES = (ANY, ANY, ANY, DARK, CLEAN, CLEAN, SMALL)


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
    return camera(picture, digit, scene, random)


def page_of(inks: list[np.ndarray], per_line: int, random: np.random.Generator) -> np.ndarray:
    """A photographed page with lines of digits, about as tidy as people write."""
    side = max(max(ink.shape) for ink in inks)
    across, down = round(1.15 * side), round(1.6 * side)
    page = np.zeros((-(-len(inks) // per_line) * down, per_line * across), np.uint8)
    for number, ink in enumerate(inks):
        top, left = number // per_line * down, number % per_line * across
        top += random.integers(0, down - side + 1) // 2
        left += random.integers(0, across - ink.shape[1] + 1)
        page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return photograph(page, PAGE, random)


def beside(one: np.ndarray, other: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two digits of the same height, so close that their strokes touch."""
    one, other = cut_out(one), cut_out(other)
    high = one.shape[0]
    wide = max(1, round(other.shape[1] * high / other.shape[0]))
    other = cv2.resize(other, (wide, high), interpolation=cv2.INTER_AREA)
    ends = one.shape[1] - 1 - (one[:, ::-1] > 127).argmax(1)  # of each row
    starts = (other > 127).argmax(1)
    inked = (one > 127).any(1) & (other > 127).any(1)
    touching = int((ends - starts)[inked].max(initial=0))
    left = max(0, touching - round(high * random.uniform(0, 0.06)))
    ink = np.zeros((high, max(one.shape[1], left + wide)), np.uint8)
    ink[:, : one.shape[1]] = one
    np.maximum(ink[:, left : left + wide], other, out=ink[:, left : left + wide])
    return ink


def cut_out(ink: np.ndarray) -> np.ndarray:
    """Ink without the empty space around it."""
    rows, columns = np.flatnonzero(ink.max(1)), np.flatnonzero(ink.max(0))
    if not len(rows):
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


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
        other = strokes.draw(strokes.write_digit(random.integers(10), random), digit, digit / 12)
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


def camera(
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


def ink_of(digit: np.ndarray, label: int, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """A 28 x 28 digit as ink of the size that a scene wants, with strokes as it wants them."""
    height = round(random.uniform(*scene.height))
    thickness = height * random.uniform(*scene.width)
    if random.random() < 0.5 and redraw.has_strokes(digit, label):
        ink = redraw.with_pen(digit, height, thickness)
    else:
        ink = redraw.enlarge(digit, height, random.uniform(0.25, 0.65))
    if random.random() < scene.stretched and label != 1:
        ink = redraw.stretched(ink, math.exp(random.uniform(-0.35, 0.35)))
    return ink
