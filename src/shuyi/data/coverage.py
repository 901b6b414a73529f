"""Which variables the figures can give, and over which years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shuyi.china.clean import AREA, DERIVED, origins

Years = tuple[int, int]


def series_coverage(codebook: Iterable[Mapping[str, str]]) -> dict[str, Years]:
    """Return first and last year of every official series, from the rows of the codebook."""
    return {row["indicator"]: (int(row["first_year"]), int(row["last_year"])) for row in codebook}


def variable_coverage(codebook: Iterable[Mapping[str, str]]) -> dict[str, Years]:
    """Return first and last year of every panel variable: series, area and derived variables.

    A derived variable is covered where all of the series are that it rests on.
    """
    series = series_coverage(codebook)
    names = [*series, *(recipe.name for recipe in DERIVED)]
    return {name: common_years(series, origins([name])) for name in names}


def common_years(series: Mapping[str, Years], names: Iterable[str]) -> Years:
    """Return the first and last year in which all of the named series are covered."""
    spans = [series[name] for name in names if name != AREA]
    return max(first for first, _ in spans), min(last for _, last in spans)


def covered_variables(coverage: Mapping[str, Years], first_year: int, last_year: int) -> tuple[str, ...]:
    """Return the derived variables that are covered in every year from the first to the last."""
    return tuple(
        recipe.name
        for recipe in DERIVED
        if coverage[recipe.name][0] <= first_year and last_year <= coverage[recipe.name][1]
    )
