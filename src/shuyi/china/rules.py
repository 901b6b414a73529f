"""Rules that hold between cells of the snapshot: coverage, ranges, identities, geography."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from shuyi.china.provinces import codes, sample

if TYPE_CHECKING:
    import pandas as pd


FIGURES, CODEBOOK, CAVEATS = "provincial_figures", "codebook", "caveats"
REGIONS, ADJACENCY = "regions", "adjacency"
RESOURCES = (FIGURES, CODEBOOK, CAVEATS, REGIONS, ADJACENCY)

_REGION_COLUMNS = (
    *("province_code", "name_en", "name_zh_short", "name_zh"),
    *("belt3", "nbs4", "north_south", "clusters", "area_km2"),
)

GRP_ROUNDING = 0.15
"""Largest gap between GRP and its three sectors: each of four figures is rounded to 0.1 (100 million CNY)."""

BROADBAND_ROUNDING = 0.25
"""Largest gap between all, urban and rural accounts as the source rounds them (10,000 accounts)."""

PARTS_OF_WHOLE = (
    ("population_urban", "population_resident"),
    ("va_industry", "va_secondary"),
    ("invention_grants", "patent_grants"),
    ("it_service_revenue", "software_revenue"),
    ("fiscal_scitech_expenditure", "fiscal_expenditure"),
    ("ecommerce_enterprises", "enterprises_surveyed_informatization"),
    ("urban_unit_employment", "population_resident"),
)
"""Pairs in which the first series is a part of the second."""

RANGES = {"gdp_index_prev100": (85.0, 125.0), "cpi_prev100": (95.0, 110.0)}
"""Series whose admissible range is narrower than "positive"."""


@dataclass(frozen=True)
class Violation:
    """One departure from the snapshot's contract: in which file, against which rule, where, and what."""

    file: str
    rule: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.where}: {self.message}"


def figure_violations(
    figures: pd.DataFrame, codebook: pd.DataFrame, caveats: pd.DataFrame
) -> Iterator[Violation]:
    """Yield violations of coverage, range and accounting identities.

    Parameters
    ----------
    figures : DataFrame
        Typed (`shuyi.data.snapshot.tidy_figures`).
    codebook, caveats : DataFrame of str
    """
    yield from _duplicates(figures)
    yield from _coverage(figures, codebook, caveats)
    yield from _ranges(figures)
    wide = figures.pivot_table(index=["province_code", "year"], columns="indicator", values="value")
    yield from _sums(wide)
    yield from _parts(wide)


def geography_violations(regions: pd.DataFrame, adjacency: pd.DataFrame) -> Iterator[Violation]:
    """Yield violations of the registry's regions and of the list of land borders."""
    found = list(regions[list(_REGION_COLUMNS)].itertuples(index=False, name=None))
    for expected, row in zip(_registry_region_rows(), found, strict=False):
        if expected != row:
            yield _violation(REGIONS, "registry", row[0], f"the registry has {expected}, the file {row}")
    if len(found) != len(codes()):
        yield _violation(REGIONS, "coverage", "rows", f"expected {len(codes())}, found {len(found)}")
    yield from _borders(adjacency)


def _violation(resource: str, rule: str, where: str, message: str) -> Violation:
    return Violation(f"snapshot/{resource}.csv", rule, where, message)


def _duplicates(figures: pd.DataFrame) -> Iterator[Violation]:
    keys = ["indicator", "province_code", "year"]
    for row in figures[figures.duplicated(keys)][keys].itertuples(index=False):
        yield _violation(FIGURES, "duplicate", f"{row[0]} {row[1]} {row[2]}", "more than one figure")


def _coverage(figures: pd.DataFrame, codebook: pd.DataFrame, caveats: pd.DataFrame) -> Iterator[Violation]:
    unknown = sorted(set(figures["indicator"]) - set(codebook["indicator"]))
    for indicator in unknown:
        yield _violation(CODEBOOK, "coverage", indicator, "the codebook does not describe the indicator")
    cells = {name: set(zip(g["province_code"], g["year"], strict=True)) for name, g in _groups(figures)}
    for row in codebook.itertuples():
        years = range(int(row.first_year), int(row.last_year) + 1)
        unpublished = _unpublished(caveats, row.indicator)
        expected = set(product(codes(), years)) - unpublished
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


def _ranges(figures: pd.DataFrame) -> Iterator[Violation]:
    low = figures["indicator"].map({name: bounds[0] for name, bounds in RANGES.items()}).fillna(0.0)
    high = figures["indicator"].map({name: bounds[1] for name, bounds in RANGES.items()}).fillna(float("inf"))
    outside = (figures["value"] <= low) | (figures["value"] > high) | (figures["value"] == float("inf"))
    for row in figures[outside].itertuples():
        bounds = RANGES.get(row.indicator)
        expected = f"within {bounds}" if bounds else "positive"
        where = f"{row.indicator} {row.province_code} {row.year}"
        yield _violation(FIGURES, "range", where, f"{row.value} is not {expected}")


def _sums(wide: pd.DataFrame) -> Iterator[Violation]:
    sums = (
        ("gdp_nominal", ("va_primary", "va_secondary", "va_tertiary"), GRP_ROUNDING),
        ("broadband_access_users", ("broadband_users_urban", "broadband_users_rural"), BROADBAND_ROUNDING),
    )
    for total, parts, tolerance in sums:
        if total not in wide.columns or not set(parts) <= set(wide.columns):
            continue
        gap = wide[list(parts)].sum(axis=1, skipna=False) - wide[total]
        for (code, year), value in gap[gap.abs() > tolerance].items():
            message = f"{' + '.join(parts)} departs from {total} by {value:.2f} (tolerance {tolerance})"
            yield _violation(FIGURES, "identity", f"{code} {year}", message)


def _parts(wide: pd.DataFrame) -> Iterator[Violation]:
    for part, whole in PARTS_OF_WHOLE:
        if not {part, whole} <= set(wide.columns):
            continue
        for (code, year), row in wide[wide[part] > wide[whole]].iterrows():
            message = f"{part} {row[part]} exceeds {whole} {row[whole]}"
            yield _violation(FIGURES, "identity", f"{code} {year}", message)


def _borders(adjacency: pd.DataFrame) -> Iterator[Violation]:
    known, seen = set(codes()), set()
    for row in adjacency.itertuples():
        pair = (row.adcode_i, row.adcode_j)
        if not set(pair) <= known:
            yield _violation(ADJACENCY, "registry", f"{pair}", "not codes of provinces in the sample")
        if pair[0] >= pair[1] or pair in seen:
            yield _violation(ADJACENCY, "duplicate", f"{pair}", "each border once, lower code first")
        seen.add(pair)


def _registry_region_rows() -> Sequence[tuple[str, ...]]:
    return [
        (
            *(p.code, p.en, p.zh_short, p.zh),
            *(p.belt3, p.nbs4, p.north_south, " ".join(p.clusters), f"{p.area_km2:.0f}"),
        )
        for p in sample()
    ]
