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
        Records, in the order of the frame.
    kind : type
        A dataclass; it names the columns of an empty frame.

    Returns
    -------
    DataFrame
        One column per field, also where there are no rows.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from shuyi.frames import rows_frame
    >>> @dataclass
    ... class Record:
    ...     name: str
    ...     value: float
    ...
    >>> rows_frame([Record("a", 1.0), Record("b", 2.0)], Record)
      name  value
    0    a    1.0
    1    b    2.0
    """
    import pandas as pd

    names = [f.name for f in fields(kind)]
    return pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)


def labelled(frame: pd.DataFrame, **labels: object) -> pd.DataFrame:
    """Return a frame with further columns in front, in the order given.

    Parameters
    ----------
    frame : DataFrame
        Changed in place.
    **labels
        Value of each column, one for all rows or one per row.

    Returns
    -------
    DataFrame
        The same frame.

    Examples
    --------
    >>> import pandas as pd
    >>> from shuyi.frames import labelled
    >>> labelled(pd.DataFrame({"value": [1, 2]}), model="sdm")
      model  value
    0   sdm      1
    1   sdm      2
    """
    for place, (name, value) in enumerate(labels.items()):
        frame.insert(place, name, value)
    return frame


def by_unit_and_year(panel: Panel, variable: str, years: Sequence[int]) -> pd.DataFrame:
    """Return a variable with the units in rows and the years in columns.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variable.
    variable : str
        Name of the variable.
    years : sequence of int
        Periods of the panel, in the order of the columns.

    Returns
    -------
    DataFrame, shape (n, number of years)
        In the variable's own unit.

    Raises
    ------
    DataError, AlignmentError
        If the panel lacks the variable or a year.
    """
    import pandas as pd

    chosen = panel.select(periods=years)
    return pd.DataFrame(chosen[variable].T, index=list(panel.units), columns=list(years))
