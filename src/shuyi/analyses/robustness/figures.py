"""The figure of the headline under other data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuyi.analyses.base import Page
from shuyi.analyses.robustness.alternatives import alternatives_figure
from shuyi.analyses.robustness.tables import variant_name
from shuyi.publish.charts import effects_plot
from shuyi.publish.notes import caveat_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def robustness_figure(
    effects: pd.DataFrame, labels: Labels, *, term: str, level: float, note: str = ""
) -> Figure:
    """Draw direct and indirect effects of one standard deviation of the term, one line each.

    Parameters
    ----------
    effects : DataFrame
        As `comparison.comparison_frame` gives them.
    labels : Labels
        Words in the language of the figure.
    term : str
        The regressor whose effects are compared.
    level : float
        Confidence level of the intervals.
    note : str, default ""
        Caveats of the headline.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    axis = labels.text("robustness.axis", term=labels.term(term), level=f"{100 * level:g}")
    return effects_plot(
        effects,
        lambda row: variant_name(str(row["variant"]), str(row["unit"]), labels),
        labels,
        value_name=axis,
        per_deviation=True,
        note=note,
    )


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figures by name.

    Parameters
    ----------
    page : Page
        What drawing works with.

    Returns
    -------
    dict of str to Figure
        The headline beside its variants and, where there are any, its alternatives.
    """
    effects = page.sources.frame("effects", text=["reason"])
    p = page.settings
    name = page.labels.text("robustness.variant.headline")
    note = caveat_line({name: page.sources.data("found")}, page.labels)
    drawn = robustness_figure(effects, page.labels, term=p["term"], level=p["level"], note=note)
    if not p["further"]:
        return {"robustness_figure": drawn}
    others = page.sources.frame("alternatives", text=["reason", "group"]).fillna({"group": ""})
    further = alternatives_figure(others, page.labels, term=p["term"], level=p["level"], note=note)
    return {"robustness_figure": drawn, "alternatives_figure": further}
