"""Tables 1 to 5: variables, index weights, descriptive statistics, correlations, spatial autocorrelation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.errors import DataError, offenders
from shuyi.panel import stack
from shuyi.tables.layout import in_two_lines
from shuyi.tables.notes import (
    label_or,
    panel_note,
    sample_note,
    source_note,
    stars_note,
)
from shuyi.tables.numbers import MISSING, TableOptions, count, number, p_value, starred, stars
from shuyi.tables.table import Table, build_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.indices import Scheme
    from shuyi.labels import Labels
    from shuyi.panel import Panel

PUBLISHER, USER, INDEX = "nbs", "user", "index"
AREA = "area_km2"
WEIGHT_DECIMALS = 4
"""Entropies and weights: differences between indicators show in the fourth digit."""
WEIGHT_ROUNDING = 1e-9
"""Largest distance of the sum of the weights from one: rounding of a few dozen additions."""
TABLE1_WIDTHS = (0.17, 0.24, 0.12, 0.19, 0.08, 0.06, 0.06, 0.08)
"""Shares of the row labels, definition, unit, series, publisher, observations, gaps and filled cells."""
VIF_DECIMALS = 2
Z_DECIMALS = 2
MORAN_WIDTH = 20
"""Width of the three columns of a variable in table 5, in letters."""


def table1(
    variables: pd.DataFrame, panel: Panel, labels: Labels, *, titles: Mapping[str, str] | None = None
) -> Table:
    """Return table 1: variables, definitions, units, official series, publisher, gaps and filled cells.

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
    titles : mapping, optional
        Names of variables that the labels do not hold (`scheme_titles`).
    """
    names = titles or {}
    rows = _in_order(variables, "role")
    display = pd.DataFrame(
        {
            labels.text("column.definition"): [_definition(f, labels) for f in rows["formula"]],
            labels.text("column.unit"): [_unit(u, labels) for u in rows["unit"]],
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
    display.index = _grouped(groups, [names.get(v) or labels.term(v) for v in rows["variable"]])
    notes = [labels.text("table1.note"), panel_note(panel, labels), source_note(labels)]
    return build_table("table1", labels, data=rows, display=display, notes=notes, widths=TABLE1_WIDTHS)


def variable_rows(record: Mapping[str, Any], panel: Panel, role: str, names: Sequence[str]) -> pd.DataFrame:
    """Return rows of table 1 for variables of the clean panel.

    Parameters
    ----------
    record : mapping
        The panel's account (`shuyi.data.clean.CleanPanel.to_record`).
    panel : Panel
    role : str
        Heading of the variables in the table.
    names : sequence of str
        Variables that the account does not describe were supplied by the user.

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
    """Return rows of table 1 for the indicators of an index.

    Parameters
    ----------
    weights : DataFrame
        `shuyi.indices.IndexResult.weights_frame`.
    panel : Panel
        Of the index's units and periods.
    role : str
        Heading of the indicators in the table.
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
    """Return the row of table 1 for the composite index itself."""
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
    """Return all rows of table 1: outcomes, index, controls and the indicators of the index.

    Parameters
    ----------
    record : mapping
        The panel's account (`shuyi.data.clean.CleanPanel.to_record`).
    indicators : DataFrame
        `shuyi.indices.IndexResult.weights_frame`.
    panel : Panel
    outcomes, controls : sequence of str
    index : str
        Name of the index as a panel variable.
    """
    blocks = [
        variable_rows(record, panel, "outcome", outcomes),
        index_row(panel, variable=index),
        indicator_rows(indicators, panel),
        variable_rows(record, panel, "control", controls),
    ]
    return pd.concat([block for block in blocks if len(block)], ignore_index=True)


def scheme_titles(scheme: Scheme, labels: Labels) -> dict[str, str]:
    """Return the names of a scheme's dimensions and indicators in the language of the labels."""
    dimensions = {d: title[labels.language] for d, title in scheme.dimensions.items()}
    return dimensions | {i.id: i.title[labels.language] for i in scheme.indicators}


