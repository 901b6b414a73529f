"""Frames of the analysis of heterogeneity.

Groups are told apart in one equation for all units, never on split samples. What is compared is tested: all
tests of equality form one family, whose p-values are adjusted by Holm's rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.headline import Headline, read_headline, told
from shuyi.analyses.multiplicity import adjusted
from shuyi.analyses.tiers.classification import TIERS
from shuyi.errors import ConvergenceError, DataError, ShuyiError, offenders
from shuyi.panel import Panel
from shuyi.regions import in_order
from shuyi.spatialpanel import SDM, fit_regimes
from shuyi.spatialpanel.group_effects import LEAST, GroupFit, fit_groups
from shuyi.spatialpanel.many import draw_outcomes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Members = Mapping[str, str] | NDArray[np.str_]

SMALL, BEFORE, SINCE = "small", "before", "since"
"""Groups that are joined because they are small; years before and from a given one on."""
EFFECT_COLUMNS = [
    *("grouping", "by", "component", "receivers", "senders", "links", "units"),
    *("estimate", "std_error", "ci_low", "ci_high", "p_value", "detectable", "reason"),
]
TEST_COLUMNS = ["grouping", "by", "component", "statistic", "df", "df_denom", "p_value", "p_adjusted"]
EXACT = "exact"


def members(entry: Mapping[str, Any], panel: Panel, tiers: pd.DataFrame, places: Places) -> Members:
    """Return the groups of one grouping.

    Parameters
    ----------
    entry : mapping
        ``kind`` with its options: ``region`` (scheme, join), ``tier`` (of the first period), ``period``.
    panel : Panel
        Of the sample.
    tiers : DataFrame
        Columns unit, period, tier.
    places : Places
        Units and region schemes.

    Returns
    -------
    mapping of str to str, or ndarray of str, shape (T, n)
        Group by unit, groups in the order of tables; by period where it changes.

    Raises
    ------
    DataError
        If the year leaves one part of the panel empty.
    """
    if entry["kind"] == "period":
        years = np.asarray(panel.periods)
        late = years >= entry["year"]
        if late.all() or not late.any():
            raise DataError(
                "A year of heterogeneity does not divide the panel.",
                expected=f"a year after {panel.periods[0]}, up to {panel.periods[-1]}",
                found=str(entry["year"]),
            )
        return np.repeat(np.where(late, SINCE, BEFORE)[:, None], panel.n, axis=1)
    if entry["kind"] == "tier":
        first = tiers[tiers["period"] == tiers["period"].min()]
        of = {str(u): str(t) for u, t in zip(first["unit"], first["tier"], strict=True)}
        return _ordered({unit: of[unit] for unit in panel.units}, list(TIERS))
    region = places.grouping(entry["scheme"], panel.units).region_of
    own = {unit: region[unit] for unit in panel.units}
    if entry.get("join"):
        own = _joined(own)
    return _ordered(own, [*in_order(region.values()), SMALL])


def _joined(groups: Mapping[str, str]) -> dict[str, str]:
    sizes = pd.Series(groups).value_counts()
    return {unit: group if sizes[group] >= LEAST else SMALL for unit, group in groups.items()}


def _ordered(groups: Mapping[str, str], order: list[str]) -> dict[str, str]:
    return dict(sorted(groups.items(), key=lambda item: order.index(item[1])))


def group_rows(
    headline: Headline, term: str, name: str, groups: Members, by: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return effects by group and tests of their equality.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor.
    name : str
        Of the grouping.
    groups : mapping or ndarray
        As `members` gives them.
    by : str
        As in `spatialpanel.group_effects.fit_groups`.

    Returns
    -------
    (list of dict, list of dict)
        Rows of ``effects`` and of ``tests``; one row with a reason where groups are not told apart.
    """
    about = {"grouping": name, "by": by}
    try:
        found = _fitted(headline, term, groups, by)
    except ShuyiError as error:
        return [{**about, "reason": " ".join(str(error).split())}], []
    rows = []
    for row in found.effects().to_dict("records"):
        value, error_ = row.pop("estimate"), row.pop("std_error")
        told_ = told(value, error_, headline.panel.n, headline.level, headline.power)
        rows.append({**about, **row, **told_, "reason": ""})
    tests = [
        {**about, "component": component, **found.equality(component)} for component in ("direct", "indirect")
    ]
    return rows, tests


def _fitted(headline: Headline, term: str, groups: Members, by: str) -> GroupFit:
    spec = headline.specification
    durbin = spec.durbin if spec.durbin == "all" else tuple(spec.durbin)
    return fit_groups(
        headline.panel,
        headline.weights,
        outcome=spec.outcome,
        regressors=spec.regressors,
        term=term,
        groups=groups,
        by=by,
        effects=spec.effects,
        correction=spec.correction,
        covariance=spec.covariance,
        durbin=None if durbin == "all" else durbin,
    )


