"""One file from the notebook, our own template, style and scripts."""

import base64
from pathlib import Path

from bs4 import BeautifulSoup
from jinja2 import Template
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from page.bundle import bundled
from page.links import add_links, contents
from page.pieces import LIVE, data, put_pieces
from page.story import structured

HERE = Path(__file__).resolve().parent
READING = HERE / "reading"  # the scripts that turn a document into one that is easy to read
STYLES = ("style.css", "live.css")


def made_from(notebook: NotebookNode, pictures: Path) -> str:
    """The whole page."""
    story = BeautifulSoup(converted(structured(notebook)), "html.parser")
    add_links(story, pictures)
    put_pieces(story)
    frame = (HERE / "frame.html").read_text(encoding="utf-8")
    return Template(frame, keep_trailing_newline=True).render(
        icon=base64.b64encode((HERE / "icon.svg").read_bytes().strip()).decode(),
        style="".join((HERE / name).read_text(encoding="utf-8") for name in STYLES),
        contents=contents(story),
        story=story,
        data=data(),
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
