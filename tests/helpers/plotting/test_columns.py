"""The figure of what a network for lines says: signs where they are likely, over the line."""

import numpy as np

from helpers import plotting

LINE = np.full((32, 20), 200, np.uint8)
CHANCES = np.array(
    [[0.9, 0.1, 0, 0], [0.1, 0.7, 0.2, 0], [0.4, 0.6, 0, 0], [1, 0, 0, 0], [0.2, 0, 0.8, 0]]
)


def test_line_lies_above_its_columns_which_name_their_likely_signs():
    above, below = plotting.show_columns(LINE, CHANCES, ["5", "7", "9"]).axes
    written = [(round(text.get_position()[0]), text.get_text()) for text in below.texts]
    assert written == [(1, "5"), (2, "5"), (4, "7")]
    assert [label.get_text() for label in below.get_yticklabels()] == ["nothing new", "5", "7"]
    assert above.get_xlim() == below.get_xlim() == (-0.5, len(CHANCES) - 0.5)
