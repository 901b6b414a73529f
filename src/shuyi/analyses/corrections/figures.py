"""The figure of fixed effects, corrections and dynamics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Page
from shuyi.analyses.corrections.forms import DYNAMIC, JOINER, STATIC
from shuyi.analyses.corrections.tables import form_name, read_forms
from shuyi.publish.charts import effects_plot
from shuyi.publish.notes import caveat_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


def corrections_figure(
    forms: pd.DataFrame,
    labels: Labels,
    *,
    effects: str,
    correction: str,
    term: str,
    level: float,
    note: str = "",
) -> Figure:
    """Draw direct and indirect effects, one line each, of the forms with the headline's fixed effects.

    Forms with fewer fixed effects answer another question and would set the scale: they stand in the table,
    as do dynamic models under other corrections than the headline's.

    Parameters
    ----------
    forms : DataFrame
        As `forms.forms_frame` gives them.
    labels : Labels
        Words in the language of the figure.
    effects : str
        Fixed effects of the headline.
    correction : str
        How the headline removes them.
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
    of_headline = (forms["kind"] != STATIC) | (forms["effects"] == effects)
    corrected = forms["correction"].map(lambda c: correction in str(c).split(JOINER))
    of_headline &= (forms["kind"] != DYNAMIC) | corrected
    shown = forms[of_headline & (forms["effects"] != "correlated")]

    def name(row: dict[Any, Any]) -> str:
        group, form = form_name(row, labels)
        return labels.text("corrections.line", group=group, form=form)

    axis = labels.text("corrections.axis", term=labels.term(term), level=f"{100 * level:g}")
    return effects_plot(shown, name, labels, value_name=axis, note=note)


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
    chosen = {key: str(p["specification"][key]) for key in ("effects", "correction")}
    found = {page.labels.text("corrections.headline"): page.sources.data("found")}
    drawn = corrections_figure(
        read_forms(page),
        page.labels,
        **chosen,
        term=p["term"],
        level=p["level"],
        note=caveat_line(found, page.labels),
    )
    return {"corrections_figure": drawn}
