"""Things that lie on a sheet below a number: a pen, a coin, a finger, the ring of a cup."""

import cv2
import numpy as np

from benchmarks.world.strokes import Mask
from benchmarks.world.studio import Sheet, Studio

GREY = (150, 146, 140)  # of a small shadow


def disc(radius: float) -> Mask:
    """Return the mask of a disc."""
    side = round(2 * radius) + 4
    mask = np.zeros((side, side), np.float32)
    cv2.circle(mask, (side // 2, side // 2), round(radius), 1, -1, cv2.LINE_AA)
    return mask


def ring(wide: float, high: float, turns: float = 1) -> np.ndarray:
    """Return points (90, 2) of an ellipse around 0 with these radii."""
    angles = np.linspace(0, 2 * np.pi * turns, 90) - 1.4
    return np.stack([wide * np.cos(angles), high * np.sin(angles)], 1)


def draw_pen(sheet: Sheet, studio: Studio) -> None:
    """Lay a ballpoint pen on a sheet."""
    body = studio.pick([(32, 60, 150), (26, 26, 28), (168, 30, 34)])
    place = np.array([studio.uniform(0.4, 0.6), 0.72]) * [sheet.wide, sheet.high]
    along = np.array([studio.uniform(230, 330), studio.uniform(-70, 70)])
    tip = np.array([place + along, place + 1.16 * along])
    sheet.stroke(np.array([place - along, place + along]) + 10, 38, GREY)
    sheet.stroke(tip, 14, (190, 188, 180))
    sheet.stroke(np.array([place - along, place + along]), 36, body)
    sheet.stroke(np.array([place - 0.9 * along, place + 0.9 * along]) - [0, 9], 5, (214,) * 3)


def draw_coin(sheet: Sheet, studio: Studio) -> None:
    """Lay a coin on a sheet: it is worn, so nothing can be read on it."""
    x, y = studio.uniform(0.2, 0.8), 0.72
    for radius, colour, shift in (
        (92, GREY, 0.009),
        (90, (190, 160, 92), 0),
        (74, (208, 180, 116), 0),
        (40, (196, 168, 104), 0),
    ):
        sheet.put(disc(radius), x + shift, y + shift, colour)


def draw_cup_ring(sheet: Sheet, studio: Studio) -> None:
    """Leave the ring of a cup of coffee on a sheet."""
    place = studio.uniform(0.25, 0.75) * sheet.wide, studio.uniform(0.68, 0.85) * sheet.high
    radius = studio.uniform(130, 180)
    sheet.stroke(ring(radius, radius) + place, studio.uniform(8, 16), (206, 184, 150))


def draw_finger(sheet: Sheet, studio: Studio) -> None:
    """Hold a sheet with a finger that comes from below."""
    x = studio.uniform(0.2, 0.8) * sheet.wide
    tip = np.array([x, sheet.high - studio.uniform(110, 200)])
    finger = np.array([[x + studio.uniform(-70, 70), sheet.high + 70], tip])
    sheet.stroke(finger + 12, 108, GREY)
    sheet.stroke(finger, 104, (222, 170, 142))
    sheet.stroke(np.array([tip, tip - [0, 14]]), 54, (238, 200, 182))
