"""One progress bar for terminals and notebooks, silent where nobody watches."""

import os

from tqdm.auto import tqdm
from tqdm.notebook import tqdm_notebook


def progress_bar(total: int, description: str, unit: str = "it", bytes_: bool = False) -> tqdm:
    """Return a bar that shows itself on a terminal or in a notebook and stays quiet when piped."""
    in_notebook = issubclass(tqdm, tqdm_notebook)
    unwanted = os.environ.get("TQDM_DISABLE", "") not in ("", "0")
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        unit_scale=bytes_,
        leave=False,
        disable=True if unwanted else (False if in_notebook else None),
    )
