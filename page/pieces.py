"""The live pieces: where each stands, what it says of itself, and the numbers that it needs."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup

from page.links import chapters, title_of
from page.numbers import RECORDED, packed_digits, packed_networks, recorded

LIVE = Path(__file__).resolve().parent / "live"


@dataclass(frozen=True)
class Piece:
    """Something that moves; it stands where the notebook shows its still picture."""

    name: str
    chapter: str  # how the title of its chapter begins
    title: str
    text: str
    network: str = ""


PIECES = (
    Piece(
        "pad",
        "Read a digit",
        "Try it: draw a digit",
        "A real network, the plain one of this tutorial, computes in this page while you draw. "
        "Several digits side by side are read as a number, by a second one.",
        "mlp",
    ),
    Piece(
        "weight",
        "How anything learns",
        "Try it: one weight in its valley",
        "Drag the ball, or take steps against the slope. At which rate does it arrive in one step? "
        "And what becomes of it at larger ones?",
    ),
    Piece(
        "learning",
        "Training",
        "Try it: a network that learns before your eyes",
        "The plain network is trained here, in your browser, on 1,334 digits of MNIST. Make "
        "the rate ten times as large, and again. Shuffle the pixels. Forget zero_grad().",
    ),
    Piece(
        "filter",
        "Beyond the MLP",
        "Try it: a filter slides over your digit",
        "Pick any place of the feature map: its number is nine products, added up.",
    ),
    Piece(
        "refusals",
        "Your own handwriting",
        "Try it: where would you draw the line?",
        "Recorded: how sure the shipped network is of photographed digits, and of things that are "
        "none. Move the limit below which it should say that it isn't sure; then compare.",
    ),
    Piece(
        "pad",
        "Your own handwriting",
        "Try it: your handwriting, live",
        "The ink is framed as above and read at every stroke. Draw small, draw in a corner, draw "
        "a letter: when does it say that it isn't sure? Draw a number: it is read as a line.",
        "cnn",
    ),
)


def put_pieces(soup: BeautifulSoup) -> None:
    """Put each live piece in the place of its still picture."""
    for piece in PIECES:
        for section in chapters(soup):
            still = section.select_one(f"img[data-name='live-{piece.name}']")
            if title_of(section).startswith(piece.chapter) and still and still.parent:
                still.parent.replace_with(BeautifulSoup(stage_for(piece), "html.parser"))


def data() -> str:
    """The numbers, each kind in an element of its own."""
    sheet = base64.b64encode((RECORDED / "refusals.png").read_bytes()).decode()
    parts = {
        "networks": packed_networks(),
        "weight": recorded("weight.json"),
        "digits": packed_digits(),
        "learning": recorded("learning.json"),
        "refusals": recorded("refusals.json") | {"sheet": f"data:image/png;base64,{sheet}"},
    }
    elements = []
    for name, part in parts.items():
        text = json.dumps(part, separators=(",", ":")).replace("<", "\\u003c")  # ends no element
        elements.append(f'<script type="application/json" id="data-{name}">{text}</script>')
    return "\n".join(elements)


def stage_for(piece: Piece) -> str:
    """The place of a piece, which its script fills."""
    network = f' data-network="{piece.network}"' if piece.network else ""
    return (
        f'<aside class="piece" data-piece="{piece.name}" aria-label="{piece.title}">'
        f'<p class="piece-title">{piece.title}</p><p>{piece.text}</p>'
        f'<div class="stage"{network}></div>'
        "<noscript><p>This part of the page needs scripts.</p></noscript></aside>"
    )
