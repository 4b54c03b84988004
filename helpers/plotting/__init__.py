"""Every figure of the story. Each function takes plain tensors or a loader and returns a figure.

charts    bars, lines and counts
digits    pictures of digits: grids, batches, single pixels
learning  a run, several seeds, several settings
report    how good a network is: confusion, calibration, uncertainty
inside    weights, hidden layers, which pixels mattered
ladder    networks beside each other
columns   the output of a network for lines, column by column
photos    photographs in rows
style     how all of them look
"""

from handreader.figures import show_page, show_steps
from helpers.plotting.charts import (
    show_bars,
    show_class_counts,
    show_curves,
    show_functions,
    show_histograms,
    show_pooling,
)
from helpers.plotting.columns import show_columns
from helpers.plotting.digits import (
    show_batch,
    show_digits,
    show_flattening,
    show_pixels,
    show_readings,
)
from helpers.plotting.inside import show_map, show_network, show_occlusion, show_rows, show_weights
from helpers.plotting.ladder import show_ladder
from helpers.plotting.learning import (
    show_history,
    show_scores,
    show_seeds,
    show_settings,
    show_valley,
)
from helpers.plotting.photos import show_photos
from helpers.plotting.report import (
    show_bootstrap,
    show_calibration,
    show_confusion,
    show_oddness,
    show_per_digit,
)
