"""The register of facts: numbered claims of the source literature, checked against figures where they allow.

A claim states a value, its unit, a relation (equal, more than, at least) and the unit of its last printed
digit. A named check recomputes the value from the claim's own numbers or from the official figures of the
panel. The verdict follows from the comparison alone:

* ``confirmed`` or ``contradicted``: recomputed in the claim's own scope; equality means a difference of at
  most half the last printed digit;
* ``not comparable``: the figures at hand measure something near it (scope ``proxy``);
* ``computed``: the source states no value;
* ``not checked``: no check exists or figures are missing; ``needs`` says which.

The grade is ``recomputed`` where a check in the claim's own scope gave a value, otherwise ``traceable`` or
``not traceable``: whether the source names where its number can be looked up.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from shuyi.errors import DataError, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.analyses.base import Places
    from shuyi.panel import Panel

    Array = NDArray[np.float64]


Relation = Literal["equal", "more_than", "at_least", "none"]
RELATIONS: tuple[Relation, ...] = ("equal", "more_than", "at_least", "none")
Scope = Literal["same", "proxy", ""]
SCOPES: tuple[Scope, ...] = ("same", "proxy", "")
TRACEABILITY = {"traceable": "traceable", "not_traceable": "not traceable"}
Verdict = Literal["confirmed", "contradicted", "not comparable", "computed", "not checked"]

COLUMNS = (
    *("id", "source", "row", "claim_en", "claim_zh", "value", "unit", "relation", "rounding"),
    *("traceability", "check", "arguments", "scope", "needs_en", "needs_zh"),
)
ROUNDING_SLACK = 1e-9
"""Relative slack of the comparison for binary fractions such as 83.6."""
PERCENT = 100.0


class MissingFiguresError(DataError):
    """The panel does not hold the figures that a check needs."""


@dataclass(frozen=True)
class Claim:
    """One claim of a source.

    Parameters
    ----------
    id, source : str
        ``source`` is S0 to S4 as in the list of sources.
    row : int
        Row of the list of systems and claims.
    text : mapping
        The claim by language.
    value : float or None
        None where the source states none.
    unit : str
        Unit of the value.
    relation : {"equal", "more_than", "at_least", "none"}
        What the source says of the value.
    rounding : float or None
        Unit of the last printed digit.
    traceability : {"traceable", "not_traceable"}
        Whether the source says where the value comes from.
    check : str
        Name in `CHECKS`, or empty.
    arguments : mapping of str to str
        Of the check.
    scope : {"same", "proxy", ""}
        Whether the check measures what the claim does.
    needs : mapping
        What a full check would need, by language.
    """

    id: str
    source: str
    row: int
    text: Mapping[str, str]
    value: float | None
    unit: str
    relation: Relation
    rounding: float | None
    traceability: str
    check: str
    arguments: Mapping[str, str]
    scope: Scope
    needs: Mapping[str, str]


@dataclass(frozen=True)
class Evidence:
    """What claims are checked against.

    Parameters
    ----------
    panel : Panel or None
        Official series in base units. Without it, or where it lacks a series, a unit or a year, the claims
        that need them are not checked.
    places : Places
        Units of the sample with their region schemes and clusters.
    """

    panel: Panel | None
    places: Places


@dataclass(frozen=True)
class Outcome:
    """What a check found: the recomputed value and how it came about.

    Parameters
    ----------
    value : float
        The recomputed value, in the unit of the claim.
    detail : str, default ""
        How it came about, for the register.
    """

    value: float
    detail: str = ""


@dataclass(frozen=True)
class Fact:
    """A claim with its grade, the recomputed value and the verdict.

    Parameters
    ----------
    claim : Claim
        What is claimed.
    grade : str
        How the claim could be checked.
    recomputed : float or None
        Value of the check, or None where there was none.
    verdict : {"confirmed", "contradicted", "not comparable", "computed", "not checked"}
        Whether the claim holds.
    detail : str
        How the value came about, or what a check would need.
    """

    claim: Claim
    grade: str
    recomputed: float | None
    verdict: Verdict
    detail: str

    def record(self) -> dict[str, object]:
        """Return the fact as a row of the register.

        Returns
        -------
        dict
            Value by column of the register.
        """
        claim = self.claim
        return {
            "id": claim.id,
            "source": claim.source,
            "row": claim.row,
            "claim_en": claim.text["en"],
            "claim_zh": claim.text["zh"],
            "value": np.nan if claim.value is None else claim.value,
            "unit": claim.unit,
            "relation": claim.relation,
            "grade": self.grade,
            "check": claim.check,
            "recomputed": np.nan if self.recomputed is None else self.recomputed,
            "tolerance": (claim.rounding or 0.0) / 2.0 if claim.relation == "equal" else np.nan,
            "verdict": self.verdict,
            "detail": self.detail,
            "needs_en": claim.needs["en"],
            "needs_zh": claim.needs["zh"],
        }


@dataclass(frozen=True)
class FactRegister:
    """The facts in the order of the claims.

    Parameters
    ----------
    facts : tuple of Fact
        Facts in order.
    """

    facts: tuple[Fact, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per claim with value, grade, recomputed value and verdict.

        Returns
        -------
        DataFrame
            Missing values are NaN.
        """
        import pandas as pd

        return pd.DataFrame([fact.record() for fact in self.facts])


