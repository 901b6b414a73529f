"""Tables of the variables, their descriptive statistics and their correlations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.description.statistics import describe, pearson, variance_inflation
from shuyi.analyses.multiplicity import multiplicity_note
from shuyi.indices import INDEX as INDEX_NAME
from shuyi.indices import load_scheme
from shuyi.publish.layout import grouped_rows, in_given_order
from shuyi.publish.notes import label_or, panel_note, source_note, stars_note, unit_text
from shuyi.publish.numbers import MISSING, TableOptions, count, number, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.panel import Panel
    from shuyi.publish.labels import Labels


PUBLISHER, USER, INDEX = "nbs", "user", "index"
AREA = "area_km2"
VARIABLES_WIDTHS = (0.17, 0.24, 0.12, 0.19, 0.08, 0.06, 0.06, 0.08)
"""Shares of the row labels, definition, unit, series, publisher, observations, gaps and filled cells."""
VIF_DECIMALS = 2


def variables_table(
    variables: pd.DataFrame, panel: Panel, labels: Labels, *, titles: Mapping[str, str] | None = None
) -> Table:
    """Return the table of variables, definitions, units, official series, publisher, gaps and filled cells.

    Parameters
    ----------
    variables : DataFrame
        One row per variable (`variable_rows`, `indicator_rows`, `index_row`), with the text columns
        ``variable``, ``role`` (outcome, index, indicator, control), ``formula``, ``unit``, ``series`` (names
        separated by spaces) and ``publisher``, and the numbers ``observations``, ``gaps`` (cells that the
        source does not print) and ``imputed_share`` (cells filled by a rule, between 0 and 1).
    panel : Panel
        The panel that the rows describe.
    labels : Labels
        Texts in the language of the output.
    titles : mapping, optional
        Names of variables that the labels do not hold (`shuyi.indices.Scheme.titles`).

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    names = titles or {}
    rows = in_given_order(variables, "role")
    display = pd.DataFrame(
        {
            labels.text("column.definition"): [_definition(f, labels) for f in rows["formula"]],
            labels.text("column.unit"): [unit_text(u, labels) for u in rows["unit"]],
            labels.text("column.series"): [_series(s) for s in rows["series"]],
            labels.text("column.publisher"): [
                label_or(labels, f"publisher.{p}", p) for p in rows["publisher"]
            ],
            labels.text("column.observations"): [count(v) for v in rows["observations"]],
            labels.text("column.gaps"): [count(v) for v in rows["gaps"]],
            labels.text("column.imputed"): [number(100 * v, 1) for v in rows["imputed_share"]],
        }
    )
    groups = [label_or(labels, f"role.{role}", role) for role in rows["role"]]
    display.index = grouped_rows(groups, [names.get(v) or labels.term(v) for v in rows["variable"]])
    notes = [labels.text("table.variables.note"), panel_note(panel, labels), source_note(labels)]
    return build_table("variables", labels, data=rows, display=display, notes=notes, widths=VARIABLES_WIDTHS)


def variable_rows(record: Mapping[str, Any], panel: Panel, role: str, names: Sequence[str]) -> pd.DataFrame:
    """Return rows of the table of variables for variables of the clean panel.

    Parameters
    ----------
    record : mapping
        The panel's account, as ``results/data/clean.json`` holds it.
    panel : Panel
        Balanced panel that holds the variables.
    role : str
        Heading of the variables in the table.
    names : sequence of str
        Variables that the account does not describe were supplied by the user.

    Returns
    -------
    DataFrame
        One row per name, with the columns of `table1`.

    Raises
    ------
    DataError
        If the panel lacks a variable.
    """
    rows = []
    for name in names:
        empty = int(np.isnan(panel[name]).sum())
        about = record["variables"].get(name)
        share = about["imputed_share"] if about else 0.0
        rows.append(
            {
                "variable": name,
                "role": role,
                "formula": _expanded(name, record["variables"]) if about else USER,
                "unit": about["unit"] if about else panel.measures.get(name, ""),
                "series": " ".join(s for s in about["series"] if s != AREA) if about else "",
                "publisher": PUBLISHER if about else USER,
                "observations": panel[name].size - empty,
                "gaps": empty + round(share * panel[name].size),
                "imputed_share": share,
            }
        )
    return pd.DataFrame(rows)


