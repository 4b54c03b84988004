"""Things that are no digits, drawn by code, so that a network can learn to say so."""

import math

import cv2
import numpy as np

from helpers.practice.writing import arc, bend, by_hand, draw, printed

LETTERS = "ACEFHKMNPRTUVWXYadefhkmnprtuvwxy"  # those that are not written like a digit


def write_nothing(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """Ink that is no digit: a letter, a scribble, a face, a figure, specks or a texture."""
    return KINDS[random.integers(len(KINDS))](random, height, thickness)


def letter(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """A letter, or two of them."""
    text = "".join(random.choice(list(LETTERS), random.choice([1, 1, 1, 2])))
    return printed(text, random, height, thickness)


def scribble(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """A pen that goes to and fro without lifting."""
    time = np.linspace(0, 1, 120)
    turns, phases = random.uniform(1.5, 7, (2, 2)), random.uniform(0, 2 * math.pi, (2, 2))
    waves = np.sin(2 * math.pi * turns[..., None] * time + phases[..., None]).sum(1)
    drift = random.normal(0, 1, (2, 1)) * time * 2
    return draw([(waves + drift).T], height, thickness)


def face(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """A circle with eyes and a mouth."""
    mouth = random.uniform(-1, 1)
    strokes = [
        arc(0.5, 0.5, 0.45, 0.5, 0, 360),
        arc(0.35, 0.35, 0.05, 0.05, 0, 360),
        arc(0.65, 0.35, 0.05, 0.05, 0, 360),
        bend((0.3, 0.7), (0.5, 0.7 + 0.3 * mouth), (0.7, 0.7)),
    ]
    if random.random() < 0.5:
        strokes.append([(0.5, 0.45), (0.47, 0.58), (0.53, 0.58)])
    return draw(by_hand([np.array(s) for s in strokes], random), height, thickness)


def figure(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """Crosses, stars, arrows, boxes, triangles, zigzags: straight lines in some order."""
    corners = random.uniform(0, 1, (random.integers(3, 8), 2))
    kind = random.integers(5)
    if kind == 0:  # a star or a cross of lines through the middle
        angles = random.uniform(0, math.pi) + np.arange(random.integers(2, 5)) * random.uniform(
            0.7, 1.6
        )
        strokes = [
            np.array(
                [
                    [0.5 - math.cos(a) / 2, 0.5 - math.sin(a) / 2],
                    [0.5 + math.cos(a) / 2, 0.5 + math.sin(a) / 2],
                ]
            )
            for a in angles
        ]
    elif kind == 1:  # a closed shape with corners on a circle
        angles = np.linspace(0, 2 * math.pi, random.integers(4, 6)) + random.uniform(0, 6)
        strokes = [np.stack([0.5 + np.cos(angles) / 2, 0.5 + np.sin(angles) / 2], 1)]
    elif kind == 2:  # a zigzag
        strokes = [np.stack([np.linspace(0, 1, 9), random.uniform(0, 0.6, 9)], 1)]
    elif kind == 3:  # strokes beside each other: =, ||, #
        x = np.linspace(0, 1, random.integers(2, 5))
        strokes = [np.array([[each, 0.0], [each, 1.0]]) for each in x]
        if random.random() < 0.5:
            strokes = [stroke[:, ::-1].copy() for stroke in strokes]
        if random.random() < 0.4:
            strokes += [stroke[:, ::-1].copy() for stroke in strokes]
    else:
        strokes = [np.vstack([corners, corners[:1]])]
    return draw(by_hand(strokes, random), height, thickness)


def hatching(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """A regular texture: rows of lines, dots or checks."""
    side = np.arange(height)
    angle, period = random.uniform(0, math.pi), height / random.uniform(3, 14)
    along = side[:, None] * math.sin(angle) + side[None] * math.cos(angle)
    across = side[:, None] * math.cos(angle) - side[None] * math.sin(angle)
    waves = np.sin(along * 2 * math.pi / period)
    if random.random() < 0.5:
        waves = waves * np.sin(across * 2 * math.pi / period)
    return (255 * np.clip(waves * 3 + random.uniform(-2, 1), 0, 1)).astype(np.uint8)


def blank(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """No ink at all, so that only paper and light are left."""
    return np.zeros((height, height), np.uint8)


def blobs(random: np.random.Generator, height: int, thickness: float) -> np.ndarray:
    """Spots without any meaning, coarse or fine, a few or many."""
    noise = random.normal(0, 1, (height, height)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), height / random.uniform(8, 50))
    smooth = smooth / smooth.std() - random.uniform(-0.3, 1.8)
    return (255 * np.clip(smooth * 4, 0, 1)).astype(np.uint8)


KINDS = (letter, letter, scribble, face, figure, hatching, blobs, blank)  # letters are many