def table2(
    weights: pd.DataFrame, scheme: Scheme, labels: Labels, *, weighting: str, n: int, periods: Sequence[int]
) -> Table:
    """Return table 2: indicators, direction, entropy and weight, and the weight of each dimension.

    Parameters
    ----------
    weights : DataFrame
        `shuyi.indices.IndexResult.weights_frame`.
    scheme : Scheme
        Names, order and notes.
    labels : Labels
    weighting : {"entropy", "critic", "pca", "equal"}
    n, periods
        Units and periods that the weights were computed from.

    Raises
    ------
    DataError
        If the absolute weights do not sum to one.
    """
    total = float(weights["weight"].abs().sum())
    if abs(total - 1) > WEIGHT_ROUNDING:
        raise DataError("Index weights do not sum to one.", expected="1", found=repr(total))
    titles, rows = scheme_titles(scheme, labels), _in_order(weights, "dimension")
    display = pd.DataFrame(
        {
            labels.text("column.direction"): [labels.text(f"direction.{s}") for s in rows["sign"]],
            labels.text("column.entropy"): [number(e, WEIGHT_DECIMALS) for e in rows["entropy"]],
            labels.text("column.weight"): [number(w, WEIGHT_DECIMALS) for w in rows["weight"]],
        }
    )
    groups = [
        labels.text("table2.dimension", dimension=titles[d], weight=number(w, WEIGHT_DECIMALS))
        for d, w in zip(rows["dimension"], rows["dimension_weight"], strict=True)
    ]
    display.index = _grouped(groups, [titles[i] for i in rows["indicator"]])
    notes = [
        labels.text("table2.note", scheme=scheme.title[labels.language]),
        labels.text(f"weighting.{weighting}.note"),
        *_index_notes(scheme, labels),
        sample_note(n, periods, labels),
        source_note(labels),
    ]
    return build_table("table2", labels, data=rows, display=display, notes=notes)


def _index_notes(scheme: Scheme, labels: Labels) -> list[str]:
    return [note[labels.language] for note in scheme.notes]


def table3(panel: Panel, variables: Sequence[str], labels: Labels, options: TableOptions) -> Table:
    """Return table 3: descriptive statistics with overall, between and within standard deviations.

    Parameters
    ----------
    panel : Panel
    variables : sequence of str
    labels : Labels
    options : TableOptions
    """
    data = describe(panel, variables)
    statistics = [c for c in data.columns if c not in ("variable", "n")]
    display = pd.DataFrame({labels.text("stat.n"): [count(v) for v in data["n"]]})
    for name in statistics:
        display[labels.text(f"stat.{name}")] = [number(v, options.decimals) for v in data[name]]
    display.index = pd.Index([labels.term(v) for v in variables])
    notes = [labels.text("table3.note"), panel_note(panel, labels), source_note(labels)]
    return build_table("table3", labels, data=data, display=display, notes=notes)


def describe(panel: Panel, variables: Sequence[str]) -> pd.DataFrame:
    """Return descriptive statistics of panel variables.

    The standard deviations follow Stata's ``xtsum``: overall over all cells; between over the units' means;
    within over deviations from the units' means; each with divisor count - 1.

    Returns
    -------
    DataFrame
        variable, n, mean, sd, sd_between, sd_within, min, median, max; missing cells are left out.
    """
    rows = []
    for name in variables:
        values = panel[name]
        known = values[~np.isnan(values)]
        means = np.array([np.mean(v[~np.isnan(v)]) for v in values.T if not np.isnan(v).all()])
        deviations = (values - np.nanmean(values, axis=0))[~np.isnan(values)]
        rows.append(
            {
                "variable": name,
                "n": known.size,
                "mean": known.mean(),
                "sd": known.std(ddof=1),
                "sd_between": means.std(ddof=1),
                "sd_within": np.sqrt(np.sum(deviations**2) / (known.size - 1)),
                "min": known.min(),
                "median": np.median(known),
                "max": known.max(),
            }
        )
    return pd.DataFrame(rows)


