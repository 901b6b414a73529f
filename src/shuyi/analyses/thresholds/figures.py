"""The figure of thresholds: the likelihood ratio of every value tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuyi.analyses.base import Page
from shuyi.analyses.thresholds.frames import HANSEN, SPATIAL
from shuyi.analyses.thresholds.tables import variable_name
from shuyi.publish.charts import SERIES_HEIGHT
from shuyi.publish.style import CATEGORICAL, FRAME_HEIGHT, MUTED, PAGE_WIDTH, SMALL_SIZE, settle, style
from shuyi.spatialpanel.threshold import critical_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def thresholds_figure(curves: pd.DataFrame, labels: Labels, *, level: float) -> Figure:
    """Draw how much worse every value of the threshold variable is than the best one.

    Parameters
    ----------
    curves : DataFrame
        As `frames.threshold_frames` gives it.
    labels : Labels
        Words in the language of the figure.
    level : float
        Confidence level: values below the line form the interval.

    Returns
    -------
    Figure
        One panel per threshold variable, one line per model.
    """
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(curves["variable"]))
    with style(labels):
        height = FRAME_HEIGHT + SERIES_HEIGHT * len(names)
        figure = Figure(figsize=(PAGE_WIDTH, height), layout="constrained")
        panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
        for axes, name in zip(panels, names, strict=True):
            for model, colour, mark in ((HANSEN, CATEGORICAL[0], "o"), (SPATIAL, CATEGORICAL[1], "s")):
                own = curves[(curves["variable"] == name) & (curves["model"] == model)]
                axes.plot(
                    *(own["value"], own["criterion"], f"{mark}-"),
                    color=colour,
                    markersize=2.6,
                    linewidth=0.9,
                    label=labels.text(f"thresholds.model.{model}"),
                )
            axes.axhline(critical_value(level), color=MUTED, linewidth=0.8, linestyle="--")
            axes.set_ylim(bottom=0)
            axes.set_title(variable_name(name, labels), fontsize=SMALL_SIZE)
            axes.set_ylabel(labels.text("thresholds.axis"), fontsize=SMALL_SIZE)
        handles, texts = panels[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside lower center", ncols=2)
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
    curves = page.sources.frame("curves", text=["variable", "model"])
    return {"thresholds_figure": thresholds_figure(curves, page.labels, level=page.settings["level"])}
