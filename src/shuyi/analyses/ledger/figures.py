"""Figures of the ledger: the matrix of effects, indirect effects by weights, and the map of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.ledger.tables import (
    caveats_told,
    facts_of,
    intervals_with_zero,
    serial_note,
    unit_note,
    weights_share_note,
    zero_note,
)
from shuyi.errors import DataError, offenders
from shuyi.publish.charts import interval_plot
from shuyi.publish.maps import classify, map_values
from shuyi.publish.numbers import number
from shuyi.publish.style import (
    NOTE_SIZE,
    PAGE_WIDTH,
    PALETTES,
    SMALL_SIZE,
    head_note,
    require_columns,
    settle,
    style,
)
from shuyi.regions import in_order
from shuyi.spatialpanel.cautions import SIGNIFICANCE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


def matrix_figure(
    matrix: pd.DataFrame,
    ledger: pd.DataFrame,
    labels: Labels,
    names: Mapping[str, str],
    outcome: str,
    *,
    note: str = "",
) -> Figure:
    """Draw the effects of every province on every other as a heat map; the diagonal stays blank.

    Parameters
    ----------
    matrix : DataFrame
        Columns ``receiver``, ``sender`` and ``effect``.
    ledger : DataFrame
        Columns ``unit`` and ``region``: rows and columns are in the order of the regions.
    labels : Labels
        Texts in the language of the output.
    names : mapping of str to str
        Names of the provinces by code.
    outcome : str
        Printed name of the outcome.
    note : str
        What the figure says of the rise and of the intervals.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing or the ledger names other units than the matrix.
    """
    require_columns(matrix, ("receiver", "sender", "effect"))
    require_columns(ledger, ("unit", "region"))
    places = ledger["region"].map(in_order(ledger["region"]).index)
    order = list(ledger.assign(place=places).sort_values(["place", "unit"])["unit"])
    if sorted(order) != sorted(set(matrix["receiver"])):
        raise DataError(
            "The ledger names other units than the matrix of effects.",
            expected=offenders(sorted(set(matrix["receiver"])), 6),
            found=offenders(order, 6),
        )
    wide = matrix.pivot(index="receiver", columns="sender", values="effect").loc[order, order]
    values = wide.to_numpy(copy=True)
    np.fill_diagonal(values, np.nan)
    reach = float(np.nanmax(np.abs(values)))
    from matplotlib.figure import Figure

    with style(labels):
        figure = Figure(figsize=(PAGE_WIDTH, PAGE_WIDTH * 0.88), layout="constrained")
        axes = figure.add_subplot()
        image = axes.pcolormesh(values, cmap=PALETTES["diverging"], vmin=-reach, vmax=reach, rasterized=False)
        axes.invert_yaxis()
        axes.set_aspect("equal")
        middle = np.arange(len(order)) + 0.5
        texts = [names[unit] for unit in order]
        axes.set_xticks(middle, texts, rotation=90, fontsize=NOTE_SIZE)
        axes.set_yticks(middle, texts, fontsize=NOTE_SIZE)
        axes.tick_params(length=0)
        axes.set_xlabel(labels.text("matrix.sender"), fontsize=SMALL_SIZE)
        axes.set_ylabel(labels.text("matrix.receiver"), fontsize=SMALL_SIZE)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.01)
        bar.set_label(labels.text("matrix.effect", outcome=outcome), fontsize=SMALL_SIZE)
        bar.outline.set_visible(False)
        head_note(figure, labels.text("matrix.note", note=note), labels)
        return settle(figure)


def indirect_figure(
    verdicts: pd.DataFrame, labels: Labels, *, term: str, level: float, told: str = ""
) -> Figure:
    """Draw the average indirect effect under each of the weights, coloured by the verdict.

    Parameters
    ----------
    verdicts : DataFrame
        Columns weights, estimate, ci_low, ci_high, serial_p, covariance and verdict; weights without an
        estimate are left out.
    labels : Labels
        Texts in the language of the output.
    term : str
        Printed name of the regressor.
    level : float
        Level of the intervals, between 0 and 1.
    told : str
        Caveats of the headline.

    Returns
    -------
    Figure
    """
    known = verdicts[verdicts["verdict"] != ""]
    frame = known.assign(
        name=[labels.name("weights", name) for name in known["weights"]],
        low=known["ci_low"],
        high=known["ci_high"],
        group=[labels.text(f"verdict.{v}") for v in known["verdict"]],
    )
    value = labels.text("verdict.axis", term=term, level=f"{100 * level:g}")
    covariance = str(known["covariance"].iloc[0])
    rejected = known["serial_p"][known["serial_p"] < SIGNIFICANCE]
    facts = {"serial_p": float(rejected.max()), "covariance": covariance}
    note = labels.text(
        "verdict.figure.note",
        covariance=labels.text(f"covariance.{covariance}"),
        count=len(known),
        serial=serial_note(facts, labels),
    )
    return interval_plot(frame, labels, value_name=value, note=_sentences([note, told], labels))


def _sentences(texts: Sequence[str], labels: Labels) -> str:
    return (" " if labels.language == "en" else "").join(filter(None, texts))


LEDGER_CLASSES = 6
ACCOUNTS = ("given", "received", "net")


def ledger_map(
    ledger: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    term: str,
    outcome: str,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw what each province gives, receives and nets on one classification about zero.

    Parameters
    ----------
    ledger : DataFrame
        Columns unit, and given, received and net with ``_low`` and ``_high``; provinces outside the model's
        sample have no row and are drawn as "no data".
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    term, outcome : str
        Printed names of regressor and outcome.
    notes : sequence of str
        On errors and weights.

    Returns
    -------
    Figure
    """
    values = ledger.set_index("unit")[list(ACCOUNTS)].reindex(list(basemap.units))
    classification = classify(values.to_numpy().ravel(), "natural_breaks", LEDGER_CLASSES, centre=0.0)
    zero, known = intervals_with_zero(ledger, ACCOUNTS)
    note = labels.text(
        "ledger.map.note",
        term=term,
        outcome=outcome,
        insignificant=zero,
        count=known,
        rise=number(float(ledger["rise"].iloc[0]), 3),
    )
    return map_values(
        values.rename(columns={a: labels.text(f"ledger.{a}") for a in ACCOUNTS}),
        classification,
        labels,
        basemap,
        legend_title=labels.text("ledger.map.legend"),
        notes=[note, *notes],
    )


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figures and the map of the analysis by name.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict of Figure
    """
    p, labels, sources = page.settings, page.labels, page.sources
    facts = facts_of(page)
    term, outcome = labels.term(p["term"]), labels.term(p["specification"]["outcome"])
    ledger = sources.frame("ledger")
    verdicts = sources.frame("verdicts", text=["verdict"])
    matrix = sources.frame("matrix", text=["receiver", "sender"])
    share = weights_share_note(ledger, sources.weights("neighbours"), labels)
    serial = serial_note(facts, labels)
    told = caveats_told(page)
    said = _sentences([unit_note(facts, labels), zero_note(ledger, ACCOUNTS, labels), serial, told], labels)
    notes = [text for text in (serial, share, told) if text]
    return {
        "ledger_map": ledger_map(ledger, labels, page.map, term=term, outcome=outcome, notes=notes),
        "effect_matrix": matrix_figure(matrix, ledger, labels, page.names, outcome, note=said),
        "indirect_by_weights": indirect_figure(verdicts, labels, term=term, level=p["level"], told=told),
    }
