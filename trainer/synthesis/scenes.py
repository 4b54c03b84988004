"""Pens, paper, light and cameras, as ranges from which a synthetic photograph is drawn."""

from dataclasses import dataclass, replace

Range = tuple[float, float]  # limits between which a number is drawn uniformly
Colour = tuple[int, int, int]  # red, green and blue, of 255

# Colours of pens, paper, chalk and boards in photographs: judged by eye, not measured.
DARK_INKS = ((25, 25, 30), (20, 35, 110), (25, 60, 160), (20, 80, 50), (150, 30, 35), (70, 70, 75))
PAPERS = ((250, 250, 250), (240, 238, 228), (225, 222, 215), (205, 170, 125), (230, 215, 160))
CHALKS = ((245, 245, 240), (240, 230, 150), (230, 180, 190))
BOARDS = ((35, 60, 45), (30, 30, 32), (50, 50, 55), (20, 30, 60))


@dataclass(frozen=True)
class Scene:
    """The conditions of a photograph of a digit; each picture draws its own values from the ranges.

    The ranges were found by trying, on synthetic photographs of validation digits. They are wide,
    so that a network trains on more than it will meet.
    """

    height: Range = (30, 140)  # pixels of the digit
    room: Range = (1.2, 2.6)  # the picture's sides, in digits
    width: Range = (0.03, 0.22)  # of the strokes, in digits
    stretched: float = 0.3  # how often a digit is made wider or narrower
    off_centre: float = 0.8  # 1: the digit may lie at the border
    turn: float = 8  # degrees, to either side
    papers: tuple[Colour, ...] = PAPERS
    inks: tuple[Colour, ...] = DARK_INKS
    contrast: Range = (0.5, 1.0)  # 1: the ink covers the paper
    pencil: float = 0.2  # how often strokes are grainy
    ruling: tuple[str, ...] = ("", "", "", "ruled", "squared")  # of the paper; "" is none
    grain: Range = (0, 5)  # of the paper, in grey levels
    shade: Range = (0, 0.45)  # how much darker the darkest corner is
    shadow: float = 0.3  # how often there is one
    through: float = 0.15  # how often the other side shows through
    blur: Range = (0, 0.02)  # in digits
    noise: Range = (0, 6)  # of the sensor, in grey levels
    quality: Range = (40, 95)  # of JPEG; from 100 on, there is no compression


ANY = Scene()
DARK = replace(  # chalk, negatives, paint programs with a dark ground
    ANY, papers=BOARDS, inks=CHALKS, ruling=("",), through=0, shadow=0.15, contrast=(0.6, 1)
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
    ruling=("",),
    grain=(0, 0),
    shade=(0, 0),
    shadow=0,
    through=0,
    blur=(0, 0.03),
    noise=(0, 2),
    quality=(60, 130),
)
THUMBNAIL = replace(  # as on a screen: hardly larger than the frame of 28 x 28, or smaller
    CLEAN, height=(7, 22), room=(1.0, 1.6), width=(0.08, 0.3), blur=(0, 0.08), turn=5
)
CROP = replace(  # cropped tightly from a photograph of a page or a form
    ANY, height=(14, 55), room=(1.0, 1.6), width=(0.05, 0.2), ruling=("",), through=0, shadow=0.1
)
# To train on, all equally often; most are photographs.
SCENES = (ANY, ANY, ANY, DARK, CLEAN, CLEAN, THUMBNAIL, CROP)
