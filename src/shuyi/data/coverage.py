"""Which variables the figures can give, and over which years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shuyi.data.derivations import Derivations

Years = tuple[int, int]


def series_coverage(codebook: Iterable[Mapping[str, str]]) -> dict[str, Years]:
    """Return first and last year of every official series.

    Parameters
    ----------
    codebook : iterable of mapping
        Rows of the codebook.

    Returns
    -------
    dict
        First and last year by series.
    """
    return {row["indicator"]: (int(row["first_year"]), int(row["last_year"])) for row in codebook}


def variable_coverage(codebook: Iterable[Mapping[str, str]], derivations: Derivations) -> dict[str, Years]:
    """Return first and last year of every panel variable: series and derived variables.

    A derived variable is covered where all of the series are that it rests on.

    Parameters
    ----------
    codebook : iterable of mapping
        Rows of the codebook.
    derivations : Derivations
        The derived variables.

    Returns
    -------
    dict
        First and last year by variable.
    """
    series = series_coverage(codebook)
    return {
        name: common_years(series, (s for s in derivations.origins([name]) if s not in derivations.constants))
        for name in (*series, *derivations.names)
    }


def common_years(series: Mapping[str, Years], names: Iterable[str]) -> Years:
    """Return the first and last year in which all of the named series are covered.

    Parameters
    ----------
    series : mapping of str to (int, int)
        First and last year of every series.
    names : iterable of str
        Some of them.

    Returns
    -------
    (int, int)
        First and last year.

    Examples
    --------
    >>> from shuyi.data.coverage import common_years
    >>> common_years({"a": (2010, 2020), "b": (2012, 2023)}, ["a", "b"])
    (2012, 2020)
    """
    spans = [series[name] for name in names]
    return max(first for first, _ in spans), min(last for _, last in spans)


def covered_variables(
    coverage: Mapping[str, Years], variables: Iterable[str], first_year: int, last_year: int
) -> tuple[str, ...]:
    """Return the variables that are covered in every year from the first to the last.

    Parameters
    ----------
    coverage : mapping of str to (int, int)
        From `variable_coverage`.
    variables : iterable of str
        Those to choose from.
    first_year, last_year : int
        Years, both included.

    Returns
    -------
    tuple of str
        In the order given.
    """
    return tuple(v for v in variables if coverage[v][0] <= first_year and last_year <= coverage[v][1])
