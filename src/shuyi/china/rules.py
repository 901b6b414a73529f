"""What the committed figures of the provinces must hold: ranges, sums, parts, and the registry's regions."""

from __future__ import annotations

from shuyi.china.provinces import codes, sample
from shuyi.data.rules import Contract, Sum

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

SUMS = (
    Sum("gdp_nominal", ("va_primary", "va_secondary", "va_tertiary"), GRP_ROUNDING),
    Sum("broadband_access_users", ("broadband_users_urban", "broadband_users_rural"), BROADBAND_ROUNDING),
)
"""Totals that the source prints beside their parts."""


def _region_rows() -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            *(p.code, p.en, p.zh_short, p.zh),
            *(p.belt3, p.nbs4, p.north_south, " ".join(p.clusters), f"{p.area_km2:.0f}"),
        )
        for p in sample()
    )


CONTRACT = Contract(codes(), RANGES, SUMS, PARTS_OF_WHOLE, _REGION_COLUMNS, _region_rows())
"""What the snapshot of ``data/snapshot`` must hold."""
