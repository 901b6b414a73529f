"""What a paper says about one file of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, get_args

from shuyi.errors import ConfigError, check_known, did_you_mean, offenders
from shuyi.periods import FREQUENCIES

Kind = Literal["auto", "csv", "tsv", "excel", "stata", "spss", "parquet"]
Layout = Literal["long", "wide_by_period", "wide_by_unit", "wide_by_variable"]
SheetRole = Literal["", "period", "unit", "variable", "unit_period"]

KINDS: tuple[Kind, ...] = get_args(Kind)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
SHEET_ROLES: tuple[SheetRole, ...] = get_args(SheetRole)

SUFFIXES: Mapping[str, Kind] = MappingProxyType(
    {
        ".csv": "csv",
        ".txt": "csv",
        ".tsv": "tsv",
        ".tab": "tsv",
        ".xlsx": "excel",
        ".xlsm": "excel",
        ".xls": "excel",
        ".dta": "stata",
        ".sav": "spss",
        ".zsav": "spss",
        ".parquet": "parquet",
    }
)
"""Reader by ending of a file's name."""


@dataclass(frozen=True)
class Source:
    """One file of figures: where it lies, how it is laid out, what its columns mean.

    A value belongs to a unit, a period and a variable. The layout says which of the three the columns spread;
    the others stand in a column, in the names of the sheets, or are constant for the file.

    Parameters
    ----------
    path : str
        File, relative to the folder of the paper.
    reader : {"auto", "csv", "tsv", "excel", "stata", "spss", "parquet"}
        Kind of file; by default from the ending of its name.
    layout : {"long", "wide_by_period", "wide_by_unit", "wide_by_variable"}
        What the columns of values are: variables (a row per unit and period), periods, units, or a variable
        in a period (``gdp_2011``, or two lines of titles).
    unit_column, period_column, item_column : str
        Titles of the columns with units, periods and names of variables; a column without a title is called
        ``column B``. Several item columns are joined by ``" + "`` in the configuration.
    parent_column : str
        Title of the column that names the unit which holds each unit, where one name stands for several.
    unit, period, variable : str
        The unit, period or variable of all values, where no column says it.
    columns : mapping of str to str
        Variables to take and their names in the paper, by title in the file; empty to take all under their
        titles. In a stacked file the titles are those of the item column.
    measures : mapping of str to str
        Unit of measurement by variable of the paper; those in titles are read.
    sheets : tuple of str
        Sheets of a workbook; by default the only one that holds figures.
    sheet_role : {"", "period", "unit", "variable", "unit_period"}
        What the names of the sheets say.
    header : tuple of int
        Lines that hold titles, counted from 1; by default they are found.
    rows : tuple of (int, int)
        First and last line of the figures, where only a part of the file is meant.
    skip : tuple of str
        Names of rows to leave out, beside totals.
    encoding, delimiter : str
        Of text files; found where empty.
    decimal : {"", ".", ","}
        Decimal mark in text; by default a point, and ``1,234`` between semicolons is refused as ambiguous.
    missing : tuple of str
        Further marks for missing figures.
    frequency : {"", "year", "half", "quarter", "month", "index"}
        Frequency of dates, or ``"index"`` for numbered rounds.
    id_width : int
        Digits of a unit's code; shorter ones get their leading zeros back. 0 leaves codes as they are.
    """

    path: str
    reader: Kind = "auto"
    layout: Layout = "long"
    unit_column: str = ""
    period_column: str = ""
    item_column: str = ""
    parent_column: str = ""
    unit: str = ""
    period: str = ""
    variable: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    sheet_role: SheetRole = ""
    header: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    skip: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    missing: tuple[str, ...] = ()
    frequency: str = ""
    id_width: int = 0

    def __post_init__(self) -> None:
        check_known(self.reader, KINDS, "reader")
        check_known(self.layout, LAYOUTS, "layout")
        check_known(self.sheet_role, SHEET_ROLES, "role of sheets")
        check_known(self.decimal, ("", ".", ","), "decimal mark")
        check_known(self.frequency, ("", *FREQUENCIES), "frequency")
        if self.rows and (len(self.rows) != 2 or self.rows[0] > self.rows[1]):
            raise ConfigError(
                "rows: names a first and a last line.", found=repr(self.rows), expected="[5, 35]"
            )
        for name in ("columns", "measures"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def item_columns(self) -> tuple[str, ...]:
        """Titles of the item columns."""
        return tuple(part.strip() for part in self.item_column.split(" + ") if part.strip())

    @property
    def kind_text(self) -> str:
        """Reader, or the ending of the file's name where the reader follows from it."""
        return self.reader if self.reader != "auto" else self.path.rpartition(".")[2]

    @classmethod
    def from_config(cls, entry: Mapping[str, Any]) -> Source:
        """Return the source that an entry of a configuration describes.

        Parameters
        ----------
        entry : mapping
            Keys are the parameters of `Source`; lists stand for tuples.

        Returns
        -------
        Source
            Checked.

        Raises
        ------
        ConfigError
            If a key is unknown, the path is missing, or a value is not allowed.
        """
        allowed = [f.name for f in fields(cls)]
        unknown = [key for key in entry if key not in allowed]
        if unknown or "path" not in entry:
            raise ConfigError(
                "An entry of the panel's sources cannot be read.",
                expected=f"path and optionally {', '.join(allowed[1:])}",
                found=f"unknown: {offenders(unknown)}" if unknown else "no path",
                remedy=did_you_mean(unknown[0], allowed) if unknown else "name the file",
            )
        plain = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        texts = ("unit", "period", "variable")
        checked: dict[str, Any] = {k: str(v) if k in texts else v for k, v in plain.items()}
        return cls(**checked)

    def to_config(self) -> dict[str, Any]:
        """Return the entry of a configuration that describes the source, without defaults.

        Returns
        -------
        dict
            Plain types, ready for YAML.
        """
        standard = {f.name: f.default for f in fields(self)}
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            key: dict(v) if isinstance(v, Mapping) else list(v) if isinstance(v, tuple) else v
            for key, v in plain.items()
            if key == "path" or (v and v != standard[key]) or (key == "layout")
        }

    def kind(self, suffix: str) -> Kind:
        """Return the reader, from the ending of the file's name where it is not said.

        Parameters
        ----------
        suffix : str
            Ending with its dot, in lower case.

        Returns
        -------
        str
            A reader other than ``"auto"``.

        Raises
        ------
        ConfigError
            If the ending is unknown.
        """
        if self.reader != "auto":
            return self.reader
        if suffix not in SUFFIXES:
            raise ConfigError(
                f"The ending of {self.path} does not say how to read it.",
                expected=f"one of {', '.join(SUFFIXES)}",
                found=repr(suffix),
                remedy=f"say reader: with one of {', '.join(KINDS[1:])}",
            )
        return SUFFIXES[suffix]
