"""The table of the evaluation of pilots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.pilots.evaluation import CERTAIN
from shuyi.publish.notes import joined
from shuyi.publish.numbers import MISSING, TableOptions, count, number
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


def evaluation_table(
    scores: pd.DataFrame,
    fate: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    settings: Mapping[str, Any],
) -> Table:
    """Return one row per pilot: scores, whether it was dropped, and how far that depends on the weights.

    Parameters
    ----------
    scores, fate : DataFrame
        As `frames.pilot_frames` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    settings : mapping
        Section ``pilots`` of the configuration.

    Returns
    -------
    Table
        Named ``pilot_evaluation``.
    """
    digits, criteria = options.decimals, list(settings["weights"])
    means = scores.groupby("pilot")[criteria].mean().loc[fate["pilot"]]
    cells = {labels.term(name): [number(v, digits) for v in means[name]] for name in criteria}
    cells |= {
        labels.text("pilots.column.average"): [number(v, digits) for v in fate["average"]],
        labels.text("pilots.column.dropped"): [MISSING if pd.isna(v) else str(v) for v in fate["dropped"]],
        labels.text("pilots.column.share"): [number(100 * v, 1) for v in fate["share"]],
        labels.text("pilots.column.verdict"): [labels.text(f"pilots.verdict.{v}") for v in fate["verdict"]],
    }
    total = sum(settings["weights"].values())
    weights = [
        f"{labels.term(name)} {number(value / total, 2)}" for name, value in settings["weights"].items()
    ]
    note = labels.text(
        "pilots.note",
        weights=joined(weights, labels),
        window=settings["window"],
        quantile=f"{100 * settings['quantile']:g}",
        runs=settings["runs"],
        draws=count(settings["draws"]),
        concentration=f"{settings['concentration']:g}",
        certain=f"{100 * CERTAIN:g}",
    )
    display = pd.DataFrame(cells, index=list(fate["pilot"]))
    return build_table("pilot_evaluation", labels, data=fate, display=display, notes=[note])


def print_tables(page: Page) -> list[Table]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        One table.
    """
    text = ["pilot", "verdict"]
    scores, fate = (page.sources.frame(name, text=text) for name in ("scores", "sensitivity"))
    fate["dropped"] = fate["dropped"].astype("Int64")
    return [evaluation_table(scores, fate, page.labels, page.options, page.settings)]
