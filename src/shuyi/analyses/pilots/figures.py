"""The figure of the evaluation of pilots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.analyses.base import Page
from shuyi.publish.style import CATEGORICAL, FRAME_HEIGHT, LIGHT, PAGE_WIDTH, SMALL_SIZE, settle, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels

ROW = 0.2


def sensitivity_figure(fate: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the share of weights that drop each pilot; those dropped under the chosen weights stand out.

    Parameters
    ----------
    fate : DataFrame
        Frame ``sensitivity`` of `frames.pilot_frames`.
    labels : Labels
        Words in the language of the figure.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    import matplotlib.pyplot as plt

    shown = fate.sort_values("share", kind="stable")
    out = shown["dropped"].notna().to_numpy()
    with style(labels):
        figure, ax = plt.subplots(figsize=(PAGE_WIDTH, FRAME_HEIGHT + ROW * len(shown)), layout="constrained")
        places = np.arange(len(shown))
        for chosen, colour, key in (
            (out, CATEGORICAL[4], "dropped"),
            (~out, CATEGORICAL[0], "kept"),
        ):
            if chosen.any():
                ax.hlines(places[chosen], 0, 100 * shown["share"][chosen], color=LIGHT, linewidth=1.2)
                ax.plot(
                    100 * shown["share"][chosen],
                    places[chosen],
                    "o",
                    color=colour,
                    markersize=4,
                    label=labels.text(f"pilots.legend.{key}"),
                )
        ax.set_yticks(places, list(shown["pilot"]))
        ax.set_xlim(-3, 103)
        ax.set_xlabel(labels.text("pilots.axis.share"), fontsize=SMALL_SIZE)
        figure.legend(loc="outside lower center", ncols=2)
        return settle(figure)


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figure by name.

    Parameters
    ----------
    page : Page
        What drawing works with.

    Returns
    -------
    dict of str to Figure
        One figure.
    """
    fate = page.sources.frame("sensitivity", text=["pilot", "verdict"])
    return {"pilot_sensitivity": sensitivity_figure(fate, page.labels)}
