"""The pad of the web page in a notebook: what is drawn comes back as an array."""

import base64
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from handreader.framing import SIDE
from helpers.checkpoints import Checkpoint
from page.bundle import bundled
from page.numbers import packed
from tools.run_notebook import USUAL

HERE = Path(__file__).resolve().parent
OWN, LIVE = ((HERE / f"{name}.css").read_text("utf-8") for name in ("notebook", "live"))
STILL = USUAL.pictures / "live-pad.png"  # what is seen where nothing can be alive


class Pad(anywidget.AnyWidget):
    """A place to draw a digit, read by a network at every stroke.

    `picture` is what the network got: bytes of (28, 28), for `DigitReader.read([pad.picture])`.
    """

    _esm = f"{bundled(HERE / 'live' / 'notebook.js')}\nexport default module_notebook;"
    _css = f"{OWN} .digit-pad {{ {LIVE} }}"
    network = traitlets.Dict().tag(sync=True)
    drawn = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, checkpoint: Checkpoint):
        super().__init__(network=packed(checkpoint))

    @property
    def picture(self) -> np.ndarray:
        """Return the drawing as it was framed, (28, 28) bytes; all 0 if there is none."""
        pixels = self.drawn or [0] * SIDE * SIDE
        return np.array(pixels, np.uint8).reshape(SIDE, SIDE)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict, dict]:
        """The living pad, and a picture of it for where there is none."""
        data, metadata = super()._repr_mimebundle_() or ({}, {})
        still = base64.b64encode(STILL.read_bytes()).decode()
        return data | {"text/plain": "A pad to draw a digit on", "image/png": still}, metadata
