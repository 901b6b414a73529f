"""The panel of a paper of one's own: figures of any file, cut to its units and years, derived variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.data.expressions import Expression, ordered, parse_expression
from shuyi.errors import ConfigError, DataError, did_you_mean, offenders
from shuyi.panel import Panel
from shuyi.readers import Source, read_sources

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.readers import Reading
    from shuyi.units import Units

CHANGES = ("file", "sheet", "cell", "raw", "value", "rule")
PUBLISHER = "own"
"""Key of the word for who publishes the figures: the credit says it."""
LEFT_OUT = ("file", "sheet", "cells", "why")


@dataclass(frozen=True, eq=False)
class Derivation:
    """A variable that a paper derives.

    Parameters
    ----------
    expression : Expression
        How.
    measure : str
        Unit of measurement.
    """

    expression: Expression
    measure: str


@dataclass(frozen=True, eq=False)
class OwnPanel:
    """The panel of a paper with the account of how it came about.

    Parameters
    ----------
    panel : Panel
        Variables of the sources, then the derived ones, over the units and years of the paper.
    reading : Reading
        Figures as the files hold them, with every cell that was changed in reading.
    derived : mapping of str to Derivation
        By name of the variable.
    """

    panel: Panel
    reading: Reading
    derived: Mapping[str, Derivation]

    def to_record(self) -> dict[str, Any]:
        """Return units of measurement, formulas, gaps and files as plain data for JSON.

        Returns
        -------
        dict
            The keys of `shuyi.china.clean.CleanPanel.to_record`, and the digests of the files.
        """
        panel = self.panel
        return {
            "years": [panel.periods[0], panel.periods[-1]],
            "provinces": list(panel.units),
            "variables": {
                v: {
                    "unit": panel.measures.get(v, ""),
                    "formula": self.derived[v].expression.text if v in self.derived else v,
                    "series": list(self._origins(v)),
                    "imputed_share": 0.0,
                    "publisher": PUBLISHER,
                }
                for v in panel.variables
            },
            "gaps": self._gaps(),
            "imputed_cells": [],
            "caveats": [],
            "files": dict(self.reading.digests),
            "changed_cells": len(self.reading.changes),
            "notes": list(self.reading.notes),
        }

    def _origins(self, variable: str) -> tuple[str, ...]:
        if variable not in self.derived:
            return (variable,)
        found = [o for name in self.derived[variable].expression.names for o in self._origins(name)]
        return tuple(dict.fromkeys(found))

    def _gaps(self) -> list[dict[str, Any]]:
        empty, panel = np.isnan(self.panel.values), self.panel
        return [
            {
                "variable": v,
                "unit": u,
                "years": [int(p) for p, e in zip(panel.periods, empty[:, i, j], strict=True) if e],
            }
            for j, v in enumerate(panel.variables)
            for i, u in enumerate(panel.units)
            if empty[:, i, j].any()
        ]  # fmt: skip

    def changes(self) -> pd.DataFrame:
        """Return the cells that were changed in reading.

        Returns
        -------
        DataFrame
            Columns file, sheet, cell, raw, value, rule.
        """
        import pandas as pd

        return pd.DataFrame(list(self.reading.changes), columns=list(CHANGES))

    def left_out(self) -> pd.DataFrame:
        """Return what was not read as figures, and why.

        Returns
        -------
        DataFrame
            Columns file, sheet, cells, why.
        """
        import pandas as pd

        return pd.DataFrame(list(self.reading.left_out), columns=list(LEFT_OUT))


def derivations_from(entries: Mapping[str, Any], held: Sequence[str]) -> dict[str, Derivation]:
    """Return the derived variables of a configuration, each after those that it reads.

    Parameters
    ----------
    entries : mapping
        Expression by name, or a mapping with ``expression`` and ``measure``.
    held : sequence of str
        Variables of the sources.

    Returns
    -------
    dict of str to Derivation
        In the order of evaluation.

    Raises
    ------
    ConfigError
        If an expression cannot be read, a name stands twice, or expressions form a circle.
    """
    both = [name for name in entries if name in held]
    if both:
        raise ConfigError(
            "Derived variables have names of the sources.", found=offenders(both), expected="other names"
        )
    plain = {n: e if isinstance(e, Mapping) else {"expression": e} for n, e in entries.items()}
    parsed = {name: parse_expression(str(e["expression"])) for name, e in plain.items()}
    return {
        name: Derivation(parsed[name], str(plain[name].get("measure", ""))) for name in ordered(parsed, held)
    }


def variables_of(paper: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the variables that a configuration's sources and expressions give, without opening a file.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of a configuration.

    Returns
    -------
    tuple of str
        Of the sources in their order, then the derived ones.

    Raises
    ------
    ConfigError
        If two sources give one variable, or an expression cannot be read.
    """
    given = source_variables(paper)
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise ConfigError(
            "Two sources give one variable.",
            expected="each variable from one source",
            found=offenders(twice),
            remedy="rename it under columns: of one of them",
        )
    return (*given, *derivations_from(paper.get("derived") or {}, given))


