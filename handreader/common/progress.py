"""Show one progress bar in terminals and notebooks, and none where nobody watches."""

import os
import sys

if "IPython" in sys.modules:
    from tqdm.auto import tqdm
else:  # no notebook: this takes a third of the time to import
    from tqdm import tqdm

tqdm.monitor_interval = 0  # no monitoring thread: a stop while it starts would show a warning


def progress_bar(total: int, description: str, unit: str, in_bytes: bool = False) -> tqdm:
    """Return a bar that shows itself on a terminal or in a notebook and stays quiet when piped."""
    unwanted = os.environ.get("TQDM_DISABLE", "") not in ("", "0")
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        unit_scale=in_bytes,
        leave=False,
        miniters=1,  # keeps a bar that slows down moving
        disable=True if unwanted else None,  # None: only on a terminal; a notebook always shows it
    )