def load_claims(rows: Sequence[Mapping[str, str]]) -> tuple[Claim, ...]:
    """Return the claims of ``data/facts/claims.csv``.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of text with the fields of `COLUMNS`; arguments are written ``name=value;name=value``.

    Returns
    -------
    tuple of Claim
        In the order of the rows.

    Raises
    ------
    DataError
        Listing every row that lacks a field, repeats an id, names an unknown relation, scope, traceability or
        check, gives a check other arguments than it takes, or whose value is no number.
    """
    problems = [
        f"line {line} ({row.get('id', '')}): {p}"
        for line, row in enumerate(rows, 2)
        for p in _row_problems(row)
    ]
    ids = [row.get("id", "") for row in rows]
    problems += [f"the id {i!r} twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    if problems or not rows:
        raise DataError(
            "The register of claims cannot be used.",
            expected=f"columns {', '.join(COLUMNS)}",
            found=offenders(problems) or "no rows",
        )
    return tuple(_claim(row) for row in rows)


def check_claims(claims: Sequence[Claim], evidence: Evidence) -> FactRegister:
    """Check every claim.

    Parameters
    ----------
    claims : sequence of Claim
        From `load_claims`.
    evidence : Evidence
        The figures at hand; where they do not suffice, ``detail`` says what is missing.

    Returns
    -------
    FactRegister
        In the order of the claims.
    """
    return FactRegister(tuple(check_claim(claim, evidence) for claim in claims))


def check_claim(claim: Claim, evidence: Evidence) -> Fact:
    """Check one claim (see `check_claims`).

    Parameters
    ----------
    claim : Claim
        One of them.
    evidence : Evidence
        The figures at hand.

    Returns
    -------
    Fact
        With grade and verdict.
    """
    unchecked = TRACEABILITY[claim.traceability]
    if not claim.check:
        return Fact(claim, unchecked, None, "not checked", "")
    try:
        outcome = CHECKS[claim.check](evidence, **claim.arguments)
    except MissingFiguresError as missing:
        return Fact(claim, unchecked, None, "not checked", f"{missing.what} {missing.found}".strip())
    grade = "recomputed" if claim.scope == "same" else unchecked
    return Fact(claim, grade, outcome.value, _verdict(claim, outcome.value), outcome.detail)


def _verdict(claim: Claim, recomputed: float) -> Verdict:
    if claim.value is None:
        return "computed"
    if claim.scope == "proxy":
        return "not comparable"
    holds = {
        "equal": _equal(recomputed, claim.value, claim.rounding or 0.0),
        "more_than": recomputed > claim.value,
        "at_least": recomputed >= claim.value,
    }[claim.relation]
    return "confirmed" if holds else "contradicted"


def _equal(recomputed: float, value: float, rounding: float) -> bool:
    slack = ROUNDING_SLACK * max(1.0, abs(value))
    return abs(recomputed - value) <= rounding / 2.0 + slack


def total(evidence: Evidence, *, parts: str) -> Outcome:
    """Return the sum of numbers written ``a|b|c``.

    Parameters
    ----------
    evidence : Evidence
        Not read.
    parts : str
        Numbers, separated by ``|``.

    Returns
    -------
    Outcome
        In the unit of the parts.

    Examples
    --------
    >>> from shuyi.analyses.facts.register import total
    >>> total(None, parts="1.5|2.5").value
    4.0
    """
    return Outcome(sum(_numbers(parts)))


def share_of_total(evidence: Evidence, *, parts: str, whole: str) -> Outcome:
    """Return the sum of the parts in per cent of the sum of the whole.

    Parameters
    ----------
    evidence : Evidence
        Not read.
    parts : str
        Numbers, separated by ``|``.
    whole : str
        Numbers, separated by ``|``, of the same unit.

    Returns
    -------
    Outcome
        In per cent.
    """
    return Outcome(PERCENT * sum(_numbers(parts)) / sum(_numbers(whole)))


def residual(evidence: Evidence, *, parts: str, whole: str) -> Outcome:
    """Return what the parts leave of the whole.

    Parameters
    ----------
    evidence : Evidence
        Not read.
    parts : str
        Numbers, separated by ``|``.
    whole : str
        Numbers, separated by ``|``, of the same unit.

    Returns
    -------
    Outcome
        In the unit of the parts.
    """
    return Outcome(sum(_numbers(whole)) - sum(_numbers(parts)))


def residual_share(evidence: Evidence, *, parts: str, whole: str) -> Outcome:
    """Return what the parts leave of the whole in per cent of the whole.

    Parameters
    ----------
    evidence : Evidence
        Not read.
    parts : str
        Numbers, separated by ``|``.
    whole : str
        Numbers, separated by ``|``, of the same unit.

    Returns
    -------
    Outcome
        In per cent.
    """
    return Outcome(PERCENT * residual(evidence, parts=parts, whole=whole).value / sum(_numbers(whole)))


def penetration(evidence: Evidence, *, netizens: str, area: str, year: str) -> Outcome:
    """Return netizens per 100 residents of the urban or rural area of the 31 provinces at the year's end.

    Parameters
    ----------
    evidence : Evidence
        Official series; population is needed.
    netizens : str
        Number of persons.
    area : str
        ``"urban"`` or ``"rural"``.
    year : str
        Year of the population.

    Returns
    -------
    Outcome
        In per cent.

    Raises
    ------
    MissingFiguresError
        If the panel lacks the figures.
    """
    urban = _row(evidence, "population_urban", year)
    everyone = _row(evidence, "population_resident", year)
    residents = float((urban if area == "urban" else everyone - urban).sum())
    return Outcome(PERCENT * float(netizens) / residents, f"{residents:.0f} {area} residents, end of {year}")


def ratio_of_indicator_gaps(
    evidence: Evidence, *, indicators: str, scheme: str, year: str, threshold: str
) -> Outcome:
    """Return the largest ratio between the highest and the lowest region over indicators.

    An indicator ``a/b`` is, for a region, the sum of a over the sum of b of its provinces; a province without
    a printed figure leaves both sums.

    Parameters
    ----------
    evidence : Evidence
        Official series of the indicators, and the region schemes.
    indicators : str
        Indicators ``a/b``, separated by ``|``.
    scheme : str
        Name of the region scheme.
    year : str
        Year of the figures.
    threshold : str
        Ratio; the detail lists the indicators above it.

    Returns
    -------
    Outcome
        The ratio, with the indicator in the detail.

    Raises
    ------
    MissingFiguresError
        If the panel lacks the figures.
    """
    ratios = {i: _region_ratio(evidence, i, scheme, year) for i in indicators.split("|")}
    largest = max(ratios, key=lambda i: ratios[i][0])
    above = [i for i, (ratio, _) in ratios.items() if ratio > float(threshold)]
    listed = ", ".join(f"{i} {ratios[i][0]:.2f}" for i in above)
    detail = f"largest: {largest} ({ratios[largest][1]}); above {threshold}: {len(above)} of {len(ratios)}"
    return Outcome(ratios[largest][0], f"{detail}: {listed}" if above else detail)


def region_share(evidence: Evidence, *, series: str, scheme: str, region: str, year: str) -> Outcome:
    """Return a region's share of a series' total over the printed figures, in per cent.

    Parameters
    ----------
    evidence : Evidence
        Official series, and the region schemes.
    series : str
        Name of the series.
    scheme : str
        Name of the region scheme.
    region : str
        Name of the region in the scheme.
    year : str
        Year of the figures.

    Returns
    -------
    Outcome
        In per cent.

    Raises
    ------
    MissingFiguresError
        If the panel lacks the figures.
    DataError
        If the scheme or the region is unknown.
    """
    values, members = _row(evidence, series, year), _members(evidence, scheme)
    if region not in members:
        raise _wrong_argument("region", region, tuple(members))
    return Outcome(PERCENT * float(np.nansum(values[members[region]]) / np.nansum(values)), series)


def cluster_growth_rank(
    evidence: Evidence, *, series: str, cluster: str, among: str, first: str, last: str
) -> Outcome:
    """Return the rank of a cluster by the growth of a series between two years, 1 for the fastest.

    Levels are sums over the members with printed figures in both years.

    Parameters
    ----------
    evidence : Evidence
        Official series, and the clusters.
    series : str
        Name of the series.
    cluster : str
        Name of the cluster that is ranked.
    among : str
        Names of the clusters compared, separated by ``|``.
    first, last : str
        Years compared.

    Returns
    -------
    Outcome
        The rank, with the growth of each cluster in the detail.

    Raises
    ------
    MissingFiguresError
        If the panel lacks the figures.
    DataError
        If a cluster is unknown, or the ranked one is not among those compared.
    """
    start, end = _row(evidence, series, first), _row(evidence, series, last)
    units, clusters = _units(evidence), evidence.places.clusters
    growth = {}
    for name in among.split("|"):
        if name not in clusters:
            raise _wrong_argument("among", name, tuple(clusters))
        own = np.isin(units, clusters[name]) & ~np.isnan(start) & ~np.isnan(end)
        growth[name] = float(end[own].sum() / start[own].sum())
    if cluster not in growth:
        raise _wrong_argument("cluster", cluster, tuple(growth))
    ordered = sorted(growth, key=lambda name: -growth[name])
    span = int(last) - int(first)
    detail = ", ".join(
        f"{name} {PERCENT * (growth[name] ** (1 / span) - 1):.1f} % a year" for name in ordered
    )
    return Outcome(1.0 + sum(g > growth[cluster] for g in growth.values()), f"{series}: {detail}")


Check = Callable[..., Outcome]
CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        total,
        share_of_total,
        residual,
        residual_share,
        penetration,
        ratio_of_indicator_gaps,
        region_share,
        cluster_growth_rank,
    )
}
"""Every check by its name; the first argument is the evidence, the others are texts."""


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split("|")]