def source_variables(paper: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the variables that the sources of a configuration name.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of a configuration.

    Returns
    -------
    tuple of str
        In the order of the sources.
    """
    return tuple(name for entry in paper["sources"] for name in _named(entry))


def _named(entry: Mapping[str, Any]) -> tuple[str, ...]:
    columns = tuple(entry.get("columns") or {})
    if columns:
        return tuple(str(name) for name in entry["columns"].values())
    return (str(entry["variable"]),) if entry.get("variable") else ()


def build_panel(
    paper: Mapping[str, Any], units: Units, years: Sequence[int], used: Sequence[str]
) -> OwnPanel:
    """Read the sources of a paper, derive its variables and cut it to its units and years.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of a configuration: ``sources`` and perhaps ``derived``.
    units : Units
        Table of units; the panel has its order.
    years : sequence of int
        Years of the panel.
    used : sequence of str
        Variables that must be complete.

    Returns
    -------
    OwnPanel
        With the account of what was changed in reading.

    Raises
    ------
    DataError
        With every problem of the files at once; if the periods are no years, or a used variable has gaps.
    """
    sources = [Source.from_config(entry) for entry in paper["sources"]]
    reading = read_sources(sources, units=units)
    _check_years(reading)
    whole = _whole(reading, units, years)
    derived = derivations_from(paper.get("derived") or {}, whole.variables)
    measures = dict(whole.measures)
    for name, derivation in derived.items():
        measures[name] = derivation.measure or derivation.expression.measure(measures)
        whole = whole.with_variables({name: derivation.expression.evaluate(whole)}, {name: measures[name]})
    panel = whole.select(periods=list(years))
    _check_complete(panel, used)
    return OwnPanel(panel, reading, derived)


def _check_years(reading: Reading) -> None:
    kinds = {period.frequency for period in reading.periods} - {"year", "index"}
    if kinds:
        raise DataError(
            "The workflow runs on years or numbered rounds.",
            expected="periods by year",
            found=f"periods by {', '.join(sorted(kinds))}",
            remedy="add up or average to years; the library's estimators take quarters and months",
        )


def _whole(reading: Reading, units: Units, years: Sequence[int]) -> Panel:
    """Return every year of the files and the paper, missing cells as NaN, so that lags can look back."""
    import pandas as pd

    periods = sorted({int(period) for period in reading.periods} | set(years))
    frame = reading.frame.copy()
    frame.index = pd.MultiIndex.from_arrays(
        [frame.index.get_level_values(0), [int(p) for p in frame.index.get_level_values(1)]],
        names=["unit", "period"],
    )
    wanted = pd.MultiIndex.from_product([units.ids, periods], names=["unit", "period"])
    return Panel.from_frame(frame.reindex(wanted), unit_names=units.names(), measures=dict(reading.measures))


def _check_complete(panel: Panel, used: Sequence[str]) -> None:
    """Refuse gaps in variables that estimates rest on, and name the choices there are."""
    unknown = [name for name in used if name not in panel.variables]
    if unknown:
        raise DataError(
            "The sources do not give every variable that the paper uses.",
            expected=f"variables among {offenders(panel.variables, 20)}",
            found=offenders(unknown),
            remedy=did_you_mean(unknown[0], panel.variables),
        )
    empty = np.isnan(panel.array(used))
    if not empty.any():
        return
    cells = [f"{panel.units[i]} {panel.periods[t]}: {used[j]}" for t, i, j in np.argwhere(empty)]
    units = sorted({panel.units[i] for i in np.flatnonzero(empty.any(axis=(0, 2)))})
    whole = [
        p for p, e in zip(panel.periods, np.atleast_1d(empty.any(axis=(1, 2))).tolist(), strict=True) if not e
    ]
    raise DataError(
        "The panel is unbalanced: variables that the paper uses have missing cells.",
        expected=f"a value for each of {panel.n} units in each of {panel.T} years",
        found=f"{int(empty.sum())} missing: {offenders(cells)}",
        remedy=(
            f"take these {len(units)} units out of the table of units: {offenders(units, 10)}; or run on "
            f"years without gaps: {offenders(whole, 20) or 'none'}; or fill the cells in the file and say how"
        ),
    )
