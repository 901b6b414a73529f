"""The figure of the reach of spillovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuyi.analyses.base import Page
from shuyi.analyses.reach.tables import PERCENT, ring_name
from shuyi.publish.charts import interval_plot
from shuyi.publish.notes import caveat_line
from shuyi.publish.numbers import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def reach_figure(
    rings: pd.DataFrame, cutoffs: pd.DataFrame, labels: Labels, *, level: float, note: str = ""
) -> Figure:
    """Draw the effect of all provinces in each ring with its band, and the customary cut-offs beneath.

    Parameters
    ----------
    rings, cutoffs : DataFrame
        As `rings.rings_frame` and `rings.cutoffs_frame` give them.
    labels : Labels
        Words in the language of the figure.
    level : float
        Level of band and intervals.
    note : str, default ""
        Stands above the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    import pandas as pd

    scale = PERCENT * rings["links"]
    ours = pd.DataFrame(
        {
            "name": [ring_name(row, labels) for row in rings.to_dict("records")],
            "group": labels.text("reach.group.rings"),
            "estimate": scale * rings["estimate"],
            "low": scale * rings["band_low"],
            "high": scale * rings["band_high"],
        }
    )
    rows = cutoffs[(cutoffs["component"] == "indirect") & cutoffs["estimate"].notna()]
    customary = pd.DataFrame(
        {
            "name": [labels.text("reach.beyond", km=number(km, 0)) for km in rows["cutoff_km"]],
            "group": labels.text("reach.group.cutoffs"),
            "estimate": PERCENT * rows["estimate"].to_numpy(),
            "low": PERCENT * rows["ci_low"].to_numpy(),
            "high": PERCENT * rows["ci_high"].to_numpy(),
        }
    )
    axis = labels.text("reach.axis", level=f"{100 * level:g}")
    return interval_plot(pd.concat([ours, customary], ignore_index=True), labels, value_name=axis, note=note)


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
    p, sources = page.settings, page.sources
    frames = (sources.frame("rings"), sources.frame("cutoffs", text=["reason"]))
    found = {page.labels.text("reach.headline"): sources.data("found")}
    note = caveat_line(found, page.labels)
    return {"reach_figure": reach_figure(*frames, page.labels, level=p["level"], note=note)}