def _expanded(name: str, variables: Mapping[str, Any]) -> str:
    """Return a variable's formula with derived variables replaced by their own formulas."""

    def inner(match: re.Match[str]) -> str:
        word = match[0]
        if word not in variables or variables[word]["formula"] == word:
            return word
        return f"({_expanded(word, variables)})"

    formula = variables[name]["formula"]
    return formula if formula == name else re.sub(r"\b[a-z]\w+\b", inner, formula)


def indicator_rows(weights: pd.DataFrame, panel: Panel, *, role: str = "indicator") -> pd.DataFrame:
    """Return rows of the table of variables for the indicators of an index.

    Parameters
    ----------
    weights : DataFrame
        `shuyi.indices.IndexResult.weights_frame`.
    panel : Panel
        Of the index's units and periods.
    role : str, default "indicator"
        Heading of the indicators in the table.

    Returns
    -------
    DataFrame
        One row per indicator, with the columns of `table1`.
    """
    cells = panel.n * panel.T
    rows = []
    for i in weights.itertuples():
        parts = [part for part in (i.numerator, i.denominator) if isinstance(part, str) and part]
        ratio = " / ".join(parts) if i.per == 1 else f"{i.per:,.0f} × {' / '.join(parts)}"
        rows.append(
            {
                "variable": i.indicator,
                "role": role,
                "formula": f"ln({ratio})" if i.transform == "log" else ratio,
                "unit": i.unit,
                "series": " ".join(p for p in parts if p != AREA),
                "publisher": PUBLISHER,
                "observations": cells,
                "gaps": i.assumed_cells,
                "imputed_share": i.assumed_cells / cells,
            }
        )
    return pd.DataFrame(rows)


def index_row(panel: Panel, *, variable: str = "digital", role: str = "index") -> pd.DataFrame:
    """Return the row of the table of variables for the composite index itself.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str, default "digital"
        Name of the panel variable.
    role : str, default "index"
        Heading of the index in the table.

    Returns
    -------
    DataFrame
        One row, with the columns of `table1`.
    """
    about = {"variable": variable, "role": role, "formula": INDEX, "unit": panel.measures.get(variable, "")}
    rest = {"series": "", "publisher": "", "gaps": 0, "imputed_share": 0.0}
    return pd.DataFrame([{**about, **rest, "observations": int((~np.isnan(panel[variable])).sum())}])


def paper_variables(
    record: Mapping[str, Any],
    indicators: pd.DataFrame,
    panel: Panel,
    *,
    outcomes: Sequence[str],
    index: str,
    controls: Sequence[str],
) -> pd.DataFrame:
    """Return all rows of the table of variables: outcomes, index, controls and the indicators of the index.

    Parameters
    ----------
    record : mapping
        The panel's account, as ``results/data/clean.json`` holds it.
    indicators : DataFrame
        `shuyi.indices.IndexResult.weights_frame`.
    panel : Panel
        Balanced panel that holds the variables.
    outcomes : sequence of str
        Names of the outcomes.
    index : str
        Name of the index as a panel variable.
    controls : sequence of str
        Names of the control variables.

    Returns
    -------
    DataFrame
        Outcomes, index, indicators, controls.
    """
    blocks = [
        variable_rows(record, panel, "outcome", outcomes),
        index_row(panel, variable=index),
        indicator_rows(indicators, panel),
        variable_rows(record, panel, "control", controls),
    ]
    return pd.concat([block for block in blocks if len(block)], ignore_index=True)


