"""The table of mean centres and deviational ellipses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.layout import grouped_rows, in_two_lines
from shuyi.publish.notes import sample_note, source_note, stars_note
from shuyi.publish.numbers import DEGREE_DECIMALS, KM_DECIMALS, TableOptions, number, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


CENTRE_WIDTH = 8
"""Width of a heading of the table in letters, beyond which it stands in two lines."""


def centres_table(
    centres: pd.DataFrame,
    trend: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
) -> Table:
    """Return the table of mean centre, deviational ellipse and trend surface by year.

    Parameters
    ----------
    centres, trend : DataFrame
        ``centres`` and ``trend`` of `shuyi.analyses.geography.frames.geography_frames`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    columns: dict[tuple[str, str], list[str]] = {}
    for spanner, fields in _CENTRE_COLUMNS.items():
        for field, decimals in fields.items():
            heading = (labels.text(f"geography.{spanner}"), _heading(field, labels))
            columns[heading] = [number(v * _SCALES.get(field, 1), decimals) for v in centres[field]]
    display = pd.DataFrame(columns)
    wide = trend.set_index(["variable", "period", "term"])
    spanner = labels.text("geography.trend")
    keys = list(zip(centres["variable"], centres["period"], strict=True))
    for term in dict.fromkeys(t for t in trend["term"] if t != "const"):
        display[spanner, _heading(term, labels)] = [_coefficient(wide, (*key, term), options) for key in keys]
    fit = trend.drop_duplicates(["variable", "period"]).set_index(["variable", "period"])["r2"]
    display[spanner, "R²"] = [number(fit[key], options.decimals) if key in fit.index else "" for key in keys]
    display.index = grouped_rows([labels.term(v) for v, _ in keys], [str(period) for _, period in keys])
    periods = sorted(int(p) for p in centres["period"].unique())
    about = trend.iloc[0]
    texts = [
        labels.text("table.centres.note"),
        labels.text(f"geography.surface.{about['order']}", variable=labels.term(str(about["variable"]))),
        stars_note(options, labels),
        sample_note(int(about["n"]), periods, labels),
        source_note(labels),
    ]
    data = pd.concat([centres.assign(part="centre"), trend.assign(part="trend")], ignore_index=True)
    data.insert(0, "part", data.pop("part"))
    return build_table("centres", labels, data=data, display=display, notes=texts)


_CENTRE_COLUMNS = {
    "centre": {
        "longitude": DEGREE_DECIMALS,
        "latitude": DEGREE_DECIMALS,
        "shift_km": KM_DECIMALS,
        "bearing": 0,
        "shift_from_first_km": KM_DECIMALS,
        "bearing_from_first": 0,
    },
    "ellipse": {"major_km": 0, "minor_km": 0, "azimuth": KM_DECIMALS, "area_km2": KM_DECIMALS},
}
_SCALES = {"area_km2": 1e-4}
"""Areas are printed in ten thousand square kilometres."""


def _heading(field: str, labels: Labels) -> str:
    return in_two_lines(labels.text(f"geography.{field}"), CENTRE_WIDTH)


def _coefficient(wide: pd.DataFrame, key: tuple[Any, ...], options: TableOptions) -> str:
    if key not in wide.index:
        return ""
    fine = replace(options, decimals=options.decimals + 1)
    return starred(wide.loc[key, "estimate"], wide.loc[key, "p_value"], fine)


def print_tables(page: Page) -> tuple[Table, ...]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    tuple of Table
        In the order of the paper.
    """
    centres, trend = page.sources.frame("centres"), page.sources.frame("trend")
    return (centres_table(centres, trend, page.labels, page.options),)
