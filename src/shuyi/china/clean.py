"""The clean panel: official series in base units and the variables derived from them by declared recipes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.china.provinces import PROVINCES, codes, display_names
from shuyi.data.deflate import chain
from shuyi.data.derivations import AT_BASE, CHAINED, Derivations, Derived
from shuyi.data.imputation import ImputedCell, Method, impute, imputed_mask
from shuyi.data.series import Caveat, SeriesTable, caveats_from, series_table, withdraw_doubtful
from shuyi.errors import DataError, offenders
from shuyi.panel import Panel

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


AREA = "area_km2"
"""Name of the column of areas, which do not change over the years."""


def _ratio(name: str, unit: str, numerator: str, denominator: str, per: float = 1.0) -> Derived:
    factor = "" if per == 1.0 else f"{per:,.0f} × "
    formula = f"{factor}{numerator} / {denominator}"
    return Derived(name, unit, formula, (numerator, denominator), lambda a, b: per * a / b, (denominator,))


def _log(name: str, unit: str, level: str) -> Derived:
    return Derived(name, f"ln of {unit}", f"ln {level}", (level,), np.log)


def _deflated(name: str, nominal: str) -> Derived:
    formula = f"{nominal} / cpi_prev100 chained to {{base_year}} = 1"
    inputs = (nominal, f"cpi_prev100{CHAINED}")
    return Derived(name, "CNY per person at {base_year} prices", formula, inputs, np.divide, inputs[1:])


DERIVED: tuple[Derived, ...] = (
    Derived(
        "gdp_real",
        "CNY at {base_year} prices",
        "gdp_nominal in {base_year} × gdp_index_prev100 chained to {base_year} = 1",
        (f"gdp_nominal{AT_BASE}", f"gdp_index_prev100{CHAINED}"),
        np.multiply,
    ),
    _ratio("gdp_pc_real", "CNY per resident at {base_year} prices", "gdp_real", "population_resident"),
    _log("ln_gdp_pc", "CNY per resident at {base_year} prices", "gdp_pc_real"),
    _deflated("income_real", "disposable_income_pc"),
    _log("ln_income_pc", "CNY per person at {base_year} prices", "income_real"),
    _deflated("consumption_real", "consumption_expenditure_pc"),
    _log("ln_consumption_pc", "CNY per person at {base_year} prices", "consumption_real"),
    _ratio("fiscal_pc", "CNY per resident", "fiscal_expenditure", "population_resident"),
    _deflated("fiscal_pc_real", "fiscal_pc"),
    _ratio("urbanisation", "share of residents", "population_urban", "population_resident"),
    _ratio("fiscal_share", "CNY per CNY of GRP", "fiscal_expenditure", "gdp_nominal"),
    _ratio("revenue_share", "CNY per CNY of GRP", "fiscal_revenue", "gdp_nominal"),
    _ratio("fiscal_autonomy", "CNY per CNY of expenditure", "fiscal_revenue", "fiscal_expenditure"),
    _ratio("scitech_share", "share of expenditure", "fiscal_scitech_expenditure", "fiscal_expenditure"),
    _ratio("primary_share", "share of GRP", "va_primary", "gdp_nominal"),
    _ratio("secondary_share", "share of GRP", "va_secondary", "gdp_nominal"),
    _ratio("tertiary_share", "share of GRP", "va_tertiary", "gdp_nominal"),
    _ratio("industry_share", "share of GRP", "va_industry", "gdp_nominal"),
    _ratio("tertiary_secondary", "CNY per CNY of secondary value added", "va_tertiary", "va_secondary"),
    _ratio("retail_share", "CNY per CNY of GRP", "retail_sales", "gdp_nominal"),
    _ratio("density", "residents per km2", "population_resident", AREA),
    _ratio("employment_share", "employees per resident", "urban_unit_employment", "population_resident"),
    _ratio("patents_per_10k", "pieces per 10,000 residents", "patent_grants", "population_resident", 1e4),
    _ratio(
        "inventions_per_10k", "pieces per 10,000 residents", "invention_grants", "population_resident", 1e4
    ),
    _ratio("tech_market_share", "CNY per CNY of GRP", "tech_market_turnover", "gdp_nominal"),
    _ratio(
        "broadband_per_100",
        "accounts per 100 residents",
        "broadband_access_users",
        "population_resident",
        100.0,
    ),
)
"""Every derived variable, each after its inputs."""

DERIVATIONS = Derivations(DERIVED, (AREA,))
"""From which official series the variables of the panel follow."""

LONG_VARIABLES: tuple[str, ...] = (
    *("gdp_real", "gdp_pc_real", "ln_gdp_pc", "urbanisation", "fiscal_share", "secondary_share", "density"),
    *("employment_share", "patents_per_10k", "inventions_per_10k", "tech_market_share"),
)
"""Variables that reach back to 2011."""

MAIN_VARIABLES: tuple[str, ...] = tuple(r.name for r in DERIVED if r.name != "scitech_share")
"""Variables of the main panel 2016-2024; science and technology expenditure ends in 2023."""


DEFAULT_RULES: Mapping[str, Method] = {"va_secondary": "linear"}
"""Series whose inner gaps are filled: only Xinjiang 2015, withdrawn as doubtful, falls under it."""


@dataclass(frozen=True)
class Gap:
    """The years in which a unit has no value of a variable.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    unit : str
        Code of the province.
    years : tuple of int
        Years without a value, increasing.
    """

    variable: str
    unit: str
    years: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CleanPanel:
    """The clean panel and the account of how it came about.

    Parameters
    ----------
    panel : Panel
        Official series in base units, ``area_km2`` and the derived variables, over the requested years.
    base_year : int
        Year of prices.
    gaps : tuple of Gap
        Cells that stay empty.
    imputation_log : tuple of ImputedCell
        Cells that an imputation rule filled.
    imputation_shares : mapping of str to float
        Share of a variable's cells that are, or rest on, imputed figures; every variable has an entry.
    outside : mapping of str to (int, int)
        Series left out because they do not cover the requested years, with their coverage.
    caveats : tuple of Caveat
        Known about the series of the panel in the requested years.
    """

    panel: Panel
    base_year: int
    gaps: tuple[Gap, ...]
    imputation_log: tuple[ImputedCell, ...]
    imputation_shares: Mapping[str, float]
    outside: Mapping[str, tuple[int, int]]
    caveats: tuple[Caveat, ...]

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of measurement of each variable."""
        return self.panel.measures

    def to_record(self) -> dict[str, Any]:
        """Return units, recipes, gaps, imputations and caveats as plain data for JSON.

        Returns
        -------
        dict
            Keys base_year, years, provinces, variables, gaps, imputed cells, series outside the years, and
            caveats.
        """
        return {
            "base_year": self.base_year,
            "years": [self.panel.periods[0], self.panel.periods[-1]],
            "provinces": list(self.panel.units),
            "variables": {
                v: {
                    "unit": self.units[v],
                    "formula": DERIVATIONS.formula(v, self.base_year),
                    "series": list(DERIVATIONS.origins([v])),
                    "imputed_share": self.imputation_shares[v],
                }
                for v in self.panel.variables
            },
            "gaps": [asdict(gap) for gap in self.gaps],
            "imputed_cells": [asdict(cell) for cell in self.imputation_log],
            "series_outside": {name: list(years) for name, years in self.outside.items()},
            "caveats": [asdict(caveat) for caveat in self.caveats],
        }


