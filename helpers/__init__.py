"""The reusable parts of the tutorial: digits (`data`), the networks (`models`), and how they are
trained (`recipes`, `training`, `runs`), saved (`checkpoints`) and recorded (`records`). `plotting`
draws every figure. Beside this package, `handreader` reads photographs, and `trainer` makes its
networks."""
