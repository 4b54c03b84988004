"""Execute the notebook from a clean kernel and keep the result, as a notebook and as a page."""

import base64
import io
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent

import nbformat
import numpy as np
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from PIL import Image, ImageColor
from scipy.spatial.distance import cdist
from tqdm import tqdm

from handreader.common import command_line
from handreader.common.errors import UserError
from handreader.common.files import write_together
from helpers.plotting.style import GREY, LINES, ORANGE, PALE
from tools.asserts import RECORDS

ROOT = Path(__file__).resolve().parents[1]
SECONDS_FOR_A_CELL = 900
RECORDING = "--IPKernelApp.exec_lines=__import__('tools.asserts').asserts.record()"
COLOURS = 128  # of a drawing: as many as the eye needs
TEMPLATE = """
{%- extends 'index.html.j2' -%}
{%- block data_png scoped -%}
<div class="jp-RenderedImage jp-OutputArea-output {{ extra_class }}">
<img src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}"
{%- if cell.metadata.alt %} alt="{{ cell.metadata.alt | escape_html }}"{% endif %}>
</div>
{%- endblock data_png -%}
"""  # nbconvert's own template can't take a picture's alt text from its cell
WIDGET = "application/vnd.jupyter.widget-view+json"  # works only while its kernel runs
REMOTE = re.compile(r"<(?:script|link|img)\b[^>]*?\b(?:src|href)=\"(?:https?:)?//[^>]*>", re.I)


@dataclass(frozen=True)
class Places:
    """The paths of the notebook, of its pictures, and of the folder for results."""

    notebook: Path = ROOT / "handwritten_classifier.ipynb"
    build: Path = ROOT / "build"
    pictures: Path = ROOT / "readme-img"  # shown by the notebook and the README


USUAL = Places()
Watch = Callable[[int, int, str], None]  # a cell's number, the number of cells, its chapter


@dataclass(frozen=True)
class Claim:
    """An assert of the notebook and its result; `tools.asserts` says how it is recorded."""

    chapter: str
    cell: int
    text: str
    held: bool
    numbers: list[list[float]]  # [left, right, distance] of each number and its bound


def chapter_titles(notebook: NotebookNode) -> list[str]:
    """Return the heading of the chapter that each cell stands in."""
    titles, title = [], "start"
    for cell in notebook.cells:
        heading = re.match(r"## (.+)", cell.source)
        if cell.cell_type == "markdown" and heading:
            title = heading[1]
        titles.append(title)
    return titles


def execute(
    notebook: NotebookNode,
    watch: Watch | None = None,
    environment: dict[str, str] | None = None,
) -> list[Claim]:
    """Run all cells in a new kernel; return each assert with its result.

    A failing assert stops nothing. Any other failure is raised with the cell and its error. `watch`
    is called before each cell.
    """
    client = NotebookClient(
        notebook,
        timeout=SECONDS_FOR_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=CRITICAL", RECORDING],
    )
    titles = chapter_titles(notebook)
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    with TemporaryDirectory() as folder:
        records = Path(folder) / "records"
        records.touch()
        own = {RECORDS: str(records), "TQDM_DISABLE": "1"}  # bars would differ each time
        try:
            with client.setup_kernel(env=os.environ | own | (environment or {})):
                for number, index in enumerate(code, 1):
                    if watch:
                        watch(number, len(code), titles[index])
                    place = f"cell {number} of {len(code)}, {titles[index]}"
                    execute_cell(client, index, number, place)
        except UserError:
            raise
        except (RuntimeError, NoSuchKernel) as error:
            raise UserError(
                f"The notebook's kernel does not run ({error}): install the requirements again."
            ) from error
        claims = map(json.loads, records.read_text("utf-8").splitlines())
        return [Claim(titles[code[claim["cell"] - 1]], **claim) for claim in claims]


@contextmanager
def show_progress() -> Iterator[Watch]:
    """Show the running cell: by a bar on a terminal, else by a line for each chapter."""
    shown = set()
    with tqdm(unit="cell", leave=False, disable=None) as bar:

        def show(number: int, count: int, chapter: str) -> None:
            place = f"cell {number} of {count}, {chapter}"
            bar.total = count
            bar.set_description_str(place)
            bar.update()
            if bar.disable and chapter not in shown:
                print(place, flush=True)
            shown.add(chapter)

        yield show


def execute_cell(client: NotebookClient, index: int, number: int, place: str) -> None:
    """Run one cell; an error is raised as a message with the cell's code and the reason."""
    cell = client.nb.cells[index]
    cell.outputs, cell.execution_count = [], None
    try:
        client.execute_cell(cell, index, execution_count=number)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, CellExecutionError):
            if error.ename == "KeyboardInterrupt":  # Ctrl-C reaches the kernel as well
                raise KeyboardInterrupt from error
            reason = f"{error.ename}: {error.evalue}"
        source = indent(cell.source, "    ")
        raise UserError(f"Failed at {place}:\n\n{source}\n\n{reason}") from error


