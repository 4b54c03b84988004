"""One progress bar for terminals and notebooks, silent where nobody watches."""

import os
import sys

if "IPython" in sys.modules:
    from tqdm.auto import tqdm
else:  # no notebook, and imported in a third of the time
    from tqdm import tqdm

tqdm.monitor_interval = 0  # no thread to watch bars: a stop while it begins would show a warning


def progress_bar(total: int, description: str, unit: str, in_bytes: bool = False) -> tqdm:
    """Return a bar that shows itself on a terminal or in a notebook and stays quiet when piped."""
    unwanted = os.environ.get("TQDM_DISABLE", "") not in ("", "0")
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        unit_scale=in_bytes,
        leave=False,
        miniters=1,  # a bar that slows down doesn't stand still
        disable=True if unwanted else None,  # None: only on a terminal; a notebook always shows it
    )
