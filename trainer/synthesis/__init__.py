"""Synthetic pictures of digits and lines, to train on and to measure with.

scenes       pens, paper, light and cameras, as ranges from which a photograph is drawn
strokes      the ways to write digits, marks and letters, as points (`strokes.json`)
writing      digits and letters drawn by code, handwritten or printed
redrawing    MNIST's small digits redrawn at any size and with any pen
no_digits    letters, scribbles, faces, textures: pictures that a reader should refuse
subjects     the subject of a photograph: a digit or one of those
camera       ink put on paper, lit and photographed
texts        the text of a line: a number, and the signs and words beside it
glyphs       digits, marks and letters as distance maps, which any pen can ink
hands        handwriting of different people on a line
line_sheets  a line written sign after sign, and inked
line_papers  papers of a line: security printing, rules, boxes, stamps
lines        whole lines, written, cropped and photographed
"""

from trainer.synthesis.camera import photograph
from trainer.synthesis.glyphs import Bank
from trainer.synthesis.hands import JOINED
from trainer.synthesis.lines import line_of
from trainer.synthesis.no_digits import write_nothing
from trainer.synthesis.scenes import ANY
from trainer.synthesis.subjects import Source, ink_of
from trainer.synthesis.texts import Text

__all__ = [
    "ANY",
    "JOINED",
    "Bank",
    "Source",
    "Text",
    "ink_of",
    "line_of",
    "photograph",
    "write_nothing",
]
