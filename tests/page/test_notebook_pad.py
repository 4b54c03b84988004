"""The pad in a notebook: alive in a browser, a picture elsewhere, its drawing back in Python."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from handreader import DigitReader
from helpers import checkpoints
from trainer import WEIGHTS

pytest.importorskip("anywidget", reason="the notebook's pad needs anywidget")

from page.notebook import Pad

RENDER = """async ([code, css, network]) => {
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(address);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
  const told = [];
  const model = { get: () => network, set: (_, value) => told.push(value), save_changes() {} };
  const el = document.body.appendChild(document.createElement("div"));
  widget.render({ model, el });
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  el.querySelectorAll(".samples button")[4].click();
  while (!told.at(-1)?.length) await wait(20);
  const pad = el.querySelector(".pad");
  return [told.at(-1), el.querySelector(".answer").textContent, pad.offsetWidth];
}"""


@pytest.fixture(scope="module")
def pad() -> Pad:
    """A pad with the shipped network."""
    return Pad(checkpoints.load(WEIGHTS / "cnn.pt"))


def test_what_is_drawn_comes_back_as_the_network_got_it(pad: Pad, modules: Any) -> None:
    assert (pad.picture.dtype, pad.picture.sum()) == (np.uint8, 0)
    pad.drawn, answer, wide = modules.evaluate(RENDER, [pad._esm, pad._css, pad.network])
    assert pad.picture.shape == (28, 28)
    assert pad.picture.max() == 255
    assert DigitReader().read([pad.picture])[0].digit == 4
    assert answer.startswith("4")
    assert 200 < wide < 500


def test_where_nothing_is_alive_there_is_a_picture_and_no_address_in_memory(pad: Pad) -> None:
    data, _ = pad._repr_mimebundle_()
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).width > 300
    assert data["text/plain"] == "A pad to draw a digit on"
    assert "application/vnd.jupyter.widget-view+json" in data
