"""Frames of results: one row per record, and columns that say what the rows belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel


def rows_frame(rows: Sequence[Any], kind: type) -> pd.DataFrame:
    """Return one row per instance of a dataclass, its fields as columns.

    Parameters
    ----------
    rows : sequence of `kind`
    kind : type
        A dataclass; it names the columns of an empty frame.
    """
    import pandas as pd

    names = [f.name for f in fields(kind)]
    return pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)


def labelled(frame: pd.DataFrame, **labels: object) -> pd.DataFrame:
    """Return a frame with further columns in front, in the order given.

    Parameters
    ----------
    frame : DataFrame
    **labels
        Value of each column, one for all rows or one per row.
    """
    for place, (name, value) in enumerate(labels.items()):
        frame.insert(place, name, value)
    return frame


def by_unit_and_year(panel: Panel, variable: str, years: Sequence[int]) -> pd.DataFrame:
    """Return a variable with the units in rows and the years in columns."""
    import pandas as pd

    chosen = panel.select(periods=years)
    return pd.DataFrame(chosen[variable].T, index=list(panel.units), columns=list(years))