def regime_rows(
    headline: Headline, name: str, groups: Mapping[str, str], inside: str, *, draws: int, seed: int
) -> list[dict[str, Any]]:
    """Return rho by regime of the receiving unit, and tests that the regimes are equal.

    No transformation removes the effects of two regimes, so that they are estimated with dummies and under
    information errors; the likelihood ratio is therefore also compared with outcomes drawn from the plain
    model, residuals of whole units changing sign together.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    name : str
        Of the grouping.
    groups : mapping of str to str
        Group by unit.
    inside : str
        The group that forms the first regime.
    draws, seed : int
        Of the drawn outcomes.

    Returns
    -------
    list of dict
        grouping, inside, item (rho_inside, rho_outside, equal_rho, equal_all), estimate, std_error,
        statistic, df, p_value, p_bootstrap, draws.

    Raises
    ------
    DataError
        If no unit, or every unit, is inside.
    """
    spec, panel = headline.specification, headline.panel
    row = np.array([float(groups[unit] == inside) for unit in panel.units])
    if not 0 < row.sum() < panel.n:
        raise DataError(
            f"The group {inside!r} of {name} does not divide the units.",
            expected=f"one of {offenders(dict.fromkeys(groups.values()))}",
            found=f"{int(row.sum())} of {panel.n} units",
        )
    wide = panel.with_variables({"inside": np.repeat(row[None], panel.T, axis=0)})
    durbin: Any = spec.durbin if spec.durbin == "all" else list(spec.durbin)
    common: dict[str, Any] = {"outcome": spec.outcome, "regressors": spec.regressors}
    common |= {"durbin": durbin, "effects": spec.effects}
    fit = fit_regimes(wide, headline.weights, regime="inside", **common)
    tests = fit.equality_tests().set_index(["hypothesis", "test"])
    ratio = tests.loc[("rho and coefficients", "likelihood ratio")]
    plain = SDM(panel, headline.weights, **common).fit(EXACT)
    drawn = []
    for y in draw_outcomes(plain, draws=draws, seed=seed):
        again = wide.with_variables({spec.outcome: y})
        try:
            other = fit_regimes(again, headline.weights, regime="inside", **common)
        except ConvergenceError:
            continue
        drawn.append(2 * (other.loglik - other.loglik_equal))
    reached = sum(value >= ratio["statistic"] for value in drawn)
    about = {"grouping": name, "inside": inside}
    rows: list[dict[str, Any]] = [
        {**about, "item": f"rho_{where}", "estimate": fit[f"rho[{r}]"], "std_error": _error(fit, f"rho[{r}]")}
        for where, r in (("inside", "1"), ("outside", "0"))
    ]
    wald = tests.loc[("rho", "Wald")]
    for item, test in (("equal_rho", wald), ("equal_all", ratio)):
        rows.append(
            {
                **about,
                "item": item,
                "statistic": test["statistic"],
                "df": test["df"],
                "p_value": test["p_value"],
            }
        )
    rows[-1] |= {"p_bootstrap": (1 + reached) / (1 + len(drawn)), "draws": len(drawn)}
    return rows


def _error(fit: Any, name: str) -> float:
    place = fit.names.index(name)
    return float(np.sqrt(fit.covariance_matrix[place, place]))


def heterogeneity_frames(
    headline: Headline,
    term: str,
    groupings: Mapping[str, Members],
    settings: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Return effects by group, tests of equality and the two regimes.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor.
    groupings : mapping of str to mapping or ndarray
        Groups by name of the grouping.
    settings : mapping
        ``directed`` and ``links`` (names of groupings), ``regime`` (grouping, group), ``draws`` and ``seed``.

    Returns
    -------
    dict of str to DataFrame
        ``effects``, ``tests`` and ``regimes``.
    """
    effects: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    plan = [(name, by) for name in groupings for by in ("receiver", "sender")]
    plan += [(name, "directed") for name in settings["directed"]]
    plan += [(name, "link") for name in settings["links"]]
    for name, by in plan:
        if by == "sender" and not isinstance(groupings[name], Mapping):
            continue
        rows, found = group_rows(headline, term, name, groupings[name], by)
        effects += rows
        tests += [row for row in found if not (by != "receiver" and row["component"] == "direct")]
    frame = pd.DataFrame(tests, columns=TEST_COLUMNS)
    frame["p_adjusted"] = adjusted(frame["p_value"].to_numpy(float), "holm")
    regime = settings["regime"]
    chosen = groupings[regime["grouping"]]
    assert isinstance(chosen, Mapping)
    regimes = regime_rows(
        headline, regime["grouping"], chosen, regime["group"], draws=settings["draws"], seed=settings["seed"]
    )
    return {
        "effects": pd.DataFrame(effects, columns=EFFECT_COLUMNS),
        "tests": frame,
        "regimes": pd.DataFrame(regimes),
    }


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis.

    Parameters
    ----------
    sources : Sources
        Its input files.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    dict of str to DataFrame
        See `heterogeneity_frames`.
    """
    headline = read_headline(sources, settings)
    tiers = sources.frame("tiers", text=["unit", "tier"])
    groupings = {
        name: members(entry, headline.panel, tiers, places) for name, entry in settings["groupings"].items()
    }
    return heterogeneity_frames(headline, settings["term"], groupings, settings)