def clean(notebook: NotebookNode) -> None:
    """Drop metadata that would tell about this machine, and shrink pictures."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    language = {"name": "python"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": language})
    for cell in notebook.cells:
        for key in cell.metadata.keys() - {"tags", "alt", "picture"}:
            del cell.metadata[key]
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata.clear()
            output.get("data", {}).pop(WIDGET, None)  # its static picture stays
            if picture := output.get("data", {}).get("image/png"):
                output.data["image/png"] = shrink(picture)


def shrink(picture: str) -> str:
    """Reduce a drawing to 128 colours; the file is half as large.

    The colours of the style stay exact.
    """
    drawing = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    own = [ImageColor.getrgb(name) for name in (*LINES, ORANGE, GREY, PALE, "black", "white")]
    others = drawing.quantize(COLOURS - len(own), dither=Image.Dither.NONE).getpalette() or []
    palette = np.concatenate([own, np.array(others).reshape(-1, 3)])
    colours, places = np.unique(np.asarray(drawing).reshape(-1, 3), axis=0, return_inverse=True)
    nearest = cdist(colours, palette).argmin(1)[places.ravel()].astype(np.uint8)
    small, packed = Image.fromarray(nearest.reshape(drawing.height, -1), "P"), io.BytesIO()
    small.putpalette(palette.astype(np.uint8).tobytes())
    small.save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()


def summary(notebook: NotebookNode) -> str:
    """Return the output of the cell that is tagged as the notebook's summary."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "summary" in cell.metadata.get("tags", []):
            return "".join(output.get("text", "") for output in cell.outputs).strip()
    raise UserError("No cell of the notebook is tagged 'summary'.")


def as_page(notebook: NotebookNode, pictures: Path) -> str:
    """Return one HTML file that needs no other: pictures are inside, nothing is fetched."""
    exporter = HTMLExporter(mathjax_url="", require_js_url="", jquery_url="", raw_template=TEMPLATE)
    resources = {"metadata": {"path": str(ROOT), "name": "Read handwritten digits"}}
    page, _ = exporter.from_notebook_node(notebook, resources)
    page = re.sub(
        r'<script type="module">(?:(?!</script>).)*mermaid.*?</script>', "", page, flags=re.S
    )
    page = re.sub(r'<script src="[^"]*">\s*</script>', "", page)
    own = re.compile(r'(?<=src=")readme-img/([^"]+)')
    page = own.sub(lambda found: data_address(pictures / found[1]), page)
    return REMOTE.sub("", page)


def data_address(picture: Path) -> str:
    """Return an address that contains the picture itself."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


def read(path: Path) -> NotebookNode:
    """Read a notebook, or say in one sentence why that can't be done."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}).") from error
    except Exception as error:  # nbformat has many for what is no notebook
        raise UserError(f"{path} is not a notebook, or is damaged.") from error
    return notebook


def as_file(notebook: NotebookNode) -> bytes:
    """Return a notebook's bytes as they are committed."""
    return (nbformat.writes(notebook) + "\n").encode("utf-8")


def run(notebook: NotebookNode, places: Places) -> dict[Path, bytes]:
    """Return what to write into the build folder; the committed notebook stays as it is."""
    copy = places.build / places.notebook.name
    page = as_page(notebook, places.pictures)
    return {copy: as_file(notebook), copy.with_suffix(".html"): page.encode("utf-8")}


def require_mnist() -> None:
    """Raise a UserError unless MNIST is here or can be downloaded: committed outputs need it."""
    from helpers import data  # only here: it takes seconds, and `run` doesn't need it

    data.load_digits("mnist")


def refresh(notebook: NotebookNode, places: Places) -> dict[Path, bytes]:
    """Return what to write in place: the notebook, and the README's pictures."""
    if "data: MNIST" not in summary(notebook):
        raise UserError("The notebook did not run on MNIST, so nothing was written.")
    made = {
        places.pictures / cell.metadata.picture: base64.b64decode(output.data["image/png"])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "picture" in cell.metadata and "image/png" in output.get("data", {})
    }
    return made | {places.notebook: as_file(notebook)}


def main(places: Places = USUAL, check_data: Callable[[], None] = require_mnist) -> int:
    """Execute the notebook, write the results, and print its summary."""
    parser = command_line.Parser(description=__doc__)
    in_place = "execute the committed notebook in place"
    parser.add_argument("--refresh", action="store_true", help=in_place)
    options = parser.parse_args()
    command_line.work_in(ROOT)  # where the notebook runs: relative paths must mean the same
    logging.disable()  # a stopped kernel logs much that helps nobody
    started = time.perf_counter()
    notebook = read(places.notebook)
    summary(notebook)  # fails now if it lacks one, not after all the work
    if options.refresh:
        try:
            check_data()
        except UserError as error:
            raise UserError(f"The committed notebook is executed on MNIST only. {error}") from error
    places.build.mkdir(exist_ok=True)
    with show_progress() as watch:
        claims = execute(notebook, watch)
    failed = failures(claims)
    if failed and options.refresh:
        raise UserError(f"{failed}\nThe committed notebook must be true, so nothing was written.")
    clean(notebook)
    made = (refresh if options.refresh else run)(notebook, places)
    command_line.uninterruptible()
    write_together(made)
    print(summary(notebook))
    for path in made:
        print(f"wrote {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    print(f"time: {time.perf_counter() - started:.0f} s")
    if failed:
        raise UserError(failed)
    return 0


def failures(claims: list[Claim]) -> str:
    """Return which claims did not hold, with their chapters, or "" if all did."""
    failed = [f"- {each.chapter}: {each.text}" for each in claims if not each.held]
    if not failed:
        return ""
    return "\n".join([f"{len(failed)} of {len(claims)} claims did not hold here:", *failed])


if __name__ == "__main__":
    command_line.run(main, "Stopped by you; nothing was written.")