def table4(
    panel: Panel,
    variables: Sequence[str],
    regressors: Sequence[str],
    labels: Labels,
    options: TableOptions,
    *,
    effects: str = "twoways",
) -> Table:
    """Return table 4: Pearson correlations (lower triangle) and variance inflation factors.

    Parameters
    ----------
    panel : Panel
    variables : sequence of str
        Rows and columns of the correlations.
    regressors : sequence of str
        The variables whose variance inflation factors are wanted.
    labels : Labels
    options : TableOptions
    effects : {"individual", "time", "twoways"}
        Effects that the second column of factors removes.
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
        labels.text("table4.note", effects=labels.text(f"effects.{effects}")),
        stars_note(options, labels),
        panel_note(panel, labels),
        source_note(labels),
    ]
    return build_table("table4", labels, data=data, display=display, notes=notes)


def pearson(panel: Panel, variables: Sequence[str]) -> pd.DataFrame:
    """Return pooled Pearson correlations of the lower triangle, diagonal included.

    Returns
    -------
    DataFrame
        row, column, correlation, p_value (two-sided t test; NaN on the diagonal), n.
    """
    from scipy.stats import pearsonr

    values = _complete(panel, variables)
    rows = []
    for i, row in enumerate(variables):
        for j, column in enumerate(variables[: i + 1]):
            r, p = (1.0, np.nan) if i == j else pearsonr(values[:, i], values[:, j])
            rows.append((row, column, float(r), float(p), len(values)))
    return pd.DataFrame(rows, columns=["row", "column", "correlation", "p_value", "n"])


def variance_inflation(panel: Panel, regressors: Sequence[str], effects: str) -> pd.DataFrame:
    """Return variance inflation factors ``1 / (1 - R2_j)`` of the regressors.

    Returns
    -------
    DataFrame
        variable, vif (with an intercept, without effects), vif_within (after removing the effects).
    """
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    from shuyi.spatialpanel.transforms import within

    values = _complete(panel, regressors)
    pooled = np.column_stack([np.ones(len(values)), values])
    deviations = stack(within(panel.array(regressors), effects))
    return pd.DataFrame(
        {
            "variable": list(regressors),
            "vif": [variance_inflation_factor(pooled, j + 1) for j in range(len(regressors))],
            "vif_within": [variance_inflation_factor(deviations, j) for j in range(len(regressors))],
        }
    )


def table5(
    moran: pd.DataFrame, labels: Labels, options: TableOptions, *, weights_notes: Sequence[str] = ()
) -> Table:
    """Return table 5: Moran's I by weights and year, one block of columns per variable.

    Parameters
    ----------
    moran : DataFrame
        Rows of global Moran's I (`shuyi.esda.GlobalStatistics.to_frame`): variable, weights, period, n,
        value, expected, z_random, p_permuted, permutations, seed, alternative.
    labels : Labels
    options : TableOptions
    weights_notes : sequence of str
        A sentence on each of the weights and its islands.

    Raises
    ------
    DataError
        If rows differ in permutations, seed, alternative or n, which one note must state for all.
    """
    data = moran.loc[moran["statistic"] == "moran"] if "statistic" in moran else moran
    _refuse_mixed(data, ("permutations", "seed", "alternative", "n"))
    keys = list(dict.fromkeys(zip(data["weights"], data["period"], strict=True)))
    blocks = [_moran_block(data, variable, keys, labels, options) for variable in data["variable"].unique()]
    display = pd.concat(blocks, axis=1)
    groups = [label_or(labels, f"weights.{w}", w) for w, _ in keys]
    display.index = _grouped(groups, [str(period) for _, period in keys])
    first, years = data.iloc[0], sorted(data["period"].unique())
    notes = [
        labels.text("table5.note", expected=number(first["expected"], 4)),
        labels.text(
            "note.permutations",
            permutations=count(first["permutations"]),
            seed=first["seed"],
            alternative=labels.text(f"alternative.{first['alternative']}"),
        ),
        stars_note(options, labels),
        *weights_notes,
        sample_note(int(first["n"]), years, labels),
        source_note(labels),
    ]
    return build_table("table5", labels, data=data, display=display, notes=notes)


def _moran_block(
    data: pd.DataFrame, variable: str, keys: Sequence[tuple[str, int]], labels: Labels, options: TableOptions
) -> pd.DataFrame:
    rows = data[data["variable"] == variable].set_index(["weights", "period"]).reindex(keys)
    block = pd.DataFrame(
        {
            "I": [
                number(i, options.decimals) + stars(p, options.stars)
                for i, p in zip(rows["value"], rows["p_permuted"], strict=True)
            ],
            "z": [number(z, Z_DECIMALS) for z in rows["z_random"]],
            "p": [p_value(p, options.decimals) for p in rows["p_permuted"]],
        }
    )
    heading = in_two_lines(labels.term(variable), MORAN_WIDTH)
    block.columns = pd.MultiIndex.from_product([[heading], block.columns])
    return block


def _in_order(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    place = {value: i for i, value in enumerate(dict.fromkeys(frame[column]))}
    return frame.sort_values(column, key=lambda values: values.map(place), kind="stable")


def _grouped(groups: Sequence[str], rows: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([list(groups), list(rows)])


def _complete(panel: Panel, variables: Sequence[str]) -> NDArray[np.float64]:
    values = stack(panel.array(variables))
    gaps = [v for v, column in zip(variables, values.T, strict=True) if np.isnan(column).any()]
    if gaps:
        raise DataError(
            "Correlations need complete variables.",
            expected="no missing cells",
            found=f"missing cells in {offenders(gaps)}",
            remedy="leave the variables or the provinces out, or choose other years",
        )
    return values


def _refuse_mixed(data: pd.DataFrame, columns: Sequence[str]) -> None:
    mixed = [f"{c}: {offenders(data[c].unique())}" for c in columns if data[c].nunique() != 1]
    if mixed:
        raise DataError(
            "Rows of one table rest on different settings.", expected="one value each", found="; ".join(mixed)
        )


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


def _unit(unit: str, labels: Labels) -> str:
    prefix, _, level = unit.rpartition("ln of ")
    if prefix or unit.startswith("ln of "):
        return labels.text("unit.ln", unit=_unit(level, labels))
    year = re.search(r"at (\d{4}) prices$", unit)
    if year:
        base = unit[: year.start()].strip()
        return labels.text("unit.at_prices", unit=_unit(base, labels), year=year[1])
    return label_or(labels, f"unit.{unit}", unit)
