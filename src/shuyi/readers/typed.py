"""Files with typed columns as grids: Stata by pandas, SPSS by pyreadstat, Parquet by pyarrow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.errors import DataError
from shuyi.periods import PER_YEAR, Frequency, Period
from shuyi.readers.content import Content, check_many_cells
from shuyi.readers.grid import Grid

if TYPE_CHECKING:
    import pandas as pd

STATA_PERIODS: dict[str, Frequency] = {"tm": "month", "tq": "quarter", "th": "half", "ty": "year"}
"""Frequency by Stata's format of a column."""

UTF8_RELEASE = 118
"""First release of Stata's format whose text is UTF-8; older files hold bytes in an unnamed encoding."""


def read_stata(content: Content, encoding: str = "") -> Grid:
    """Return a Stata data set as a grid: names in the first row, value labels in place of codes.

    Parameters
    ----------
    content : Content
        A .dta file of release 105 to 119.
    encoding : str
        Encoding of the text in files before release 118; by default UTF-8, else GB 18030, else Latin-1.

    Returns
    -------
    Grid
        Numbers as numbers; Stata's missing values are None.

    Raises
    ------
    DataError
        If the file is no Stata data set, or its text is not in the encoding.
    """
    import struct

    from pandas.io.stata import StataReader

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with StataReader(io.BytesIO(content.data), convert_categoricals=False) as reader:
                frame, labels, coded = reader.read(), reader.variable_labels(), reader.value_labels()
                release, names = reader._format_version, reader._varlist
                sets = dict(zip(names, reader._lbllist, strict=True))
                formats = dict(zip(names, reader._fmtlist, strict=True))
    except (ValueError, struct.error, KeyError, IndexError, EOFError, NotImplementedError) as error:
        raise _not_a("Stata data set", content, error) from error
    frame = _labelled(frame, {c: coded.get(name, {}) for c, name in sets.items() if name})
    if release < UTF8_RELEASE:
        frame, labels = _recoded(frame, labels, encoding, content.name)
    return _grid(content, _with_periods(frame, formats), labels, f"Stata release {release}")


def read_spss(content: Content, encoding: str = "") -> Grid:
    """Return an SPSS data set as a grid: names in the first row, value labels in place of codes.

    Parameters
    ----------
    content : Content
        A .sav or .zsav file.
    encoding : str
        Encoding of the text, where the file does not say it.

    Returns
    -------
    Grid
        Numbers as numbers; missing values are None.

    Raises
    ------
    DataError
        If the file is no SPSS data set.
    """
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(io.BytesIO(content.data), encoding=encoding or None)
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise _not_a("SPSS data set", content, error) from error
    frame = _labelled(frame, dict(meta.variable_value_labels))
    labels = {c: label or "" for c, label in meta.column_names_to_labels.items()}
    return _grid(content, frame, labels, "SPSS")


def read_parquet(content: Content) -> Grid:
    """Return a Parquet table as a grid: names in the first row.

    Parameters
    ----------
    content : Content
        A .parquet file of plain columns.

    Returns
    -------
    Grid
        Cells with their types; nulls are None.

    Raises
    ------
    DataError
        If the file is no Parquet table.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(io.BytesIO(content.data))
        check_many_cells(source.metadata.num_rows, source.metadata.num_columns, content.name)
        table = source.read()
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise _not_a("Parquet table", content, error) from error
    frame = table.to_pandas()
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    return _grid(content, frame, {}, "Parquet")


def _not_a(what: str, content: Content, error: Exception) -> DataError:
    return DataError(
        f"{content.name} is not a {what} that can be read.",
        found=str(error),
        remedy="save it anew, or export it as 'CSV UTF-8'",
    )


def _with_periods(frame: pd.DataFrame, formats: Mapping[str, str]) -> pd.DataFrame:
    """Return the frame with periods in place of the dates that pandas makes of Stata's periods."""
    changed = {}
    for column, form in formats.items():
        frequency = STATA_PERIODS.get(form.lstrip("%-")[:2])
        if frequency and column in frame and frame[column].dtype.kind == "M":
            months = 12 // PER_YEAR[frequency]
            cells = [
                None if day != day else Period.of(frequency, day.year, (day.month - 1) // months + 1)
                for day in frame[column]
            ]
            changed[column] = _objects(cells, frame.index)
    return frame.assign(**changed)


def _objects(cells: list[Any], index: Any) -> pd.Series:
    """Return cells as a column of Python objects."""
    import pandas as pd

    return pd.Series(cells, index=index, dtype=object)


def _labelled(frame: pd.DataFrame, labels: Mapping[str, Mapping[Any, str]]) -> pd.DataFrame:
    """Return the frame with text in place of codes, in columns whose every code has a label."""
    changed = {}
    for column, names in labels.items():
        if column in frame and names:
            codes = frame[column].dropna()
            if len(codes) and codes.isin(list(names)).all():
                changed[column] = frame[column].map(dict(names))
    return frame.assign(**changed)


def _recoded(
    frame: pd.DataFrame, labels: Mapping[str, str], encoding: str, name: str
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return frame and labels with the text that pandas read as Latin-1 put into its own encoding."""
    text = [c for c, kind in frame.dtypes.items() if kind.kind == "O"]
    sample = [t for c in text for t in frame[c] if isinstance(t, str)] + list(labels.values())
    chosen = encoding or next((e for e in ("utf-8", "gb18030") if _decodes(sample, e)), "latin-1")
    if not _decodes(sample, chosen):
        raise DataError(f"The text of {name} is not in {chosen}.", remedy="say another encoding:")
    again = {c: [_recode(t, chosen) for t in frame[c]] for c in text}
    return frame.assign(**again), {c: _recode(label, chosen) for c, label in labels.items()}


def _decodes(texts: list[str], encoding: str) -> bool:
    try:
        for text in texts:
            text.encode("latin-1").decode(encoding)
    except UnicodeError:
        return False
    return True


def _recode(text: Any, encoding: str) -> Any:
    return text.encode("latin-1").decode(encoding) if isinstance(text, str) else text


def _grid(content: Content, frame: pd.DataFrame, labels: Mapping[str, str], note: str) -> Grid:
    check_many_cells(frame.shape[0], frame.shape[1], content.name)
    names = [str(c) for c in frame.columns]
    columns = [_plain(frame[c]) for c in frame.columns]
    rows = [names, *map(list, zip(*columns, strict=True))] if columns else []
    titles = tuple(labels.get(name, "") for name in names)
    return Grid(content.name, "", rows, typed=True, notes=(note,), labels=titles)


def _plain(column: pd.Series) -> list[Any]:
    """Return a column as Python's own types; single precision keeps the digits it was written with."""
    import numpy as np

    if column.dtype == np.float32:
        return [None if v != v else float(str(v)) for v in column.to_numpy()]
    return [None if v is None or v != v else v for v in column.tolist()]
