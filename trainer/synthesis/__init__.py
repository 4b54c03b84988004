"""Pictures made by code: photographs of digits, to practise on and to measure with.

scenes       how pictures are taken: pens, paper, light and cameras, as ranges to draw from
writing      digits written by code, and printed ones
redrawing    MNIST's small digits written again, as large as wished and with any pen
letters      strokes of letters that don't look like digits
no_digits    letters, scribbles, faces, textures: what a reader should refuse
subjects     what is on a picture: one of the above
camera       ink put on paper, lit and photographed
texts        what is written on one line: numbers, and what stands beside them
glyphs       digits, marks and letters as maps of distances, from which any pen writes
ways         strokes of digits and marks, as people write them beside the usual ones
hands        how different people write them
line_sheets  a line as it is written, sign behind sign
line_papers  what lies under and over a line
lines        a line, and its picture
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
