"""The reusable parts of the tutorial. Here stand the story's own: digits (`data`), the networks
(`models`), and how they are trained (`recipes`, `training`, `runs`), saved and recorded. `plotting`
draws every figure, `reading` goes from a photograph to digits, `practice` makes pictures by code to
learn from and measure with, `commands` is what the programs do, `common` what all parts share."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # an older Python can't even read what follows
    sys.exit(
        "Python 3.11 or newer is needed, but this is {}.{}: call 'make run', then use the Python "
        "in .venv.".format(*sys.version_info)
    )