def _panel(evidence: Evidence) -> Panel:
    panel = evidence.panel
    if panel is None:
        raise MissingFiguresError("There are no official figures.")
    absent = [u for u in evidence.places.codes if u not in panel.units]
    if absent:
        raise MissingFiguresError("The panel lacks provinces of the sample:", found=offenders(absent))
    return panel


def _units(evidence: Evidence) -> tuple[str, ...]:
    return _panel(evidence).units


def _row(evidence: Evidence, series: str, year: str) -> Array:
    held = _panel(evidence)
    if series not in held.variables:
        raise MissingFiguresError("The panel lacks the series", found=series)
    if int(year) not in held.periods:
        raise MissingFiguresError("The panel lacks the year", found=year)
    return held[series][held.periods.index(int(year))]


def _members(evidence: Evidence, scheme: str) -> dict[str, NDArray[np.bool_]]:
    places = evidence.places
    if scheme not in places.schemes:
        raise _wrong_argument("scheme", scheme, places.schemes)
    region = places.grouping(scheme, places.codes).region_of
    names = dict.fromkeys(region.values())
    return {name: np.array([region[u] == name for u in _units(evidence)]) for name in names}


def _region_ratio(evidence: Evidence, indicator: str, scheme: str, year: str) -> tuple[float, str]:
    numerator, _, denominator = indicator.partition("/")
    values, base = _row(evidence, numerator, year), _row(evidence, denominator, year)
    printed = ~np.isnan(values) & ~np.isnan(base)
    levels = {
        name: float(values[own & printed].sum() / base[own & printed].sum())
        for name, own in _members(evidence, scheme).items()
    }
    high, low = max(levels, key=lambda n: levels[n]), min(levels, key=lambda n: levels[n])
    return levels[high] / levels[low], f"{high}/{low}"


