"""Rules that hold between cells of a snapshot: coverage, ranges, identities, geography.

Which units there are, and which figures add up or bound each other, is the content of a `Contract`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


FIGURES, CODEBOOK, CAVEATS = "provincial_figures", "codebook", "caveats"
REGIONS, ADJACENCY = "regions", "adjacency"
RESOURCES = (FIGURES, CODEBOOK, CAVEATS, REGIONS, ADJACENCY)


@dataclass(frozen=True)
class Violation:
    """One departure from the snapshot's contract: in which file, against which rule, where, and what.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    rule : str
        Name of the rule.
    where : str
        Row, column, path or cell.
    message : str
        What was expected and what was found.
    """

    file: str
    rule: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.where}: {self.message}"


@dataclass(frozen=True)
class Sum:
    """Parts that add up to a total, but for the rounding of the printed figures.

    Parameters
    ----------
    total : str
        Series of the total.
    parts : tuple of str
        Series of the parts.
    tolerance : float
        Largest gap, in the unit of the figures.
    """

    total: str
    parts: tuple[str, ...]
    tolerance: float


@dataclass(frozen=True)
class Contract:
    """What the figures of a set of units must hold beside their schema.

    Parameters
    ----------
    units : tuple of str
        Ids of the units, each with a figure in every covered year of a series.
    ranges : mapping of str to (float, float)
        Series whose admissible range is narrower than "positive": above the first, up to the second value.
    sums : tuple of Sum
        Totals and their parts.
    parts : tuple of (str, str)
        Pairs in which the first series is a part of the second.
    region_columns : tuple of str
        Columns of the table of regions, the id first.
    regions : tuple of tuple of str
        Its rows as they must be.
    """

    units: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]]
    sums: tuple[Sum, ...]
    parts: tuple[tuple[str, str], ...]
    region_columns: tuple[str, ...]
    regions: tuple[tuple[str, ...], ...]


def figure_violations(
    figures: pd.DataFrame, codebook: pd.DataFrame, caveats: pd.DataFrame, contract: Contract
) -> Iterator[Violation]:
    """Yield violations of coverage, range and accounting identities.

    Parameters
    ----------
    figures : DataFrame
        Typed (`shuyi.data.snapshot.tidy_figures`).
    codebook, caveats : DataFrame of str
        As printed in the snapshot.
    contract : Contract
        What the figures must hold.

    Returns
    -------
    iterator of Violation
        Duplicates, then coverage, ranges, sums and parts.
    """
    yield from _duplicates(figures)
    yield from _coverage(figures, codebook, caveats, contract.units)
    yield from _ranges(figures, contract.ranges)
    wide = figures.pivot_table(index=["province_code", "year"], columns="indicator", values="value")
    yield from _sums(wide, contract.sums)
    yield from _parts(wide, contract.parts)


def geography_violations(
    regions: pd.DataFrame, adjacency: pd.DataFrame, contract: Contract
) -> Iterator[Violation]:
    """Yield violations of the registry's regions and of the list of land borders.

    Parameters
    ----------
    regions, adjacency : DataFrame of str
        As printed in the snapshot.
    contract : Contract
        With the units and the rows of their regions.

    Returns
    -------
    iterator of Violation
        Of the regions, then of the borders.
    """
    found = list(regions[list(contract.region_columns)].itertuples(index=False, name=None))
    for expected, row in zip(contract.regions, found, strict=False):
        if expected != row:
            yield _violation(REGIONS, "registry", row[0], f"the registry has {expected}, the file {row}")
    if len(found) != len(contract.units):
        yield _violation(REGIONS, "coverage", "rows", f"expected {len(contract.units)}, found {len(found)}")
    yield from _borders(adjacency, contract.units)


def _violation(resource: str, rule: str, where: str, message: str) -> Violation:
    return Violation(f"snapshot/{resource}.csv", rule, where, message)


def _duplicates(figures: pd.DataFrame) -> Iterator[Violation]:
    keys = ["indicator", "province_code", "year"]
    for row in figures[figures.duplicated(keys)][keys].itertuples(index=False):
        yield _violation(FIGURES, "duplicate", f"{row[0]} {row[1]} {row[2]}", "more than one figure")


def _coverage(
    figures: pd.DataFrame, codebook: pd.DataFrame, caveats: pd.DataFrame, units: tuple[str, ...]
) -> Iterator[Violation]:
    unknown = sorted(set(figures["indicator"]) - set(codebook["indicator"]))
    for indicator in unknown:
        yield _violation(CODEBOOK, "coverage", indicator, "the codebook does not describe the indicator")
    cells = {name: set(zip(g["province_code"], g["year"], strict=True)) for name, g in _groups(figures)}
    for row in codebook.itertuples():
        years = range(int(row.first_year), int(row.last_year) + 1)
        unpublished = _unpublished(caveats, row.indicator)
        expected = set(product(units, years)) - unpublished
        yield from _cell_violations(row.indicator, expected, cells.get(row.indicator, set()))
        if int(row.cells) != len(expected):
            yield _violation(CODEBOOK, "coverage", row.indicator, f"{row.cells} cells, not {len(expected)}")


def _groups(figures: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for (name,), group in figures.groupby(["indicator"]):
        yield name, group


def _unpublished(caveats: pd.DataFrame, indicator: str) -> set[tuple[str, int]]:
    declared = caveats[(caveats["kind"] == "not_published") & (caveats["indicator"] == indicator)]
    return {
        (row.province_code, year)
        for row in declared.itertuples()
        for year in range(int(row.first_year), int(row.last_year) + 1)
    }


def _cell_violations(
    indicator: str, expected: set[tuple[str, int]], found: set[tuple[str, int]]
) -> Iterator[Violation]:
    for code, year in sorted(expected - found):
        yield _violation(FIGURES, "coverage", f"{indicator} {code} {year}", "the cell is missing")
    for code, year in sorted(found - expected):
        message = f"outside the codebook's coverage or declared not published in {CAVEATS}.csv"
        yield _violation(FIGURES, "coverage", f"{indicator} {code} {year}", message)


def _ranges(figures: pd.DataFrame, ranges: Mapping[str, tuple[float, float]]) -> Iterator[Violation]:
    low = figures["indicator"].map({name: bounds[0] for name, bounds in ranges.items()}).fillna(0.0)
    high = figures["indicator"].map({name: bounds[1] for name, bounds in ranges.items()}).fillna(float("inf"))
    outside = (figures["value"] <= low) | (figures["value"] > high) | (figures["value"] == float("inf"))
    for row in figures[outside].itertuples():
        bounds = ranges.get(row.indicator)
        expected = f"within {bounds}" if bounds else "positive"
        where = f"{row.indicator} {row.province_code} {row.year}"
        yield _violation(FIGURES, "range", where, f"{row.value} is not {expected}")


def _sums(wide: pd.DataFrame, sums: tuple[Sum, ...]) -> Iterator[Violation]:
    for rule in sums:
        total, parts, tolerance = rule.total, rule.parts, rule.tolerance
        if total not in wide.columns or not set(parts) <= set(wide.columns):
            continue
        gap = wide[list(parts)].sum(axis=1, skipna=False) - wide[total]
        for (code, year), value in gap[gap.abs() > tolerance].items():
            message = f"{' + '.join(parts)} departs from {total} by {value:.2f} (tolerance {tolerance})"
            yield _violation(FIGURES, "identity", f"{code} {year}", message)


def _parts(wide: pd.DataFrame, pairs: tuple[tuple[str, str], ...]) -> Iterator[Violation]:
    for part, whole in pairs:
        if not {part, whole} <= set(wide.columns):
            continue
        for (code, year), row in wide[wide[part] > wide[whole]].iterrows():
            message = f"{part} {row[part]} exceeds {whole} {row[whole]}"
            yield _violation(FIGURES, "identity", f"{code} {year}", message)


def _borders(adjacency: pd.DataFrame, units: tuple[str, ...]) -> Iterator[Violation]:
    known, seen = set(units), set()
    for row in adjacency.itertuples():
        pair = (row.adcode_i, row.adcode_j)
        if not set(pair) <= known:
            yield _violation(ADJACENCY, "registry", f"{pair}", "not codes of provinces in the sample")
        if pair[0] >= pair[1] or pair in seen:
            yield _violation(ADJACENCY, "duplicate", f"{pair}", "each border once, lower code first")
        seen.add(pair)
