"""Photographs in rows."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from handreader.figures import draw_outlined
from helpers.plotting.style import figure

ROOM_ABOVE = 0.3  # inches above a picture, for its caption


@figure
def show_photos(
    pictures: Sequence[np.ndarray], captions: Sequence[object] = (), title: str = "", rows: int = 1
) -> Figure:
    """Draw pictures of any size and colour in rows, each with its caption."""
    columns = -(-len(pictures) // rows)
    tall = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    size = (8, rows * (8 * tall / columns + ROOM_ABOVE))
    fig, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat[len(pictures) :]:
        ax.set_axis_off()
    for number, (ax, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        draw_outlined(ax, picture)
        if len(captions):
            ax.set_title(str(captions[number]), fontsize=10, loc="center")
    fig.suptitle(title, fontsize=11, x=0.01, ha="left")
    return fig
