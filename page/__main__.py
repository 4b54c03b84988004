"""Make the web page from the committed notebook: build/page/index.html, one file."""

import time

from handreader.common import command_line
from handreader.common.files import write_text
from page.build import made_from
from tools.run_notebook import ROOT, USUAL, read

PLACE = ROOT / "build" / "page" / "index.html"


def main() -> int:
    """Write the page, and say how large it became."""
    command_line.Parser(prog="python -m page", description=__doc__).parse_args()
    started = time.perf_counter()
    page = made_from(read(USUAL.notebook), USUAL.pictures)
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    write_text(PLACE, page)
    size = len(page.encode()) / 1e6
    seconds = time.perf_counter() - started
    print(f"wrote {PLACE.relative_to(ROOT)}: {size:.2f} MB, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    command_line.run(main, "Stopped by you; nothing was written.")