def build_panel(
    figures: pd.DataFrame,
    codebook: pd.DataFrame,
    caveats: pd.DataFrame,
    *,
    first_year: int,
    last_year: int,
    base_year: int,
    variables: Sequence[str] = MAIN_VARIABLES,
    rules: Mapping[str, Method] = DEFAULT_RULES,
) -> CleanPanel:
    """Build the panel of the 31 provinces from the snapshot.

    Parameters
    ----------
    figures, codebook, caveats : DataFrame
        The tables of the snapshot (text or typed).
    first_year, last_year : int
        Years of the panel, both included.
    base_year : int
        Year whose prices real values are in.
    variables : sequence of str
        Derived variables to compute; `MAIN_VARIABLES` from 2016, `LONG_VARIABLES` from 2011.
    rules : mapping
        Imputation method by series.

    Returns
    -------
    CleanPanel
        With the account of gaps and imputations.

    Raises
    ------
    DataError
        If a variable is unknown, rests on a series that does not cover the years (the message names the
        series and its coverage), or is not finite where its inputs are.
    """
    if first_year > last_year:
        raise DataError("The panel ends before it begins.", found=f"{first_year}-{last_year}")
    notes = caveats_from(caveats, codes())
    table = withdraw_doubtful(series_table(figures, codebook, codes()), notes)
    table, log = impute(table, rules, notes)
    window = _Window(table, first_year, last_year, base_year)
    recipes = DERIVATIONS.with_earlier(variables)
    _check_covered(recipes, window)
    columns = window.series_columns()
    for recipe in recipes:
        columns[recipe.name] = _evaluate(recipe, window, columns)
    panel = _panel(columns, window, recipes)
    used = tuple(cell for cell in log if cell.year in window.years)
    return CleanPanel(
        panel,
        base_year,
        gaps(panel),
        used,
        _shares(panel, used),
        {n: (s.first_year, s.last_year) for n, s in table.series.items() if n not in columns},
        tuple(
            c
            for c in notes
            if c.first_year <= last_year and c.last_year >= first_year and c.series in columns
        ),
    )


