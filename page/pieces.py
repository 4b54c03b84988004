"""The live pieces: where each stands, what it says of itself, and the numbers that it needs."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from page.links import Page, chapters, title_of
from page.numbers import RECORDED, packed_digits, packed_networks, recorded

LIVE = Path(__file__).resolve().parent / "live"


@dataclass(frozen=True)
class Piece:
    """Something that moves; it stands where headings say, or where its still picture is."""

    name: str
    chapter: str  # how the title of its chapter begins
    before: str  # how the heading begins before which it stands; "Recap" if that is not there
    title: str
    text: str
    network: str = ""


PIECES = (
    Piece(
        "pad",
        "Read a digit",
        "",
        "Try it: draw a digit",
        "A real network, the plain one of this tutorial, computes in this page while you draw. "
        "Several digits side by side are read as a number, by a second one.",
        "mlp",
    ),
    Piece(
        "weight",
        "How anything learns",
        "A chain",
        "Try it: one weight in its valley",
        "Drag the ball, or take steps against the slope. At which rate does it arrive in one step? "
        "And what becomes of it at larger ones?",
    ),
    Piece(
        "learning",
        "Training",
        "Recap",
        "Try it: a network that learns before your eyes",
        "The plain network is trained here, in your browser, on 1,334 digits of MNIST. Make "
        "the rate ten times as large, and again. Shuffle the pixels. Forget zero_grad().",
    ),
    Piece(
        "filter",
        "Beyond the MLP",
        "The ladder",
        "Try it: a filter slides over your digit",
        "Pick any place of the feature map: its number is nine products, added up.",
    ),
    Piece(
        "refusals",
        "Your own handwriting",
        "Recap",
        "Try it: where would you draw the line?",
        "Recorded: how sure the shipped network is of photographed digits, and of things that are "
        "none. Move the limit below which it should say that it isn't sure; then compare.",
    ),
    Piece(
        "pad",
        "Your own handwriting",
        '"Not sure"',
        "Try it: your handwriting, live",
        "The ink is framed as above and read at every stroke. Draw small, draw in a corner, draw "
        "a letter: when does it say that it isn't sure? Draw a number: it is read as a line.",
        "cnn",
    ),
)


def with_pieces(page: Page) -> Page:
    """The page with a place for each live piece, and the numbers for all of them."""
    soup = BeautifulSoup(page.body, "html.parser")
    for piece in PIECES:
        put(soup, piece)
    return Page(str(soup), page.contents, data())


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
    return "\n".join(
        f'<script type="application/json" id="data-{name}">{as_json(part)}</script>'
        for name, part in parts.items()
    )


def as_json(values: object) -> str:
    """Plain values as JSON that ends no element."""
    return json.dumps(values, separators=(",", ":")).replace("<", "\\u003c")


def put(soup: BeautifulSoup, piece: Piece) -> None:
    """Put a piece where it belongs, if its chapter is there."""
    section = next((s for s in chapters(soup) if title_of(s).startswith(piece.chapter)), None)
    if section is None:
        return
    stage = BeautifulSoup(stage_for(piece), "html.parser")
    still = section.select_one(f"img[data-name='live-{piece.name}']")
    heading = heading_in(section, piece.before) or heading_in(section, "Recap")
    if still and still.parent:
        still.parent.replace_with(stage)
    elif not piece.before:
        question = section.find("p")
        if question:
            question.insert_after(stage)
    elif heading and heading.parent:
        heading.parent.insert_before(stage)


def heading_in(section: Tag, words: str) -> Tag | None:
    """The heading in a chapter that begins with these words, outside of what is hidden."""
    for heading in section.find_all("h3"):
        is_open = not heading.find_parent("details")
        if words and is_open and heading.get_text().startswith(words):
            return heading
    return None


def stage_for(piece: Piece) -> str:
    """The place of a piece, which its script fills."""
    network = f' data-network="{piece.network}"' if piece.network else ""
    return (
        f'<aside class="piece" data-piece="{piece.name}" aria-label="{piece.title}">'
        f'<p class="piece-title">{piece.title}</p><p>{piece.text}</p>'
        f'<div class="stage"{network}></div>'
        "<noscript><p>This part of the page needs scripts.</p></noscript></aside>"
    )