def _wrong_argument(name: str, value: str, allowed: Sequence[str]) -> DataError:
    return DataError(
        f"A check of the register of claims has a wrong {name}.",
        expected=f"one of {', '.join(allowed)}",
        found=repr(value),
        remedy=did_you_mean(value, allowed),
    )


def _arguments(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";") if part]
    return {name: value for name, _, value in pairs}


def _claim(row: Mapping[str, str]) -> Claim:
    return Claim(
        row["id"],
        row["source"],
        int(row["row"]),
        {"en": row["claim_en"], "zh": row["claim_zh"]},
        float(row["value"]) if row["value"] else None,
        row["unit"],
        cast("Relation", row["relation"]),
        float(row["rounding"]) if row["rounding"] else None,
        row["traceability"],
        row["check"],
        _arguments(row["arguments"]),
        cast("Scope", row["scope"]),
        {"en": row["needs_en"], "zh": row["needs_zh"]},
    )


def _row_problems(row: Mapping[str, str]) -> list[str]:
    absent = [c for c in COLUMNS if c not in row]
    if absent:
        return [f"without {', '.join(absent)}"]
    empty = [c for c in ("id", "source", "row", "claim_en", "claim_zh", "unit") if not row[c]]
    problems = [f"{c} is empty" for c in empty]
    choices = {"relation": RELATIONS, "scope": SCOPES, "traceability": tuple(TRACEABILITY)}
    problems += [
        f"{column} {row[column]!r} is none of {', '.join(filter(None, allowed))}"
        for column, allowed in choices.items()
        if row[column] not in allowed
    ]
    problems += [f"{c} {row[c]!r} is no number" for c in ("row", "value", "rounding") if not _number(row[c])]
    return problems + _combination_problems(row) + _check_problems(row)


