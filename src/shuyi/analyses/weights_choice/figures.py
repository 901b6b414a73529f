"""The figure of effects by weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuyi.analyses.base import Page
from shuyi.analyses.weights_choice.tables import read_frames, weights_label
from shuyi.publish.charts import effects_plot
from shuyi.publish.notes import caveat_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def weights_figure(
    effects: pd.DataFrame, labels: Labels, *, term: str, level: float, note: str = ""
) -> Figure:
    """Draw direct and indirect effects under every weights matrix.

    Parameters
    ----------
    effects : DataFrame
        As `choice.effects_by_weights` gives them.
    labels : Labels
        Words in the language of the figure.
    term : str
        The regressor whose effects are compared.
    level : float
        Confidence level of the intervals.
    note : str, default ""
        Stands above the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    axis = labels.text("weights_choice.axis", term=labels.term(term), level=f"{100 * level:g}")
    return effects_plot(
        effects, lambda row: weights_label(row["weights"], labels), labels, value_name=axis, note=note
    )


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
    p = page.settings
    effects = read_frames(page)["effects"]
    found = {page.labels.text("weights_choice.headline"): page.sources.data("found")}
    note = caveat_line(found, page.labels)
    drawn = weights_figure(effects, page.labels, term=p["term"], level=p["level"], note=note)
    return {"weights_figure": drawn}
