"""The reusable parts of the tutorial. Here stand the story's own: digits (`data`), the networks
(`models`), and how they are trained (`recipes`, `training`, `runs`), saved and recorded. `plotting`
draws every figure, `reading` goes from a photograph to digits, `practice` makes pictures by code to
learn from and measure with, `commands` is what the programs do, `common` what all parts share."""
