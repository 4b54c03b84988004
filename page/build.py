"""One file from the notebook, our own template, style and scripts."""

import base64
from pathlib import Path

from nbconvert import HTMLExporter
from nbformat import NotebookNode

from page.bundle import bundled
from page.links import linked
from page.pieces import LIVE, with_pieces
from page.story import structured

HERE = Path(__file__).resolve().parent
READING = HERE / "reading"  # the scripts that turn a document into one that is easy to read
STYLES = ("style.css", "live.css")
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="7" fill="#0b6e99"/><path d="M11 8h10l-6 16" fill="none" stroke="#fff" stroke-width="3.4" '
    'stroke-linecap="round" stroke-linejoin="round"/></svg>'
)


def made_from(notebook: NotebookNode, pictures: Path) -> str:
    """The whole page."""
    story = with_pieces(linked(converted(structured(notebook)), pictures))
    return filled(
        (HERE / "frame.html").read_text(encoding="utf-8"),
        icon=base64.b64encode(ICON.encode()).decode(),
        style="".join((HERE / name).read_text(encoding="utf-8") for name in STYLES),
        contents=story.contents,
        story=story.body,
        data=story.data,
        script=bundled(READING / "main.js"),
        live=bundled(LIVE / "main.js"),
        worker=bundled(LIVE / "worker.js"),
    )


def converted(notebook: NotebookNode) -> str:
    """The cells as HTML."""
    exporter = HTMLExporter(
        template_name="template", extra_template_basedirs=[str(HERE)], exclude_anchor_links=True
    )
    body, _ = exporter.from_notebook_node(notebook)
    return body


def filled(frame: str, **parts: str) -> str:
    """The frame with each {{name}} replaced, once, so that no part is looked at for the next."""
    pieces = frame.split("{{")
    rest = [piece.partition("}}") for piece in pieces[1:]]
    return pieces[0] + "".join(parts[name] + after for name, _, after in rest)