def descriptive_statistics_table(
    panel: Panel, variables: Sequence[str], labels: Labels, options: TableOptions
) -> Table:
    """Return the table of descriptive statistics with overall, between and within standard deviations.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variables : sequence of str
        Names of panel variables, one row each.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    data = describe(panel, variables)
    statistics = [c for c in data.columns if c not in ("variable", "n")]
    display = pd.DataFrame({labels.text("stat.n"): [count(v) for v in data["n"]]})
    for name in statistics:
        display[labels.text(f"stat.{name}")] = [number(v, options.decimals) for v in data[name]]
    display.index = pd.Index([labels.term(v) for v in variables])
    notes = [labels.text("table.descriptive_statistics.note"), panel_note(panel, labels), source_note(labels)]
    return build_table("descriptive_statistics", labels, data=data, display=display, notes=notes)


def correlations_table(
    panel: Panel,
    variables: Sequence[str],
    regressors: Sequence[str],
    labels: Labels,
    options: TableOptions,
    *,
    effects: str = "twoways",
) -> Table:
    """Return the table of Pearson correlations (lower triangle) and variance inflation factors.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variables : sequence of str
        Rows and columns of the correlations.
    regressors : sequence of str
        The variables whose variance inflation factors are wanted.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    effects : {"individual", "time", "twoways"}, default "twoways"
        Effects that the second column of factors removes.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    correlations = pearson(panel, variables)
    factors = variance_inflation(panel, regressors, effects)
    data = correlations.merge(factors, left_on="row", right_on="variable", how="left").drop(
        columns="variable"
    )
    numbers = [f"({i + 1})" for i in range(len(variables))]
    display = pd.DataFrame("", index=range(len(variables)), columns=[*numbers])
    place = {v: i for i, v in enumerate(variables)}
    for row in correlations.itertuples():
        cell = "1" if row.row == row.column else starred(row.correlation, row.p_value, options)
        display.iloc[place[row.row], place[row.column]] = cell
    by_name = factors.set_index("variable")
    for column in ("vif", "vif_within"):
        cells = [number(by_name[column].get(v, np.nan), VIF_DECIMALS) for v in variables]
        display[labels.text(f"stat.{column}")] = cells
    display.index = pd.Index([f"{n} {labels.term(v)}" for n, v in zip(numbers, variables, strict=True)])
    notes = [
        labels.text("table.correlations.note", effects=labels.text(f"effects.{effects}")),
        multiplicity_note(correlations["p_value"].to_numpy(), labels),
        stars_note(options, labels),
        panel_note(panel, labels),
        source_note(labels),
    ]
    return build_table("correlations", labels, data=data, display=display, notes=notes)


def _series(names: str) -> str:
    """Return the keys of the official series in the snapshot, with breaks allowed after underscores."""
    return "; ".join(names.split()).replace("_", "_\u200b") if names else MISSING


def _definition(formula: str, labels: Labels) -> str:
    if formula in (INDEX, USER):
        return labels.text(f"formula.{formula}")
    text = re.sub(r"chained to (\d{4}) = 1", lambda m: labels.text("formula.chained", year=m[1]), formula)
    text = re.sub(r" in (\d{4})\b", lambda m: labels.text("formula.in", year=m[1]), text)
    return re.sub(r"\b[a-z]\w*_\w+\b", lambda m: _short(labels.texts.get(m[0], m[0])), text)


def _short(name: str) -> str:
    return name.partition(", ")[0].partition("（")[0]


def print_tables(page: Page) -> tuple[Table, ...]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    tuple of Table
        In the order of the paper.
    """
    p, labels, options = page.settings, page.labels, page.options
    panel, data = page.sources.panel("panel"), page.sources.data
    scheme = load_scheme(data("scheme"), data("schema"))
    rows = paper_variables(
        data("clean"),
        page.sources.frame("indicators", text=["denominator"]),
        panel,
        outcomes=p["outcomes"],
        index=INDEX_NAME,
        controls=p["controls"],
    )
    described = (*p["outcomes"], INDEX_NAME, *p["controls"])
    correlated, regressors = (p["outcome"], *p["regressors"]), p["regressors"]
    return (
        variables_table(rows, panel, labels, titles=scheme.titles(labels.language)),
        descriptive_statistics_table(panel, described, labels, options),
        correlations_table(panel, correlated, regressors, labels, options, effects=p["effects"]),
    )