def gaps(panel: Panel) -> tuple[Gap, ...]:
    """Return the empty cells of a panel by variable and unit, in the panel's order.

    Parameters
    ----------
    panel : Panel
        Panel whose missing cells are NaN.

    Returns
    -------
    tuple of Gap
        Variables slow, units fast; complete ones are left out.
    """
    empty = np.isnan(panel.values)
    return tuple(
        Gap(variable, unit, tuple(p for p, e in zip(panel.periods, empty[:, i, j], strict=True) if e))
        for j, variable in enumerate(panel.variables)
        for i, unit in enumerate(panel.units)
        if empty[:, i, j].any()
    )


@dataclass(frozen=True, eq=False)
class _Window:
    table: SeriesTable
    first_year: int
    last_year: int
    base_year: int

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(range(self.first_year, self.last_year + 1))

    def series_columns(self) -> dict[str, NDArray[np.float64]]:
        span = (self.first_year, self.last_year)
        columns = {n: s.window(*span) for n, s in sorted(self.table.series.items()) if s.covers(*span)}
        area = {p.code: p.area_km2 for p in PROVINCES}
        columns[AREA] = np.tile(np.array([area[u] for u in self.table.units], float), (len(self.years), 1))
        return columns

    def span(self, name: str) -> tuple[str, int, int]:
        series, _, suffix = name.partition("@")
        if suffix == "base":
            return series, self.base_year, self.base_year
        if suffix == "chain":
            return series, min(self.base_year, self.first_year) + 1, max(self.base_year, self.last_year)
        return series, self.first_year, self.last_year

    def input(self, name: str) -> NDArray[np.float64]:
        series, first, last = self.span(name)
        if name.endswith(CHAINED):
            return chain(self.table[series], self.base_year, self.first_year, self.last_year)
        values = self.table[series].window(first, last)
        return np.tile(values, (len(self.years), 1)) if name.endswith(AT_BASE) else values


def _check_covered(recipes: Sequence[Derived], window: _Window) -> None:
    inputs = dict.fromkeys(i for r in recipes for i in r.inputs if i not in DERIVATIONS.names and i != AREA)
    spans = [window.span(name) for name in inputs]
    short = [(name, a, b) for name, a, b in spans if a <= b and not window.table[name].covers(a, b)]
    if not short:
        return
    found = {n: f"{n} for {a}-{b} (coverage {_coverage(window, n)})" for n, a, b in reversed(short)}
    raise DataError(
        "A year lies outside the coverage of the figures.",
        expected="years that every series covers which the variables rest on",
        found="; ".join(reversed(found.values())),
        remedy="change first_year, last_year or base_year of the panel, or leave the variables out",
    )


def _coverage(window: _Window, name: str) -> str:
    return f"{window.table[name].first_year}-{window.table[name].last_year}"


def _evaluate(
    recipe: Derived, window: _Window, columns: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    inputs = [columns[i] if i in columns else window.input(i) for i in recipe.inputs]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = recipe.function(*inputs)
    wrong = ~np.isfinite(values) & np.all(np.isfinite(inputs), axis=0)
    if wrong.any():
        cells = [f"{window.table.units[i]} {window.years[t]}" for t, i in np.argwhere(wrong)]
        raise DataError(
            f"The variable {recipe.name!r} is not finite.",
            expected=f"{recipe.formula} defined for every province and year",
            found=f"zero or negative inputs: {offenders(cells)}",
            remedy="correct the cells or leave the variable out",
        )
    return values


def _panel(columns: Mapping[str, NDArray[np.float64]], window: _Window, recipes: Sequence[Derived]) -> Panel:
    measures = {name: s.measure for name, s in window.table.series.items() if name in columns}
    measures[AREA] = "km2"
    measures |= {r.name: r.unit.format(base_year=window.base_year) for r in recipes}
    names = {u: display_names()[u] for u in window.table.units}
    values = np.stack(list(columns.values()), axis=2)
    return Panel(values, window.table.units, window.years, tuple(columns), names, measures)


def _shares(panel: Panel, log: Sequence[ImputedCell]) -> dict[str, float]:
    masks: dict[str, NDArray[np.bool_]] = {}
    nothing = np.zeros((panel.T, panel.n), dtype=bool)
    for variable in panel.variables:
        recipe = DERIVATIONS.find(variable)
        if recipe is None:
            masks[variable] = imputed_mask(log, variable, panel.periods, panel.units)
        else:
            masks[variable] = np.any([nothing, *(masks[i] for i in recipe.inputs if i in masks)], axis=0)
    return {variable: float(mask.mean()) for variable, mask in masks.items()}
