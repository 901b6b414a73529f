"""The figure of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuyi.analyses.base import Page
from shuyi.analyses.mechanisms.equations import COMPONENTS
from shuyi.analyses.mechanisms.tables import channel_name
from shuyi.publish.charts import interval_plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def mechanisms_figure(channels: pd.DataFrame, labels: Labels, *, level: float) -> Figure:
    """Draw the effects on every channel in its standard deviations, per standard deviation of the index.

    Parameters
    ----------
    channels : DataFrame
        As `frames.channel_frames` gives it.
    labels : Labels
        Words in the language of the figure.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    shown = channels.dropna(subset=["estimate"])
    names = [
        channel_name(row["name"], labels) if row["component"] == COMPONENTS[0] else ""
        for row in shown.to_dict("records")
    ]
    frame = shown.assign(
        name=names,
        group=[labels.text(f"effect.{c}") for c in shown["component"]],
        estimate=shown["estimate"] * shown["scale"],
        low=shown["ci_low"] * shown["scale"],
        high=shown["ci_high"] * shown["scale"],
    )
    axis = labels.text("mechanisms.axis", level=f"{100 * level:g}")
    return interval_plot(frame, labels, value_name=axis)


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
    channels = page.sources.frame("channels", text=["group", "name", "term", "component", "reason", "claim"])
    return {"mechanisms_figure": mechanisms_figure(channels, page.labels, level=page.settings["level"])}