def _combination_problems(row: Mapping[str, str]) -> list[str]:
    problems = []
    if (row["relation"] == "none") != (not row["value"]):
        problems.append("a value and a relation belong together")
    if row["relation"] == "equal" and not row["rounding"]:
        problems.append("equality needs the unit of the last printed digit")
    if bool(row["check"]) != bool(row["scope"]):
        problems.append("a check and its scope belong together")
    if not row["check"] and not (row["needs_en"] and row["needs_zh"]):
        problems.append("without a check, needs_en and needs_zh say what is missing")
    return problems


def _check_problems(row: Mapping[str, str]) -> list[str]:
    if not row["check"]:
        return ["arguments without a check"] if row["arguments"] else []
    if row["check"] not in CHECKS:
        return [f"check {row['check']!r} is unknown {did_you_mean(row['check'], CHECKS)}".strip()]
    wanted = [p for p in inspect.signature(CHECKS[row["check"]]).parameters if p != "evidence"]
    found = _arguments(row["arguments"])
    if sorted(found) != sorted(wanted):
        return [f"{row['check']} takes {', '.join(wanted)}; found {', '.join(found) or 'none'}"]
    return []


def _number(text: str) -> bool:
    try:
        return not text or np.isfinite(float(text))
    except ValueError:
        return False
